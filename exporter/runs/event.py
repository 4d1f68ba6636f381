"""A run event as OpenLineage sends it: bytes in, a checked `RunEvent` out. A real run enters here.

The format is specification 2-0-2 (https://openlineage.io/spec/2-0-2/OpenLineage.json). Of it only what
a run's state needs is read; unknown fields and facets are skipped without being built.
"""

from typing import Any, Literal, get_args

import msgspec

from exporter.decoding import (
    MAX_NAME_CHARACTERS,
    InvalidBodyError,
    has_control_characters,
    name_at,
    parse,
    shown,
    time_at,
)

Kind = Literal["START", "RUNNING", "COMPLETE", "FAIL", "ABORT", "OTHER"]

UNKNOWN_INTEGRATION = "unknown"

_KINDS: dict[str, Kind] = {kind: kind for kind in get_args(Kind)}


class RunEvent(msgspec.Struct, frozen=True):
    """One transition of one run. `time` is the event's own, in seconds since 1970 UTC, to the microsecond."""

    run_id: str
    namespace: str
    name: str
    kind: Kind
    time: float
    team: str | None = None
    integration: str = UNKNOWN_INTEGRATION


class _Facets(msgspec.Struct, rename="camel"):
    ownership: Any = None
    job_type: Any = None


class _Job(msgspec.Struct):
    namespace: Any = msgspec.UNSET
    name: Any = msgspec.UNSET
    facets: _Facets | None = None


class _Run(msgspec.Struct, rename="camel"):
    run_id: Any = msgspec.UNSET


class _Event(msgspec.Struct, rename="camel"):
    event_type: Any = None
    event_time: Any = msgspec.UNSET
    run: _Run | msgspec.UnsetType | None = msgspec.UNSET
    job: _Job | msgspec.UnsetType | None = msgspec.UNSET


_DECODER = msgspec.json.Decoder(_Event)


def decode_event(body: bytes) -> RunEvent:
    """Decode one JSON object. Raises InvalidBodyError, and nothing else, for whatever bytes come.

    Refused: an event without a `run.runId`, a `job.namespace`, a `job.name` and an `eventTime` with offset.
    The specification wants a UUID as `runId`; here any name will do. No `eventType` means OTHER:
    the specification leaves it open. A facet of the wrong shape is no error, it just says nothing.
    """
    event = parse(_DECODER, body)
    if not isinstance(event.run, _Run):
        only = "; only run events are taken here, not job or dataset events"
        raise InvalidBodyError(f"run: expected an object, got {shown(event.run)}{only}")
    if not isinstance(event.job, _Job):
        raise InvalidBodyError(f"job: expected an object, got {shown(event.job)}")
    facets = event.job.facets or _Facets()
    return RunEvent(
        run_id=name_at("run.runId", event.run.run_id).lower(),
        namespace=name_at("job.namespace", event.job.namespace),
        name=name_at("job.name", event.job.name),
        kind=_kind(event.event_type),
        time=time_at("eventTime", event.event_time),
        team=_team(facets.ownership),
        integration=_integration(facets.job_type),
    )


def _kind(value: object) -> Kind:
    if value is None:
        return "OTHER"
    if isinstance(value, str) and value in _KINDS:
        return _KINDS[value]
    raise InvalidBodyError(f"eventType: expected one of {', '.join(_KINDS)}, got {shown(value)}")


def _team(ownership: object) -> str | None:
    """Take the first owner: a bare name (Airflow), or `team:data` as the facet's specification suggests."""
    match ownership:
        case {"owners": [{"name": str(owner)}, *_]}:
            return _label(owner.removeprefix("team:"))
    return None


def _integration(job_type: object) -> str:
    match job_type:
        case {"integration": str(integration)}:
            return (_label(integration) or UNKNOWN_INTEGRATION).lower()
    return UNKNOWN_INTEGRATION


def _label(text: str) -> str | None:
    text = text.strip()
    fits = 0 < len(text) <= MAX_NAME_CHARACTERS and not has_control_characters(text)
    return text if fits else None
