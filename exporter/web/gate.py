"""The gate behind the guard: finds out who asks, and lets through who may, as often as they may.

The outcome is `request.state.access`.
"""

import time
from collections.abc import Callable

from starlette.types import ASGIApp, Receive, Scope, Send

from exporter.config.limits import Limits
from exporter.web.access import NOBODY, Access
from exporter.web.authentication import Asker, Authenticator, asker_of, challenges
from exporter.web.bucket import Buckets
from exporter.web.errors import error_response
from exporter.web.failures import FailureLog
from exporter.web.permissions import NEEDS, OPEN, SAFE_METHODS, is_shell, needed
from exporter.web.refusals import TooMany, Unauthorized
from exporter.web.requests import Rejected
from exporter.web.security import Security

FAILED = {"bad_credentials", "too_many_attempts"}
ALL = "all"


class Gate:
    """ASGI middleware; `elapsed` is a steady clock in seconds."""

    def __init__(
        self, app: ASGIApp, security: Security, limits: Limits, elapsed: Callable[[], float] = time.monotonic
    ) -> None:
        self.app = app
        self.security = security
        self.elapsed = elapsed
        self.writes = Buckets(limits.writes_at_once, limits.writes_per_second)
        self.authenticator = Authenticator(security)
        self.failures = FailureLog()
        self.limit = security.settings.web.rate_limit
        self.requests = self.bucket_of_all()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the request through, or answer it with what is wrong."""
        if scope["type"] == "http":
            asker = asker_of(scope)
            try:
                access = await self.admit(scope["method"], scope["path"], asker)
            except Rejected as refusal:
                if refusal.reason in FAILED:
                    self.failures.note(asker.client, refusal.reason, self.elapsed())
                await error_response(scope["app"], refusal)(scope, receive, send)
                return
            scope.setdefault("state", {})["access"] = access
        await self.app(scope, receive, send)

    async def admit(self, method: str, path: str, asker: Asker) -> Access:
        """Who it is; Rejected for who may not."""
        if path in OPEN:
            return NOBODY
        now = self.elapsed()
        self.limit_all(now)
        if is_shell(path) and self.security.settings.tokens:
            return NOBODY
        access = await self.authenticator.access(asker, now)
        self.permit(access, needed(method, path), asker)
        if method not in SAFE_METHODS:
            client = access.name or asker.client
            if seconds := self.writes.take(client, now):
                raise TooMany("too_many_writes", f"too many writes by {client}", seconds)
        return access

    def permit(self, access: Access, need: str, asker: Asker) -> None:
        """Unauthorized for who has to say first who they are, Rejected for who has, and may not."""
        if NEEDS[need](access):
            return
        if not asker.authorization:
            settings = self.security.settings
            raise Unauthorized("no_credentials", f"Authorization: expected {need}", challenges(settings))
        raise Rejected(403, "forbidden", f"Authorization: expected {need}, got {access.name}")

    def limit_all(self, now: float) -> None:
        """The web configuration's limit, for all clients together."""
        limit = self.security.settings.web.rate_limit
        if limit is not self.limit:
            before, self.limit = self.limit, limit
            self.requests = self.requests if limit == before else self.bucket_of_all()
        if self.requests and (seconds := self.requests.take(ALL, now)):
            raise TooMany("too_many_requests", "too many requests", seconds)

    def bucket_of_all(self) -> Buckets | None:
        """For the limit in force, None without one."""
        return Buckets(self.limit.burst, 1 / self.limit.interval) if self.limit.interval else None
