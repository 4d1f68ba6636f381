"""A short request: its body was announced and is small, so the answer begins when all of it is there.

uvicorn's own cycle is made for bodies and answers that come in parts. For an event of 1.5 kB that costs more
than reading it: each header is checked against two patterns, head and body are written one after the other.
"""

from functools import lru_cache
from typing import Any

from uvicorn.protocols.http.httptools_impl import (
    HEADER_RE,
    HEADER_VALUE_RE,
    STATUS_LINE,
    RequestResponseCycle,
)

# The same few headers again and again, and the time of day.
MOST_REMEMBERED = 1024


class Errand(RequestResponseCycle):
    """uvicorn's, with an answer that is written in one piece. It must have a length, or be 204."""

    head = b""

    async def send(self, message: Any) -> None:
        """The head waits for the body."""
        if self.disconnected or self.response_complete:
            return
        if message["type"] == "http.response.start":
            self.response_started = True
            self.head = head(message["status"], [*self.default_headers, *message["headers"]])
            return
        self.transport.write(self.head + message.get("body", b""))
        self.head = b""
        if not message.get("more_body", False):
            self.response_complete = True
            self.message_event.set()
            if not self.keep_alive:  # the server stops
                self.transport.close()
            self.on_response()


def head(status: int, headers: list[tuple[bytes, bytes]]) -> bytes:
    """Status line and headers as they are sent."""
    return b"".join([STATUS_LINE[status], *(line(name, value) for name, value in headers), b"\r\n"])


@lru_cache(MOST_REMEMBERED)
def line(name: bytes, value: bytes) -> bytes:
    """One header as it is sent; RuntimeError for one that would be two."""
    if HEADER_RE.search(name) or HEADER_VALUE_RE.search(value):
        raise RuntimeError(f"invalid header {name!r}: {value!r}")
    return b"%b: %b\r\n" % (name.lower(), value)
