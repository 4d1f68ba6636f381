"""A run as its events have told it, and what is remembered of it when it is over."""

from collections.abc import Iterable, Iterator

import msgspec

from exporter.runs.event import Dataset, RunEvent
from exporter.runs.observation import FinalState, Job, RunEnded, RunStarted

# Of one run, however many events tell of it: a stream that writes a folder an hour has no end.
MOST_DATASETS = 1000


class Run(msgspec.Struct, gc=False):
    """A run in progress, as its events have told it so far.

    `ended` while it is over and nobody has said yet whether it was skipped, `unsure` its parts of that kind.
    `by`: the team whose token told of it first.
    """

    pipeline: str
    number: int = 0
    by: str | None = None
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
    by: str | None = None


def begun(given_up: Ended | None, event: RunEvent) -> Run:
    """A run that is not in progress: a new one, or one that was given up and is not over after all."""
    if given_up is None:
        return Run(event.pipeline, by=event.by)
    return Run(given_up.pipeline, by=given_up.by, started=given_up.started)


def add(run: Run, event: RunEvent) -> None:
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
        nulls=said.nulls or known.nulls,
        assertions=said.assertions or known.assertions,
    )


def _total(told: int | None, parts: Iterable[int | None]) -> int | None:
    """What was told of the whole, or the sum of the parts that are known; None when none is."""
    if told is not None:
        return told
    known = [part for part in parts if part is not None]
    return sum(known) if known else None


def ended(
    job: Job, run_id: str, run: Run, state: FinalState, time: float, given_up: bool = False
) -> RunEnded:
    """What is told of a run that is over."""
    return RunEnded(
        job=job,
        run_id=run_id,
        state=state,
        started=run.started,
        ended=time,
        error=run.error,
        rows=_total(run.rows, (one.rows for one in run.outputs)),
        bytes=_total(run.bytes, (one.bytes for one in run.outputs)),
        inputs=run.inputs,
        outputs=run.outputs,
        given_up=given_up,
        by=run.by,
    )


def start(run: Run, job: Job, event: RunEvent) -> Iterator[RunStarted]:
    """What is told of a START: the earliest one counts."""
    if event.kind != "START" or event.time == run.started:
        return
    if run.started is None or event.time < run.started:
        run.started = event.time
    yield RunStarted(job, event.time, event.scheduled)
