"""State of real jobs: observations of their runs become counters, histograms and last values, a job each."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from heapq import nsmallest
from itertools import pairwise
from math import inf, isfinite
from typing import Literal, TypedDict, assert_never

from exporter.runs.event import UNKNOWN_INTEGRATION
from exporter.runs.observation import (
    FinalState,
    Job,
    Observation,
    RunEnded,
    RunForgotten,
    RunOpened,
    RunStarted,
)

UNKNOWN_TEAM = "unknown"
MINUTE, HOUR = 60.0, 3600.0
# Upper bounds of run durations, in seconds: from a small model to a day's batch.
DEFAULT_BUCKETS = (
    *(1.0, 5.0, 15.0),
    *(MINUTE, 5 * MINUTE, 15 * MINUTE, 30 * MINUTE),
    *(HOUR, 2 * HOUR, 4 * HOUR, 8 * HOUR, 24 * HOUR),
)

_BADNESS: dict[FinalState | None, int] = {"succeeded": 0, None: 1, "aborted": 2, "failed": 3}


@dataclass(slots=True)
class JobState:
    """What is known of one job. Times are event times in seconds since 1970 UTC, None until it happened.

    `last_state` and `last_duration` are those of the run that ended last by its event time; of two at the
    same time the worse one, so that the order of arrival decides nothing. `duration_counts` has a count for
    each bucket alone (not cumulative) and one more for what is longer than the last bound.
    """

    pipeline: str
    namespace: str
    name: str
    runs: dict[FinalState, int]
    duration_counts: list[int]
    team: str = UNKNOWN_TEAM
    integration: str = UNKNOWN_INTEGRATION
    duration_sum: float = 0.0
    in_progress: int = 0
    forgotten: int = 0
    failures_in_a_row: int = 0
    last_start: float | None = None
    last_success: float | None = None
    last_failure: float | None = None
    last_end: float | None = None
    last_state: FinalState | None = None
    last_duration: float | None = None


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

    `buckets` are the upper bounds of the duration histogram in seconds, rising, without the infinite one.
    Raises ValueError for others. Who may become a job is the tracker's decision, and so is how many.
    """

    def __init__(self, buckets: Sequence[float] = DEFAULT_BUCKETS) -> None:
        rising = all(low < high for low, high in pairwise(buckets))
        if not buckets or not rising or not (buckets[0] > 0 and isfinite(buckets[-1])):
            raise ValueError(f"buckets: expected rising, finite seconds above 0, got {list(buckets)}")
        self.buckets = tuple(buckets)
        self._states: dict[str, JobState] = {}

    def __len__(self) -> int:
        return len(self._states)

    def __iter__(self) -> Iterator[JobState]:
        return iter(self._states.values())

    def __getitem__(self, pipeline: str) -> JobState:
        return self._states[pipeline]

    def apply(self, observation: Observation) -> None:
        """Take in one observation of the tracker."""
        state = self._state_of(observation.job)
        match observation:
            case RunOpened():
                state.in_progress += 1
            case RunStarted(time=time):
                state.last_start = _later(state.last_start, time)
            case RunEnded():
                self._count(state, observation)
            case RunForgotten():
                state.in_progress -= 1
                state.forgotten += 1
            case _:
                assert_never(observation)

    def status(self, limit: int) -> list[JobRow]:
        """Return rows for the page, at most `limit`: worst last state first, and within it the newest."""
        return [_row(state) for state in nsmallest(limit, self, key=_rank)]

    def _state_of(self, job: Job) -> JobState:
        state = self._states.get(job.pipeline)
        if state is None:
            runs: dict[FinalState, int] = {"succeeded": 0, "failed": 0, "aborted": 0}
            state = JobState(job.pipeline, job.namespace, job.name, runs, [0] * (len(self.buckets) + 1))
            self._states[job.pipeline] = state
        state.team, state.integration = job.team or UNKNOWN_TEAM, job.integration
        return state

    def _count(self, state: JobState, run: RunEnded) -> None:
        state.runs[run.state] += 1
        state.in_progress -= run.was_open
        if (seconds := run.duration) is not None:
            state.duration_counts[bisect_left(self.buckets, seconds)] += 1
            state.duration_sum += seconds
        _remember(state, run)


def _remember(state: JobState, run: RunEnded) -> None:
    if run.state == "succeeded":
        state.last_success = _later(state.last_success, run.ended)
    if run.state == "failed":
        state.last_failure = _later(state.last_failure, run.ended)
    if _supersedes(state, run):
        if run.state != "aborted":
            state.failures_in_a_row = state.failures_in_a_row + 1 if run.state == "failed" else 0
        state.last_end, state.last_state, state.last_duration = run.ended, run.state, run.duration


def _supersedes(state: JobState, run: RunEnded) -> bool:
    if state.last_end is None:
        return True
    return (run.ended, _BADNESS[run.state]) > (state.last_end, _BADNESS[state.last_state])


def _later(known: float | None, time: float) -> float:
    return time if known is None else max(known, time)


def _rank(state: JobState) -> tuple[int, float]:
    """Sort key: worst first (failed, aborted, nothing ended yet, succeeded), then newest."""
    newest = max(_or_never(state.last_start), _or_never(state.last_end))
    return -_BADNESS[state.last_state], -newest


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
