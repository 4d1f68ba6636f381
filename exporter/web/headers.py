"""Headers that keep browsers strict about what the exporter serves."""

from collections.abc import Iterable

from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
}
Header = tuple[bytes, bytes]
# As ASGI has them: made once, not for each answer.
RAW_HEADERS = [(name.lower().encode(), value.encode()) for name, value in HEADERS.items()]


class SecurityHeaders:
    """ASGI middleware that adds `HEADERS` to every answer that has none of its own."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass everything on, headers added."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": completed(message.get("headers", []))}
            await send(message)

        await self.app(scope, receive, send_with_headers)


def completed(headers: Iterable[Header]) -> list[Header]:
    """The headers, and those of ours that are not among them."""
    own = list(headers)
    names = {name for name, _ in own}
    return own + [header for header in RAW_HEADERS if header[0] not in names]
