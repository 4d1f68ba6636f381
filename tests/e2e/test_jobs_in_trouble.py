"""Our own client and a real exporter that is full, stands still, loses answers or refuses: no job notices."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import StartExporter
from tests.e2e.test_jobs_tell import command, runs, samples
from tests.servers import Server
from tests.trouble import full_disk, lost_once, relaying, standstill
from tests.unit.client.jobs import environment, job, kept
from tests.unit.web.guarded import TOKENS, tokens, write

PYTHON = """
    from pipeline_health_client import watch
    with watch("load"):
        print("worked")
"""
SCRIPT = ("run", "--pipeline", "load", "--", "echo", "worked")
Tell = Callable[..., "subprocess.CompletedProcess[str]"]


def watching(**settings: object) -> "subprocess.CompletedProcess[str]":
    return job(PYTHON, **settings)


def running(**settings: object) -> "subprocess.CompletedProcess[str]":
    return command(*SCRIPT, **settings)


@pytest.fixture(params=[watching, running], ids=["watch", "run"])
def tell(request: pytest.FixtureRequest) -> Tell:
    chosen: Tell = request.param
    return chosen


def worked(done: "subprocess.CompletedProcess[str]") -> bool:
    return (done.returncode, done.stdout) == (0, "worked\n")


def flush(**settings: object) -> str:
    """What the client says when it sends what waits."""
    words = [sys.executable, "-m", "pipeline_health_client", "flush"]
    done = subprocess.run(
        words, env=environment(**settings), capture_output=True, text=True, check=False, timeout=60
    )
    return done.stdout


def succeeded(server: Server, count: int) -> bool:
    return runs("load", "succeeded", count) in samples(server)


def test_what_a_full_exporter_refused_is_sent_with_the_next_run(
    quiet_exporter: StartExporter, tmp_path: Path, tell: Tell
) -> None:
    server = quiet_exporter()
    settings = {"URL": server.url, "SPOOL": tmp_path / "spool"}
    with full_disk(server):
        assert worked(tell(**settings))
    assert len(kept(tmp_path / "spool", "json")) == 1
    assert worked(tell(**settings))
    assert kept(tmp_path / "spool") == []
    assert succeeded(server, 2)


def test_what_an_exporter_heard_while_it_stood_still_counts_once(
    quiet_exporter: StartExporter, tmp_path: Path, tell: Tell
) -> None:
    server = quiet_exporter()
    settings = {"URL": server.url, "SPOOL": tmp_path / "spool", "TIMEOUT": 0.3}
    with standstill(server):
        assert worked(tell(**settings))
    assert len(kept(tmp_path / "spool", "json")) == 1
    assert flush(**{**settings, "TIMEOUT": 30}).startswith("1 ")
    assert kept(tmp_path / "spool") == []
    assert succeeded(server, 1)


def test_what_was_kept_because_the_answer_was_lost_counts_once(
    quiet_exporter: StartExporter, tmp_path: Path, tell: Tell
) -> None:
    server = quiet_exporter()
    with relaying(server, lost_once) as relay:
        settings = {"URL": relay.url, "SPOOL": tmp_path / "spool"}
        assert worked(tell(**settings))
        assert len(kept(tmp_path / "spool", "json")) == 1
        assert flush(**settings).startswith("1 ")
        assert list(relay.asked.values()) == [1, 2]
    assert kept(tmp_path / "spool") == []
    assert succeeded(server, 1)


def test_what_was_refused_for_want_of_a_token_is_sent_with_the_right_one(
    quiet_exporter: StartExporter, tmp_path: Path, tell: Tell
) -> None:
    server = quiet_exporter("--tokens", str(write(tokens(protect_reads=False), tmp_path / "tokens.yml")))
    settings = {"URL": server.url, "SPOOL": tmp_path / "spool"}
    for wrong in ("", "phtk_wrong"):
        assert worked(tell(**settings, TOKEN=wrong))
    assert len(kept(tmp_path / "spool", "json")) == 2
    assert worked(tell(**settings, TOKEN=TOKENS["ours"]))
    assert kept(tmp_path / "spool") == []
    assert succeeded(server, 3)
