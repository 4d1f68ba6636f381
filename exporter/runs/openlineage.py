"""An event as OpenLineage sends it: bytes in, a checked event out. A real run enters here.

The format is specification 2-0-2 (https://openlineage.io/spec/2-0-2/OpenLineage.json). Of it only what is
judged is read; unknown fields and facets are skipped without being built.
"""

from typing import Any, get_args

import msgspec

from exporter.decoding import InvalidBodyError, clipped, label_of, name_at, parse, shown, time_at
from exporter.runs import lineage_datasets
from exporter.runs.event import UNKNOWN_INTEGRATION, Dataset, DatasetEvent, Kind, RunEvent
from exporter.runs.reasons import reason

_KINDS: dict[str, Kind] = {kind: kind for kind in get_args(Kind) if kind != "SKIP"}


class _JobFacets(msgspec.Struct, rename="camel"):
    ownership: Any = None
    job_type: Any = None
    tags: Any = None


class _RunFacets(msgspec.Struct, rename="camel"):
    parent: Any = None
    error_message: Any = None
    nominal_time: Any = None
    airflow: Any = None


class _Job(msgspec.Struct):
    namespace: Any = msgspec.UNSET
    name: Any = msgspec.UNSET
    facets: _JobFacets | None = None


class _Run(msgspec.Struct, rename="camel"):
    run_id: Any = msgspec.UNSET
    facets: _RunFacets | None = None


class _Event(msgspec.Struct, rename="camel"):
    event_type: Any = None
    event_time: Any = msgspec.UNSET
    run: _Run | msgspec.UnsetType | None = msgspec.UNSET
    job: _Job | msgspec.UnsetType | None = msgspec.UNSET
    dataset: Any = msgspec.UNSET
    inputs: Any = None
    outputs: Any = None


_DECODER = msgspec.json.Decoder(_Event)
_EVENTS = msgspec.json.Decoder(list[msgspec.Raw])


def decode_batch(body: bytes) -> list[msgspec.Raw]:
    """The events of a JSON array, each still as text. Raises InvalidBodyError."""
    return parse(_EVENTS, body)


def decode_any(body: bytes) -> RunEvent | DatasetEvent | None:
    """Decode one event of any kind; None for one that says nothing of a run or a dataset, as a job event.

    Raises InvalidBodyError.
    """
    event = parse(_DECODER, body)
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


def decode_event(body: bytes) -> RunEvent:
    """Decode one run event. Raises InvalidBodyError, and nothing else, for whatever bytes come.

    Refused: an event without a `run.runId`, a `job.namespace`, a `job.name` and an `eventTime` with offset.
    The specification wants a UUID as `runId`; here any name will do. No `eventType` means OTHER:
    the specification leaves it open. A facet of the wrong shape is no error, it just says nothing.
    """
    event = parse(_DECODER, body)
    if not isinstance(event.run, _Run):
        raise InvalidBodyError(f"run: expected an object, got {shown(event.run)}")
    return _run_event(event, event.run)


def _run_event(event: _Event, run: _Run) -> RunEvent:
    if not isinstance(event.job, _Job):
        raise InvalidBodyError(f"job: expected an object, got {shown(event.job)}")
    about, facets = event.job.facets or _JobFacets(), run.facets or _RunFacets()
    integration, job_type, streaming = _type(about.job_type)
    message = _message(facets.error_message)
    return RunEvent(
        run_id=name_at("run.runId", run.run_id).lower(),
        namespace=name_at("job.namespace", event.job.namespace),
        name=name_at("job.name", event.job.name),
        kind="SKIP" if _was_skipped(facets.airflow) else _kind(event.event_type),
        time=time_at("eventTime", event.event_time),
        team=_team(about.ownership, about.tags),
        integration=integration,
        job_type=job_type,
        part_of=_parent(facets.parent),
        streaming=streaming,
        scheduled=_scheduled(facets.nominal_time),
        error=reason(message) if message else None,
        message=message,
        inputs=lineage_datasets.datasets("inputs", event.inputs),
        outputs=lineage_datasets.datasets("outputs", event.outputs),
    )


def _dataset(content: object) -> Dataset:
    for dataset in lineage_datasets.datasets("dataset", [content]):
        return dataset
    raise InvalidBodyError(f"dataset: expected an object with namespace and name, got {shown(content)}")


def _kind(value: object) -> Kind:
    if value is None:
        return "OTHER"
    if isinstance(value, str) and value in _KINDS:
        return _KINDS[value]
    raise InvalidBodyError(f"eventType: expected one of {', '.join(_KINDS)}, got {shown(value)}")


def _team(ownership: object, tags: object) -> str | None:
    """A tag `team`, or the first owner: a bare name (Airflow), or `team:data` as the specification has it."""
    match tags:
        case {"tags": [*listed]}:
            for tag in listed:
                match tag:
                    case {"key": "team", "value": str(team)}:
                        return label_of(team)
    match ownership:
        case {"owners": [{"name": str(owner)}, *_]}:
            return label_of(owner.removeprefix("team:"))
    return None


def _type(job_type: Any) -> tuple[str, str, bool]:
    """Who sent it, what it calls the job, and whether that has no end."""
    match job_type:
        case {"integration": str(integration)}:
            kind, processing = job_type.get("jobType"), job_type.get("processingType")
            name = (label_of(kind) or "").lower() if isinstance(kind, str) else ""
            return (label_of(integration) or UNKNOWN_INTEGRATION).lower(), name, processing == "STREAMING"
    return UNKNOWN_INTEGRATION, "", False


def _parent(parent: object) -> str | None:
    match parent:
        case {"run": {"runId": str(run_id)}} if run_id.strip():
            return run_id.lower()
    return None


def _message(error: object) -> str:
    match error:
        case {"message": str(message)}:
            return clipped(message)
    return ""


def _scheduled(nominal: object) -> float | None:
    match nominal:
        case {"nominalStartTime": str(text)}:
            try:
                return time_at("nominalStartTime", text)
            except InvalidBodyError:
                return None
    return None


def _was_skipped(airflow: object) -> bool:
    """Airflow sends a task that it skipped as complete, outputs and all."""
    match airflow:
        case {"taskInstance": {"state": "skipped"}}:
            return True
    return False
