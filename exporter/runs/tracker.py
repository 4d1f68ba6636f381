"""The source that owns the runs in progress: events in, observations for state out.

It reads no clock: every time is the event's own. Its memory is bounded by the three limits it is given.
"""

from collections import OrderedDict
from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from exporter.runs.event import UNKNOWN_INTEGRATION, Kind, RunEvent
from exporter.runs.observation import (
    FinalState,
    Job,
    Mode,
    Observation,
    RunContradicted,
    RunEnded,
    RunForgotten,
    RunOpened,
    RunStarted,
    RunUnsure,
)
from exporter.runs.refusals import NotYoursError, TeamShareError, TooManyJobsError
from exporter.runs.run import Ended, Run, add, begun, ended, start
from exporter.runs.shares import Shares

_FINAL_STATES: dict[Kind, FinalState] = {
    "COMPLETE": "succeeded",
    "FAIL": "failed",
    "ABORT": "aborted",
    "SKIP": "skipped",
}
# A statement of a dbt model is a part of a part: nobody looks for it by name.
STATEMENT = ("dbt", "sql")
MOST_UNSURE = 10_000


class RunTracker:
    """Follows each run from its first event to its first terminal one, and tells what changed.

    - A run counts once, at its first terminal event; what repeats that changes nothing, what contradicts it
      is told once and changes nothing.
    - Its start is the earliest START heard before the terminal event, in whatever order they came. A START
      heard after it is told as RunStarted, so that the job's last start is right, and does nothing more.
    - A terminal event before its START in time keeps its state and gives no duration: the clocks disagree.
    - START and RUNNING open a run. OTHER does nothing: it adds metadata to a run and is no transition.
    - A run belongs to the job that its first event names, should later ones name another.
    - Its inputs and outputs are those of all its events, the first `MOST_DATASETS` of each; of what several
      say the last word counts.
    - A run given up (`abandon`) is counted as that; its terminal event, if it still comes, counts, too, and
      is told as the truth about it (`given_up`).
    - A part that is said to be complete and may have been skipped is told as RunUnsure; it ends when the run
      of which it is a part does, or is given up. Where that run is not in progress it ends at once.
    - dbt's single statements are folded into the model that they belong to: nothing is told of them.

    At most `max_open` runs are in progress: beyond it the run longest unheard of is forgotten, and its
    terminal event, if it still comes, gives a state without a duration. The last `max_finished` finished
    runs are remembered: a duplicate of an older one would count again. At most `max_jobs` jobs are known. Of
    each of these, the token of one team may use up a `share`; beyond it the team forgets its own runs.

    `changed` collects the runs that a snapshot has to write anew and `learnt` the jobs that are described
    otherwise than before; whoever takes them clears them.
    """

    def __init__(
        self, *, max_open: int, max_finished: int, max_jobs: int, share: float = 1.0, mode: Mode = "live"
    ) -> None:
        limits = {"max_open": max_open, "max_finished": max_finished, "max_jobs": max_jobs}
        for name, limit in limits.items():
            if limit < 1:
                raise ValueError(f"{name}: expected at least 1, got {limit}")
        self._open_of, self._finished_of, self._jobs_of = (
            Shares(max(1, int(share * limit))) for limit in limits.values()
        )
        self._max_open, self._max_finished, self._max_jobs = max_open, max_finished, max_jobs
        self.mode = mode
        # Ordered ones: in a plain dict, finding the first of what is left takes ever longer.
        self.open: OrderedDict[str, Run] = OrderedDict()
        self.finished: OrderedDict[str, Ended] = OrderedDict()
        self.jobs: dict[str, Job] = {}
        self.changed: set[str] = set()
        self.learnt: list[Job] = []
        self._number = 0

    def restore(self, in_progress: dict[str, Run], finished: dict[str, Ended]) -> None:
        """Take over runs as a snapshot has them, in the order of their numbers."""
        self.open, self.finished = OrderedDict(in_progress), OrderedDict(finished)
        for run_id, run in in_progress.items():
            self._open_of.add(run.by, run_id)
        for run_id, over in finished.items():
            self._finished_of.add(over.by, run_id)
        numbers = [run.number for run in in_progress.values()] + [run.number for run in finished.values()]
        self._number = max(numbers, default=0)

    def observe(self, event: RunEvent) -> list[Observation]:
        """Take one event; return what it changed, in order. Raises RefusedError, with nothing changed."""
        self.require_own(event)
        if event.kind == "OTHER" or (event.integration, event.job_type) == STATEMENT:
            return []
        finished = self.finished.get(event.run_id)
        if finished and finished.state != "abandoned":
            return list(self._after_the_end(finished, event))
        run = self.open.get(event.run_id) or begun(finished, event)
        job = self._learn(run.pipeline, event)
        self.changed.add(event.run_id)
        add(run, event)
        if run.ended is not None:
            return list(self._after_an_unsure_end(run, job, event))
        if event.unsure and (whole := self._whole_in_progress(event)):
            return list(self._wait(run, job, event, whole))
        if state := _FINAL_STATES.get(event.kind):
            return list(self._end(run, job, self._surely(state, run, event), event))
        return [*self._keep_open(run, job, event), *start(run, job, event)]

    def abandon(self, run_id: str, time: float) -> list[Observation]:
        """Give up a run that is in progress, at `time` (seconds since 1970 UTC)."""
        run = self._close(run_id)
        if run is None:
            return []
        if run.ended is not None:
            return [self._settle(run_id, run)]
        self._end_as(run_id, run, "abandoned")
        settled = self._settle_parts(run)
        return [*settled, RunEnded(self.jobs[run.pipeline], run_id, "abandoned", None, time, by=run.by)]

    def drop(self, pipeline: str) -> None:
        """Forget a job and its runs: what would come of one of them later begins anew."""
        if job := self.jobs.pop(pipeline, None):
            self._jobs_of.remove(job.team, pipeline)
        for run_id in [run_id for run_id, run in self.open.items() if run.pipeline == pipeline]:
            self.changed.add(run_id)
            self._close(run_id)
        for run_id in [run_id for run_id, run in self.finished.items() if run.pipeline == pipeline]:
            self._forget(run_id)

    def know(self, job: Job) -> None:
        """Take over what a job is like now."""
        if (known := self.jobs.get(job.pipeline)) and known.team != job.team:
            self._jobs_of.remove(known.team, job.pipeline)
        self._jobs_of.add(job.team, job.pipeline)
        self.jobs[job.pipeline] = job

    def require_own(self, event: RunEvent) -> None:
        """Raise NotYoursError for a team's token that tells of another's pipeline, or of another's run."""
        if event.by is None:
            return
        run = self.open.get(event.run_id) or self.finished.get(event.run_id)
        for name in (event.pipeline, run.pipeline if run else event.pipeline):
            if (job := self.jobs.get(name)) and job.team != event.by:
                expected = f"pipeline: expected one of {event.by}"
                raise NotYoursError(f"{expected}, got {name}, which is another's")

    def _close(self, run_id: str) -> Run | None:
        """Take a run from those in progress."""
        if run := self.open.pop(run_id, None):
            self._open_of.remove(run.by, run_id)
        return run

    def _forget(self, run_id: str) -> None:
        """Remember a run that is over no longer."""
        self.changed.add(run_id)
        self._finished_of.remove(self.finished.pop(run_id).by, run_id)

    def _after_the_end(self, finished: Ended, event: RunEvent) -> Iterator[Observation]:
        job = self._learn(finished.pipeline, event)
        if event.kind == "START" and event.time != finished.started:
            if finished.started is None or event.time < finished.started:
                self._remember(event.run_id, replace(finished, started=event.time))
            yield RunStarted(job, event.time, event.scheduled)
        if not finished.contradicted and _FINAL_STATES.get(event.kind, finished.state) != finished.state:
            self._remember(event.run_id, replace(finished, contradicted=True))
            yield RunContradicted(job)

    def _end(self, run: Run, job: Job, state: FinalState, event: RunEvent) -> Iterator[Observation]:
        self._close(event.run_id)
        if event.started is not None and (run.started is None or event.started < run.started):
            run.started = event.started
            yield RunStarted(job, event.started, event.scheduled)
        given_up = event.run_id in self.finished
        self._end_as(event.run_id, run, state, event.skipped)
        yield from self._settle_parts(run, event.skipped)
        yield ended(job, event.run_id, run, state, event.time, given_up)

    def _surely(self, state: FinalState, run: Run, event: RunEvent) -> FinalState:
        """The state of a run that ends now; what it is a part of may have ended before."""
        whole = self.finished.get(event.part_of or "")
        return "skipped" if event.unsure and whole and run.pipeline in whole.skipped else state

    def _whole_in_progress(self, event: RunEvent) -> Run | None:
        run = self.open.get(event.part_of or "")
        waits = run and run.ended is None and len(run.unsure) < MOST_UNSURE
        return run if waits and event.part_of != event.run_id else None

    def _wait(self, run: Run, job: Job, event: RunEvent, whole: Run) -> Iterator[Observation]:
        """Nobody knows yet whether it was skipped."""
        run.ended = event.time
        whole.unsure.append(event.run_id)
        self.changed.add(event.part_of or "")
        too_many = None if event.run_id in self.open else self._open_of.add(run.by, event.run_id)
        self.open[event.run_id] = run
        run.number = run.number or self._next()
        yield RunUnsure(job, event.run_id, event.time, run.outputs, run.by)
        yield from self._make_room(too_many)

    def _after_an_unsure_end(self, run: Run, job: Job, event: RunEvent) -> Iterator[Observation]:
        """The first end counts here, too: one that says otherwise contradicts it."""
        yield from start(run, job, event)
        if _FINAL_STATES.get(event.kind, "succeeded") != "succeeded":
            self._close(event.run_id)
            yield self._settle(event.run_id, run)
            yield from self._after_the_end(self.finished[event.run_id], event)

    def _settle_parts(self, whole: Run, skipped: Sequence[str] = ()) -> list[RunEnded]:
        """The parts that have waited for this run's end."""
        found = [(run_id, self._close(run_id)) for run_id in whole.unsure]
        return [self._settle(run_id, run, skipped) for run_id, run in found if run]

    def _settle(self, run_id: str, run: Run, skipped: Sequence[str] = ()) -> RunEnded:
        state: FinalState = "skipped" if run.pipeline in skipped else "succeeded"
        self._end_as(run_id, run, state)
        return ended(self.jobs[run.pipeline], run_id, run, state, run.ended or run.heard)

    def _end_as(self, run_id: str, run: Run, state: FinalState, skipped: tuple[str, ...] = ()) -> None:
        known = self.finished.get(run_id)
        number = known.number if known else self._next()
        self._remember(run_id, Ended(run.pipeline, number, run.started, state, skipped=skipped, by=run.by))

    def _remember(self, run_id: str, over: Ended) -> None:
        """One of its team goes where that has too many, else the oldest of all."""
        too_many = None if run_id in self.finished else self._finished_of.add(over.by, run_id)
        self.changed.add(run_id)
        self.finished[run_id] = over
        if too_many:
            self._forget(too_many)
        elif len(self.finished) > self._max_finished:
            self._forget(next(iter(self.finished)))

    def _keep_open(self, run: Run, job: Job, event: RunEvent) -> Iterator[Observation]:
        if event.run_id in self.finished:
            return
        known = event.run_id in self.open
        self.open[event.run_id] = run
        self.open.move_to_end(event.run_id)  # the first one is the longest unheard of
        run.number = self._next()
        yield from self._make_room(self._open_of.add(run.by, event.run_id))
        if not known:
            yield RunOpened(job, event.run_id, event.time)

    def _make_room(self, of_its_team: str | None) -> Iterator[Observation]:
        """Forget the run longest unheard of when there is one too many, of a team or of all."""
        one_of_all = next(iter(self.open)) if len(self.open) > self._max_open else None
        if (oldest := of_its_team or one_of_all) is None or (run := self._close(oldest)) is None:
            return
        self.changed.add(oldest)
        yield from self._settle_parts(run)
        if run.ended is None:
            yield RunForgotten(self.jobs[run.pipeline], oldest)
        else:
            yield self._settle(oldest, run)

    def _learn(self, pipeline: str, event: RunEvent) -> Job:
        """Return the run's job with what this event adds to it: a team, an integration, a kind."""
        known = self.jobs.get(pipeline) or self._new_job(event)
        if pipeline != event.pipeline:
            return known
        job = _with(known, event, self._whole(pipeline, event))
        if job != known:
            self.know(job)
            self.learnt.append(job)
            return job
        return known

    def _whole(self, pipeline: str, event: RunEvent) -> str | None:
        """The pipeline of the run of which this one is a part; None when it is not known."""
        if (run_id := event.part_of) is None:
            return None
        run = self.open.get(run_id) or self.finished.get(run_id)
        return run.pipeline if run and run.pipeline != pipeline else None

    def _next(self) -> int:
        self._number += 1
        return self._number

    def _new_job(self, event: RunEvent) -> Job:
        if len(self.jobs) >= self._max_jobs:
            raise TooManyJobsError(f"job: expected at most {self._max_jobs} jobs, got also {event.pipeline}")
        if self._jobs_of.is_full(event.by):
            expected = f"job: expected at most {self._jobs_of.most} jobs of {event.by}"
            raise TeamShareError(f"{expected}, got also {event.pipeline}")
        self.jobs[event.pipeline] = job = Job(event.pipeline, event.namespace, event.name, mode=self.mode)
        return job


def _with(job: Job, event: RunEvent, whole: str | None) -> Job:
    """The job with what the event says of it, and the pipeline that it is a part of."""
    said = event.integration != UNKNOWN_INTEGRATION
    return replace(
        job,
        team=event.team or job.team,
        integration=event.integration if said else job.integration,
        job_type=event.job_type or job.job_type,
        is_part=job.is_part or event.part_of is not None,
        whole=whole or job.whole,
        streaming=job.streaming or event.streaming,
    )
