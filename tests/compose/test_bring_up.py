"""Everything that the Compose file starts, in real containers: ``make test-compose``.

Images that can't be pulled have stand-ins; Grafana has none. Where it can't be had, it is left out, and the
test of its dashboards fails under CI and is skipped elsewhere.
"""

import itertools
import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.browser.conftest import launched
from tests.conftest import lacking
from tests.grafana_pages import HOME, WIDTHS, dashboards, faults, visiting
from tests.servers import free_port, wait_until
from tools import compose, standins
from tools.loopback import HOST

ROOT = Path(__file__).parents[2]
SERVICES = ("exporter", "alertmanager", "prometheus")
GRAFANA = "grafana"
ONCE = "alertmanager-config"
PIPELINE = "business-signals"
HEALTH = "pipeline_stage_health"
ACKNOWLEDGED = ("id", "started", "acknowledged", "acknowledged_by", "note")
UP_SECONDS = 900
TOLD_SECONDS = 120
FAULT = {"stage": "enrich", "kind": "slowdown", "factor": 4, "for": "600s"}


@dataclass
class Project:
    """The stack under a name and on ports of its own."""

    command: list[str]
    ports: dict[str, int]
    services: list[str]
    variables: dict[str, str]

    def run(self, *arguments: str) -> str:
        """What Compose says; the test fails when it fails."""
        done = subprocess.run(
            [*self.command, *arguments],
            cwd=ROOT, env={**os.environ, **self.variables}, text=True, check=False, timeout=UP_SECONDS,
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


def insist_on_an_engine() -> None:
    """Without one these tests fail, wherever they run."""
    assert shutil.which("docker"), "no Docker on PATH: install it (on Debian: apt-get install docker.io)"
    asked = subprocess.run(["docker", "version"], capture_output=True, text=True, check=False)
    assert asked.returncode == 0, (
        f"no Docker engine answers: start one (systemctl start docker), or name it in DOCKER_HOST. "
        f"Docker says: {asked.stderr.strip()}"
    )


@pytest.fixture(scope="module")
def services() -> Iterator[list[str]]:
    """What there are images for; those that can't be pulled have stand-ins until the end."""
    insist_on_an_engine()
    with standins.images() as stand_ins:
        print(f"stand-ins: {', '.join(stand_ins) or 'none'}")
        wanted = standins.pinned()
        found = [name for name in wanted if name not in (GRAFANA, standins.BASE)]
        if standins.is_had(wanted[GRAFANA]):
            yield [*found, GRAFANA]
        else:
            print(f"{wanted[GRAFANA]} can't be pulled and has no stand-in: all come up but Grafana")
            yield found


@pytest.fixture(scope="module")
def secrets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a team's secret, for its group alone."""
    folder = tmp_path_factory.mktemp("secrets")
    secret = folder / "platform.slack"
    secret.write_text("http://127.0.0.1:9/never-heard\n")
    secret.chmod(0o640)
    for above in (folder, *folder.parents[:2]):
        above.chmod(0o755)
    return folder


@pytest.fixture(scope="module")
def project(
    services: list[str], secrets: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Project]:
    """Up and healthy; gone with its volumes afterwards."""
    compose_command = compose.find()
    assert compose_command is not None, "Docker Compose is missing: make compose"
    other = tmp_path_factory.mktemp("compose") / "secrets.yml"
    mounted = {"volumes": [f"{secrets}:/etc/alertmanager/secrets:ro"]}
    other.write_text(json.dumps({"services": {ONCE: mounted, "alertmanager": mounted}}))
    files = ("--file", "docker-compose.yml", "--file", str(other), "--env-file", ".env.example")
    ports = {service: free_port() for service in (*SERVICES, GRAFANA)}
    variables = {f"{name.upper()}_PORT": str(port) for name, port in ports.items()}
    variables["SECRETS_GROUP"] = str(secrets.stat().st_gid)
    command = [*compose_command, *files, "--project-name", "pipeline-health-test"]
    found = Project(command, ports, services, variables)
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

    def told() -> list[Any]:
        open_ones = project.get("exporter", "/api/v1/incidents", state="open")
        return [one for one in open_ones if one["pipeline"] == PIPELINE]

    [found] = wait_until(told, deadline_seconds=TOLD_SECONDS)
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


def test_a_receiver_is_on_whose_secret_only_its_group_may_read(project: Project) -> None:
    said = project.run("logs", "--no-log-prefix", ONCE).splitlines()
    on = {line for line in said if line.startswith("on ") and "webhook" not in line}
    assert on == {"on   platform-page slack", "on   platform-channel slack"}
    secret = project.run("exec", "alertmanager", "cat", "/etc/alertmanager/secrets/platform.slack")
    assert secret.strip() == "http://127.0.0.1:9/never-heard"


@pytest.mark.parametrize("service", SERVICES)
def test_nothing_can_be_written_but_the_data(project: Project, service: str) -> None:
    tried = project.run("exec", service, "sh", "-c", "touch /etc/new 2>&1; touch /tmp/new && echo fine")
    assert "Read-only file system" in tried
    assert tried.endswith("fine\n")


@pytest.mark.usefixtures("incident")
def test_the_alerts_are_at_alertmanager(project: Project) -> None:
    def names() -> set[str]:
        alerts = project.get("alertmanager", "/api/v2/alerts", active="true")
        return {alert["labels"]["alertname"] for alert in alerts}

    # Prometheus says again after a minute what it could not say at its start.
    wait_until(lambda: {"Watchdog", "PipelineSloPageFast"} <= names(), deadline_seconds=TOLD_SECONDS)


@dataclass(frozen=True)
class Kept:
    """What was known at a moment."""

    at: datetime
    known: dict[str, Any]


def known(project: Project, at: datetime) -> dict[str, Any]:
    """The incident and who works on it, what is silenced, and what Prometheus knew at a moment."""
    incidents = project.get("exporter", "/api/v1/incidents")
    health = project.get("prometheus", "/api/v1/query", query=HEALTH, time=str(at.timestamp()))
    return {
        "incidents": [
            {key: one[key] for key in ACKNOWLEDGED} for one in incidents if one["pipeline"] == PIPELINE
        ],
        "silences": [(one["id"], one["comment"]) for one in project.get("alertmanager", "/api/v2/silences")],
        "health": sorted(health["data"]["result"], key=str),
    }


@pytest.fixture(scope="module")
def kept(project: Project, incident: Any) -> Kept:
    """Somebody works on the incident, something is silenced, and Prometheus has seen stages."""
    began = datetime.now(UTC)
    working = {"acknowledged": True, "by": "anna", "note": "on it"}
    silence = {
        "matchers": [{"name": "team", "value": "nobody", "isRegex": False, "isEqual": True}],
        "startsAt": began.isoformat(),
        "endsAt": (began + timedelta(hours=1)).isoformat(),
        "createdBy": "test",
        "comment": "to be found again",
    }
    for url, content in (
        (f"{project.url('exporter')}/api/v1/incidents/{incident['id']}", working),
        (f"{project.url('alertmanager')}/api/v2/silences", silence),
    ):
        posted = httpx.post(url, json=content, timeout=5)
        assert posted.status_code == 200, posted.text
    # What is scraped at this moment may come a little later.
    at = began - timedelta(seconds=5)
    found = known(project, at)
    assert [(one["id"], one["note"]) for one in found["incidents"]] == [(incident["id"], "on it")]
    assert found["silences"]
    assert found["health"]
    return Kept(at, found)


def test_nothing_is_lost_when_each_of_them_is_restarted(project: Project, kept: Kept) -> None:
    for service in project.services:
        if service != ONCE:
            project.restart(service)
    assert known(project, kept.at) == kept.known


def test_nothing_is_lost_when_all_containers_are_replaced(project: Project, kept: Kept) -> None:
    before = project.run("ps", "--all", "--quiet").split()
    project.run("up", "--detach", "--wait", "--force-recreate", *project.services)
    after = project.run("ps", "--all", "--quiet").split()
    assert len(before) == len(after) == len(project.services)
    assert set(before).isdisjoint(after)
    assert known(project, kept.at) == kept.known


def test_grafana_shows_every_dashboard(project: Project, chromium: Path) -> None:
    if GRAFANA not in project.services:
        lacking("Grafana's image can't be pulled and has no stand-in: nobody has looked at the dashboards")
    boards = {board.uid: board for board in dashboards()}
    pages = [("/", boards[HOME]), *((f"/d/{uid}", board) for uid, board in boards.items())]
    found = []
    with launched(chromium) as browser:
        for (path, board), width in itertools.product(pages, WIDTHS):
            with visiting(browser, project.url(GRAFANA) + path, width) as visit:
                found += [f"{path} at {width} px: {fault}" for fault in faults(visit, board, width)]
    assert not found, "\n".join(found)
