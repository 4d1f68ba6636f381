"""An event as OpenLineage sends it: bytes in, a checked event out. A real run enters here.

The format is specification 2-0-2 (https://openlineage.io/spec/2-0-2/OpenLineage.json). Of it only what is
judged is read; unknown fields and facets are skipped without being built.
"""

from typing import Any, get_args

import msgspec

from exporter.decoding import InvalidBodyError, label_of, name_at, parse, shown, time_at
from exporter.runs.airflow import AirflowRun, AirflowState, may_be_skipped, skipped
from exporter.runs.event import UNKNOWN_INTEGRATION, Dataset, DatasetEvent, Kind, RunEvent
from exporter.runs.forgiving import forgiving
from exporter.runs.lineage_datasets import LineageDataset, dataset, datasets
from exporter.runs.reasons import reason

_KINDS: dict[str, Kind] = {kind: kind for kind in get_args(Kind) if kind != "SKIP"}


class _Owner(msgspec.Struct):
    name: Any = None


class _Ownership(msgspec.Struct):
    owners: list[_Owner] | None = None


class _Tag(msgspec.Struct):
    key: Any = None
    value: Any = None


class _Tags(msgspec.Struct):
    tags: list[_Tag] | None = None


class _JobType(msgspec.Struct, rename="camel"):
    integration: Any = None
    job_type: Any = None
    processing_type: Any = None


class _JobFacets(msgspec.Struct, rename="camel"):
    ownership: _Ownership | None = None
    job_type: _JobType | None = None
    tags: _Tags | None = None


class _ParentRun(msgspec.Struct, rename="camel"):
    run_id: Any = None


class _Parent(msgspec.Struct):
    run: _ParentRun | None = None


class _ErrorMessage(msgspec.Struct):
    message: Any = None


class _NominalTime(msgspec.Struct, rename="camel"):
    nominal_start_time: Any = None


class _RunFacets(msgspec.Struct, rename="camel"):
    parent: _Parent | None = None
    error_message: _ErrorMessage | None = None
    nominal_time: _NominalTime | None = None
    airflow: AirflowRun | None = None
    airflow_state: AirflowState | None = None


class _Job(msgspec.Struct):
    namespace: Any = msgspec.UNSET
    name: Any = msgspec.UNSET
    facets: _JobFacets | None = None


class _Run(msgspec.Struct, rename="camel"):
    run_id: Any = msgspec.UNSET
    facets: _RunFacets | None = None


class LineageEvent(msgspec.Struct, rename="camel"):
    """An event of any kind, as much of it as is read."""

    event_type: Any = None
    event_time: Any = msgspec.UNSET
    run: _Run | msgspec.UnsetType | None = msgspec.UNSET
    job: _Job | msgspec.UnsetType | None = msgspec.UNSET
    dataset: Any = msgspec.UNSET
    inputs: list[LineageDataset] | None = None
    outputs: list[LineageDataset] | None = None


class _Any(msgspec.Struct):
    """Any object."""


class _Described(msgspec.Struct, rename="camel"):
    run_id: Any = None
    namespace: Any = None
    name: Any = None
    facets: _Any | None = None


class _Outline(msgspec.Struct, rename="camel"):
    """What must have its shape, or the event is refused."""

    event_type: Any = None
    event_time: Any = None
    run: _Described | msgspec.UnsetType | None = msgspec.UNSET
    job: _Described | msgspec.UnsetType | None = msgspec.UNSET
    inputs: Any = None
    outputs: Any = None


_DECODER = msgspec.json.Decoder(LineageEvent)
_OUTLINE = msgspec.json.Decoder(_Outline)
_CONTENT = msgspec.json.Decoder(Any)
_NO_JOB_FACETS, _NO_RUN_FACETS = _JobFacets(), _RunFacets()
_EVENTS = msgspec.json.Decoder(list[msgspec.Raw])


def decode_batch(body: bytes) -> list[msgspec.Raw]:
    """The events of a JSON array, each still as text. Raises InvalidBodyError."""
    return parse(_EVENTS, body)


def decode_any(body: bytes) -> RunEvent | DatasetEvent | None:
    """Decode one event of any kind; None for one that says nothing of a run or a dataset, as a job event.

    Raises InvalidBodyError, and nothing else, for whatever bytes come. Refused: a run without a `run.runId`,
    a `job.namespace`, a `job.name` and an `eventTime` with offset. The specification wants a UUID as `runId`;
    here any name will do. No `eventType` means OTHER: the specification leaves it open. A facet of the wrong
    shape is no error, it just says nothing.
    """
    event = _read(body)
    if isinstance(event.run, _Run):
        return _run_event(event, event.run)
    if event.dataset is not msgspec.UNSET:
        return DatasetEvent(_dataset(event.dataset), time_at("eventTime", event.event_time))
    if event.run is msgspec.UNSET and isinstance(event.job, _Job):
        name_at("job.namespace", event.job.namespace)
        name_at("job.name", event.job.name)
        time_at("eventTime", event.event_time)
        return None
    raise InvalidBodyError(f"run: expected an object, got {shown(event.run)}")


