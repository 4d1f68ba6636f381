"""One connection: bounded in number, in the size of a header, and in the time that a request takes to come.

uvicorn itself bounds only how long a connection may idle between two requests.
"""

import asyncio
from collections.abc import Callable, Collection
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, cast

from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from exporter.web.certificate import Certificate, alternative_names, subject

HEADER_SECONDS = 10.0
BODY_SECONDS = 60.0
MAX_HEADER = 64 << 10


@dataclass(frozen=True, slots=True)
class Bounds:
    """What connections must keep to; `refused` is told why one was ended.

    `allowed_names`: the subject alternative names that a client's certificate may have, empty for any.
    """

    connections: int
    allowed_names: Callable[[], Collection[str]]
    refused: Callable[[str], None]
    header_seconds: float = HEADER_SECONDS
    body_seconds: float = BODY_SECONDS


class Connection(HttpToolsProtocol):
    """uvicorn's, within bounds. The routes learn the subject of a verified certificate as ASGI's TLS
    extension has it."""

    def __init__(
        self, bounds: Bounds, config: Config, server_state: ServerState, app_state: dict[str, Any]
    ) -> None:
        super().__init__(config, server_state, app_state)
        self.bounds = bounds
        self.certificate: str | None = None
        self.timer: asyncio.TimerHandle | None = None
        self.header_bytes = 0
        self.in_body = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin, or end at once what is one too many or not allowed."""
        super().connection_made(cast(asyncio.Transport, transport))
        self.wait(self.bounds.header_seconds, self.header_overdue)
        if certificate := transport.get_extra_info("peercert"):
            self.certificate = subject(certificate)
            if not self.is_allowed(certificate):
                self.end("bad_certificate")
        if len(self.connections) > self.bounds.connections:
            self.end("too_many_connections", HTTPStatus.SERVICE_UNAVAILABLE)

    def connection_lost(self, exc: Exception | None) -> None:
        """The end."""
        self.stop_waiting()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """A part of a request; its header must not trickle in, nor never end."""
        if not self.in_body:
            self.header_bytes += len(data)
            if self.timer is None:
                self.wait(self.bounds.header_seconds, self.header_overdue)
        super().data_received(data)
        if not self.in_body and self.header_bytes > MAX_HEADER:
            self.end("header_too_large", HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)

    def on_message_begin(self) -> None:
        """A request begins, perhaps in the middle of what has come."""
        super().on_message_begin()
        self.header_bytes = self.header_bytes or 1
        if self.timer is None:
            self.wait(self.bounds.header_seconds, self.header_overdue)
        self.scope["extensions"] = {"tls": {"client_cert_name": self.certificate}}

    def on_headers_complete(self) -> None:
        """The header is there."""
        self.header_bytes, self.in_body = 0, True
        self.wait(self.bounds.body_seconds, self.body_overdue)
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """All of it is there."""
        self.in_body = False
        self.stop_waiting()
        super().on_message_complete()

    def send_400_response(self, msg: str) -> None:
        """What came is not HTTP."""
        self.bounds.refused("invalid")
        super().send_400_response(msg)

    def wait(self, seconds: float, overdue: Callable[[], None]) -> None:
        """Begin to wait for the next part."""
        self.stop_waiting()
        self.timer = self.loop.call_later(seconds, overdue)

    def stop_waiting(self) -> None:
        """What was waited for has come."""
        if self.timer:
            self.timer.cancel()
            self.timer = None

    def header_overdue(self) -> None:
        """Who connects and says nothing at all, as browsers do ahead of need, is no offender."""
        if self.header_bytes:
            self.end("too_slow", HTTPStatus.REQUEST_TIMEOUT)
        else:
            self.transport.close()

    def body_overdue(self) -> None:
        """Without an answer: there may be a part of one already."""
        self.end("too_slow")

    def is_allowed(self, certificate: Certificate) -> bool:
        """True for a certificate with one of the allowed names."""
        allowed = self.bounds.allowed_names()
        return not allowed or any(name in allowed for name in alternative_names(certificate))

    def end(self, reason: str, status: HTTPStatus | None = None) -> None:
        """Close the connection, with a short answer or without one."""
        if self.transport.is_closing():
            return
        self.bounds.refused(reason)
        if status:
            head = f"HTTP/1.1 {status} {status.phrase}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"
            self.transport.write(head.encode())
        self.transport.close()
