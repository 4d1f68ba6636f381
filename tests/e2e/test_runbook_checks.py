"""What runbooks tell people to paste works: real servers answer every query and every command."""

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import httpx
import pytest
from ruamel.yaml import YAML

from tests.conftest import StartAlertmanager, StartExporter, StartPrometheus, required
from tests.servers import Server, wait_until
from tools.runbooks import ROOT, SOURCE, sections

TEXT = SOURCE.read_text(encoding="utf-8")
PASTED = [token for section in sections(TEXT) for token in section.body if token.type == "fence"]
QUERIES = [token.content for token in PASTED if token.info == "promql"]
COMMANDS = [token.content for token in PASTED if token.info == "sh"]
PORTS = {"exporter": 9888, "prometheus": 9090, "alertmanager": 9093}
PATIENCE = 30
# Every part of the stack has said something about itself and about the others.
AWAKE = ("slo:current_burn_rate:ratio", 'ALERTS{alertname="Watchdog"}', "alertmanager_notifications_total")

Stack = dict[str, Server]


@pytest.fixture
def stack(exporter: StartExporter, alertmanager: StartAlertmanager, prometheus: StartPrometheus) -> Stack:
    watched = exporter("--profile", "demo")
    telling = alertmanager(exporter=watched.port)
    asking = prometheus(exporter=watched.port, alertmanager=telling.port)
    wait_until(lambda: all(ask(asking, query)["data"]["result"] for query in AWAKE), PATIENCE)
    return {"exporter": watched, "prometheus": asking, "alertmanager": telling}


def ask(server: Server, query: str) -> Any:
    return httpx.get(f"{server.url}/api/v1/query", params={"query": query}).json()


def with_ports(command: str, stack: Stack) -> str:
    """The command for these servers; curl fails where it would only print what is wrong."""
    for name, port in PORTS.items():
        command = command.replace(f":{port}/", f":{stack[name].port}/")
    return command.replace("curl -s", "curl -sS --fail")


def test_prometheus_answers_every_query(stack: Stack) -> None:
    answers = {query: ask(stack["prometheus"], query) for query in QUERIES}
    assert [(query, one.get("error")) for query, one in answers.items() if one["status"] != "success"] == []


def test_the_servers_answer_every_command(stack: Stack) -> None:
    required("curl", Path(found) if (found := shutil.which("curl")) else None)
    commands = [with_ports(command, stack) for command in COMMANDS if command.startswith("curl")]
    assert len(commands) > len(PORTS)
    for command in commands:
        done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr) == (0, ""), command


def test_alertmanager_takes_the_silence(alertmanager: StartAlertmanager, amtool: Path) -> None:
    [silence] = [command for command in COMMANDS if command.startswith("amtool ")]
    server = alertmanager()
    command = silence.replace("amtool", str(amtool), 1).replace(str(PORTS["alertmanager"]), str(server.port))
    subprocess.run(["sh", "-c", command], check=True)
    [taken] = httpx.get(f"{server.url}/api/v2/silences").json()
    matched = {matcher["name"]: matcher["value"] for matcher in taken["matchers"]}
    names = {section.title for section in sections(TEXT) if section.level == 3}
    assert matched.keys() == {"alertname", "pipeline", "stage"}
    assert matched["alertname"] in names


def test_commands_for_compose_name_its_services() -> None:
    services = YAML(typ="safe").load(ROOT / "docker-compose.yml")["services"].keys()
    named = re.findall(r"docker compose (?:logs --tail 50|restart|up -d) ([\w-]+)", TEXT)
    assert TEXT.count("docker compose") == len(named)
    assert set(named) <= services
