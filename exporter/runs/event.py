"""A run event as OpenLineage sends it: bytes in, a checked `RunEvent` out. A real run enters here.

The format is specification 2-0-2 (https://openlineage.io/spec/2-0-2/OpenLineage.json). Of it only what
a run's state needs is read; unknown fields and facets are skipped without being built.
"""

import json
import re
from datetime import datetime
from typing import Annotated, Any, Literal, get_args

import msgspec

Kind = Literal["START", "RUNNING", "COMPLETE", "FAIL", "ABORT", "OTHER"]

MAX_NAME_CHARACTERS = 512
UNKNOWN_INTEGRATION = "unknown"

_KINDS: dict[str, Kind] = {kind: kind for kind in get_args(Kind)}
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_BYTE = re.compile(r" \(byte (\d+)\)")
_YEAR_9999 = 253_370_764_800.0
_JSON_TYPES = {
    "array": "an array",
    "bool": "a boolean",
    "dict": "an object",
    "float": "a number",
    "int": "a number",
    "list": "an array",
    "str": "a string",
}

_OffsetDateTime = Annotated[datetime, msgspec.Meta(tz=True)]


class InvalidEventError(ValueError):
    """What was sent is not a run event; the message names the place, what was expected and what was there."""


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
    """Decode one JSON object. Raises InvalidEventError, and nothing else, for whatever bytes come.

    Refused: an event without a `run.runId`, a `job.namespace`, a `job.name` and an `eventTime` with offset.
    The specification wants a UUID as `runId`; here any name will do. No `eventType` means OTHER:
    the specification leaves it open. A facet of the wrong shape is no error, it just says nothing.
    """
    event = _parse(body)
    if not isinstance(event.run, _Run):
        only = "; only run events are taken here, not job or dataset events"
        raise InvalidEventError(f"run: expected an object, got {_shown(event.run)}{only}")
    if not isinstance(event.job, _Job):
        raise InvalidEventError(f"job: expected an object, got {_shown(event.job)}")
    facets = event.job.facets or _Facets()
    return RunEvent(
        run_id=_name("run.runId", event.run.run_id).lower(),
        namespace=_name("job.namespace", event.job.namespace),
        name=_name("job.name", event.job.name),
        kind=_kind(event.event_type),
        time=_time(event.event_time),
        team=_team(facets.ownership),
        integration=_integration(facets.job_type),
    )


def _parse(body: bytes) -> _Event:
    try:
        return _DECODER.decode(body)
    except msgspec.ValidationError as error:
        raise InvalidEventError(_mismatch(str(error))) from error
    except msgspec.DecodeError as error:
        raise InvalidEventError(_malformed(str(error), len(body))) from error
    except UnicodeDecodeError as error:
        raise InvalidEventError("body: not JSON: a string is not UTF-8") from error
    except RecursionError as error:
        raise InvalidEventError("body: nested too deeply") from error


def _mismatch(complaint: str) -> str:
    """Say a type error of msgspec ("Expected `object`, got `int` - at `$.run`") in this module's words."""
    what, _, path = complaint.partition(" - at `$")
    place = path.strip(".`") or "body"
    if not what.startswith("Expected `object"):
        return f"{place}: {what[:1].lower()}{what[1:]}"
    found = what.split("`")[-2]
    return f"{place}: expected an object, got {_JSON_TYPES.get(found, found)}"


def _malformed(complaint: str, length: int) -> str:
    if complaint == "Input data was truncated":
        return f"body: not JSON: ends too early near byte {length}"
    return "body: not JSON: " + _BYTE.sub(r" near byte \1", complaint.removeprefix("JSON is malformed: "))


def _name(place: str, value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise InvalidEventError(f"{place}: expected a non-empty string, got {_shown(value)}")
    if len(value) > MAX_NAME_CHARACTERS:
        raise InvalidEventError(
            f"{place}: expected at most {MAX_NAME_CHARACTERS} characters, got {len(value)}"
        )
    if _CONTROL.search(value):
        raise InvalidEventError(f"{place}: expected no control characters, got {_shown(value)}")
    return value


def _kind(value: object) -> Kind:
    if value is None:
        return "OTHER"
    if isinstance(value, str) and value in _KINDS:
        return _KINDS[value]
    raise InvalidEventError(f"eventType: expected one of {', '.join(_KINDS)}, got {_shown(value)}")


def _time(value: object) -> float:
    try:
        moment: datetime = msgspec.convert(value, _OffsetDateTime)
    except msgspec.ValidationError as error:
        expected = "expected an ISO 8601 date-time with offset"
        raise InvalidEventError(f"eventTime: {expected}, got {_shown(value)}") from error
    seconds = moment.timestamp()
    if not 0 <= seconds < _YEAR_9999:
        raise InvalidEventError(f"eventTime: expected a year from 1970 to 9998, got {_shown(value)}")
    return seconds


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
    fits = 0 < len(text) <= MAX_NAME_CHARACTERS and not _CONTROL.search(text)
    return text if fits else None


def _shown(value: object) -> str:
    """Name what was found, for a message: short, and safe to log and to send back."""
    match value:
        case msgspec.UNSET:
            return "nothing"
        case None:
            return "null"
        case str():
            return json.dumps(value if len(value) <= 60 else value[:60] + "...")
    return _JSON_TYPES[type(value).__name__]
