"""The front door: unknown hosts, foreign origins and forms never reach a handler.

A page elsewhere can make a browser send requests to a loopback address. It can't choose the Host header
(unless its own name resolves to loopback, which is why unknown hosts are refused), it can't hide its Origin,
and it can't send JSON without asking first.
"""

from collections.abc import Collection
from functools import lru_cache
from ipaddress import ip_address
from urllib.parse import urlsplit

from starlette.types import ASGIApp, Receive, Scope, Send

from exporter.web.errors import error_response
from exporter.web.header import content_type, header
from exporter.web.requests import Rejected

SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}
LOCAL = "localhost"
# No form can send them.
JSON_KINDS = {"application/json", "application/x-ndjson"}
# Hosts: whoever asks asks again, and there are few of them.
MOST_REMEMBERED = 1024


class Guard:
    """ASGI middleware before all handlers; `hosts` are names by which the exporter may be asked,
    beside localhost and any literal address."""

    def __init__(self, app: ASGIApp, hosts: Collection[str]) -> None:
        self.app = app
        self.hosts = {LOCAL, *(host.lower() for host in hosts)}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the request through, or answer it with what is wrong."""
        if scope["type"] == "http":
            try:
                self.check(scope)
            except Rejected as refusal:
                await error_response(scope["app"], refusal)(scope, receive, send)
                return
        await self.app(scope, receive, send)

    def check(self, scope: Scope) -> None:
        """Raise Rejected for a request that nobody honest sends."""
        host = header(scope, b"host") or ""
        name = host_name(host)
        if name not in self.hosts and not is_address(name):
            raise Rejected(
                403, "bad_host", f"Host: expected an address or one of {sorted(self.hosts)}, got {host!r}"
            )
        origin = header(scope, b"origin")
        if origin is not None and not same_place(origin, host):
            raise Rejected(403, "foreign_origin", f"Origin: expected none or {host!r}, got {origin!r}")
        if scope["method"] in SAFE_METHODS:
            return
        kind = content_type(scope)
        if kind not in JSON_KINDS and (kind or has_body(scope)):
            raise Rejected(415, "not_json", f"Content-Type: expected application/json, got {kind!r}")


@lru_cache(MOST_REMEMBERED)
def host_name(host: str) -> str:
    """`localhost` of `localhost:9888`, `::1` of `[::1]:9888`; empty for what is no host."""
    try:
        return (urlsplit(f"//{host}").hostname or "").lower()
    except ValueError:
        return ""


def same_place(origin: str, host: str) -> bool:
    """True when `origin` is a page of the host that was asked."""
    try:
        return urlsplit(origin).netloc.lower() == host.lower()
    except ValueError:
        return False


@lru_cache(MOST_REMEMBERED)
def is_address(name: str) -> bool:
    """True for a literal IP address: no foreign name can be made to lead to it."""
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


def has_body(scope: Scope) -> bool:
    """True when the request announces a body."""
    length, encoding = header(scope, b"content-length"), header(scope, b"transfer-encoding")
    return length not in (None, "0") or encoding is not None
