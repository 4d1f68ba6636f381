"""Streams' state: what the tallies add up to, last values, and the recent past."""

from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exporter.config import Config, load_config
from exporter.config.model import FAULT_KINDS
from exporter.observations.tallies import Tallies
from exporter.simulation import Simulation
from exporter.state.streams import NO_EXEMPLAR, StreamState
from tests.unit.simulation.strategies import config_of, configs, steady

TOTALS = (
    "arrivals",
    "outcomes",
    "retries",
    "latency",
    "latency_sum",
    "service",
    "sampled",
    "time_in_light",
    "peak_backlog",
)
LAST = (
    *("backlog", "capacity", "blocked", "health", "faults", "regime"),
    *("same_light_for", "reduced_for", "exemplars"),
)


def blocks(config: Config, ends: list[int], seed: int = 1) -> Iterator[Tallies]:
    simulation = Simulation(config, seed)
    return (tallies for end in ends for (tallies,) in simulation.advance(end))


def applied(config: Config, ends: list[int], seed: int = 1) -> StreamState:
    state = StreamState(config.pipelines)
    for tallies in blocks(config, ends, seed):
        state.apply(tallies)
    return state


def values(state: StreamState) -> dict[str, list[object]]:
    return {name: getattr(state, name).tolist() for name in (*TOTALS, *LAST)}


def lights(config: Config, ticks: int, seed: int = 1) -> np.ndarray:
    """Lights by the definition [ticks, P, S]."""
    stages = [[(stage.green_up_to, stage.orange_up_to) for stage in one.stages] for one in config.pipelines]
    limits = np.array(stages)
    backlogs = np.concatenate([block.backlog for block in blocks(config, [ticks], seed)])
    found: np.ndarray = (backlogs[..., None] > limits).sum(axis=-1)
    return found


def ticks_in_a_row(flags: list[bool]) -> int:
    return next((age for age, flag in enumerate(reversed(flags)) if not flag), len(flags))


@settings(max_examples=40, deadline=None)
@given(configs(), st.lists(st.integers(1, 120), min_size=1, max_size=4))
def test_the_state_is_the_same_however_the_ticks_come_in(config: Config, steps: list[int]) -> None:
    end = sum(steps)
    in_steps = np.cumsum(steps).tolist()
    assert values(applied(config, in_steps)) == values(applied(config, list(range(1, end + 1))))


def test_everything_is_zero_before_the_first_tick() -> None:
    state = StreamState(load_config(None).pipelines)
    for name in ("arrivals", "outcomes", "retries", "latency", "service", "backlog", "health", "blocked"):
        assert not getattr(state, name).any(), name
    assert state.ticks == 0
    assert state.capacity.tolist() == [[100, 80, 50, 60]]
    assert state.regime.tolist() == [0]
    assert set(state.exemplars.ravel().tolist()) == {NO_EXEMPLAR}


@settings(max_examples=40, deadline=None)
@given(configs(), st.integers(1, 300))
def test_the_time_in_the_lights_of_a_stage_adds_up_to_all_ticks(config: Config, ticks: int) -> None:
    state = applied(config, [ticks])
    assert set(state.time_in_light.sum(axis=2).ravel().tolist()) == {ticks}
    expected = [(lights(config, ticks) == light).sum(axis=0).tolist() for light in range(3)]
    assert [state.time_in_light[..., light].tolist() for light in range(3)] == expected


@settings(max_examples=40, deadline=None)
@given(configs(), st.integers(1, 300))
def test_the_light_is_as_old_as_the_ticks_since_it_last_changed(config: Config, ticks: int) -> None:
    worst = lights(config, ticks)[:, 0].max(axis=1)
    state = applied(config, [*range(7, ticks, 7), ticks])
    assert state.same_light_for.tolist() == [ticks_in_a_row((worst == worst[-1]).tolist())]


@pytest.mark.parametrize(("backlog", "light"), [(0, 0), (20, 0), (21, 1), (50, 1), (51, 2), (100, 2)])
def test_a_light_changes_above_its_threshold(backlog: int, light: int) -> None:
    state = StreamState(config_of(steady(0, 12)).pipelines)
    assert state.judge(np.array([[[backlog]]])).tolist() == [[[light]]]


def test_the_peak_backlog_stays_when_the_backlog_has_drained() -> None:
    stall = {"at": 10, "for": 5, "stage": "s0", "kind": "stall"}
    config = config_of(steady(10, 20), scenario=[stall])
    state = applied(config, [14, 40])
    assert (state.peak_backlog.tolist(), state.backlog.tolist()) == ([[60]], [[10]])


def test_a_reduced_capacity_is_counted_in_ticks_from_its_beginning() -> None:
    slowdown = {"at": 10, "for": 20, "stage": "s1", "kind": "slowdown", "factor": 2}
    config = config_of(steady(10, 20, 20), scenario=[slowdown])
    assert applied(config, [10]).reduced_for.tolist() == [[0, 0]]
    assert applied(config, [12, 25]).reduced_for.tolist() == [[0, 15]]
    assert applied(config, [31]).reduced_for.tolist() == [[0, 0]]


def test_a_fault_is_shown_for_its_stage_and_kind_while_it_strikes() -> None:
    fault = {"at": 10, "for": 20, "stage": "s1", "kind": "latency", "factor": 2}
    config = config_of(steady(10, 20, 20), scenario=[fault])
    for end, flag in [(10, 0), (11, 1), (30, 1), (31, 0)]:
        state = applied(config, [end])
        assert state.faults[0, 1, FAULT_KINDS.index("latency")] == state.faults.sum() == flag
        assert len(state.struck) == flag


def test_the_recent_past_is_that_of_the_last_ticks() -> None:
    config = load_config(None)
    last = list(blocks(config, [300, 360], seed=3))[-1]
    state = applied(config, [300, 360], seed=3)
    flow = [last.arrived, last.dropped, last.failed, last.delivered, last.eligible]
    assert state.recent_flow.last(60).tolist() == np.stack(flow, axis=-1).tolist()
    assert state.recent_latency.last(60).tolist() == last.latency.tolist()
    stages = [last.backlog, last.processed, lights(config, 360, seed=3)[300:]]
    assert state.recent_stages.last(60).tolist() == np.stack(stages, axis=-1).tolist()


def test_a_tick_with_very_many_deliveries_is_counted_in_full() -> None:
    state = applied(config_of(steady(70_000, 100_000, queue_limit=200_000)), [3])
    assert state.recent_latency.last(1).sum() == 70_000


def test_an_exemplar_is_a_sampled_event_of_its_signal_and_bucket() -> None:
    config = load_config(None)
    state = applied(config, [3600])
    review = {event.id: event for event in state.review.newest(10_000)}
    boundaries = [0, *state.columns.buckets, 10**9]
    shown = np.argwhere(state.exemplars[..., 0] != NO_EXEMPLAR).tolist()
    assert len(shown) > 10
    for lane, signal, bucket in shown:
        sequence, latency, delivered = state.exemplars[lane, signal, bucket].tolist()
        assert boundaries[bucket] < latency <= boundaries[bucket + 1]
        assert delivered <= state.ticks
        if event := review.get(f"business-signals-{sequence}"):
            assert event.signal == config.pipelines[0].signals[signal].name
            assert (event.delivered, event.delivered - event.admitted) == (delivered, latency)


def test_the_sampled_events_are_counted_by_signal() -> None:
    state = applied(load_config(None), [7200])
    delivered = state.latency.sum(axis=2)
    assert state.sampled / delivered == pytest.approx(0.01, rel=0.2)
    assert state.sampled.sum() == state.review.count.sum()
