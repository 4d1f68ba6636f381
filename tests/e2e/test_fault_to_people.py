"""From a fault to people and back, through the real Prometheus and Alertmanager with the demo rules.

In the middle each of the three is ended and started again: what is to be told is told once.
"""

import json
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import expect, sync_playwright

from tests.browser.conftest import ARGUMENTS
from tests.servers import free_port, wait_until
from tests.unit.web.pipelines import calm, written
from tools import children, programs
from tools.children import Child
from tools.loopback import HOST
from tools.programs import Program
from tools.receivers import write_alertmanager
from tools.targets import copy_configuration

TOLD_SECONDS = 90
OVER_SECONDS = 240
SLOWDOWN = {"stage": "enrich", "kind": "slowdown", "factor": 10}


@dataclass
class Channel:
    """The team's channel at a chat service: keeps what is posted there."""

    messages: list[str] = field(default_factory=list)

    def serve(self) -> ThreadingHTTPServer:
        channel = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                message = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                [shown] = message["attachments"]
                channel.messages.append(f"{shown['title']}\n{shown['text']}")
                self.send_response(200)
                self.end_headers()
                self.wfile.write(b"ok")

            def log_message(self, *_: object) -> None:
                """Nobody reads it."""

        server = ThreadingHTTPServer((HOST, 0), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return server


@dataclass
class Stack:
    """The three programs, to be ended and started again on the same ports and data."""

    programs: dict[str, Program]
    running: dict[str, Child] = field(default_factory=dict)

    def start(self, name: str) -> None:
        self.running[name] = children.start(self.programs[name])
        children.wait_until_ready([self.running[name]])

    def end(self, name: str, how: signal.Signals) -> None:
        self.running[name].process.send_signal(how)
        self.running[name].process.wait(timeout=20)

    def url(self, name: str) -> str:
        return f"http://{HOST}:{self.programs[name].port}"

    def get(self, name: str, path: str) -> Any:
        return httpx.get(self.url(name) + path).json()

    def break_enrich(self, seconds: int) -> None:
        fault = {**SLOWDOWN, "for": f"{seconds}s"}
        assert httpx.post(f"{self.url('exporter')}/api/v1/faults", json=fault).status_code == 201

    def incidents(self, state: str) -> Any:
        found = self.get("exporter", f"/api/v1/incidents?state={state}")
        return [incident for incident in found if incident["pipeline"] == "business-signals"]


@pytest.fixture(scope="module")
def channel() -> Iterator[tuple[Channel, int]]:
    found = Channel()
    server = found.serve()
    yield found, server.server_port
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def stack(
    prometheus_binary: Path,
    alertmanager_binary: Path,
    channel: tuple[Channel, int],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Stack]:
    """All three with the repository's configuration, on free ports; the team has a channel."""
    folder = tmp_path_factory.mktemp("incidents")
    ports = {name: free_port() for name in ("exporter", "prometheus", "alertmanager")}
    (folder / "secrets").mkdir()
    (folder / "secrets/commercial-analytics.slack").write_text(f"http://{HOST}:{channel[1]}/\n")
    receivers, _ = write_alertmanager(folder, ports["exporter"], folder / "secrets")
    configuration = copy_configuration(folder / "configuration", ports)
    calmly = ("--profile", "demo", "--config", str(written(calm(), folder)))
    found = Stack(
        {
            "exporter": programs.exporter(ports["exporter"], *calmly, log=folder / "exporter.log"),
            "alertmanager": programs.alertmanager(
                alertmanager_binary, ports["alertmanager"], receivers, folder
            ),
            "prometheus": programs.prometheus(prometheus_binary, ports["prometheus"], configuration, folder),
        }
    )
    with ExitStack() as ending:
        ending.callback(lambda: children.stop(list(found.running.values())))
        for name in found.programs:
            found.start(name)
        yield found


@pytest.fixture(scope="module")
def opened(stack: Stack) -> dict[str, Any]:
    """A stage that does a tenth of its work, and the incident that comes of it."""
    wait_until(lambda: stack.get("prometheus", "/api/v1/query?query=up")["data"]["result"], TOLD_SECONDS)
    stack.break_enrich(70)
    [incident] = wait_until(lambda: stack.incidents("open"), TOLD_SECONDS)
    found: dict[str, Any] = incident
    return found


def told(stack: Stack, alert: str) -> Callable[[], Any]:
    """Asks whether an open incident knows of the alert."""
    return lambda: [
        one for one in stack.incidents("open") if alert in {a["labels"]["alertname"] for a in one["alerts"]}
    ]


def test_the_fast_burn_becomes_an_incident_that_says_what_is_wrong(
    stack: Stack, opened: dict[str, Any]
) -> None:
    [incident] = wait_until(told(stack, "PipelineSloPageFast"), TOLD_SECONDS)
    assert incident["id"] == opened["id"]
    assert incident["team"] == "commercial-analytics"
    assert incident["severity"] == "critical"
    assert "enrich" in incident["summary"]
    assert "5 of 50" in incident["summary"]


def test_the_page_shows_red_and_the_incident(stack: Stack, opened: dict[str, Any], chromium: Path) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        page = browser.new_page()
        page.goto(stack.url("exporter"))
        expect(page.get_by_test_id("overall-light")).to_have_attribute("data-health", "critical")
        expect(page.locator("body")).to_contain_text(opened["summary"].split(":")[0])
        browser.close()


def test_all_three_are_ended_and_started_again_and_it_is_still_one_incident(
    stack: Stack, opened: dict[str, Any]
) -> None:
    acknowledged = {"acknowledged": True, "by": "anna", "note": "on it"}
    answer = httpx.post(f"{stack.url('exporter')}/api/v1/incidents/{opened['id']}", json=acknowledged)
    assert answer.status_code == 200
    # Alertmanager writes down whom it told when it is asked to end, and every few minutes.
    for name, how in (
        ("prometheus", signal.SIGKILL),
        ("alertmanager", signal.SIGTERM),
        ("exporter", signal.SIGKILL),
    ):
        stack.end(name, how)
        stack.start(name)
    stack.break_enrich(30)
    [incident] = stack.incidents("open")
    assert incident["id"] == opened["id"]
    assert incident["acknowledged_by"] == "anna"
    assert incident["note"] == "on it"


def test_what_is_over_is_told_and_closes_the_incident(
    stack: Stack, opened: dict[str, Any], channel: tuple[Channel, int]
) -> None:
    wait_until(lambda: not stack.incidents("open"), OVER_SECONDS)
    [incident] = stack.incidents("resolved")
    assert incident["id"] == opened["id"]
    assert incident["ended"] is not None
    messages = channel[0].messages
    assert len(messages) == len(set(messages)), "\n\n".join(messages)
    assert messages[-1].startswith("[RESOLVED]")
