"""Incidents of streams: a pipeline that stayed red, from its onset until it stayed out of it.

Only the lights are read, never the injected faults: what is said here is what monitoring could know.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from exporter.config.model import Pipeline
from exporter.observations.tallies import Tallies
from exporter.state.ring import Ring

PATIENCE = 30
CRITICAL = 2


def culprit(health: np.ndarray, blocked: np.ndarray) -> int:
    """The stage where it starts: the last of the worst ones that the next stage does not hold back.

    health, blocked: [stages]. Backpressure reddens what is before the bottleneck, never what is behind.
    """
    worst = np.flatnonzero(health == health.max())
    free = worst[~blocked[worst].astype(bool)]
    return int(free[-1] if len(free) else worst[-1])


def since_onset(before: Ring, block: np.ndarray, tick: int) -> np.ndarray:
    """The last `PATIENCE` rows up to row `tick` of `block`; the first of them may be from `before` it."""
    rows = np.concatenate([before.last(PATIENCE), block[: tick + 1]])
    return rows[-PATIENCE:]


def capacity_words(now: float, usual: float) -> str:
    """How far a capacity is down, as a sentence goes on."""
    return f", capacity down to {rounded(now)} of {rounded(usual)} per second"


def rounded(capacity: float) -> str:
    """Events a second as people say it: a fraction only where it matters."""
    return f"{capacity:.2g}" if 0 < capacity < 10 else f"{capacity:.0f}"


@dataclass(slots=True)
class Incident:
    """One pipeline's time in red; ticks, `ended` is the first tick after it."""

    id: str
    pipeline: str
    team: str
    stage: str
    started: int
    peak_backlog: int
    lowest_capacity: float
    nominal_capacity: float
    dropped: int = 0
    ended: int | None = None

    @property
    def summary(self) -> str:
        """What happened, in words."""
        capacity = ""
        if self.lowest_capacity < self.nominal_capacity:
            capacity = capacity_words(self.lowest_capacity, self.nominal_capacity)
        dropped = f"; {self.dropped} events dropped" if self.dropped else ""
        return f"{self.stage} could not keep up: up to {self.peak_backlog} events waiting{capacity}{dropped}"


class IncidentLog:
    """Opens an incident after `PATIENCE` red ticks in a row, closes it after as many without red."""

    def __init__(self, pipelines: Sequence[Pipeline], keep: int = 100) -> None:
        self.pipelines = pipelines
        self.keep = keep
        self.red = np.zeros(len(pipelines), dtype=np.int64)
        self.calm = np.zeros(len(pipelines), dtype=np.int64)
        shape = len(pipelines), len(pipelines[0].stages)
        self.backlog = Ring(PATIENCE, shape, np.int64)
        self.capacity = Ring(PATIENCE, shape, np.float64)
        self.dropped = Ring(PATIENCE, shape[:1], np.int64)
        self.open: dict[int, Incident] = {}
        self.closed: list[Incident] = []
        self.count = 0

    def apply(self, tallies: Tallies, health: np.ndarray) -> None:
        """Read a block; health [ticks, pipelines, stages]."""
        self.judge((health == CRITICAL).any(axis=2), tallies, health)
        self.backlog.extend(tallies.backlog)
        self.capacity.extend(tallies.capacity)
        self.dropped.extend(tallies.dropped)

    def judge(self, critical: np.ndarray, tallies: Tallies, health: np.ndarray) -> None:
        """Open, follow and close incidents tick by tick; critical [ticks, pipelines]."""
        if not self.open and not critical.any():
            self.red[:] = 0
            self.calm += len(critical)
            return
        for tick, row in enumerate(critical):
            self.red = np.where(row, self.red + 1, 0)
            self.calm = np.where(row, 0, self.calm + 1)
            for lane in np.flatnonzero(self.red == PATIENCE).tolist():
                if lane not in self.open:
                    self.start(lane, tick, tallies, health)
            for lane in list(self.open):
                self.follow(lane, tick, tallies)

    def start(self, lane: int, tick: int, tallies: Tallies, health: np.ndarray) -> None:
        """Open the incident of `lane` at the block's row `tick`."""
        pipeline = self.pipelines[lane]
        stage = culprit(health[tick, lane], tallies.blocked[tick, lane])
        self.count += 1
        capacity = float(pipeline.stages[stage].capacity)
        self.open[lane] = Incident(
            id=f"{pipeline.name}-{self.count}",
            pipeline=pipeline.name,
            team=pipeline.team,
            stage=pipeline.stages[stage].name,
            started=tallies.first + tick + 1 - PATIENCE,
            peak_backlog=int(since_onset(self.backlog, tallies.backlog, tick)[:, lane, stage].max()),
            lowest_capacity=float(since_onset(self.capacity, tallies.capacity, tick)[:, lane, stage].min()),
            nominal_capacity=capacity,
            dropped=int(since_onset(self.dropped, tallies.dropped, tick)[:-1, lane].sum()),
        )

    def follow(self, lane: int, tick: int, tallies: Tallies) -> None:
        """Update an open incident by one tick, and close it when it is over."""
        incident = self.open[lane]
        stage = [stage.name for stage in self.pipelines[lane].stages].index(incident.stage)
        incident.peak_backlog = max(incident.peak_backlog, int(tallies.backlog[tick, lane, stage]))
        incident.lowest_capacity = min(incident.lowest_capacity, float(tallies.capacity[tick, lane, stage]))
        incident.dropped += int(tallies.dropped[tick, lane])
        if self.calm[lane] >= PATIENCE:
            incident.ended = tallies.first + tick + 1 - PATIENCE
            self.closed = [*self.closed, self.open.pop(lane)][-self.keep :]

    def newest(self, limit: int) -> list[Incident]:
        """Open incidents, then closed ones, each newest first, `limit` at most."""
        still_open = sorted(self.open.values(), key=lambda incident: -incident.started)
        return [*still_open, *reversed(self.closed)][:limit]
