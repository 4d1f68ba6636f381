"""The source that owns the runs in progress: events in, observations for state out.

It reads no clock: every time is the event's own. Its memory is bounded by the three limits it is given.
"""

from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence

import msgspec
from msgspec.structs import replace

from exporter.runs.event import UNKNOWN_INTEGRATION, Dataset, Kind, RunEvent
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

_FINAL_STATES: dict[Kind, FinalState] = {
    "COMPLETE": "succeeded",
    "FAIL": "failed",
    "ABORT": "aborted",
    "SKIP": "skipped",
}
# A statement of a dbt model is a part of a part: nobody looks for it by name.
STATEMENT = ("dbt", "sql")
# Of one run, however many events tell of it: a stream that writes a folder an hour has no end.
MOST_DATASETS = 1000
MOST_UNSURE = 10_000


class TooManyJobsError(RuntimeError):
    """An event names a job that the tracker has no room for; nothing was changed by it."""


class Run(msgspec.Struct, gc=False):
    """A run in progress, as its events have told it so far.

    `ended` while it is over and nobody has said yet whether it was skipped, `unsure` its parts of that kind.
    """

    pipeline: str
    number: int = 0
    started: float | None = None
    heard: float = 0.0
    ended: float | None = None
    unsure: list[str] = []
    rows: int | None = None
    bytes: int | None = None
    error: str | None = None
    inputs: tuple[Dataset, ...] = ()
    outputs: tuple[Dataset, ...] = ()


class Ended(msgspec.Struct, frozen=True, gc=False):
    """What is remembered of a run that has ended, so that it counts once."""

    pipeline: str
    number: int
    started: float | None
    state: FinalState
    contradicted: bool = False
    skipped: tuple[str, ...] = ()


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
    runs are remembered: a duplicate of an older one would count again. At most `max_jobs` jobs are known.

    `changed` collects the runs that a snapshot has to write anew and `learnt` the jobs that are described
    otherwise than before; whoever takes them clears them.
    """

    def __init__(self, *, max_open: int, max_finished: int, max_jobs: int, mode: Mode = "live") -> None:
        for name, limit in (("max_open", max_open), ("max_finished", max_finished), ("max_jobs", max_jobs)):
            if limit < 1:
                raise ValueError(f"{name}: expected at least 1, got {limit}")
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
        numbers = [run.number for run in in_progress.values()] + [run.number for run in finished.values()]
        self._number = max(numbers, default=0)

    def observe(self, event: RunEvent) -> list[Observation]:
        """Take one event; return what it changed, in order. Raises TooManyJobsError, with nothing changed."""
        if event.kind == "OTHER" or (event.integration, event.job_type) == STATEMENT:
            return []
        finished = self.finished.get(event.run_id)
        if finished and finished.state != "abandoned":
            return list(self._after_the_end(finished, event))
        run = self.open.get(event.run_id) or _begun(finished, event)
        job = self._learn(run.pipeline, event)
        self.changed.add(event.run_id)
        _add(run, event)
        if run.ended is not None:
            return list(self._after_an_unsure_end(run, job, event))
        if event.unsure and (whole := self._whole_in_progress(event)):
            return list(self._wait(run, job, event, whole))
        if state := _FINAL_STATES.get(event.kind):
            return list(self._end(run, job, self._surely(state, run, event), event))
        return [*self._keep_open(run, job, event), *_start(run, job, event)]

    def abandon(self, run_id: str, time: float) -> list[Observation]:
        """Give up a run that is in progress, at `time` (seconds since 1970 UTC)."""
        run = self.open.pop(run_id, None)
        if run is None:
            return []
        if run.ended is not None:
            return [self._settle(run_id, run)]
        self._end_as(run_id, run, "abandoned")
        settled = self._settle_parts(run)
        return [*settled, RunEnded(self.jobs[run.pipeline], run_id, "abandoned", None, time)]

    def drop(self, pipeline: str) -> None:
        """Forget a job and its runs: what would come of one of them later begins anew."""
        self.jobs.pop(pipeline, None)
        for runs in (self.open, self.finished):
            gone = [run_id for run_id, run in runs.items() if run.pipeline == pipeline]
            self.changed.update(gone)
            for run_id in gone:
                del runs[run_id]

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
        self.open.pop(event.run_id, None)
        if event.started is not None and (run.started is None or event.started < run.started):
            run.started = event.started
            yield RunStarted(job, event.started, event.scheduled)
        given_up = event.run_id in self.finished
        self._end_as(event.run_id, run, state, event.skipped)
        yield from self._settle_parts(run, event.skipped)
        yield _ended(job, event.run_id, run, state, event.time, given_up)

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
        self.open[event.run_id] = run
        run.number = run.number or self._next()
        yield RunUnsure(job, event.run_id, event.time, run.outputs)
        yield from self._make_room()

    def _after_an_unsure_end(self, run: Run, job: Job, event: RunEvent) -> Iterator[Observation]:
        """The first end counts here, too: one that says otherwise contradicts it."""
        yield from _start(run, job, event)
        if _FINAL_STATES.get(event.kind, "succeeded") != "succeeded":
            del self.open[event.run_id]
            yield self._settle(event.run_id, run)
            yield from self._after_the_end(self.finished[event.run_id], event)

    def _settle_parts(self, whole: Run, skipped: Sequence[str] = ()) -> list[RunEnded]:
        """The parts that have waited for this run's end."""
        found = [(run_id, self.open.pop(run_id, None)) for run_id in whole.unsure]
        return [self._settle(run_id, run, skipped) for run_id, run in found if run]

    def _settle(self, run_id: str, run: Run, skipped: Sequence[str] = ()) -> RunEnded:
        state: FinalState = "skipped" if run.pipeline in skipped else "succeeded"
        self._end_as(run_id, run, state)
        return _ended(self.jobs[run.pipeline], run_id, run, state, run.ended or run.heard)

    def _end_as(self, run_id: str, run: Run, state: FinalState, skipped: tuple[str, ...] = ()) -> None:
        known = self.finished.get(run_id)
        number = known.number if known else self._next()
        self._remember(run_id, Ended(run.pipeline, number, run.started, state, skipped=skipped))

    def _remember(self, run_id: str, ended: Ended) -> None:
        self.changed.add(run_id)
        self.finished[run_id] = ended
        if len(self.finished) > self._max_finished:
            oldest, _ = self.finished.popitem(last=False)
            self.changed.add(oldest)

    def _keep_open(self, run: Run, job: Job, event: RunEvent) -> Iterator[Observation]:
        if event.run_id in self.finished:
            return
        known = self.open.pop(event.run_id, None) is not None
        self.open[event.run_id] = run  # at the end: the first one is the longest unheard of
        run.number = self._next()
        yield from self._make_room()
        if not known:
            yield RunOpened(job, event.run_id, event.time)

    def _make_room(self) -> Iterator[Observation]:
        """Forget the run longest unheard of, when there is one too many."""
        if len(self.open) <= self._max_open:
            return
        oldest, run = self.open.popitem(last=False)
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
            self.jobs[pipeline] = job
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


