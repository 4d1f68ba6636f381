"""One exporter for each test of the web layer."""

from pathlib import Path

import pytest

from tests.unit.web.pipelines import Web, calm, web_of


@pytest.fixture
def web(tmp_path: Path) -> Web:
    """A calm pipeline at tick 0."""
    return web_of(calm(), tmp_path)
