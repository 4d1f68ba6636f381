"""Refusals of who asks: say who you are, come back later, not yours."""

from math import ceil

from exporter.web.access import Access
from exporter.web.requests import Rejected


class Unauthorized(Rejected):
    """401. `challenges` are the ways to say who one is."""

    def __init__(self, reason: str, detail: str, challenges: str) -> None:
        super().__init__(401, reason, detail)
        self.headers = {"WWW-Authenticate": challenges}


class TooMany(Rejected):
    """429. `seconds` from now it may work."""

    def __init__(self, reason: str, detail: str, seconds: float) -> None:
        super().__init__(429, reason, f"{detail}; try again in {ceil(seconds)} s")
        self.headers = {"Retry-After": str(ceil(seconds))}


def require_team(access: Access, team: str | None, missing: str) -> None:
    """Rejected unless what is `team`'s may be changed: what may not even be seen is `missing` instead."""
    if not access.may_read(team):
        raise Rejected(404, "not_found", missing)
    if not access.may_write(team):
        raise Rejected(403, "forbidden", f"Authorization: expected {team} or an admin, got {access.name}")
