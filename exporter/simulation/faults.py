"""Faults: when they strike, by chance, by script or by hand, and what they do to capacity and service."""

import heapq
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from exporter.config.model import ChanceFault, FaultEffect, InjectedFault, Pipeline
from exporter.config.scenario import ScriptedFault
from exporter.observations.fault import Fault, Origin
from exporter.simulation.chance import Purpose, stream

DEFAULT_RETRIES = 2
SLOWEST = 1e6
MOST_INJECTED = 100


class TooManyFaultsError(RuntimeError):
    """So many injected faults go on that no further one is taken."""


class ChanceProcess:
    """Endless faults of one kind on one stage: exponential gaps, uniform lengths."""

    def __init__(self, pipeline: str, effect: ChanceFault, random: np.random.Generator) -> None:
        self.pipeline = pipeline
        self.effect = effect
        self.random = random

    def after(self, tick: int) -> tuple[int, int]:
        """Start and end of the next fault after `tick`."""
        start = tick + 1 + int(self.random.exponential(self.effect.every))
        lasts = self.random.integers(int(self.effect.lasts.low), int(self.effect.lasts.high) + 1)
        return start, start + int(lasts)


class FaultSchedule:
    """All faults of a simulation, known up to the tick that was asked for."""

    def __init__(self, pipelines: Sequence[Pipeline], scripted: Sequence[ScriptedFault], seed: int) -> None:
        self.faults: list[Fault] = []
        self.count = 0
        for fault in scripted:
            self.add(
                fault, fault.pipeline or pipelines[0].name, int(fault.at), int(fault.duration), "scenario"
            )
        self.processes = [
            ChanceProcess(pipeline.name, effect, stream(seed, Purpose.FAULTS, lane, index))
            for lane, pipeline in enumerate(pipelines)
            for index, effect in enumerate(pipeline.faults)
        ]
        self.upcoming = [(*process.after(-1), index) for index, process in enumerate(self.processes)]
        heapq.heapify(self.upcoming)

    def add(self, effect: FaultEffect, pipeline: str, start: int, ticks: int, origin: Origin) -> Fault:
        """Schedule `effect` on `pipeline` for `ticks` from `start`."""
        self.count += 1
        retries = DEFAULT_RETRIES if effect.retries is None else effect.retries
        fault = Fault(
            id=f"{origin}-{self.count}",
            pipeline=pipeline,
            stage=effect.stage,
            kind=effect.kind,
            start=start,
            end=start + ticks,
            origin=origin,
            factor=effect.factor or 1.0,
            share=effect.share or 0.0,
            retries=retries,
        )
        self.faults.append(fault)
        return fault

    def inject(self, fault: InjectedFault, pipeline: str, tick: int) -> Fault:
        """Schedule what somebody asked for, from `tick` on; TooManyFaultsError while too many go on."""
        if sum(known.origin == "injected" for known in self.active(tick, tick + 1)) >= MOST_INJECTED:
            raise TooManyFaultsError(f"expected at most {MOST_INJECTED} injected faults at a time")
        return self.add(fault, pipeline, tick, int(fault.duration), "injected")

    def advance(self, first: int, end: int) -> None:
        """Forget what ended before `first`; draw what chance starts before `end`."""
        self.faults = [fault for fault in self.faults if fault.end > first]
        while self.upcoming and self.upcoming[0][0] < end:
            start, stop, index = self.upcoming[0]
            process = self.processes[index]
            self.add(process.effect, process.pipeline, start, stop - start, "chance")
            heapq.heapreplace(self.upcoming, (*process.after(stop), index))

    def active(self, first: int, end: int) -> Iterator[Fault]:
        """The faults that strike at any of the ticks first <= tick < end."""
        return (fault for fault in self.faults if fault.start < end and fault.end > first)


@dataclass(slots=True)
class Effects:
    """What the faults leave of a block of ticks; arrays [ticks, pipelines, stages].

    capacity in events a tick; latency multiplies the service time; share of attempts that fail;
    retries allowed an event; struck: the faults with row of the pipeline and stage.
    """

    capacity: np.ndarray
    latency: np.ndarray
    share: np.ndarray
    retries: np.ndarray
    struck: list[tuple[int, int, Fault]] = field(default_factory=list)

    @classmethod
    def none(cls, capacity: np.ndarray, ticks: int) -> "Effects":
        """No fault at all: `capacity` [pipelines, stages] at each of `ticks`."""
        shape = (ticks, *capacity.shape)
        return cls(
            capacity=np.broadcast_to(capacity, shape).copy(),
            latency=np.ones(shape),
            share=np.zeros(shape),
            retries=np.zeros(shape, dtype=np.int64),
        )

    def apply(self, fault: Fault, first: int, lane: int, stage: int) -> None:
        """Put `fault` on one stage of a block that begins at tick `first`."""
        self.struck.append((lane, stage, fault))
        struck = slice(max(0, fault.start - first), max(0, fault.end - first)), lane, stage
        if fault.kind == "slowdown":
            self.capacity[struck] /= fault.factor
        elif fault.kind == "stall":
            self.capacity[struck] = 0
        elif fault.kind == "latency":
            self.latency[struck] = np.minimum(self.latency[struck] * fault.factor, SLOWEST)
        else:
            self.share[struck] = 1 - (1 - self.share[struck]) * (1 - fault.share)
            self.retries[struck] = np.maximum(self.retries[struck], fault.retries)
