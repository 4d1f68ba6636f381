"""State of real jobs: observations of their runs become counters, histograms and last values, a job each."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from heapq import nsmallest
from itertools import pairwise
from math import inf, isfinite
from typing import Literal, TypedDict, assert_never

from exporter.runs.observation import (
    FinalState,
    Job,
    Observation,
    RunContradicted,
    RunEnded,
    RunForgotten,
    RunOpened,
    RunStarted,
    RunUnsure,
)
from exporter.state.job import UNKNOWN_TEAM, JobState, badness

__all__ = ["UNKNOWN_TEAM", "JobState", "JobStates"]

MINUTE, HOUR = 60.0, 3600.0
# Upper bounds of run durations, in seconds: from a small model to a day's batch.
DEFAULT_BUCKETS = (
    *(1.0, 5.0, 15.0),
    *(MINUTE, 5 * MINUTE, 15 * MINUTE, 30 * MINUTE),
    *(HOUR, 2 * HOUR, 4 * HOUR, 8 * HOUR, 24 * HOUR),
)


class JobRow(TypedDict):
    """One job as the status page shows it; times are ISO 8601 in UTC."""

    pipeline: str
    namespace: str
    name: str
    team: str
    integration: str
    last_state: FinalState | Literal["running"] | None
    in_progress: int
    succeeded: int
    failed: int
    aborted: int
    last_start: str | None
    last_success: str | None
    last_failure: str | None
    last_duration_seconds: float | None


class JobStates:
    """Every job seen so far, in the order in which they were first seen; iterating reads them.

    `changed` collects the jobs that a snapshot has to write anew; whoever takes one clears it. `unjudged` are
    those whose lights may be others by now, in the same way. `teams` says how many jobs each team has.

    `buckets` are the upper bounds of the duration histogram in seconds, rising, without the infinite one.
    Raises ValueError for others. Who may become a job is the tracker's decision, and so is how many.
    """

    def __init__(self, buckets: Sequence[float] = DEFAULT_BUCKETS) -> None:
        rising = all(low < high for low, high in pairwise(buckets))
        if not buckets or not rising or not (buckets[0] > 0 and isfinite(buckets[-1])):
            raise ValueError(f"buckets: expected rising, finite seconds above 0, got {list(buckets)}")
        self.buckets = tuple(buckets)
        self.changed: set[str] = set()
        self.unjudged: set[str] = set()
        self.teams: Counter[str] = Counter()
        self._number = 0
        self._states: dict[str, JobState] = {}

    def __len__(self) -> int:
        return len(self._states)

    def __iter__(self) -> Iterator[JobState]:
        return iter(self._states.values())

    def __getitem__(self, pipeline: str) -> JobState:
        return self._states[pipeline]

    def get(self, pipeline: str) -> JobState | None:
        """The job, if it is known."""
        return self._states.get(pipeline)

    def drop(self, pipeline: str) -> None:
        """Forget a job."""
        self.changed.add(pipeline)
        self.unjudged.add(pipeline)
        if state := self._states.pop(pipeline, None):
            self._leave(state)

    def put(self, state: JobState) -> None:
        """Take over a job as a snapshot has it."""
        self._number = max(self._number, state.number)
        self.teams[state.team] += 1
        self.unjudged.add(state.pipeline)
        self._states[state.pipeline] = state

    def forget_simulated(self) -> None:
        """Let the simulated ones begin anew."""
        self.unjudged.update(self._states)
        for state in [one for one in self if one.mode == "simulated"]:
            del self._states[state.pipeline]
            self._leave(state)

    def describe(self, job: Job) -> JobState:
        """Take over what the tracker has learnt of a job."""
        self.changed.add(job.pipeline)
        self.unjudged.add(job.pipeline)
        state = self._states.get(job.pipeline)
        if state is None:
            counts = [0] * (len(self.buckets) + 1)
            self._number += 1
            state = JobState(job.pipeline, job.namespace, job.name, self._number, counts, mode=job.mode)
            self._states[job.pipeline] = state
            self.teams[state.team] += 1
        if (team := job.team or UNKNOWN_TEAM) != state.team:
            self._leave(state)
            self.teams[team] += 1
        state.team, state.integration = team, job.integration
        state.job_type, state.is_part, state.whole = job.job_type, job.is_part, job.whole
        state.streaming = job.streaming
        return state

    def _leave(self, state: JobState) -> None:
        """Its team has one job less; of teams without any nothing is kept."""
        self.teams[state.team] -= 1
        if not self.teams[state.team]:
            del self.teams[state.team]

    def apply(self, observation: Observation) -> None:
        """Take in one observation of the tracker."""
        state = self.describe(observation.job)
        match observation:
            case RunOpened():
                state.open[observation.run_id] = observation.time
            case RunStarted():
                state.started(observation.time, observation.scheduled)
            case RunUnsure():
                state.open.pop(observation.run_id, None)
            case RunEnded():
                state.ended(observation, self.buckets)
            case RunContradicted():
                state.contradicted += 1
            case RunForgotten():
                state.open.pop(observation.run_id, None)
                state.forgotten += 1
            case _:
                assert_never(observation)

    def status(
        self,
        limit: int,
        light_of: Callable[[JobState], int] = lambda _: 0,
        among: Iterable[JobState] | None = None,
    ) -> list[JobRow]:
        """Return rows for the page, at most `limit`, the worst first: by the light, then by the last state,
        then the newest; parts of other jobs last. Of all jobs, or only of those `among`.
        """
        jobs = self if among is None else among
        return [_row(state) for state in nsmallest(limit, jobs, lambda state: _rank(state, light_of(state)))]


def _rank(state: JobState, light: int) -> tuple[bool, int, int, float]:
    """Sort key: worst first (failed, aborted, nothing ended yet, succeeded), then newest."""
    newest = max(_or_never(state.last_start), _or_never(state.last_end))
    return state.is_part, -light, -badness(state.last_state), -newest


def _or_never(time: float | None) -> float:
    return -inf if time is None else time


def _row(state: JobState) -> JobRow:
    unfinished: Literal["running"] | None = "running" if state.in_progress else None
    return {
        "pipeline": state.pipeline,
        "namespace": state.namespace,
        "name": state.name,
        "team": state.team,
        "integration": state.integration,
        "last_state": state.last_state or unfinished,
        "in_progress": state.in_progress,
        "succeeded": state.runs["succeeded"],
        "failed": state.runs["failed"],
        "aborted": state.runs["aborted"],
        "last_start": _iso(state.last_start),
        "last_success": _iso(state.last_success),
        "last_failure": _iso(state.last_failure),
        "last_duration_seconds": state.last_duration,
    }


def _iso(time: float | None) -> str | None:
    if time is None:
        return None
    return datetime.fromtimestamp(time, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
