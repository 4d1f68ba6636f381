"""Which door needs what: the tables that the gate goes by.

Routes that are about one team ask the rest themselves, with `Access.may_read` and `Access.may_write`.
"""

from collections.abc import Callable
from functools import lru_cache

from exporter.web.access import Access

Need = Callable[[Access], bool]

MOST_REMEMBERED = 1024
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
# Alive or not is no secret, and who asks has no credentials: Docker, Kubernetes.
OPEN = frozenset({"/-/healthy", "/-/ready"})
# The page itself says nothing about anybody; it must be there to ask for a token.
SHELL = ("/", "/runbooks", "/pipelines")
PARTS_OF_SHELL = ("/page/", "/pipelines/")

ADMIN = "an admin"
READER = "somebody who may read"
SCRAPER = "somebody who may read everything"
WRITER = "a team or an admin"
TELLER = "Alertmanager or an admin"

NEEDS: dict[str, Need] = {
    ADMIN: lambda access: access.admin,
    READER: lambda access: access.reads_something,
    SCRAPER: lambda access: access.reads_everything,
    WRITER: lambda access: access.writes_something,
    TELLER: lambda access: access.alertmanager or access.admin,
}
# Doors that ask the rest themselves, by whether the method is one that changes nothing; "/" at the end: and
# what is behind it. All others are for who may read everything, or change everything.
ASKING: dict[bool, tuple[str, ...]] = {
    True: (
        *("/api/v1/status", "/api/v1/stream", "/api/v1/faults", "/api/v1/review", "/api/v1/review/"),
        *("/api/v1/pipelines", "/api/v1/pipelines/", "/api/v1/anomalies", "/api/v1/lineage"),
        *("/api/v1/alerts", "/api/v1/incidents", "/api/v1/openapi.json"),
        *("/api/v1/checks", "/api/v1/checks/"),
    ),
    False: (
        *("/api/v1/lineage", "/api/v1/lineage/batch", "/api/v1/runs", "/api/v1/datasets"),
        *("/api/v1/review/", "/api/v1/incidents/", "/api/v1/pipelines/"),
        *("/api/v1/checks", "/api/v1/checks/"),
    ),
}
# By path, and by whether the method is one that changes nothing.
DOORS: dict[tuple[str, bool], str] = {
    ("/config", True): ADMIN,
    ("/api/v1/alerts", False): TELLER,
}


def is_shell(path: str) -> bool:
    """True for the page, its parts and the runbooks."""
    return path in SHELL or path.startswith(PARTS_OF_SHELL)


@lru_cache(MOST_REMEMBERED)
def needed(method: str, path: str) -> str:
    """Who may pass, as a key of `NEEDS` and in words."""
    safe = method in SAFE_METHODS
    if special := DOORS.get((path, safe)):
        return special
    if any(path == door or (door.endswith("/") and path.startswith(door)) for door in ASKING[safe]):
        return READER if safe else WRITER
    return SCRAPER if safe else ADMIN
