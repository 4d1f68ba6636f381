"""From data to Prometheus: checks pushed to a real exporter or made by it, through deaths of all kinds."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.conftest import StartExporter, StartPrometheus
from tests.servers import Server, free_port, serving, wait_until
from tests.unit.checks.asking_checks import configured
from tests.unit.client.jobs import environment
from tools import programs

REPORT = "/api/v1/checks/sales"
DAY = "id,ts,amount\n1,2026-11-20 10:00:00,5\n2,2026-11-20 11:00:00,{amount}\n"
LIMITS = ("    date: ts", "    checks: {range: [{column: amount, high: 10, severity: critical}]}")
SLOW_TO_START = 30.0


def data(folder: Path, amount: int) -> None:
    (folder / "day.csv").write_text(DAY.format(amount=amount))


@pytest.fixture
def checks(tmp_path: Path) -> Path:
    """Checks of a day with an amount that is too large."""
    data(tmp_path, 99)
    return configured(tmp_path, *LIMITS)


def push(checks: Path, url: str, *options: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "exporter", "check", str(checks), "--push", url, *options]
    return subprocess.run(command, env=environment(), capture_output=True, text=True, check=False, timeout=60)


def sample(server: Server, name: str, **labels: str) -> float | None:
    """A family of checks on `/metrics`."""
    text = httpx.get(f"{server.url}/metrics", trust_env=False).text
    found = [
        one.value
        for family in text_string_to_metric_families(text)
        for one in family.samples
        if one.name == f"pipeline_check_{name}" and labels.items() <= one.labels.items()
    ]
    return found[0] if found else None


def held(server: Server) -> Any:
    return httpx.get(f"{server.url}{REPORT}", trust_env=False).json()


def test_a_pushed_report_reaches_prometheus_and_outlives_kill_9(
    checks: Path, tmp_path: Path, prometheus: StartPrometheus
) -> None:
    port, log = free_port(), tmp_path / "exporter.log"
    with serving(programs.exporter(port, log=log)) as server:
        done = push(checks, server.url, "--format", "json")
        assert (done.returncode, done.stderr) == (1, "")
        before = held(server)
        assert before == json.loads(done.stdout)
        asked = {"query": 'pipeline_check_status{dataset="sales",check="range",subject="amount"}'}
        judge = prometheus(exporter=port)
        [found] = wait_until(
            lambda: httpx.get(f"{judge.url}/api/v1/query", params=asked).json()["data"]["result"],
            SLOW_TO_START,
        )
        assert (found["value"][1], found["metric"]["team"]) == ("2", "shop")
        server.child.process.kill()
        server.child.process.wait()
    with serving(programs.exporter(port, log=log)) as server:
        assert held(server) == before
        data(tmp_path, 6)
        assert push(checks, server.url).returncode == 0
        assert sample(server, "status", dataset="sales", check="range") == 0


def test_an_exporter_that_is_away_changes_neither_report_nor_exit_code(checks: Path) -> None:
    done = push(checks, f"http://127.0.0.1:{free_port()}")
    assert done.returncode == 1
    assert done.stdout.startswith("FAIL  sales (shop), 2026-11-20: 2 rows")
    assert done.stderr.startswith("pipeline-health check: not pushed: no exporter at http://127.0.0.1:")
    assert done.stderr.count("\n") == 1


def scheduled(folder: Path, **said: object) -> Path:
    """A configuration that has the checks made each second."""
    path = folder / "exporter.yml"
    path.write_text(json.dumps({"datasets": [{"checks": "checks.yml", "every": "1s", **said}]}))
    return path


def children(checks: Path) -> list[int]:
    """Processes that check this file."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            command = (entry / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if str(checks).encode() in command and b"exporter.checks" in command:
            found.append(int(entry.name))
    return found


@pytest.mark.usefixtures("checks")
def test_scheduled_checks_follow_the_data_and_outlive_what_they_can_not_read(
    tmp_path: Path, exporter: StartExporter
) -> None:
    server = exporter("--config", str(scheduled(tmp_path)))
    assert sample(server, "interval_seconds", dataset="sales", team="shop") == 1
    wait_until(lambda: sample(server, "status", dataset="sales", check="range") == 2, SLOW_TO_START)
    data(tmp_path, 6)
    wait_until(lambda: sample(server, "status", dataset="sales", check="range") == 0, SLOW_TO_START)
    (tmp_path / "day.csv").unlink()
    wait_until(lambda: sample(server, "unreadable", dataset="sales") == 1, SLOW_TO_START)
    last = sample(server, "last_run_timestamp_seconds", dataset="sales")
    assert sample(server, "attempts_total", outcome="unreadable")
    data(tmp_path, 99)
    wait_until(lambda: sample(server, "unreadable", dataset="sales") == 0, SLOW_TO_START)
    wait_until(lambda: sample(server, "status", dataset="sales", check="range") == 2, SLOW_TO_START)
    newest = sample(server, "last_run_timestamp_seconds", dataset="sales")
    assert last is not None
    assert newest is not None
    assert newest > last


@pytest.fixture
def endless(checks: Path) -> Iterator[Path]:
    """Checks of data that never ends: a pipe into which nobody writes."""
    (checks.parent / "day.csv").unlink()
    os.mkfifo(checks.parent / "day.csv")
    yield checks
    assert children(checks) == []


@pytest.mark.usefixtures("endless")
def test_a_check_that_takes_too_long_is_ended_and_told(tmp_path: Path, exporter: StartExporter) -> None:
    server = exporter("--config", str(scheduled(tmp_path, within="2s")))
    wait_until(lambda: sample(server, "attempts_total", outcome="overdue"), SLOW_TO_START)
    assert sample(server, "unreadable", dataset="sales") == 1
    server.child.process.send_signal(signal.SIGTERM)
    assert server.child.process.wait(10) == 0


def test_who_ends_the_exporter_ends_its_check_and_is_not_kept_waiting(
    endless: Path, tmp_path: Path, exporter: StartExporter
) -> None:
    server = exporter("--config", str(scheduled(tmp_path)))
    wait_until(lambda: children(endless), SLOW_TO_START)
    assert httpx.get(f"{server.url}/-/healthy", trust_env=False).status_code == 200
    server.child.process.send_signal(signal.SIGTERM)
    assert server.child.process.wait(10) == 0


def test_the_check_of_an_exporter_that_was_killed_ends_by_itself(endless: Path, tmp_path: Path) -> None:
    config = scheduled(tmp_path, within="1s")
    program = programs.exporter(free_port(), "--config", str(config), log=tmp_path / "exporter.log")
    with serving(program) as server:
        wait_until(lambda: children(endless), SLOW_TO_START)
        server.child.process.kill()
        server.child.process.wait()
    wait_until(lambda: not children(endless), SLOW_TO_START)


def test_a_bad_file_of_checks_is_named_at_the_start(checks: Path, tmp_path: Path) -> None:
    checks.write_text("datasets:\n  - {nme: sales}\n")
    command = [sys.executable, "-m", "exporter", "serve", "--config", str(scheduled(tmp_path))]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 2
    place = f"{tmp_path}/exporter.yml: datasets[0].checks: {checks}:2: datasets[0]"
    assert f"{place}.nme: unknown key" in done.stderr
