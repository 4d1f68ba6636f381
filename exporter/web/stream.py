"""/api/v1/stream: the status once a second as server-sent events, rendered once for all who listen."""

import asyncio
from collections.abc import AsyncIterator

import msgspec
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from exporter.web.backend import Backend
from exporter.web.requests import Rejected
from exporter.web.status import status

INTERVAL = 1.0
MAX_LISTENERS = 100


class StatusFeed:
    """The status as JSON, at most `INTERVAL` old, for any number of readers."""

    def __init__(self, backend: Backend) -> None:
        self.backend = backend
        self.rendered = 0.0
        self.content = b""
        self.listeners = 0
        self.stopping = asyncio.Event()

    def current(self) -> bytes:
        """The JSON, rendered again when it is a tick old."""
        now = self.backend.now()
        if not 0 <= now - self.rendered < INTERVAL / 2:
            self.content, self.rendered = msgspec.json.encode(status(self.backend)), now
        return self.content

    async def events(self) -> AsyncIterator[bytes]:
        """One event a second until the process stops."""
        self.listeners += 1
        try:
            while not self.stopping.is_set():
                yield b"data: " + self.current() + b"\n\n"
                await self.pause()
        finally:
            self.listeners -= 1

    async def pause(self) -> None:
        """Wait for the next second or the end, whichever is first."""
        try:
            async with asyncio.timeout(INTERVAL):
                await self.stopping.wait()
        except TimeoutError:
            pass


async def stream(request: Request) -> Response:
    """Server-sent events; 503 when too many listen already."""
    feed: StatusFeed = request.app.state.feed
    if feed.listeners >= MAX_LISTENERS:
        raise Rejected(503, "too_many_listeners", f"expected at most {MAX_LISTENERS} listeners")
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(feed.events(), media_type="text/event-stream", headers=headers)


async def current(request: Request) -> Response:
    """The status as one JSON object."""
    feed: StatusFeed = request.app.state.feed
    return Response(feed.current(), media_type="application/json", headers={"Cache-Control": "no-store"})
