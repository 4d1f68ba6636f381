"""Good and bad events of SLOs, against a plain count of the reference's events one by one."""

from typing import Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.reference import ReferencePipeline
from exporter.config import Config
from exporter.config.model import LatencySlo, Pipeline, ThroughputSlo
from exporter.simulation import Simulation
from exporter.state.slos import SloCounts, budget_burnt
from exporter.state.streams import StreamState
from tests.unit.simulation.strategies import EngineDraws, Stepper, config_of, configs, steady

TICKS = 100
Counts = dict[str, tuple[int, int]]


def latency(name: str, threshold: int) -> LatencySlo:
    return LatencySlo(kind="latency", name=name, threshold=threshold, objective=0.95)


def throughput(name: str, minimum: int) -> ThroughputSlo:
    return ThroughputSlo(kind="throughput", name=name, minimum=minimum, objective=0.95)


SLOS = (latency("soon", 4), latency("later", 33), throughput("some", 3), throughput("many", 20))


def with_slos(config: Config) -> Config:
    (pipeline,) = config.pipelines
    return config.model_copy(update={"pipelines": [pipeline.model_copy(update={"slos": list(SLOS)})]})


def counted(slos: SloCounts, lane: int = 0) -> Counts:
    """Good and bad by the name of the SLO, of one pipeline."""
    return {
        slo.name: (int(good), int(bad))
        for (row, slo), good, bad in zip(slos.slos, slos.good, slos.bad, strict=True)
        if row == lane
    }


class PlainCounts:
    """One tick after the other, one event after the other."""

    def __init__(self) -> None:
        self.good = {slo.name: 0 for slo in SLOS}
        self.bad = dict(self.good)

    def count(self, slo: str, is_good: bool, number: int = 1) -> None:
        (self.good if is_good else self.bad)[slo] += number

    def add(self, latencies: list[int], lost: int, eligible: int) -> None:
        for slo in SLOS:
            if isinstance(slo, LatencySlo):
                self.count(slo.name, False, lost)
                for ticks in latencies:
                    self.count(slo.name, ticks <= slo.threshold)
            elif eligible >= slo.minimum:
                self.count(slo.name, len(latencies) >= slo.minimum)

    @property
    def counts(self) -> Counts:
        return {slo.name: (self.good[slo.name], self.bad[slo.name]) for slo in SLOS}


@settings(max_examples=50, deadline=None)
@given(configs().map(with_slos), st.integers(0, 2**32))
def test_slos_count_what_a_plain_count_of_the_events_comes_to(config: Config, seed: int) -> None:
    stepper = Stepper(config, seed)
    reference = ReferencePipeline(stepper.pipeline, EngineDraws(seed))
    state, plain = StreamState([stepper.pipeline]), PlainCounts()
    for tick in range(TICKS):
        effects = stepper.effects(tick)
        tallies = stepper.lanes.advance(tick, effects)
        lost_before = lost_so_far(reference)
        expected = reference.tick(tick, int(tallies.arrived[0, 0]), effects, 0)
        plain.add(expected.latencies, lost_so_far(reference) - lost_before, expected.eligible)
        state.apply(tallies)
    assert counted(state.slos) == plain.counts


def lost_so_far(reference: ReferencePipeline) -> int:
    return reference.dropped.total() + sum(stage.failed.total() for stage in reference.stages)


def simulated(ticks: int, *pipelines: dict[str, object]) -> SloCounts:
    simulation = Simulation(config_of(*pipelines), seed=1)
    state = StreamState(simulation.groups[0].pipelines)
    for (tallies,) in simulation.advance(ticks):
        state.apply(tallies)
    return state.slos


def slo(kind: Literal["latency", "throughput"], target: int, name: str = "slo") -> dict[str, object]:
    key = "threshold" if kind == "latency" else "minimum"
    return {"name": name, "kind": kind, key: target, "objective": 0.95}


@pytest.mark.parametrize(("threshold", "good", "bad"), [(2, 0, 970), (3, 970, 0), (4, 970, 0)])
def test_an_event_delivered_at_the_threshold_is_good_and_later_bad(
    threshold: int, good: int, bad: int
) -> None:
    slos = simulated(100, steady(10, 20, 20, 20, slos=[slo("latency", threshold)]))
    assert counted(slos) == {"slo": (good, bad)}


def test_events_dropped_at_the_door_are_bad_for_latency() -> None:
    slos = simulated(10, steady(150, 1000, slos=[slo("latency", 10)]))
    assert counted(slos) == {"slo": (900, 500)}


@pytest.mark.parametrize(("minimum", "good", "bad"), [(10, 97, 0), (11, 0, 0)])
def test_only_cycles_with_enough_to_deliver_count_for_throughput(minimum: int, good: int, bad: int) -> None:
    slos = simulated(100, steady(10, 20, 20, 20, slos=[slo("throughput", minimum)]))
    assert counted(slos) == {"slo": (good, bad)}


def test_a_cycle_that_delivers_too_little_of_what_was_there_is_bad() -> None:
    slos = simulated(100, steady(10, 5, slos=[slo("throughput", 6)]))
    assert counted(slos) == {"slo": (0, 99)}


def test_every_pipeline_of_a_group_has_its_own_counts() -> None:
    both = [slo("latency", 2, "strict"), slo("latency", 9, "lenient")]
    slos = simulated(
        100,
        steady(10, 20, 20, 20, name="a", slos=both),
        steady(10, 20, 20, 20, name="b"),
        steady(10, 20, 20, 20, name="c", slos=both[:1]),
    )
    assert [counted(slos, lane) for lane in range(3)] == [
        {"strict": (0, 970), "lenient": (970, 0)},
        {},
        {"strict": (0, 970)},
    ]


@pytest.mark.parametrize(
    ("good", "bad", "burnt"), [(0, 0, 0), (100, 0, 0), (99, 1, 1), (995, 5, 0.5), (0, 10, 100)]
)
def test_the_budget_burnt_is_the_share_of_bad_events_over_that_allowed(
    good: int, bad: int, burnt: float
) -> None:
    assert budget_burnt(good, bad, 0.99) == pytest.approx(burnt)


def test_a_pipeline_without_slos_counts_nothing() -> None:
    pipeline: Pipeline = config_of(steady(1, 2)).pipelines[0]
    assert counted(StreamState([pipeline]).slos) == {}
