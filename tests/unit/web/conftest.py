"""Exporters for tests of the web layer."""

from pathlib import Path

import pytest

from tests.unit.web.pipelines import Web, calm, web_of
from tests.unit.web.telling import fail, owned, run


@pytest.fixture
def web(tmp_path: Path) -> Web:
    """A calm pipeline at tick 0."""
    return web_of(calm(), tmp_path)


@pytest.fixture
def jobs(tmp_path: Path) -> Web:
    """Three jobs of two teams beside a healthy stream: one keeps failing, one has failed once."""
    web = web_of(calm(), tmp_path)
    web.service.advance(30)
    run(web, "good", **owned("finance"))
    run(web, "shaky", 1, **owned("finance"))
    run(web, "shaky", 2, "FAIL", **owned("finance"))
    fail(web, "broken", 5, **owned("risk"))
    return web
