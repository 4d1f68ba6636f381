"""Request bodies: bounded, unpacked, decoded, with errors that say what was expected."""

import zlib
from collections.abc import Mapping
from typing import TypeVar

import msgspec
from pydantic import BaseModel
from starlette.exceptions import HTTPException
from starlette.requests import Request

from exporter.config import ConfigError, validate
from exporter.config.load import shown
from exporter.web.header import header

MAX_BODY = 1 << 20
GZIP = 16 + zlib.MAX_WBITS

Model = TypeVar("Model", bound=BaseModel)


class Rejected(HTTPException):
    """A refusal that is counted under `reason`."""

    def __init__(
        self, status: int, reason: str, detail: str, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(status, detail, headers)
        self.reason = reason


async def read_body(request: Request, most: int = MAX_BODY) -> bytes:
    """The body, unpacked when it is gzip; 413 beyond `most` bytes, packed or unpacked."""
    encoding = (header(request.scope, b"content-encoding") or "identity").lower()
    if encoding not in ("identity", "gzip"):
        raise Rejected(415, "invalid", f"Content-Encoding: expected gzip or none, got {encoding!r}")
    body = await received(request, most)
    return unpack(body, most) if encoding == "gzip" else body


async def received(request: Request, most: int) -> bytes:
    """The body as it was sent. Most are small and come in one piece: no stream is made for them."""
    chunks, size, more = [], 0, True
    while more:
        message = await request.receive()
        if message["type"] == "http.disconnect":
            raise Rejected(400, "invalid", "body: the sender went away")
        chunks.append(message.get("body", b""))
        size, more = size + len(chunks[-1]), message.get("more_body", False)
        if size > most:
            raise too_large(most)
    return b"".join(chunks)


def unpack(body: bytes, most: int) -> bytes:
    """The content of a whole gzip stream."""
    stream = zlib.decompressobj(GZIP)
    try:
        content = stream.decompress(body, most + 1)
    except zlib.error as error:
        raise Rejected(400, "invalid", f"body: not gzip: {error}") from error
    if len(content) > most:
        raise too_large(most)
    if not stream.eof:
        raise Rejected(400, "invalid", "body: not gzip: it ends too early")
    if stream.unused_data:
        raise Rejected(400, "invalid", "body: not gzip: something follows its end")
    return content


def too_large(most: int) -> Rejected:
    """The refusal of a body that is too large."""
    return Rejected(413, "too_large", f"body: expected at most {most} bytes after decompression")


def read_number(request: Request, name: str, most: int) -> int:
    """A number from 1 to `most` out of the query, `most` when it is not given."""
    text = request.query_params.get(name, str(most))
    if not text.isdecimal() or len(text) > len(str(most)) or not 1 <= int(text) <= most:
        raise Rejected(400, "invalid", f"{name}: expected 1 to {most}, got {shown(text)}")
    return int(text)


async def read_model(request: Request, model: type[Model]) -> Model:
    """The body as a `model`; 400 says where it is wrong."""
    try:
        return validate(model, msgspec.json.decode(await read_body(request)), "body")
    except msgspec.DecodeError as error:
        raise Rejected(400, "invalid", f"body: not JSON: {error}") from error
    except UnicodeDecodeError as error:
        raise Rejected(400, "invalid", "body: not JSON: a string is not UTF-8") from error
    except RecursionError as error:
        raise Rejected(400, "invalid", "body: nested too deeply") from error
    except ConfigError as error:
        raise Rejected(400, "invalid", str(error)) from error
