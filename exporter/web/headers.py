"""Headers that keep browsers strict about what the exporter serves."""

from starlette.applications import Starlette
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from exporter.web.backend import Backend

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
}


class SecurityHeaders:
    """ASGI middleware that adds `HEADERS` to every answer that has none of its own.

    What the web configuration says comes before both.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass everything on, headers added."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in configured(scope["app"]).items():
                    headers[name] = value
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        await self.app(scope, receive, send_with_headers)


def configured(app: Starlette) -> dict[str, str]:
    """The web configuration's headers; a blank one says nothing."""
    backend: Backend = app.state.backend
    headers = backend.security.settings.web.http_server_config.headers
    return {str(name): value for name, value in headers.items() if value}
