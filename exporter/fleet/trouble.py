"""What goes wrong in the fleet and when: as configured, and by chance."""

import heapq
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from exporter.config.fleet import JOB_FAULT_KINDS, FleetConfig, JobFaultKind
from exporter.fleet.plan import PlannedJob

# A trouble by chance goes on for so many runs of its job.
SHORTEST, LONGEST = 4, 10


class Trouble(NamedTuple):
    """The truth: what is wrong with a job from `start` to `end`, in seconds of the fleet's time."""

    start: float
    end: float
    job: str
    kind: JobFaultKind


class Troubles:
    """All troubles up to the moment that was asked for; those that are over are forgotten."""

    def __init__(self, config: FleetConfig, jobs: Sequence[PlannedJob], random: np.random.Generator) -> None:
        self.jobs, self.random = jobs, random
        self.mean_gap = config.trouble_every and config.trouble_every / len(jobs)
        self.going_on: list[Trouble] = []
        self.upcoming = [
            Trouble(fault.at, fault.at + fault.duration, jobs[fault.job - 1].name, fault.kind)
            for fault in config.faults
        ]
        heapq.heapify(self.upcoming)
        self.by_chance_at = self.gap()

    def gap(self) -> float:
        """Seconds until the next one that comes by chance."""
        return float(self.random.exponential(self.mean_gap)) if self.mean_gap else np.inf

    def at(self, time: float) -> list[Trouble]:
        """Those that go on at a time, which is never before the one that was asked for last."""
        while self.by_chance_at <= time:
            heapq.heappush(self.upcoming, self.by_chance(self.by_chance_at))
            self.by_chance_at += self.gap()
        while self.upcoming and self.upcoming[0].start <= time:
            self.going_on.append(heapq.heappop(self.upcoming))
        self.going_on = [one for one in self.going_on if one.end > time]
        return self.going_on

    def by_chance(self, start: float) -> Trouble:
        """Any of them, with any job."""
        job = self.jobs[int(self.random.integers(len(self.jobs)))]
        kind = JOB_FAULT_KINDS[int(self.random.integers(len(JOB_FAULT_KINDS)))]
        return Trouble(
            start, start + job.every * float(self.random.uniform(SHORTEST, LONGEST)), job.name, kind
        )
