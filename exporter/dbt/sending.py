"""Objects to a running exporter, as lines of JSON."""

from collections.abc import Iterator
from typing import Any

import httpx
import msgspec

from exporter.sending import SendError, asking, require_success

NDJSON = "application/x-ndjson"
MAX_LINES = 500
MAX_BYTES = 512 * 1024


class _Failed(msgspec.Struct):
    index: int
    reason: str
    retriable: bool = False


class _Answer(msgspec.Struct):
    failed_events: list[_Failed] = []


def lines(objects: list[dict[str, Any]]) -> list[bytes]:
    """Each object as a line."""
    return [msgspec.json.encode(one) + b"\n" for one in objects]


def send(url: str, token: str | None, path: str, objects: list[dict[str, Any]]) -> None:
    """POST them to `path`. Raises SendError with all reasons; what was taken before stays taken."""
    refused: list[str] = []
    with asking(url, token, NDJSON) as client:
        for part in _parts(lines(objects)):
            refused += _refused(client.post(url.rstrip("/") + path, content=b"".join(part)), part)
    if refused:
        raise SendError("\n".join(refused))


def _parts(rest: list[bytes]) -> Iterator[list[bytes]]:
    """As many lines at once as the exporter takes."""
    part: list[bytes] = []
    for line in rest:
        if part and (len(part) == MAX_LINES or sum(map(len, part)) + len(line) > MAX_BYTES):
            yield part
            part = []
        part.append(line)
    if part:
        yield part


def _refused(response: httpx.Response, part: list[bytes]) -> list[str]:
    """A reason for each line that was not taken."""
    require_success(response)
    failed = msgspec.json.decode(response.content, type=_Answer).failed_events
    return [f"{_name(part, one.index)}: {one.reason}{' (try again)' * one.retriable}" for one in failed]


def _name(part: list[bytes], index: int) -> str:
    if not 0 <= index < len(part):
        return f"line {index + 1}"
    told = msgspec.json.decode(part[index])
    return str(told.get("pipeline") or told.get("dataset"))
