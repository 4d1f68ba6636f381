"""The API does what its description says, whatever is sent: nothing makes it fail."""

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from starlette.routing import Route

from exporter.web.api import DESCRIPTION
from exporter.web.app import ROUTES
from tests.servers import free_port, serving
from tools import programs

# An endless answer, and the description itself.
NOT_DESCRIBED = {"/api/v1/stream", "/api/v1/openapi.json"}
OPERATIONS = [(path, method) for path, methods in DESCRIPTION["paths"].items() for method in methods]
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]


def test_every_route_is_described_and_nothing_else() -> None:
    routes = {
        (route.path.replace(":path", ""), method)
        for route in ROUTES
        if isinstance(route, Route) and route.path.startswith("/api/") and route.path not in NOT_DESCRIBED
        for method in route.methods or ()
        if method != "HEAD"
    }
    assert {(path, method.upper()) for path, method in OPERATIONS} == routes


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A real exporter's description of itself."""
    port, folder = free_port(), tmp_path_factory.mktemp("api")
    program = programs.exporter(port, "--data", str(folder / "data"), log=folder / "exporter.log")
    with serving(program) as server:
        yield schemathesis.openapi.from_url(f"{server.url}/api/v1/openapi.json")


@pytest.mark.parametrize(("path", "method"), OPERATIONS)
def test_whatever_is_sent_is_answered_as_described(api: Any, path: str, method: str) -> None:
    @given(case=api[path][method].as_strategy())
    @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
    def answered(case: Any) -> None:
        case.call_and_validate(checks=CHECKS)

    answered()
