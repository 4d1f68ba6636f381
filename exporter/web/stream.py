"""/api/v1/stream: the status once a second as server-sent events, rendered once for all who listen."""

import asyncio
from collections.abc import AsyncIterator
from math import inf

import msgspec
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from exporter.web.access import Access, access_of
from exporter.web.backend import Backend
from exporter.web.requests import Rejected
from exporter.web.status import status

INTERVAL = 1.0
MAX_LISTENERS = 100
HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


class StatusFeed:
    """The status as JSON, at most `INTERVAL` old, for any number of readers who may read the same."""

    def __init__(self, backend: Backend) -> None:
        self.backend = backend
        self.rendered: dict[str | None, tuple[float, bytes]] = {}
        self.listeners = 0
        self.stopping = asyncio.Event()

    async def current(self, access: Access) -> bytes:
        """The JSON, rendered again when it is a tick old."""
        now, team = self.backend.now(), access.only_team
        rendered, content = self.rendered.get(team, (-inf, b""))
        if not 0 <= now - rendered < INTERVAL / 2:
            incidents = await self.backend.desk.recent_of(team)
            content = msgspec.json.encode(status(self.backend, access, incidents))
            self.rendered[team] = (now, content)
        return content

    async def events(self, access: Access) -> AsyncIterator[bytes]:
        """One event a second until the process stops, or until who may read is decided anew."""
        security = self.backend.security
        generation = security.generation
        while not self.stopping.is_set() and security.generation == generation:
            yield b"data: " + await self.current(access) + b"\n\n"
            await self.pause()

    async def pause(self) -> None:
        """Wait for the next second or the end, whichever is first."""
        try:
            async with asyncio.timeout(INTERVAL):
                await self.stopping.wait()
        except TimeoutError:
            pass


class EventStream(StreamingResponse):
    """The feed's events; a listener from the moment it is answered, so that a crowd can't slip in at once."""

    def __init__(self, feed: StatusFeed, access: Access) -> None:
        super().__init__(feed.events(access), media_type="text/event-stream", headers=HEADERS)
        self.feed = feed

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send events until the listener or the process goes."""
        self.feed.listeners += 1
        try:
            await super().__call__(scope, receive, send)
        finally:
            self.feed.listeners -= 1


async def stream(request: Request) -> Response:
    """Server-sent events; 503 when too many listen already."""
    feed: StatusFeed = request.app.state.feed
    if feed.listeners >= MAX_LISTENERS:
        raise Rejected(503, "too_many_listeners", f"expected at most {MAX_LISTENERS} listeners")
    if request.method == "HEAD":
        return Response(media_type="text/event-stream", headers=HEADERS)
    return EventStream(feed, access_of(request))


async def current(request: Request) -> Response:
    """The status as one JSON object."""
    feed: StatusFeed = request.app.state.feed
    content = await feed.current(access_of(request))
    return Response(content, media_type="application/json", headers={"Cache-Control": "no-store"})
