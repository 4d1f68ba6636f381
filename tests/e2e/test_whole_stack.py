"""The stack that a newcomer starts: comes up, says where to look, and leaves nothing behind."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.servers import free_port, wait_until
from tools.loopback import is_taken

ROOT = Path(__file__).parents[2]
READY_LINE = "Ctrl-C stops all.\n"
END_SECONDS = 30

# The folder of a stack that somebody runs at the same time stays untouched.
STACK = """
import sys
from pathlib import Path
from tools import stack

stack.RUN_FOLDER = Path(sys.argv.pop(1))
sys.exit(stack.main())
"""


@pytest.fixture
def ports() -> dict[str, int]:
    return {name: free_port() for name in ("exporter", "prometheus", "alertmanager")}


@pytest.fixture
def stack(
    ports: dict[str, int],
    tmp_path: Path,
    prometheus_binary: Path,
    alertmanager_binary: Path,
) -> Iterator[subprocess.Popen[str]]:
    """The stack on free ports, with the binaries found here."""
    assert prometheus_binary.exists()
    assert alertmanager_binary.exists()
    options = [word for name, port in ports.items() for word in (f"--{name}-port", str(port))]
    command = [sys.executable, "-c", STACK, str(tmp_path), *options, "--speed", "10"]
    with (
        (tmp_path / "stack.err").open("w") as errors,
        subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=errors, text=True) as process,
    ):
        try:
            yield process
        finally:
            process.terminate()
            process.wait()


def shown_until_ready(process: subprocess.Popen[str]) -> str:
    """What it prints until it says how to stop it."""
    assert process.stdout is not None
    return "".join(iter(process.stdout.readline, READY_LINE))


def test_the_stack_comes_up_says_where_to_look_and_stops_at_ctrl_c(
    stack: subprocess.Popen[str], ports: dict[str, int]
) -> None:
    shown = shown_until_ready(stack)
    assert "Everything runs:" in shown
    urls = re.findall(r"http://\S+", shown)
    assert {httpx.URL(url).port for url in urls} == set(ports.values())
    assert {httpx.get(url).status_code for url in urls} == {200}

    def jobs_that_are_up() -> set[str]:
        url = f"http://127.0.0.1:{ports['prometheus']}/api/v1/query"
        answer = httpx.get(url, params={"query": "up == 1"}).json()
        return {series["metric"]["job"] for series in answer["data"]["result"]}

    wait_until(lambda: jobs_that_are_up() == {"pipeline-health", "prometheus", "alertmanager"}, END_SECONDS)
    os.kill(stack.pid, signal.SIGINT)
    assert stack.wait(timeout=END_SECONDS) == 0
    assert not [port for port in ports.values() if is_taken(port)]
