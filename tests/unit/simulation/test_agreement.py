"""The engine agrees with the obvious simulation, to the last sample."""

from collections import Counter

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.reference import ReferencePipeline
from exporter.config import Config, load_config
from exporter.observations.tallies import ReviewSamples
from exporter.simulation import Simulation
from exporter.state.streams import StreamState
from tests.unit.simulation.strategies import EngineDraws, Stepper, configs

PROCESSED, FAILED, DROPPED = range(3)


def counted(by_signal: np.ndarray) -> Counter[int]:
    return Counter({signal: int(count) for signal, count in enumerate(by_signal) if count})


def rows(samples: ReviewSamples) -> list[tuple[int, int, int, list[int]]]:
    columns = samples.sequence, samples.signal, samples.admitted, samples.left
    return list(zip(*(column.tolist() for column in columns), strict=True))


def assert_agreement(config: Config, seed: int, ticks: int) -> None:
    stepper = Stepper(config, seed)
    reference = ReferencePipeline(stepper.pipeline, EngineDraws(seed))
    state = StreamState([stepper.pipeline])
    samples = []
    for tick in range(ticks):
        effects = stepper.effects(tick)
        tallies = stepper.lanes.advance(tick, effects)
        expected = reference.tick(tick, int(tallies.arrived[0, 0]), effects, 0)
        assert tallies.backlog[0, 0].tolist() == expected.backlog
        assert tallies.processed[0, 0].tolist() == expected.processed
        assert tallies.blocked[0, 0].tolist() == expected.blocked
        assert tallies.eligible[0, 0] == expected.eligible
        columns = stepper.lanes.columns.find(np.array(expected.latencies, dtype=np.int64))
        assert (
            tallies.latency[0, 0].tolist()
            == np.bincount(columns, minlength=tallies.latency.shape[2]).tolist()
        )
        assert tallies.latency_sum.sum() == sum(expected.latencies)
        state.apply(tallies)
        samples += rows(tallies.samples)
    for number, stage in enumerate(reference.stages):
        assert counted(state.outcomes[0, number, :, PROCESSED]) == stage.processed
        assert counted(state.outcomes[0, number, :, FAILED]) == stage.failed
        assert counted(state.retries[0, number]) == stage.retried
        assert state.service[0, number].tolist() == reference.service_counts(number)
    assert counted(state.outcomes[0, 0, :, DROPPED]) == reference.dropped
    marked = [event for event in reference.delivered if event.marked]
    assert samples == [(event.sequence, event.signal, event.admitted, event.left) for event in marked]


@settings(max_examples=150, deadline=None)
@given(configs(), st.integers(0, 2**32))
def test_random_pipelines_and_faults_agree_with_the_reference_at_every_tick(
    config: Config, seed: int
) -> None:
    assert_agreement(config, seed, 100)


def test_an_hour_of_the_default_pipeline_agrees_with_the_reference() -> None:
    assert_agreement(load_config(None), seed=7, ticks=3600)


@settings(max_examples=100, deadline=None)
@given(configs(), st.integers(0, 2**32))
def test_nothing_is_lost_at_any_tick(config: Config, seed: int) -> None:
    stepper = Stepper(config, seed)
    balance = np.zeros(len(stepper.pipeline.signals), dtype=np.int64)
    reference = ReferencePipeline(stepper.pipeline, EngineDraws(seed))
    for tick in range(120):
        effects = stepper.effects(tick)
        tallies = stepper.lanes.advance(tick, effects)
        reference.tick(tick, int(tallies.arrived[0, 0]), effects, 0)
        outcomes = tallies.outcomes[0]
        gone = outcomes[-1, :, PROCESSED] + outcomes[:, :, FAILED].sum(axis=0) + outcomes[0, :, DROPPED]
        balance += tallies.arrivals[0] - gone
        assert (balance >= 0).all()
        assert balance.sum() == tallies.backlog[0, 0].sum()
        assert counted(balance) == reference.inside()
        assert (tallies.backlog[0, 0] <= stepper.lanes.limits[0]).all()


def advance_in(config: Config, seed: int, steps: list[int]) -> list[object]:
    """Totals and last values after advancing by `steps`."""
    simulation = Simulation(config, seed)
    totals: dict[str, np.ndarray] = {}
    samples = []
    for step in steps:
        for (tallies,) in simulation.advance(simulation.tick + step):
            for name in ("arrivals", "outcomes", "retries", "latency_by_signal", "latency_sum"):
                totals[name] = totals.get(name, 0) + getattr(tallies, name)
            totals["service"] = totals.get("service", 0) + tallies.service
            samples += rows(tallies.samples)
    last = tallies.backlog[-1].tolist(), tallies.regime[-1].tolist()
    return [{name: total.tolist() for name, total in totals.items()}, samples, last]


@settings(max_examples=40, deadline=None)
@given(configs(), st.integers(0, 2**32), st.lists(st.integers(1, 300), min_size=1, max_size=5))
def test_the_same_seed_gives_the_same_run_however_it_is_stepped(
    config: Config, seed: int, steps: list[int]
) -> None:
    assert advance_in(config, seed, steps) == advance_in(config, seed, [1] * sum(steps))
