"""JSON that others send: read with words that name the place, what was expected and what was there."""

import json
import re
from datetime import datetime
from typing import Annotated, TypeVar

import msgspec

MAX_NAME_CHARACTERS = 512
# More can not be said exactly by a metric.
MOST = 1 << 53

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


class _Moment(msgspec.Struct):
    """To a struct msgspec converts at once; an annotated type it looks up anew each time."""

    at: Annotated[datetime, msgspec.Meta(tz=True)]


Content = TypeVar("Content")


class InvalidBodyError(ValueError):
    """What was sent is not what this door takes; the message says where and why."""


def parse(decoder: msgspec.json.Decoder[Content], body: bytes) -> Content:
    """Decode a body. Raises InvalidBodyError, and nothing else, for whatever bytes come."""
    try:
        return decoder.decode(body)
    except msgspec.ValidationError as error:
        raise InvalidBodyError(_mismatch(str(error))) from error
    except msgspec.DecodeError as error:
        raise InvalidBodyError(_malformed(str(error), len(body))) from error
    except UnicodeDecodeError as error:
        raise InvalidBodyError("body: not JSON: a string is not UTF-8") from error
    except RecursionError as error:
        raise InvalidBodyError("body: nested too deeply") from error


def name_at(place: str, value: object) -> str:
    """A non-empty string of bounded length without control characters."""
    if not isinstance(value, str) or not value.strip():
        raise InvalidBodyError(f"{place}: expected a non-empty string, got {shown(value)}")
    if len(value) > MAX_NAME_CHARACTERS:
        expected = f"expected at most {MAX_NAME_CHARACTERS} characters"
        raise InvalidBodyError(f"{place}: {expected}, got {len(value)}")
    if has_control_characters(value):
        raise InvalidBodyError(f"{place}: expected no control characters, got {shown(value)}")
    return value


def label_of(text: str) -> str | None:
    """A text as a label; None where it can't be one."""
    text = text.strip()
    fits = 0 < len(text) <= MAX_NAME_CHARACTERS and not has_control_characters(text)
    return text if fits else None


def count_of(value: object) -> int | None:
    """A whole number of things; None for anything else."""
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < MOST else None


def clipped(text: str) -> str:
    """What is kept of a long text."""
    return text.strip()[:MAX_NAME_CHARACTERS]


def has_control_characters(text: str) -> bool:
    """True for text that would not survive a line of a log or a label."""
    return not text.isprintable() and _CONTROL.search(text) is not None


def time_at(place: str, value: object) -> float:
    """An ISO 8601 date-time with offset as seconds since 1970 UTC."""
    try:
        moment = msgspec.convert({"at": value}, _Moment).at
    except msgspec.ValidationError as error:
        expected = "expected an ISO 8601 date-time with offset"
        raise InvalidBodyError(f"{place}: {expected}, got {shown(value)}") from error
    return seconds_at(place, moment.timestamp(), value)


def seconds_at(place: str, seconds: float, value: object) -> float:
    """Seconds since 1970 UTC that `value` stands for; refused where a calendar can't show them."""
    if not 0 <= seconds < _YEAR_9999:
        raise InvalidBodyError(f"{place}: expected a year from 1970 to 9998, got {shown(value)}")
    return seconds


def shown(value: object) -> str:
    """Name what was found, for a message: short, and safe to log and to send back."""
    match value:
        case msgspec.UNSET:
            return "nothing"
        case None:
            return "null"
        case str():
            return json.dumps(value if len(value) <= 60 else value[:60] + "...")
    return _JSON_TYPES[type(value).__name__]


def _mismatch(complaint: str) -> str:
    """Say a type error of msgspec ("Expected `object`, got `int` - at `$.run`") in this module's words."""
    what, _, path = complaint.replace(" - at `key` in `$", " - at `$").partition(" - at `$")
    place = path.strip(".`") or "body"
    if not what.startswith("Expected `object"):
        return f"{place}: {what[:1].lower()}{what[1:]}"
    found = what.split("`")[-2]
    return f"{place}: expected an object, got {_JSON_TYPES.get(found, found)}"


def _malformed(complaint: str, length: int) -> str:
    if complaint == "Input data was truncated":
        return f"body: not JSON: ends too early near byte {length}"
    return "body: not JSON: " + _BYTE.sub(r" near byte \1", complaint.removeprefix("JSON is malformed: "))
