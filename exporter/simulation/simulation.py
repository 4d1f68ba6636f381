"""All simulated pipelines: groups of lanes of one shape, struck by one schedule of faults."""

from collections.abc import Iterator, Sequence

from exporter.config import Config
from exporter.config.model import InjectedFault, Pipeline
from exporter.observations.fault import Fault
from exporter.observations.latency import LatencyColumns
from exporter.observations.tallies import Tallies
from exporter.simulation.faults import Effects, FaultSchedule
from exporter.simulation.lanes import LONGEST, Lanes


def group_by_shape(pipelines: Sequence[Pipeline]) -> list[list[Pipeline]]:
    """Pipelines with as many stages and signals, and of about the same size, in order of appearance."""
    groups: dict[tuple[int, int, int], list[Pipeline]] = {}
    for pipeline in pipelines:
        shape = len(pipeline.stages), len(pipeline.signals), size(pipeline)
        groups.setdefault(shape, []).append(pipeline)
    return list(groups.values())


def size(pipeline: Pipeline) -> int:
    """The order of magnitude (a power of 16) of what can be inside, for which arrays have room."""
    arriving = max(regime.events.high for regime in pipeline.traffic.regimes.values())
    return (sum(stage.queue_limit for stage in pipeline.stages) + arriving).bit_length() // 4


class Simulation:
    """The simulated pipelines of a configuration, at `tick` ticks since the start."""

    def __init__(self, config: Config, seed: int | None = None) -> None:
        seed = config.seed if seed is None else seed
        self.config = config
        self.tick = 0
        self.columns = LatencyColumns(config.pipelines)
        self.schedule = FaultSchedule(config.pipelines, config.scenario.faults, seed)
        groups = group_by_shape(config.pipelines)
        self.groups = [Lanes(group, seed, number, self.columns) for number, group in enumerate(groups)]
        self.longest = min((group.longest for group in self.groups), default=LONGEST)
        self.places = {
            (pipeline.name, stage.name): (group, lane, column)
            for group, lanes in enumerate(groups)
            for lane, pipeline in enumerate(lanes)
            for column, stage in enumerate(pipeline.stages)
        }

    def advance(self, end: int) -> Iterator[list[Tallies]]:
        """Simulate up to tick `end`; for each block the tallies of every group."""
        while self.tick < end:
            ticks = min(self.longest, end - self.tick)
            self.schedule.advance(self.tick, self.tick + ticks)
            effects = self.effects(ticks)
            tallies = [group.advance(self.tick, effects[n]) for n, group in enumerate(self.groups)]
            self.tick += ticks
            yield tallies

    def effects(self, ticks: int) -> list[Effects]:
        """What faults do to each group in the next `ticks`."""
        effects = [Effects.none(group.capacity, ticks) for group in self.groups]
        for fault in self.schedule.active(self.tick, self.tick + ticks):
            group, lane, stage = self.places[fault.pipeline, fault.stage]
            effects[group].apply(fault, self.tick, lane, stage)
        return effects

    def inject(self, fault: InjectedFault) -> Fault:
        """Let `fault` strike from the next tick on; ValueError names what does not exist."""
        pipeline = self.config.resolve(fault)
        return self.schedule.inject(fault, pipeline.name, self.tick)
