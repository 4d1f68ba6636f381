"""Each kind of fault does what it says, where and when it was asked to, and nothing else."""

from collections.abc import Sequence

import numpy as np
import pytest

from exporter.observations.tallies import Tallies
from exporter.simulation import Simulation
from tests.unit.simulation.strategies import config_of, steady

PROCESSED, FAILED, DROPPED = range(3)
TICKS = 60
STRUCK = slice(20, 40)
AT = {"at": 20, "for": 20}


def simulated(pipeline: dict[str, object], *faults: dict[str, object]) -> Tallies:
    """One block of `TICKS` ticks; the faults strike in the ticks `STRUCK`."""
    scenario = [{**AT, **fault} for fault in faults]
    ((tallies,),) = Simulation(config_of(pipeline, scenario=scenario), seed=1).advance(TICKS)
    return tallies


def by_tick(pipeline: dict[str, object], *faults: dict[str, object]) -> list[Tallies]:
    """The same, a block a tick, so that the totals of a block are those of a tick."""
    scenario = [{**AT, **fault} for fault in faults]
    simulation = Simulation(config_of(pipeline, scenario=scenario), seed=1)
    return [tallies for tick in range(TICKS) for (tallies,) in simulation.advance(tick + 1)]


def struck(values: np.ndarray) -> np.ndarray:
    """The rows of the ticks at which the fault strikes."""
    return values[STRUCK]


def spared(values: np.ndarray) -> np.ndarray:
    """The rows of the other ticks, from the first at which the stage had work."""
    return np.concatenate([values[1 : STRUCK.start], values[STRUCK.stop :]])


def test_a_slowdown_divides_the_capacity() -> None:
    tallies = simulated(steady(100, 12), {"stage": "s0", "kind": "slowdown", "factor": 3})
    for values in tallies.capacity, tallies.processed:
        assert set(struck(values[:, 0, 0]).tolist()) == {4}
        assert set(spared(values[:, 0, 0]).tolist()) == {12}


def test_a_slowdown_to_a_fraction_of_an_event_adds_up() -> None:
    tallies = simulated(steady(100, 12), {"stage": "s0", "kind": "slowdown", "factor": 5})
    assert struck(tallies.processed[:, 0, 0]).sum() == 12 / 5 * 20
    assert set(struck(tallies.processed[:, 0, 0]).tolist()) == {2, 3}


def test_a_stalled_stage_moves_nothing_and_then_goes_on() -> None:
    tallies = simulated(steady(10, 12), {"stage": "s0", "kind": "stall"})
    assert set(struck(tallies.processed[:, 0, 0]).tolist()) == {0}
    assert set(struck(tallies.capacity[:, 0, 0]).tolist()) == {0}
    assert tallies.backlog[STRUCK.stop - 1, 0, 0] == 100
    assert tallies.processed[STRUCK.stop, 0, 0] == 12


def service_means(blocks: Sequence[Tallies]) -> np.ndarray:
    return np.array([block.service_sum[0, 0] / max(1, block.service[0, 0].sum()) for block in blocks])


def test_a_latency_fault_multiplies_the_service_times_and_leaves_the_capacity_alone() -> None:
    blocks = by_tick(steady(200, 100), {"stage": "s0", "kind": "latency", "factor": 5})
    means = service_means(blocks)
    assert struck(means) == pytest.approx(0.010, rel=0.1)
    assert spared(means) == pytest.approx(0.002, rel=0.1)
    assert {int(block.processed[0, 0, 0]) for block in blocks[1:]} == {100}


@pytest.mark.parametrize("retries", [0, 1, 3])
def test_an_event_that_always_fails_is_tried_again_as_often_as_allowed_and_then_counted_as_failed(
    retries: int,
) -> None:
    errors = {"stage": "s0", "kind": "errors", "share": 1, "retries": retries}
    blocks = by_tick(steady(50, 12), errors)[STRUCK]
    for block in blocks:
        assert block.outcomes[0, 0, :, FAILED].sum() == block.failed[0, 0] == 12 / (retries + 1)
        assert block.retries[0, 0].sum() == 12 - 12 / (retries + 1)
        assert block.processed[0, 0, 0] == block.delivered[0, 0] == 0
        assert block.service[0, 0].sum() == 12


def test_two_retries_are_allowed_unless_the_fault_says_otherwise() -> None:
    blocks = by_tick(steady(50, 12), {"stage": "s0", "kind": "errors", "share": 1})[STRUCK]
    assert {int(block.failed[0, 0]) for block in blocks} == {4}


