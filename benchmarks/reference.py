"""The obvious simulation: an object per event, a deque per stage, a draw and an append per event and stage.

It is the baseline of the benchmark and the reference that the engine must agree with exactly. It is
written from the rules, apart from the engine, and shares with it only the effects of the faults.
"""

import math
from bisect import bisect_left, bisect_right
from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from itertools import accumulate
from random import Random
from typing import Protocol

from exporter.config.model import Pipeline
from exporter.observations.service import SERVICE_BUCKETS
from exporter.simulation.faults import Effects


class Draws(Protocol):
    """Where a pipeline's chances come from: endless floats, normal(0, 1) a stage and uniform in [0, 1)."""

    signals: Iterator[float]
    errors: Iterator[float]
    review: Iterator[float]

    def normal(self, stage: int) -> Iterator[float]:
        """For the service times of one stage."""


class PlainDraws:
    """Python's own generator, a call a draw."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.signals = self.errors = self.review = iter(self.random.random, None)

    def normal(self, stage: int) -> Iterator[float]:
        """One generator serves all stages."""
        del stage
        return iter(partial(self.random.gauss, 0.0, 1.0), None)


@dataclass(slots=True)
class Event:
    """One event on its way."""

    sequence: int
    signal: int
    admitted: int
    marked: bool
    left: list[int] = field(default_factory=list)


@dataclass(slots=True)
class Stage:
    """A queue and its work."""

    limit: int
    mean: float
    deviation: float
    normal: Iterator[float]
    queue: deque[Event] = field(default_factory=deque)
    tries: int = 0
    processed: Counter[int] = field(default_factory=Counter)
    failed: Counter[int] = field(default_factory=Counter)
    retried: Counter[int] = field(default_factory=Counter)
    service_times: list[float] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Tick:
    """What one tick came to."""

    backlog: list[int]
    processed: list[int]
    blocked: list[bool]
    latencies: list[int]
    eligible: int


class ReferencePipeline:
    """One pipeline, event by event."""

    def __init__(self, pipeline: Pipeline, draws: Draws) -> None:
        self.stages = [
            Stage(
                stage.queue_limit,
                stage.service_ms.mean / 1000,
                stage.service_ms.deviation / 1000,
                draws.normal(number),
            )
            for number, stage in enumerate(pipeline.stages)
        ]
        weights = [signal.weight for signal in pipeline.signals]
        self.cumulative = [total / sum(weights) for total in accumulate(weights)][:-1]
        self.probability = pipeline.review.probability
        self.draws = draws
        self.arrived: Counter[int] = Counter()
        self.dropped: Counter[int] = Counter()
        self.delivered: list[Event] = []
        self.admissions = 0

    def tick(self, tick: int, arrivals: int, effects: Effects, index: int) -> Tick:
        """Advance by one tick; `effects` at row `index`."""
        waited = sum(
            event.admitted <= tick - len(self.stages) for stage in self.stages for event in stage.queue
        )
        first = len(self.delivered)
        moves = [self.serve(number, tick, effects, index) for number in reversed(range(len(self.stages)))]
        self.admit(tick, arrivals)
        return Tick(
            backlog=[len(stage.queue) for stage in self.stages],
            processed=[moved for moved, _ in reversed(moves)],
            blocked=[blocked for _, blocked in reversed(moves)],
            latencies=[tick - event.admitted for event in self.delivered[first:]],
            eligible=waited,
        )

    def serve(self, number: int, tick: int, effects: Effects, index: int) -> tuple[int, bool]:
        """One stage's work; events that went on, and whether the next queue was full."""
        stage = self.stages[number]
        following = self.stages[number + 1] if number + 1 < len(self.stages) else None
        capacity = effects.capacity[index, 0, number]
        share = effects.share[index, 0, number]
        latency = float(effects.latency[index, 0, number])
        if share == 0:
            stage.tries = 0
        attempts = math.floor(capacity * (tick + 1)) - math.floor(capacity * tick)
        moved = 0
        while attempts and stage.queue:
            if following and len(following.queue) >= following.limit:
                return moved, True
            attempts -= 1
            event = stage.queue[0]
            self.draw_service(stage, latency)
            if share and next(self.draws.errors) < share:
                if stage.tries < effects.retries[index, 0, number]:
                    stage.tries += 1
                    stage.retried[event.signal] += 1
                else:
                    stage.tries = 0
                    stage.failed[event.signal] += 1
                    stage.queue.popleft()
                continue
            stage.tries = 0
            stage.queue.popleft()
            stage.processed[event.signal] += 1
            event.left.append(tick)
            moved += 1
            if following:
                following.queue.append(event)
            else:
                self.delivered.append(event)
        return moved, False

    def draw_service(self, stage: Stage, latency: float) -> None:
        """Append one service time in seconds."""
        mean, deviation = stage.mean * latency, stage.deviation * latency
        stage.service_times.append(max(next(stage.normal) * deviation + mean, 0.0))

    def admit(self, tick: int, arrivals: int) -> None:
        """Let in what fits and drop the rest."""
        for _ in range(arrivals):
            signal = bisect_right(self.cumulative, next(self.draws.signals))
            self.arrived[signal] += 1
            if len(self.stages[0].queue) >= self.stages[0].limit:
                self.dropped[signal] += 1
                continue
            marked = next(self.draws.review) < self.probability
            self.stages[0].queue.append(Event(self.admissions, signal, tick, marked))
            self.admissions += 1

    def inside(self) -> Counter[int]:
        """Events in the queues by signal."""
        return Counter(event.signal for stage in self.stages for event in stage.queue)

    def service_counts(self, stage: int) -> list[int]:
        """Service times by bucket, the last one +Inf."""
        found = Counter(bisect_left(SERVICE_BUCKETS, time) for time in self.stages[stage].service_times)
        return [found[bucket] for bucket in range(len(SERVICE_BUCKETS) + 1)]
