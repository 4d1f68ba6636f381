"""What the stack says once everything runs: where to look."""

import http.client
from collections.abc import Sequence

from tools.loopback import HOST, get
from tools.programs import Program

GRAPH = "/query?g0.expr=pipeline_stage_health&g0.tab=0"
ANSWER = "/api/v1/query?query=pipeline_stage_health"


def welcome(running: Sequence[Program]) -> str:
    """One line for each page, in the order in which one wants them."""
    pages = [page for program in running for page in pages_of(program)]
    lines = [f"  {what:14} {url}" for what, url in pages]
    return "\n".join(["", "Everything runs:", *lines, "Ctrl-C stops all.", ""])


def pages_of(program: Program) -> list[tuple[str, str]]:
    """What there is to see at a program: a name and a URL each."""
    root = f"http://{HOST}:{program.port}"
    if program.name == "exporter":
        return [("page", f"{root}/"), ("metrics", f"{root}/metrics")]
    if program.name == "prometheus":
        return [("prometheus", root + (GRAPH if has_page(program, "/query") else ANSWER))]
    return [("alertmanager", root + ("/#/alerts" if has_page(program, "/") else "/api/v2/alerts"))]


def has_page(program: Program, path: str) -> bool:
    """Whether there is a web page for people: Debian's packages have none, and say so where it would be."""
    try:
        status, body = get(program.port, path)
    except (OSError, http.client.HTTPException):
        return False
    return status == http.client.OK and b"Debian package" not in body
