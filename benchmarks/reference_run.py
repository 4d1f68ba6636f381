"""Runs of the reference: some of the engine's pipelines, on the same arrivals and faults, metrics filled."""

from dataclasses import dataclass

import numpy as np

from benchmarks.reference import PlainDraws, ReferencePipeline, Tick
from benchmarks.totals import Totals
from exporter.config import Config
from exporter.config.model import Pipeline
from exporter.simulation.faults import Effects, FaultSchedule
from exporter.simulation.traffic import TrafficModel


@dataclass(frozen=True, slots=True)
class Weather:
    """What the next ticks bring one pipeline: arrivals tick by tick, and what faults do."""

    arrivals: list[int]
    effects: Effects


class ReferenceRun:
    """The first `count` pipelines of a configuration, side by side."""

    def __init__(self, config: Config, count: int) -> None:
        self.pipelines = config.pipelines[:count]
        self.traffic = TrafficModel([one.traffic for one in config.pipelines], config.seed)
        self.schedule = FaultSchedule(config.pipelines, config.scenario.faults, config.seed)
        self.tick = 0
        self.models = [ReferencePipeline(one, PlainDraws(seed)) for seed, one in enumerate(self.pipelines)]
        self.totals = [Totals(one) for one in self.pipelines]

    @property
    def arrived(self) -> int:
        """Events that came so far, to all pipelines."""
        return sum(model.arrived.total() for model in self.models)

    def foresee(self, ticks: int) -> list[Weather]:
        """The next ticks' weather, one a pipeline, as the engine draws it; only once for each tick."""
        _, arrivals = self.traffic.draw(ticks)
        self.schedule.advance(self.tick, self.tick + ticks)
        return [
            Weather(row, self.effects(pipeline, ticks))
            for row, pipeline in zip(arrivals.T.tolist(), self.pipelines, strict=False)
        ]

    def effects(self, pipeline: Pipeline, ticks: int) -> Effects:
        """What faults do to one pipeline in the next ticks."""
        stages = [stage.name for stage in pipeline.stages]
        effects = Effects.none(np.array([[float(stage.capacity) for stage in pipeline.stages]]), ticks)
        for fault in self.schedule.active(self.tick, self.tick + ticks):
            if fault.pipeline == pipeline.name:
                effects.apply(fault, self.tick, 0, stages.index(fault.stage))
        return effects

    def advance(self, weather: list[Weather]) -> None:
        """Simulate the ticks of `weather`; the metrics are filled in at their end."""
        ticks = len(weather[0].arrivals)
        done: list[list[Tick]] = [[] for _ in self.models]
        for index in range(ticks):
            for model, its, ticked in zip(self.models, weather, done, strict=True):
                ticked.append(model.tick(self.tick + index, its.arrivals[index], its.effects, index))
        for model, totals, ticked in zip(self.models, self.totals, done, strict=True):
            totals.fill(model, ticked)
        self.tick += ticks
