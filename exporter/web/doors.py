"""The busy doors: what tells of runs and datasets comes thousands of times a second and skips the router.

They are inside of the guard, and in every other way like any other route: the same handlers, limits, errors,
counters and headers. The routes are there as well, since they say what a path may be asked for.
"""

from collections.abc import Awaitable, Callable

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from exporter.web import runs
from exporter.web.errors import error_response

Handler = Callable[[Request], Awaitable[Response]]
DOORS: dict[str, Handler] = {
    "/api/v1/lineage": runs.lineage,
    "/api/v1/lineage/batch": runs.lineage_batch,
    "/api/v1/runs": runs.runs,
    "/api/v1/datasets": runs.datasets,
}


class Doors:
    """ASGI middleware that answers a POST to one of `DOORS`, and lets everything else pass."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or pass on."""
        handler = DOORS.get(scope["path"]) if scope.get("method") == "POST" else None
        if handler is None:
            await self.app(scope, receive, send)
            return
        try:
            answer = await handler(Request(scope, receive, send))
        except HTTPException as error:
            answer = error_response(scope["app"], error)
        await answer(scope, receive, send)
