"""When faults strike: by script, by chance or by hand."""

from itertools import pairwise

import numpy as np
import pytest

from exporter.config import Config
from exporter.config.model import InjectedFault
from exporter.observations.fault import Fault
from exporter.simulation import Simulation
from exporter.simulation.faults import FaultSchedule
from tests.unit.simulation.strategies import config_of, steady

EVERY, SHORTEST, LONGEST = 1000, 10, 30
LONG = 3_000_000


def chance(**changes: object) -> Config:
    fault = {"stage": "s0", "kind": "stall", "every": EVERY, "lasts": [SHORTEST, LONGEST], **changes}
    return config_of(steady(1, 2, faults=[fault]))


def struck_by_chance(config: Config, seed: int, *ends: int) -> list[Fault]:
    """All faults that begin before the last of `ends`, asked for step by step."""
    schedule = FaultSchedule(config.pipelines, [], seed)
    found: dict[str, Fault] = {}
    first = 0
    for end in ends:
        schedule.advance(first, end)
        found |= {fault.id: fault for fault in schedule.active(first, end)}
        first = end
    return list(found.values())


@pytest.fixture(scope="module")
def faults() -> list[Fault]:
    return struck_by_chance(chance(), 1, LONG)


def injected(**keys: object) -> InjectedFault:
    return InjectedFault.model_validate({"stage": "s0", "kind": "slowdown", "factor": 2, "for": 3, **keys})


def test_a_scripted_fault_strikes_from_its_moment_for_its_time() -> None:
    fault = {"stage": "s0", "kind": "stall", "at": 5, "for": 3}
    ((tallies,),) = Simulation(config_of(steady(1, 2), scenario=[fault]), seed=1).advance(12)
    assert tallies.capacity[:, 0, 0].tolist() == [2] * 5 + [0] * 3 + [2] * 4


def test_a_scripted_fault_may_strike_from_the_first_tick() -> None:
    fault = {"stage": "s0", "kind": "stall", "at": 0, "for": 1}
    ((tallies,),) = Simulation(config_of(steady(1, 2), scenario=[fault]), seed=1).advance(2)
    assert tallies.capacity[:, 0, 0].tolist() == [0, 2]


def test_chance_faults_come_as_often_as_their_mean_gap_says(faults: list[Fault]) -> None:
    gaps = [after.start - before.end for before, after in pairwise(faults)]
    assert np.mean(gaps) == pytest.approx(EVERY, rel=0.06)
    assert np.std(gaps) == pytest.approx(EVERY, rel=0.1), "the gaps are exponential"
    assert len(faults) == pytest.approx(LONG / (EVERY + (SHORTEST + LONGEST) / 2), rel=0.06)


def test_chance_faults_last_as_long_as_they_may(faults: list[Fault]) -> None:
    lengths = np.bincount([fault.end - fault.start for fault in faults])[SHORTEST:]
    assert len(lengths) == LONGEST - SHORTEST + 1
    assert lengths.min() > 0.5 * lengths.mean()


def test_a_chance_fault_strikes_again_only_after_it_has_gone_away(faults: list[Fault]) -> None:
    assert all(before.end < after.start for before, after in pairwise(faults))


def test_chance_faults_do_not_depend_on_how_the_simulation_is_stepped(faults: list[Fault]) -> None:
    stepped = struck_by_chance(chance(), 1, *range(777, 100_000, 777), 100_000)
    assert stepped == [fault for fault in faults if fault.start < 100_000]


def test_another_seed_gives_other_chance_faults(faults: list[Fault]) -> None:
    assert struck_by_chance(chance(), 2, LONG)[0].start != faults[0].start


def test_two_chance_faults_of_one_pipeline_come_independently() -> None:
    twice = [
        {"stage": "s0", "kind": "stall", "every": EVERY, "lasts": [5, 5]},
        {"stage": "s0", "kind": "stall", "every": EVERY, "lasts": [5, 5]},
    ]
    starts = [fault.start for fault in struck_by_chance(config_of(steady(1, 2, faults=twice)), 1, 100_000)]
    assert len(starts) > 150
    assert len(set(starts)) > 0.9 * len(starts)


def test_an_injected_fault_strikes_from_the_next_tick_on() -> None:
    simulation = Simulation(config_of(steady(1, 2)), seed=1)
    ((before,),) = simulation.advance(7)
    fault = simulation.inject(injected())
    ((after,),) = simulation.advance(14)
    assert (fault.start, fault.end, fault.origin) == (7, 10, "injected")
    assert set(before.capacity.ravel().tolist()) == {2}
    assert after.capacity[:, 0, 0].tolist() == [1, 1, 1, 2, 2, 2, 2]


def test_an_injected_fault_leaves_chance_alone() -> None:
    config = chance(every=50)
    simulation = Simulation(config, seed=1)
    list(simulation.advance(10))
    simulation.inject(injected(kind="latency"))
    starts = []
    for _ in simulation.advance(2000):
        starts += [fault.start for fault in simulation.schedule.faults if fault.origin == "chance"]
    assert sorted(set(starts)) == [fault.start for fault in struck_by_chance(config, 1, 2000)]


def test_a_fault_on_what_does_not_exist_can_not_be_injected() -> None:
    simulation = Simulation(config_of(steady(1, 2)), seed=1)
    with pytest.raises(ValueError, match=r"^stage: expected one of \['s0'\], got 's9'$"):
        simulation.inject(injected(stage="s9"))
    with pytest.raises(ValueError, match=r"^pipeline: expected one of \['p'\], got q$"):
        simulation.inject(injected(pipeline="q"))


def test_faults_that_are_over_are_forgotten() -> None:
    simulation = Simulation(chance(every=20), seed=1)
    for _ in simulation.advance(5000):
        assert len(simulation.schedule.faults) < 20


def test_every_fault_has_an_id_of_its_own() -> None:
    simulation = Simulation(chance(every=20), seed=1)
    ids = [simulation.inject(injected()).id for _ in range(3)]
    for _ in simulation.advance(1000):
        ids += [fault.id for fault in simulation.schedule.faults if fault.id not in ids]
    assert len(ids) > 20
    assert len(set(ids)) == len(ids)


def test_a_simulation_without_pipelines_advances_too() -> None:
    simulation = Simulation(Config())
    assert list(simulation.advance(100)) == [[]]
    assert simulation.tick == 100