def _begun(given_up: Ended | None, event: RunEvent) -> Run:
    """A run that is not in progress: a new one, or one that was given up and is not over after all."""
    return Run(given_up.pipeline, started=given_up.started) if given_up else Run(event.pipeline)


def _add(run: Run, event: RunEvent) -> None:
    """What the event says of the run beside its transition."""
    run.heard = max(run.heard, event.time)
    run.error = event.error or run.error
    run.rows = run.rows if event.rows is None else event.rows
    run.bytes = run.bytes if event.bytes is None else event.bytes
    run.inputs, run.outputs = _union(run.inputs, event.inputs), _union(run.outputs, event.outputs)


def _union(known: tuple[Dataset, ...], said: tuple[Dataset, ...]) -> tuple[Dataset, ...]:
    """Each dataset once. What the newer word leaves open, the older one still says."""
    if not said or (not known and len(said) == 1):
        return said or known
    merged = {one.name: one for one in known}
    for one in said:
        if one.name in merged:
            merged[one.name] = _merged(merged[one.name], one)
        elif len(merged) < MOST_DATASETS:
            merged[one.name] = one
    return tuple(merged.values())


def _merged(known: Dataset, said: Dataset) -> Dataset:
    return Dataset(
        name=known.name,
        rows=known.rows if said.rows is None else said.rows,
        bytes=known.bytes if said.bytes is None else said.bytes,
        updated=known.updated if said.updated is None else said.updated,
        stale_after=known.stale_after if said.stale_after is None else said.stale_after,
        columns=said.columns or known.columns,
        assertions=said.assertions or known.assertions,
    )


def _total(told: int | None, parts: Iterable[int | None]) -> int | None:
    """What was told of the whole, or the sum of the parts that are known; None when none is."""
    if told is not None:
        return told
    known = [part for part in parts if part is not None]
    return sum(known) if known else None


def _ended(
    job: Job, run_id: str, run: Run, state: FinalState, ended: float, given_up: bool = False
) -> RunEnded:
    return RunEnded(
        job=job,
        run_id=run_id,
        state=state,
        started=run.started,
        ended=ended,
        error=run.error,
        rows=_total(run.rows, (one.rows for one in run.outputs)),
        bytes=_total(run.bytes, (one.bytes for one in run.outputs)),
        inputs=run.inputs,
        outputs=run.outputs,
        given_up=given_up,
    )


def _start(run: Run, job: Job, event: RunEvent) -> Iterator[RunStarted]:
    if event.kind != "START" or event.time == run.started:
        return
    if run.started is None or event.time < run.started:
        run.started = event.time
    yield RunStarted(job, event.time, event.scheduled)
