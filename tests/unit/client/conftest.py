"""Every test has a spool of its own, an exporter that records, and a client that has not complained yet."""

from collections.abc import Iterator
from pathlib import Path

import pipeline_health_client
import pytest

from tests.unit.client.receivers import Recorder, recording

SETTINGS = ("URL", "TOKEN", "SPOOL", "TIMEOUT", "WAIT")


@pytest.fixture
def spool(tmp_path: Path) -> Path:
    return tmp_path / "spool"


@pytest.fixture
def recorder() -> Iterator[Recorder]:
    with recording() as server:
        yield server


@pytest.fixture(autouse=True)
def settings(monkeypatch: pytest.MonkeyPatch, spool: Path, recorder: Recorder) -> None:
    for name in SETTINGS:
        monkeypatch.delenv(f"PIPELINE_HEALTH_{name}", raising=False)
    monkeypatch.setenv("PIPELINE_HEALTH_URL", recorder.url)
    monkeypatch.setenv("PIPELINE_HEALTH_SPOOL", str(spool))
    monkeypatch.setattr(pipeline_health_client, "_said", set())
