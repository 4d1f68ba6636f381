"""A run and a dataset as plain JSON: for whatever does not speak OpenLineage."""

from collections.abc import Callable
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from exporter.decoding import InvalidBodyError, label_of, name_at, parse, seconds_at, shown, time_at
from exporter.runs.event import PLAIN, Dataset, DatasetEvent, Kind, RunEvent
from exporter.runs.reasons import reason

State = Literal["running", "succeeded", "failed", "aborted", "skipped"]
KINDS: dict[State, Kind] = {
    "running": "START",
    "succeeded": "COMPLETE",
    "failed": "FAIL",
    "aborted": "ABORT",
    "skipped": "SKIP",
}
MOST_DATASETS = 200
LONGEST = 10 * 366 * 86400
# So far a sender's clock may be ahead of ours; of a run that ended before it started no duration is known.
CLOCKS_APART = 300

Count = Annotated[int, Meta(ge=0, lt=1 << 53)]
Seconds = Annotated[float, Meta(ge=0, le=LONGEST)]


class PlainDataset(msgspec.Struct, forbid_unknown_fields=True):
    """A dataset in a run."""

    name: str
    updated: str | None = None
    rows: Count | None = None
    bytes: Count | None = None
    stale_after_seconds: Seconds | None = None


class PlainWhole(msgspec.Struct, forbid_unknown_fields=True):
    """The run that another one is a part of."""

    pipeline: str
    run_id: str


class PlainRun(msgspec.Struct, forbid_unknown_fields=True):
    """A run; what is absent is unknown."""

    pipeline: str
    state: State
    run_id: str | None = None
    team: str | None = None
    kind: str | None = None
    part_of: PlainWhole | None = None
    started: str | None = None
    ended: str | None = None
    duration_seconds: Seconds | None = None
    scheduled: str | None = None
    rows: Count | None = None
    bytes: Count | None = None
    inputs: list[str | PlainDataset] = []
    outputs: list[str | PlainDataset] = []
    error: str | None = None


class PlainDatasetEvent(msgspec.Struct, forbid_unknown_fields=True):
    """A dataset by itself."""

    dataset: str
    team: str | None = None
    updated: str | None = None
    rows: Count | None = None
    bytes: Count | None = None
    stale_after_seconds: Seconds | None = None


_RUN = msgspec.json.Decoder(PlainRun)
_DATASET = msgspec.json.Decoder(PlainDatasetEvent)


def decode_run(body: bytes, now: float, new_id: Callable[[], str]) -> RunEvent:
    """Decode a run. `now` (seconds since 1970 UTC) is when it was sent; a run without an id gets a `new_id`.

    Raises InvalidBodyError, also for an end before the start and for a start, end and duration that disagree.
    """
    run = parse(_RUN, body)
    started, ended = _times(run, now)
    running = run.state == "running"
    return RunEvent(
        run_id=_own_id(run.pipeline, new_id() if run.run_id is None else name_at("run_id", run.run_id)),
        namespace="",
        name=name_at("pipeline", run.pipeline),
        kind=KINDS[run.state],
        time=started if running and started is not None else ended,
        team=_label("team", run.team),
        integration=PLAIN,
        job_type=_label("kind", run.kind) or "",
        part_of=_whole(run.part_of),
        started=None if running else started,
        scheduled=_time("scheduled", run.scheduled),
        error=reason(run.error) if run.error else None,
        rows=run.rows,
        bytes=run.bytes,
        inputs=_datasets("inputs", run.inputs),
        outputs=_datasets("outputs", run.outputs),
    )


def decode_dataset(body: bytes, now: float) -> DatasetEvent:
    """Decode what is said of a dataset at `now`, in seconds since 1970 UTC. Raises InvalidBodyError."""
    said = parse(_DATASET, body)
    dataset = Dataset(
        name=name_at("dataset", said.dataset),
        rows=said.rows,
        bytes=said.bytes,
        updated=_time("updated", said.updated),
        stale_after=said.stale_after_seconds,
    )
    return DatasetEvent(dataset, now, _label("team", said.team))


def _own_id(pipeline: str, run_id: str) -> str:
    """Dates are popular as ids: one pipeline's is not another's."""
    return f"{pipeline}:{run_id}"


def _whole(said: PlainWhole | None) -> str | None:
    if said is None:
        return None
    return _own_id(name_at("part_of.pipeline", said.pipeline), name_at("part_of.run_id", said.run_id))


def _times(run: PlainRun, now: float) -> tuple[float | None, float]:
    """When it started, if that is known, and when it ended or was heard of."""
    started, ended = _time("started", run.started), _time("ended", run.ended)
    if run.state == "running":
        if ended is not None or run.duration_seconds is not None:
            raise InvalidBodyError("state: expected a final state where there is an end, got running")
        return started, now
    seconds = run.duration_seconds
    if seconds is not None and started is not None and ended is not None:
        raise InvalidBodyError("duration_seconds: expected it instead of started or of ended, got all three")
    if seconds is not None and started is not None:
        return started, seconds_at("started", started + seconds, run.started)
    ended = now if ended is None else ended
    if seconds is not None:
        started = seconds_at("ended", ended - seconds, run.ended)
    patience = CLOCKS_APART if run.ended is None else 0
    if started is not None and started > ended + patience:
        raise InvalidBodyError(f"ended: expected a time after started, got {shown(run.ended)}")
    return started, ended


def _time(place: str, text: str | None) -> float | None:
    return None if text is None else time_at(place, text)


def _label(place: str, text: str | None) -> str | None:
    if text is None:
        return None
    if (label := label_of(text)) is None:
        raise InvalidBodyError(f"{place}: expected a name without control characters, got {shown(text)}")
    return label


def _datasets(place: str, listed: list[str | PlainDataset]) -> tuple[Dataset, ...]:
    if len(listed) > MOST_DATASETS:
        raise InvalidBodyError(f"{place}: expected at most {MOST_DATASETS}, got {len(listed)}")
    return tuple(_dataset(f"{place}[{number}]", one) for number, one in enumerate(listed))


def _dataset(place: str, said: str | PlainDataset) -> Dataset:
    if isinstance(said, str):
        return Dataset(name_at(place, said))
    return Dataset(
        name=name_at(f"{place}.name", said.name),
        rows=said.rows,
        bytes=said.bytes,
        updated=_time(f"{place}.updated", said.updated),
        stale_after=said.stale_after_seconds,
    )
