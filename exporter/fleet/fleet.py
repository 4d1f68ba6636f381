"""The fleet's runs: events in the order in which they happen, the same whenever they are asked for."""

import heapq
import math
from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np

from exporter.config.fleet import FleetConfig, JobFaultKind
from exporter.fleet.plan import PlannedJob, plan
from exporter.fleet.trouble import Trouble, Troubles
from exporter.runs.event import PLAIN, Dataset, Kind, RunEvent
from exporter.runs.reasons import reason
from exporter.simulation.chance import Purpose, stream

SLOWER, FEWER_ROWS = 4.0, 0.2
ROWS_SPREAD = 0.1
MESSAGES = (
    "connection to the source was refused",
    "query timed out after 300 seconds",
    "permission denied for schema staging",
    "duplicate key violates unique constraint",
    "worker was killed: out of memory",
)
# Rows by the hour of the day and the day of the week.
DAILY_SWING, WEEKEND, HOURS_A_DAY, DAYS_A_WEEK = 0.5, 0.6, 24, 7


class Chances(NamedTuple):
    """What chance decides of a run; drawn for every one, so that troubles never shift the luck of others."""

    duration: float
    rows: float
    luck: float
    message: int


class Step(NamedTuple):
    """What happens next to a job: a run starts, or the one with these chances ends."""

    time: float
    job: int
    run: int
    chances: Chances | None


class Fleet:
    """Jobs that run on schedule, and what is wrong with them.

    `at` tells when a second of the fleet's time is, in seconds since 1970 UTC.
    """

    def __init__(self, config: FleetConfig, seed: int, at: Callable[[float], float]) -> None:
        self.config, self.at = config, at
        self.jobs = plan(config, stream(seed, Purpose.FLEET, 0))
        self.troubles = Troubles(config, self.jobs, stream(seed, Purpose.FLEET, 1))
        self.random = [stream(seed, Purpose.FLEET, 2, number) for number in range(len(self.jobs))]
        self.steps = [Step(job.offset, number, 0, None) for number, job in enumerate(self.jobs)]
        heapq.heapify(self.steps)
        self.wrong: list[Trouble] = []

    def advance(self, until: float) -> Iterator[RunEvent]:
        """The events up to a second of the fleet's time."""
        while self.steps and self.steps[0].time <= until:
            step = heapq.heappop(self.steps)
            wrong = {one.kind for one in self.troubles.at(step.time) if one.job == self.jobs[step.job].name}
            yield from self.end(step, step.chances, wrong) if step.chances else self.start(step, wrong)
        self.wrong = self.troubles.at(until)

    def start(self, step: Step, wrong: set[JobFaultKind]) -> Iterator[RunEvent]:
        """A run starts, unless the scheduler has forgotten the job."""
        job = self.jobs[step.job]
        heapq.heappush(
            self.steps, Step(job.offset + (step.run + 1) * job.every, step.job, step.run + 1, None)
        )
        chances = self.draw(step.job)
        if "silent" in wrong:
            return
        seconds = job.duration * math.exp(job.spread * chances.duration) * (SLOWER if "slow" in wrong else 1)
        heapq.heappush(self.steps, Step(step.time + seconds, step.job, step.run, chances))
        yield self.event(job, step, "START")

    def draw(self, job: int) -> Chances:
        """The next run's chances."""
        random = self.random[job]
        duration, rows = random.standard_normal(2).tolist()
        return Chances(duration, rows, float(random.random()), int(random.integers(len(MESSAGES))))

    def end(self, step: Step, chances: Chances, wrong: set[JobFaultKind]) -> Iterator[RunEvent]:
        """A run ends, well or not."""
        job = self.jobs[step.job]
        rows = job.rows * self.shape(step.time) * math.exp(ROWS_SPREAD * chances.rows)
        if chances.luck < self.config.fails or "failing" in wrong:
            yield self.event(job, step, "FAIL", MESSAGES[chances.message])
        else:
            yield self.event(job, step, "COMPLETE", rows=int(rows * (FEWER_ROWS if "volume" in wrong else 1)))

    def event(
        self, job: PlannedJob, step: Step, kind: Kind, message: str = "", rows: int | None = None
    ) -> RunEvent:
        """What the job tells."""
        return RunEvent(
            run_id=f"{job.name}/{step.run}",
            namespace="",
            name=job.name,
            kind=kind,
            time=self.at(step.time),
            team=job.team,
            integration=PLAIN,
            job_type=job.kind,
            scheduled=self.at(job.offset + step.run * job.every),
            error=reason(message) if message else None,
            rows=rows,
            inputs=tuple(Dataset(name) for name in job.reads),
            outputs=(Dataset(job.writes, rows=rows),),
        )

    def shape(self, time: float) -> float:
        """How much there is to do at this time of the day and the week, about 1."""
        hours = time / self.config.hour
        daily = 1 + DAILY_SWING * float(np.sin(2 * math.pi * (hours % HOURS_A_DAY) / HOURS_A_DAY))
        weekend = hours / HOURS_A_DAY % DAYS_A_WEEK >= DAYS_A_WEEK - 2
        return daily * (WEEKEND if weekend else 1)
