"""The source that owns the runs in progress: events in, observations for state out.

It reads no clock: every time is the event's own. Its memory is bounded by the three limits it is given.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from exporter.runs.event import UNKNOWN_INTEGRATION, Kind, RunEvent
from exporter.runs.observation import (
    FinalState,
    Job,
    Observation,
    RunEnded,
    RunForgotten,
    RunOpened,
    RunStarted,
)

_FINAL_STATES: dict[Kind, FinalState] = {"COMPLETE": "succeeded", "FAIL": "failed", "ABORT": "aborted"}


class TooManyJobsError(RuntimeError):
    """An event names a job that the tracker has no room for; nothing was changed by it."""


@dataclass(slots=True)
class _Run:
    pipeline: str
    started: float | None = None


class RunTracker:
    """Follows each run from its first event to its first terminal one, and tells what changed.

    - A run counts once, at its first terminal event; what repeats or contradicts that changes nothing.
    - Its start is the earliest START heard before the terminal event, in whatever order they came. A START
      heard after it is told as RunStarted, so that the job's last start is right, and does nothing more.
    - A terminal event before its START in time keeps its state and gives no duration: the clocks disagree.
    - START and RUNNING open a run. OTHER does nothing: it adds metadata to a run and is no transition.
    - A run belongs to the job that its first event names, should later ones name another.

    At most `max_open` runs are in progress: beyond it the run longest unheard of is forgotten, and its
    terminal event, if it still comes, gives a state without a duration. The last `max_finished` finished
    runs are remembered: a duplicate of an older one would count again. At most `max_jobs` jobs are known.
    """

    def __init__(self, *, max_open: int, max_finished: int, max_jobs: int) -> None:
        for name, limit in (("max_open", max_open), ("max_finished", max_finished), ("max_jobs", max_jobs)):
            if limit < 1:
                raise ValueError(f"{name}: expected at least 1, got {limit}")
        self._max_open, self._max_finished, self._max_jobs = max_open, max_finished, max_jobs
        self._open: dict[str, _Run] = {}
        self._finished: dict[str, _Run] = {}
        self._jobs: dict[str, Job] = {}

    def observe(self, event: RunEvent) -> list[Observation]:
        """Take one event; return what it changed, in order. Raises TooManyJobsError, with nothing changed."""
        if event.kind == "OTHER":
            return []
        if finished := self._finished.get(event.run_id):
            return list(_start(finished, self._learn(finished, event), event))
        run = self._open.get(event.run_id) or _Run(_pipeline(event))
        job = self._learn(run, event)
        if state := _FINAL_STATES.get(event.kind):
            return [self._end(run, job, state, event)]
        return [*self._keep_open(run, job, event), *_start(run, job, event)]

    def _end(self, run: _Run, job: Job, state: FinalState, event: RunEvent) -> RunEnded:
        was_open = self._open.pop(event.run_id, None) is not None
        self._finished[event.run_id] = run
        if len(self._finished) > self._max_finished:
            del self._finished[next(iter(self._finished))]
        return RunEnded(job, state, run.started, event.time, was_open)

    def _keep_open(self, run: _Run, job: Job, event: RunEvent) -> Iterator[Observation]:
        known = self._open.pop(event.run_id, None) is not None
        self._open[event.run_id] = run  # at the end: the first one is the longest unheard of
        if len(self._open) > self._max_open:
            forgotten = self._open.pop(next(iter(self._open)))
            yield RunForgotten(self._jobs[forgotten.pipeline])
        if not known:
            yield RunOpened(job)

    def _learn(self, run: _Run, event: RunEvent) -> Job:
        """Return the run's job with what this event adds to it: a team, an integration."""
        known = self._jobs.get(run.pipeline) or self._new_job(event)
        if run.pipeline != _pipeline(event):
            return known
        team, integration = event.team or known.team, event.integration
        if integration == UNKNOWN_INTEGRATION:
            integration = known.integration
        if (team, integration) == (known.team, known.integration):
            return known
        self._jobs[run.pipeline] = job = replace(known, team=team, integration=integration)
        return job

    def _new_job(self, event: RunEvent) -> Job:
        job = Job(_pipeline(event), event.namespace, event.name, event.team, event.integration)
        if len(self._jobs) >= self._max_jobs:
            raise TooManyJobsError(f"job: expected at most {self._max_jobs} jobs, got also {job.pipeline}")
        self._jobs[job.pipeline] = job
        return job


def _pipeline(event: RunEvent) -> str:
    return f"{event.namespace}/{event.name}"


def _start(run: _Run, job: Job, event: RunEvent) -> Iterator[RunStarted]:
    if event.kind != "START" or event.time == run.started:
        return
    if run.started is None or event.time < run.started:
        run.started = event.time
    yield RunStarted(job, event.time)
