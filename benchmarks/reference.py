"""The obvious simulation: one object per event, a deque per stage, a draw and a list append per event and stage.

It is the baseline of the benchmark and the reference that the engine must agree with exactly. It is
written from the rules, apart from the engine: it shares with it only the faults' effects and the draws.
"""

import math
from collections import Counter, deque
from dataclasses import dataclass, field

import numpy as np

from exporter.config.model import Pipeline
from exporter.simulation.chance import Purpose, stream
from exporter.simulation.faults import Effects
from exporter.simulation.service import SERVICE_BUCKETS, SHORTEST


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
    random: np.random.Generator
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

    def __init__(self, pipeline: Pipeline, seed: int) -> None:
        self.stages = [
            Stage(
                stage.queue_limit,
                stage.service_ms.mean / 1000,
                stage.service_ms.deviation / 1000,
                stream(seed, Purpose.SERVICE, 0, number),
            )
            for number, stage in enumerate(pipeline.stages)
        ]
        self.weights = np.cumsum([signal.weight for signal in pipeline.signals])
        self.weights = (self.weights / self.weights[-1]).astype(np.float32)
        self.probability = np.float32(pipeline.review.probability)
        self.signals = stream(seed, Purpose.SIGNALS, 0)
        self.errors = stream(seed, Purpose.ERRORS, 0)
        self.review = stream(seed, Purpose.REVIEW, 0)
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
        if share == 0:
            stage.tries = 0
        attempts = math.floor(capacity * (tick + 1)) - math.floor(capacity * tick)
        moved = 0
        while attempts and stage.queue:
            if following and len(following.queue) >= following.limit:
                return moved, True
            attempts -= 1
            event = stage.queue[0]
            self.draw_service(stage, effects.latency[index, 0, number])
            if share and self.errors.random() < share:
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
        mean, deviation = np.float32(stage.mean) * latency, np.float32(stage.deviation) * latency
        drawn = stage.random.standard_normal(dtype=np.float32) * deviation + mean
        stage.service_times.append(max(drawn, mean * np.float32(SHORTEST)))

    def admit(self, tick: int, arrivals: int) -> None:
        """Let in what fits and drop the rest."""
        for _ in range(arrivals):
            signal = int((self.signals.random(dtype=np.float32) >= self.weights[:-1]).sum())
            self.arrived[signal] += 1
            if len(self.stages[0].queue) >= self.stages[0].limit:
                self.dropped[signal] += 1
                continue
            marked = bool(self.review.random(dtype=np.float32) < self.probability)
            self.stages[0].queue.append(Event(self.admissions, signal, tick, marked))
            self.admissions += 1

    def inside(self) -> Counter[int]:
        """Events in the queues by signal."""
        return Counter(event.signal for stage in self.stages for event in stage.queue)

    def service_counts(self, stage: int) -> list[int]:
        """Service times by bucket, the last one +Inf."""
        boundaries = np.array(SERVICE_BUCKETS, dtype=np.float32)
        found = np.searchsorted(boundaries, np.array(self.stages[stage].service_times, dtype=np.float32))
        return np.bincount(found, minlength=len(boundaries) + 1).tolist()