def _read(body: bytes) -> LineageEvent:
    """The event in one pass, as almost all are shaped; else once more, to say what is wrong or to skip it."""
    try:
        return _DECODER.decode(body)
    except (ValueError, RecursionError):
        outline = parse(_OUTLINE, body)
    for place, listed in (("inputs", outline.inputs), ("outputs", outline.outputs)):
        if not isinstance(listed, list | None):
            raise InvalidBodyError(f"{place}: expected an array, got {shown(listed)}")
    event: LineageEvent = forgiving(LineageEvent, parse(_CONTENT, body))
    return event


def _run_event(event: LineageEvent, run: _Run) -> RunEvent:
    if not isinstance(event.job, _Job):
        raise InvalidBodyError(f"job: expected an object, got {shown(event.job)}")
    about, facets = event.job.facets or _NO_JOB_FACETS, run.facets or _NO_RUN_FACETS
    integration, job_type, streaming = _type(about.job_type)
    run_id = name_at("run.runId", run.run_id).lower()
    namespace, name = name_at("job.namespace", event.job.namespace), name_at("job.name", event.job.name)
    kind = _kind(event.event_type)
    return RunEvent(
        run_id=run_id,
        namespace=namespace,
        name=name,
        kind=kind,
        time=time_at("eventTime", event.event_time),
        team=_team(about.ownership, about.tags),
        integration=integration,
        job_type=job_type,
        part_of=_parent(facets.parent),
        streaming=streaming,
        unsure=kind == "COMPLETE" and may_be_skipped(integration, job_type, facets.airflow),
        skipped=tuple(skipped(f"{namespace}/{name}", facets.airflow_state)),
        scheduled=_scheduled(facets.nominal_time),
        error=_error(facets.error_message),
        inputs=datasets(event.inputs),
        outputs=datasets(event.outputs),
    )


def _dataset(content: object) -> Dataset:
    said = forgiving(LineageDataset, content)
    if said and (found := dataset(said)):
        return found
    raise InvalidBodyError(f"dataset: expected an object with namespace and name, got {shown(content)}")


def _kind(value: object) -> Kind:
    if value is None:
        return "OTHER"
    if isinstance(value, str) and value in _KINDS:
        return _KINDS[value]
    raise InvalidBodyError(f"eventType: expected one of {', '.join(_KINDS)}, got {shown(value)}")


def _team(ownership: _Ownership | None, tags: _Tags | None) -> str | None:
    """A tag `team`, or the first owner: a bare name (Airflow), or `team:data` as the specification has it."""
    for tag in (tags and tags.tags) or ():
        if isinstance(tag.value, str) and (tag.key == "team" or _is_word(tag)):
            return label_of(tag.value.removeprefix("team:"))
    for owner in (ownership and ownership.owners) or ():
        return label_of(owner.name.removeprefix("team:")) if isinstance(owner.name, str) else None
    return None


def _is_word(tag: _Tag) -> bool:
    """A tag without a value, as Airflow's: sent as both key and value."""
    return isinstance(tag.key, str) and tag.key.startswith("team:") and tag.key == tag.value


def _type(said: _JobType | None) -> tuple[str, str, bool]:
    """Who sent it, what it calls the job, and whether that has no end."""
    if said is None or not isinstance(said.integration, str):
        return UNKNOWN_INTEGRATION, "", False
    name = label_of(said.job_type) if isinstance(said.job_type, str) else None
    integration = label_of(said.integration) or UNKNOWN_INTEGRATION
    return integration.lower(), (name or "").lower(), said.processing_type == "STREAMING"


def _parent(parent: _Parent | None) -> str | None:
    run_id = parent and parent.run and parent.run.run_id
    return run_id.lower() if isinstance(run_id, str) and run_id.strip() else None


def _error(said: _ErrorMessage | None) -> str | None:
    """The class alone: what was said may have a password in it, and is not kept."""
    message = said and said.message
    return reason(message) if isinstance(message, str) and message.strip() else None


def _scheduled(nominal: _NominalTime | None) -> float | None:
    if nominal is None or not isinstance(nominal.nominal_start_time, str):
        return None
    try:
        return time_at("nominalStartTime", nominal.nominal_start_time)
    except InvalidBodyError:
        return None
