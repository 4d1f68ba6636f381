"""Headers that keep browsers strict about what the exporter serves."""

from collections.abc import Iterable

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from exporter.config.web_file import WebFile
from exporter.web.backend import Backend

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
}
Header = tuple[bytes, bytes]


def encoded(headers: Iterable[tuple[str, str]]) -> list[Header]:
    """Headers as ASGI has them; a blank one says nothing."""
    return [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers if value]


class SecurityHeaders:
    """ASGI middleware that adds `HEADERS` to every answer that has none of its own.

    What the web configuration says comes before both. It is encoded once, not for each answer.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.defaults = encoded(HEADERS.items())
        self.web: WebFile | None = None
        self.configured: list[Header] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass everything on, headers added."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                backend: Backend = scope["app"].state.backend
                self.take_over(backend.security.settings.web)
                headers = first(self.configured, message.get("headers", ()), self.defaults)
                message = {**message, "headers": headers}
            await send(message)

        await self.app(scope, receive, send_with_headers)

    def take_over(self, web: WebFile) -> None:
        """The web configuration's headers, if it is another one by now."""
        if web is not self.web:
            self.web, self.configured = web, encoded(web.http_server_config.headers.items())


def strict(headers: Iterable[Header], web: WebFile) -> list[Header]:
    """The headers of an answer with those that the web configuration and `HEADERS` add."""
    return first(encoded(web.http_server_config.headers.items()), headers, encoded(HEADERS.items()))


def first(*sources: Iterable[Header]) -> list[Header]:
    """All headers whose names no earlier source has."""
    found: list[Header] = []
    for source in sources:
        names = {name for name, _ in found}
        found += [header for header in source if header[0] not in names]
    return found
