"""One connection: bounded in number, in the size of a header, and in the time that a request takes to come.

uvicorn itself bounds only how long a connection may idle between two requests.
"""

import asyncio
import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Literal, NamedTuple, cast

from starlette.types import Scope
from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from exporter.web.certificate import Certificate, alternative_names, subject
from exporter.web.errand import Errand
from exporter.web.header import header

HEADER_SECONDS = 10.0
BODY_SECONDS = 60.0
MAX_HEADER = 64 << 10
# Up to 9999 bytes; nothing in the path that would have to be decoded or cut off.
SHORT_LENGTH = re.compile(r"[0-9]{1,4}")
PLAIN_PATH = re.compile(rb"/[A-Za-z0-9/_.-]*")


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


class Part(NamedTuple):
    """What a connection waits for, and how many requests were complete before."""

    kind: Literal["header", "body"]
    complete: int


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
        self.waiting_for: Part | None = None
        self.header_bytes = 0
        self.in_body = False
        self.complete = 0
        self.errand: Errand | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin, or end at once what is one too many or not allowed."""
        super().connection_made(cast(asyncio.Transport, transport))
        self.wait_for(Part("header", 0))
        if certificate := transport.get_extra_info("peercert"):
            self.certificate = subject(certificate)
            if not self.is_allowed(certificate):
                self.end("bad_certificate")
        if len(self.connections) > self.bounds.connections:
            self.end("too_many_connections", HTTPStatus.SERVICE_UNAVAILABLE)

    def connection_lost(self, exc: Exception | None) -> None:
        """The end."""
        self.wait_for(None)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """A part of a request; its header must not trickle in, nor never end."""
        if not self.in_body:
            self.header_bytes += len(data)
        super().data_received(data)
        self.wait_for(self.missing())
        if not self.in_body and self.header_bytes > MAX_HEADER:
            self.end("header_too_large", HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)

    def on_message_begin(self) -> None:
        """A request begins, perhaps in the middle of what has come."""
        super().on_message_begin()
        self.header_bytes = self.header_bytes or 1
        self.scope["extensions"] = {"tls": {"client_cert_name": self.certificate}}

    def on_headers_complete(self) -> None:
        """The header is there."""
        self.header_bytes, self.in_body = 0, True
        if self.is_short():
            self.cycle = self.errand = self.begin_errand()
        else:
            super().on_headers_complete()

    def on_message_complete(self) -> None:
        """All of it is there."""
        self.in_body = False
        self.complete += 1
        super().on_message_complete()
        if self.errand:
            self._start_asgi_task(self.errand, self.app)
            self.errand = None

    def is_short(self) -> bool:
        """True for a POST that is answered once its body is there: a small one, by itself."""
        length = header(cast(Scope, self.scope), b"content-length") or ""
        return (
            self.parser.get_method() == b"POST"
            and SHORT_LENGTH.fullmatch(length) is not None
            and PLAIN_PATH.fullmatch(self.url) is not None
            and (self.cycle is None or self.cycle.response_complete)
            and self.parser.get_http_version() == "1.1"
            and self.parser.should_keep_alive()
            and not self.parser.should_upgrade()
            and not self.expect_100_continue
        )

    def begin_errand(self) -> Errand:
        """As uvicorn begins with other requests, but that nothing is started yet."""
        self.scope["method"] = "POST"
        self.scope["path"], self.scope["raw_path"] = self.url.decode("ascii"), self.url
        self.scope["query_string"] = b""
        return Errand(
            scope=self.scope,
            transport=self.transport,
            flow=self.flow,
            logger=self.logger,
            access_logger=self.access_logger,
            access_log=False,
            default_headers=self.server_state.default_headers,
            message_event=asyncio.Event(),
            expect_100_continue=False,
            keep_alive=True,
            on_response=self.on_response_complete,
        )

    def send_400_response(self, msg: str) -> None:
        """What came is not HTTP."""
        self.bounds.refused("invalid")
        super().send_400_response(msg)

    def missing(self) -> Part | None:
        """What has begun to come and is not all there."""
        if self.in_body:
            return Part("body", self.complete)
        return Part("header", self.complete) if self.header_bytes else None

    def wait_for(self, part: Part | None) -> None:
        """Give a part its time. Most requests come in one piece and never need to wait."""
        if part == self.waiting_for:
            return
        if self.timer:
            self.timer.cancel()
        self.waiting_for = part
        self.timer = part and self.loop.call_later(*self.time_for(part))

    def time_for(self, part: Part) -> tuple[float, Callable[[], None]]:
        """How many seconds, and what comes then."""
        if part.kind == "body":
            return self.bounds.body_seconds, self.body_overdue
        return self.bounds.header_seconds, self.header_overdue

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
