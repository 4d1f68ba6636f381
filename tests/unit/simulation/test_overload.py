"""Overload: a full queue holds back the stages before it, up to the front door, and only there is loss."""

import numpy as np
import pytest

from exporter.config import Config
from exporter.observations.tallies import Tallies
from exporter.simulation import Simulation
from tests.unit.simulation.strategies import config_of, steady

PROCESSED, FAILED, DROPPED = range(3)
LIMIT = 100


def simulated(config: Config, ticks: int = 200) -> Tallies:
    ((tallies,),) = Simulation(config, seed=1).advance(ticks)
    return tallies


@pytest.fixture(scope="module")
def overloaded() -> Tallies:
    """The last of three stages can take 5 of 30 events a tick."""
    return simulated(config_of(steady(30, 50, 50, 5)))


def first_tick(flags: np.ndarray) -> int:
    assert flags.any(), "it never happens"
    return int(np.argmax(flags))


def test_the_backlog_grows_before_the_bottleneck_and_then_stage_by_stage_up_to_the_front_door(
    overloaded: Tallies,
) -> None:
    full = [first_tick(overloaded.backlog[:, 0, stage] == LIMIT) for stage in (2, 1, 0)]
    assert full == sorted(full)
    assert len(set(full)) == 3


def test_a_stage_is_held_back_once_the_next_queue_is_full(overloaded: Tallies) -> None:
    for stage in (0, 1):
        full = first_tick(overloaded.backlog[:, 0, stage + 1] == LIMIT)
        blocked = overloaded.blocked[:, 0, stage]
        assert not blocked[:full].any()
        assert blocked[full + 1 :].all()


def test_a_stage_held_back_takes_what_the_next_one_frees_in_the_same_tick(overloaded: Tallies) -> None:
    assert overloaded.processed[-1, 0].tolist() == [5, 5, 5]


def test_the_last_stage_is_never_held_back(overloaded: Tallies) -> None:
    assert not overloaded.blocked[:, 0, 2].any()


def test_events_are_dropped_only_once_the_first_queue_is_full(overloaded: Tallies) -> None:
    full = first_tick(overloaded.backlog[:, 0, 0] == LIMIT)
    assert overloaded.dropped[:full].sum() == 0
    assert set(overloaded.dropped[full + 1 :, 0].tolist()) == {30 - 5}


def test_no_queue_grows_beyond_its_limit(overloaded: Tallies) -> None:
    assert overloaded.backlog.max() == LIMIT


def test_dropped_events_are_counted_by_signal_at_the_first_stage_alone(overloaded: Tallies) -> None:
    dropped = overloaded.outcomes[0, :, :, DROPPED]
    assert dropped[1:].sum() == 0
    assert dropped[0].sum() == overloaded.dropped.sum()
    assert dropped[0, 1] / dropped[0].sum() == pytest.approx(0.75, abs=0.03), "weights are 1 and 3"


def test_no_signal_loses_an_event_between_the_door_and_the_end(overloaded: Tallies) -> None:
    outcomes = overloaded.outcomes[0]
    inside = overloaded.arrivals[0] - outcomes[0, :, DROPPED] - outcomes[-1, :, PROCESSED]
    assert (inside > 0).all()
    assert inside.sum() == overloaded.backlog[-1].sum() == 3 * LIMIT
    assert outcomes[:, :, FAILED].sum() == 0


def test_the_signals_of_a_tick_are_drawn_by_weight() -> None:
    tallies = simulated(config_of(steady(50, 60)))
    assert tallies.arrivals[0, 1] / tallies.arrivals.sum() == pytest.approx(0.75, abs=0.02)


def test_without_overload_nothing_is_dropped_and_nobody_held_back() -> None:
    tallies = simulated(config_of(steady(30, 50, 50, 50)))
    assert (tallies.dropped.sum(), tallies.blocked.sum()) == (0, 0)


def test_an_event_takes_at_least_one_tick_a_stage() -> None:
    tallies = simulated(config_of(steady(30, 50, 50, 50)))
    assert tallies.delivered[:4, 0].tolist() == [0, 0, 0, 30]
    assert tallies.latency[:, 0].sum(axis=0)[:5].tolist() == [0, 0, 0, 30 * 197, 0]


def test_what_waits_long_enough_could_have_been_delivered(overloaded: Tallies) -> None:
    assert overloaded.eligible[:4, 0].tolist() == [0, 0, 0, 30]
    assert overloaded.eligible[-1, 0] == 3 * LIMIT - (3 - 1) * 5, (
        "all but those admitted in the last two ticks"
    )


def test_a_burst_larger_than_the_queue_is_dropped_at_the_door() -> None:
    tallies = simulated(config_of(steady(250, 300)), ticks=2)
    assert tallies.dropped[:, 0].tolist() == [150, 150]
    assert tallies.delivered[:, 0].tolist() == [0, 100]
