"""Everything that the Compose file starts, in real containers: ``make test-compose``.

Images that can't be pulled have stand-ins; Grafana has none, and is left out where it can't be had.
"""

import os
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.servers import free_port, wait_until
from tools import compose, standins
from tools.loopback import HOST

ROOT = Path(__file__).parents[2]
SERVICES = ("exporter", "alertmanager", "prometheus")
UP_SECONDS = 300
TOLD_SECONDS = 120
FAULT = {"stage": "enrich", "kind": "slowdown", "factor": 4, "for": "600s"}


@dataclass
class Project:
    """The stack under a name and on ports of its own."""

    command: list[str]
    ports: dict[str, int]
    services: list[str]

    def run(self, *arguments: str) -> str:
        """What Compose says; the test fails when it fails."""
        variables = {f"{name.upper()}_PORT": str(port) for name, port in self.ports.items()}
        # The legacy builder is everywhere; BuildKit is not.
        environment = {**os.environ, **variables, "DOCKER_BUILDKIT": "0"}
        command = [*self.command, "--project-name", "pipeline-health-test", *arguments]
        done = subprocess.run(
            command, cwd=ROOT, env=environment, text=True, check=False, timeout=UP_SECONDS,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout
        return done.stdout

    def url(self, service: str) -> str:
        return f"http://{HOST}:{self.ports[service]}"

    def get(self, service: str, path: str, **parameters: str) -> Any:
        return httpx.get(self.url(service) + path, params=parameters, timeout=5).json()

    def restart(self, service: str) -> None:
        """Restart it and wait until it is healthy again."""
        self.run("restart", service)
        self.run("up", "--detach", "--wait", "--no-recreate", service)


@pytest.fixture(scope="module")
def project() -> Iterator[Project]:
    """Up and healthy; gone with its volumes afterwards."""
    command = compose.find()
    assert command is not None, "Docker Compose is missing: make compose"
    engine = subprocess.run(["docker", "info"], capture_output=True, text=True, check=False)
    assert engine.returncode == 0, f"no Docker engine answers, start one: {engine.stderr.strip()}"
    assert standins.main() == 0
    services = [*SERVICES, *(["grafana"] if standins.is_had(standins.pinned()["grafana"]) else [])]
    if "grafana" not in services:
        print("Grafana's image can't be pulled and has no stand-in: the stack comes up without it")
    ports = {service: free_port() for service in (*SERVICES, "grafana")}
    found = Project(command, ports, services)
    try:
        began = time.monotonic()
        found.run("up", "--detach", "--build", "--wait", *services)
        print(f"built, up and healthy after {time.monotonic() - began:.0f} s")
        yield found
    finally:
        print(found.run("logs", "--tail", "20"))
        found.run("down", "--volumes", "--timeout", "5")


@pytest.fixture(scope="module")
def incident(project: Project) -> Any:
    """A stage that does a quarter of its work, and what comes of it."""
    assert httpx.post(f"{project.url('exporter')}/api/v1/faults", json=FAULT).status_code == 201
    began = time.monotonic()
    [found] = wait_until(
        lambda: project.get("exporter", "/api/v1/incidents", state="open"), deadline_seconds=TOLD_SECONDS
    )
    print(f"incident {time.monotonic() - began:.0f} s after the fault: {found['summary']}")
    return found


def test_every_target_is_up(project: Project) -> None:
    def up() -> bool:
        targets = project.get("prometheus", "/api/v1/targets")["data"]["activeTargets"]
        return {target["labels"]["job"] for target in targets if target["health"] == "up"} == {
            "pipeline-health",
            "prometheus",
            "alertmanager",
        }

    wait_until(up, deadline_seconds=30)


def test_nobody_runs_as_root(project: Project) -> None:
    for service in SERVICES:
        assert project.run("exec", service, "id", "-u").strip() != "0"


def test_the_alerts_are_at_alertmanager(project: Project, incident: Any) -> None:
    def names() -> set[str]:
        alerts = project.get("alertmanager", "/api/v2/alerts", active="true")
        return {alert["labels"]["alertname"] for alert in alerts}

    assert incident["pipeline"] == "business-signals"
    # Prometheus says again after a minute what it could not say at its start.
    wait_until(lambda: {"Watchdog", "PipelineSloPageFast"} <= names(), deadline_seconds=TOLD_SECONDS)


def test_nothing_is_lost_when_each_of_them_is_restarted(project: Project, incident: Any) -> None:
    began = datetime.now(UTC)
    silence = {
        "matchers": [{"name": "team", "value": "nobody", "isRegex": False, "isEqual": True}],
        "startsAt": began.isoformat(),
        "endsAt": (began + timedelta(hours=1)).isoformat(),
        "createdBy": "test",
        "comment": "to be found again",
    }
    posted = httpx.post(f"{project.url('alertmanager')}/api/v2/silences", json=silence, timeout=5)
    assert posted.status_code == 200, posted.text
    before = str(began.timestamp())
    health = "pipeline_stage_health"
    assert project.get("prometheus", "/api/v1/query", query=health, time=before)["data"]["result"]

    for service in ("prometheus", "alertmanager", "exporter"):
        project.restart(service)

    known = project.get("exporter", "/api/v1/incidents")
    assert incident["id"] in {one["id"] for one in known}
    assert project.get("prometheus", "/api/v1/query", query=health, time=before)["data"]["result"]
    [kept] = project.get("alertmanager", "/api/v2/silences")
    assert (kept["id"], kept["comment"]) == (posted.json()["silenceID"], "to be found again")
