"""The light of every job and since when it has it: judged anew when its runs change, not when somebody looks.

What is unusual about runs changes with them alone, so that a second in which nothing ended costs a comparison
a job: whether its time is up. What is usual among peers excuses only who wrote little, so that only those are
judged anew when it changes.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import inf

from exporter.config.runs import Runs
from exporter.state.anomalies import SEVERITIES, Anomaly, Peers, Severity, low, of_runs, overdue
from exporter.state.job import JobState
from exporter.state.jobs import JobStates

HEALTHY, DEGRADED, CRITICAL = range(3)
LIGHT_OF: dict[Severity, int] = {"critical": CRITICAL, "high": DEGRADED, "medium": DEGRADED, "low": HEALTHY}
FAILED = ("failed", "abandoned")


@dataclass(slots=True)
class JobLight:
    """A job's light, 0 to 2, and since when (event time, seconds since 1970 UTC; None before anything ended).

    `found` is what is unusual about its runs and `of_runs` the light that they make; after `due` it is
    overdue. `stale_after` is what was declared of it, in seconds.
    """

    job: JobState
    found: list[Anomaly]
    of_runs: int
    due: float
    stale_after: float | None
    health: int
    since: float | None

    @property
    def counts(self) -> bool:
        """Whether it counts by itself: of a part the whole tells."""
        return not self.job.is_part

    def turn(self, now: float) -> None:
        """Be what it is at `now`."""
        health = max(self.of_runs, DEGRADED) if now > self.due else self.of_runs
        if health != self.health:
            self.since = self.due if health > self.of_runs else self.job.last_end
            self.health = health

    def unusual(self, now: float) -> list[Anomaly]:
        """All that is unusual, gravest first."""
        if now <= self.due:
            return self.found
        late = overdue(self.job, now, self.stale_after)
        return sorted([*self.found, *late], key=lambda anomaly: SEVERITIES.index(anomaly.severity))

    def sentence(self, now: float) -> str:
        """What is unusual, for people."""
        if found := self.unusual(now):
            words = "; ".join(one.message for one in found)
            return words[:1].upper() + words[1:]
        if self.job.failures_in_a_row:
            return "The last run failed"
        return "No run has ended yet" if self.job.last_end is None else "Nothing is unusual"


class JobLights:
    """The light of each of `jobs`, by the limits of `runs`; `refresh` before reading."""

    def __init__(self, jobs: JobStates, runs: Runs) -> None:
        self.jobs, self.runs = jobs, runs
        self._peers: Peers = {}
        self._low: set[str] = set()
        self.declared = {job.pipeline: job.stale_after for job in runs.expected}
        self._lights: dict[str, JobLight] = {}

    def __iter__(self) -> Iterator[JobLight]:
        return iter(self._lights.values())

    def get(self, pipeline: str) -> JobLight | None:
        """The light of a job, if it is known."""
        return self._lights.get(pipeline)

    def __getitem__(self, pipeline: str) -> JobLight:
        return self._lights[pipeline]

    def health(self, pipeline: str) -> int:
        """0 to 2."""
        return self._lights[pipeline].health

    def judge_among(self, peers: Peers) -> None:
        """Take over what is usual just now among jobs of a kind."""
        if peers != self._peers:
            self._peers = peers
            self.jobs.unjudged |= self._low

    def refresh(self, now: float) -> None:
        """Judge what has changed, and let every light be what it is at `now`."""
        self.judge_changed()
        for light in self._lights.values():
            light.turn(now)

    def judge_changed(self) -> None:
        """Judge the jobs of which something was heard since the last time."""
        for pipeline in self.jobs.unjudged:
            self._judge(pipeline)
        self.jobs.unjudged.clear()

    def tally(self, of_team: Callable[[str], bool] = lambda _: True) -> Counter[int]:
        """How many have each light, parts left out; of the teams of which `of_team` is true."""
        return Counter(
            light.health for light in self._lights.values() if light.counts and of_team(light.job.team)
        )

    def _judge(self, pipeline: str) -> None:
        job = self.jobs.get(pipeline)
        if job is None:
            self._lights.pop(pipeline, None)
            self._low.discard(pipeline)
            return
        judgement = self.runs.judgement(pipeline)
        found = of_runs(job, judgement, self._peers)
        (self._low.add if any(low(job, judgement, {})) else self._low.discard)(pipeline)
        stale_after = self.declared.get(pipeline)
        health = max((LIGHT_OF[one.severity] for one in found), default=HEALTHY)
        # One failure is nothing unusual yet, and no green light either.
        health = max(health, DEGRADED if job.failures_in_a_row else HEALTHY)
        due = overdue_from(job, stale_after)
        known = self._lights.get(pipeline)
        if known is None or known.job is not job:
            since = failing_since(job) or job.last_end
            self._lights[pipeline] = JobLight(job, found, health, due, stale_after, health, since)
        else:
            known.found, known.of_runs, known.due = found, health, due


def overdue_from(job: JobState, stale_after: float | None) -> float:
    """When it will be overdue if nothing more is heard of it; never, as long as too little is known."""
    if job.is_part:
        return inf
    longest, patience = job.stuck_after(), stale_after or job.learnt_stale_after()
    stuck = inf if longest is None else min(job.open.values(), default=inf) + longest
    silent = inf if patience is None or job.last_success is None else job.last_success + patience
    return min(stuck, silent)


def failing_since(job: JobState) -> float | None:
    """When the first of its failures in a row ended, as far back as runs are remembered."""
    first = None
    for run in reversed(job.recent):
        if run.state == "succeeded":
            break
        first = run.ended if run.state in FAILED else first
    return first