@pytest.mark.parametrize("retries", [0, 1, 2])
def test_the_share_of_events_that_fail_for_good_falls_with_every_retry(retries: int) -> None:
    errors = {"stage": "s0", "kind": "errors", "share": 0.5, "retries": retries}
    scenario = [{"at": 0, "for": 200, **errors}]
    simulation = Simulation(config_of(steady(50, 100), scenario=scenario), seed=1)
    blocks = [tallies for (tallies,) in simulation.advance(200)]
    outcomes = sum(block.outcomes[0, 0].sum(axis=0) for block in blocks)
    assert outcomes[FAILED] / outcomes[:2].sum() == pytest.approx(0.5 ** (retries + 1), abs=0.02)


def test_events_fail_only_while_the_fault_lasts() -> None:
    tallies = simulated(steady(50, 12), {"stage": "s0", "kind": "errors", "share": 0.9, "retries": 0})
    assert struck(tallies.failed).sum() > 100
    assert spared(tallies.failed).sum() == 0


def test_failed_events_count_neither_as_processed_nor_as_delivered() -> None:
    tallies = simulated(steady(10, 12), {"stage": "s0", "kind": "errors", "share": 0.5, "retries": 0})
    outcomes = tallies.outcomes[0, 0].sum(axis=0)
    assert outcomes[PROCESSED] == tallies.processed.sum() == tallies.delivered.sum()
    assert outcomes[PROCESSED] + outcomes[FAILED] + tallies.backlog[-1].sum() == tallies.arrived.sum()


def test_two_slowdowns_of_a_stage_at_once_multiply() -> None:
    slowdown = {"stage": "s0", "kind": "slowdown"}
    tallies = simulated(steady(100, 12), {**slowdown, "factor": 2}, {**slowdown, "factor": 3})
    assert set(struck(tallies.capacity[:, 0, 0]).tolist()) == {2}


def test_two_sources_of_errors_fail_independently_of_each_other() -> None:
    errors = {"stage": "s0", "kind": "errors", "share": 0.5, "retries": 0}
    tallies = simulated(steady(200, 100), errors, errors)
    tried = struck(tallies.processed[:, 0, 0]) + struck(tallies.failed[:, 0])
    assert struck(tallies.failed).sum() / tried.sum() == pytest.approx(0.75, abs=0.05)


def test_a_fault_strikes_its_own_stage_only() -> None:
    tallies = simulated(steady(100, 12, 12), {"stage": "s1", "kind": "slowdown", "factor": 3})
    assert set(tallies.capacity[:, 0, 0].tolist()) == {12}
    assert set(struck(tallies.capacity[:, 0, 1]).tolist()) == {4}


def test_a_fault_strikes_its_own_pipeline_only() -> None:
    fault = {**AT, "pipeline": "b", "stage": "s0", "kind": "stall"}
    config = config_of(steady(10, 12, name="a"), steady(10, 12, name="b"), scenario=[fault])
    ((tallies,),) = Simulation(config, seed=1).advance(TICKS)
    assert set(tallies.capacity[:, 0, 0].tolist()) == {12}
    assert set(struck(tallies.capacity[:, 1, 0]).tolist()) == {0}


def test_a_fault_finds_its_pipeline_among_pipelines_of_other_shapes() -> None:
    fault = {**AT, "pipeline": "b", "stage": "s1", "kind": "stall"}
    config = config_of(steady(10, 12, name="a"), steady(10, 12, 14, name="b"), scenario=[fault])
    ((one, two),) = Simulation(config, seed=1).advance(TICKS)
    assert set(one.capacity[:, 0, 0].tolist()) == {12}
    assert set(struck(two.capacity[:, 0, 1]).tolist()) == {0}


def test_a_block_lists_the_faults_that_strike_at_its_last_tick() -> None:
    blocks = by_tick(steady(10, 12, 12), {"stage": "s1", "kind": "stall"})
    active = [tick for tick, block in enumerate(blocks) if block.faults]
    assert active == list(range(20, 40))
    ((lane, stage, fault),) = blocks[20].faults
    assert (lane, stage, fault.kind, fault.start, fault.end) == (0, 1, "stall", 20, 40)


@pytest.mark.parametrize(
    ("fault", "strength"),
    [
        ({"kind": "slowdown", "factor": 3}, "x3"),
        ({"kind": "latency", "factor": 2.5}, "x2.5"),
        ({"kind": "stall"}, "full"),
        ({"kind": "errors", "share": 0.3, "retries": 1}, "30% fail, 1 retries"),
    ],
)
def test_a_fault_says_how_hard_it_strikes(fault: dict[str, object], strength: str) -> None:
    ((_, _, found),) = by_tick(steady(10, 12), {"stage": "s0", **fault})[20].faults
    assert found.strength == strength
