"""Random pipelines and faults, plain ones, and the stepping of an engine beside the reference."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from hypothesis import strategies as st

from exporter.config import Config
from exporter.config.model import Pipeline
from exporter.simulation.chance import Purpose, stream
from exporter.simulation.faults import Effects, FaultSchedule
from exporter.simulation.lanes import Lanes


@st.composite
def stages(draw: st.DrawFn, number: int) -> dict[str, object]:
    green = draw(st.integers(0, 30))
    orange = green + draw(st.integers(1, 60))
    return {
        "name": f"s{number}",
        "capacity": draw(st.floats(0.3, 60)),
        "service_ms": {"mean": draw(st.floats(0.1, 20)), "deviation": draw(st.floats(0, 5))},
        "green_up_to": green,
        "orange_up_to": orange,
        "queue_limit": orange + draw(st.integers(1, 80)),
    }


@st.composite
def strengths(draw: st.DrawFn) -> dict[str, object]:
    kind = draw(st.sampled_from(["slowdown", "stall", "errors", "latency"]))
    if kind == "errors":
        return {"kind": kind, "share": draw(st.floats(0.05, 1)), "retries": draw(st.integers(0, 3))}
    return {"kind": kind} if kind == "stall" else {"kind": kind, "factor": draw(st.floats(1.1, 20))}


@st.composite
def configs(draw: st.DrawFn) -> Config:
    count = draw(st.integers(1, 5))
    names = st.sampled_from([f"s{number}" for number in range(count)])
    low = draw(st.integers(0, 40))
    regimes = {
        "calm": {"events": [low, low + 20], "dwell": [2, 9], "next": {"wild": 1}},
        "wild": {"events": [low, low + 120], "dwell": [1, 5], "next": {"calm": 2, "wild": 1}},
    }
    chance = st.builds(
        lambda stage, strength, every, lasts: {
            "stage": stage,
            "every": every,
            "lasts": [1, lasts],
            **strength,
        },
        names, strengths(), st.integers(5, 60), st.integers(1, 30),
    )  # fmt: skip
    scripted = st.builds(
        lambda stage, strength, at, lasts: {"stage": stage, "at": at, "for": lasts, **strength},
        names, strengths(), st.integers(0, 80), st.integers(1, 40),
    )  # fmt: skip
    pipeline = {
        "name": "p",
        "team": "t",
        "signals": [{"name": f"g{n}", "weight": 1 + n} for n in range(draw(st.integers(1, 4)))],
        "traffic": {"initial": "calm", "regimes": regimes},
        "stages": [draw(stages(number)) for number in range(count)],
        "faults": draw(st.lists(chance, max_size=3)),
        "review": {"probability": 0.02},
    }
    return Config.model_validate(
        {"pipelines": [pipeline], "scenario": {"faults": draw(st.lists(scripted, max_size=4))}}
    )


def steady(arrivals: int, *capacities: float, queue_limit: int = 100, **changes: object) -> dict[str, object]:
    """A pipeline with the same arrivals at every tick, and stages s0, s1, ... of these capacities."""
    regime = {"events": [arrivals, arrivals], "dwell": [60, 60], "next": {"steady": 1}}
    lights = {"green_up_to": 20, "orange_up_to": 50, "queue_limit": queue_limit}
    return {
        "name": "p",
        "team": "t",
        "signals": [{"name": "g0"}, {"name": "g1", "weight": 3}],
        "traffic": {"initial": "steady", "regimes": {"steady": regime}},
        "stages": [
            {
                "name": f"s{number}",
                "capacity": capacity,
                "service_ms": {"mean": 2, "deviation": 0.5},
                **lights,
            }
            for number, capacity in enumerate(capacities)
        ],
        **changes,
    }


def config_of(*pipelines: dict[str, object], scenario: Sequence[dict[str, object]] = ()) -> Config:
    return Config.model_validate({"pipelines": list(pipelines), "scenario": {"faults": list(scenario)}})


def one_by_one(draw: Callable[[int], np.ndarray]) -> Iterator[float]:
    """Draws as an endless row of floats, fetched in chunks."""
    while True:
        yield from draw(1024).tolist()


class EngineDraws:
    """The very draws that the engine makes, one at a time."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.signals = one_by_one(stream(seed, Purpose.SIGNALS, 0).random)
        self.errors = one_by_one(stream(seed, Purpose.ERRORS, 0).random)
        self.review = one_by_one(stream(seed, Purpose.REVIEW, 0).random)

    def normal(self, stage: int) -> Iterator[float]:
        return one_by_one(stream(self.seed, Purpose.SERVICE, 0, stage).standard_normal)


@dataclass
class Stepper:
    """A lane group driven tick by tick, with the effects of the configuration's faults."""

    config: Config
    seed: int

    def __post_init__(self) -> None:
        self.pipeline: Pipeline = self.config.pipelines[0]
        self.lanes = Lanes([self.pipeline], self.seed)
        self.schedule = FaultSchedule([self.pipeline], self.config.scenario.faults, self.seed)
        self.stages = [stage.name for stage in self.pipeline.stages]

    def effects(self, tick: int) -> Effects:
        effects = Effects.none(np.array([[float(s.capacity) for s in self.pipeline.stages]]), 1)
        self.schedule.advance(tick, tick + 1)
        for fault in self.schedule.active(tick, tick + 1):
            effects.apply(fault, tick, 0, self.stages.index(fault.stage))
        return effects
