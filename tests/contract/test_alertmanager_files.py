"""Alertmanager's own tool accepts the configuration and routes every alert to whom it should tell."""

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from exporter.alerting import Alertmanager
from exporter.alerting.receivers import render
from tests.alerts import ALERTS, COMMERCIAL, PLATFORM, TEAMS, Alert, alert
from tools.receivers import ALERTMANAGER

FOLDER = ALERTMANAGER.parent
ROOT = FOLDER.parent
DUTIES = {"critical": "page", "high": "channel", "medium": "ticket"}
# Alertmanager's --data.retention where nobody says otherwise.
RETENTION_HOURS = 120
DELIVERIES = re.compile(r"secrets/(.+)\.(\w+)")


@pytest.fixture(scope="module")
def content() -> Any:
    return YAML(typ="safe").load(ALERTMANAGER)


@pytest.fixture(scope="module")
def model() -> Alertmanager:
    return Alertmanager.load(ALERTMANAGER)


def expected(labels: dict[str, str]) -> list[str]:
    """Who must be told of an alert."""
    if labels["alertname"] == "Watchdog":
        return ["dead-man"]
    if labels["alertname"] == "PipelineUpstreamFailing":
        return ["on-record"]
    if labels["alertname"] == "PipelineEscalation":
        return ["incident-log", "next-in-line"]
    if labels["severity"] == "low":
        return ["incident-log", "on-record"]
    team = COMMERCIAL if labels["team"] == COMMERCIAL else PLATFORM
    return ["incident-log", f"{team}-{DUTIES[labels['severity']]}"]


def accepts(*command: str | Path) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def secrets_of(content: Any) -> set[str]:
    """Every secret file that the receivers name."""
    return set(re.findall(r"secrets/[\w.-]+", json.dumps(content["receivers"])))


def all_secrets(content: Any, folder: Path) -> Path:
    """A folder in which each of them has something in it."""
    for name in secrets_of(content):
        (folder / Path(name).name).write_text("http://127.0.0.1:9/\n")
    return folder


def test_every_alert_of_the_rules_is_in_the_table() -> None:
    rules = [
        rule
        for path in (ROOT / "prometheus/rules/prod").glob("*.yml")
        for group in YAML(typ="safe").load(path)["groups"]
        for rule in group["rules"]
    ]
    fired = {(rule["alert"], rule["labels"]["severity"]) for rule in rules if "alert" in rule}
    assert fired == {(alert.name, alert.severity) for alert in ALERTS}


def test_alertmanager_accepts_the_file_as_it_is(amtool: Path) -> None:
    accepts(amtool, "check-config", ALERTMANAGER)


def test_alertmanager_accepts_what_is_left_without_any_secret(amtool: Path, tmp_path: Path) -> None:
    rendered = tmp_path / "alertmanager.yml"
    rendered.write_text(render(ALERTMANAGER, {"secrets": tmp_path}).text)
    accepts(amtool, "check-config", rendered)


def test_alertmanager_accepts_what_is_left_with_all_secrets(
    amtool: Path, tmp_path: Path, content: Any
) -> None:
    rendered = tmp_path / "alertmanager.yml"
    answer = render(ALERTMANAGER, {"secrets": all_secrets(content, tmp_path)})
    assert [one for one in answer.integrations if one.missing] == []
    rendered.write_text(answer.text)
    accepts(amtool, "check-config", rendered)


@pytest.mark.parametrize("team", TEAMS)
@pytest.mark.parametrize("alert", ALERTS, ids=lambda alert: f"{alert.name}-{alert.severity}")
def test_every_alert_of_every_team_is_told_to_whom_it_should(
    amtool: Path, model: Alertmanager, alert: Alert, team: str
) -> None:
    labels = alert.of(team)
    receivers = expected(labels)
    words = [f"{name}={value}" for name, value in labels.items()]
    command = ("config", "routes", "test", f"--config.file={ALERTMANAGER}")
    accepts(amtool, *command, f"--verify.receivers={','.join(receivers)}", *words)
    assert model.receivers(labels) == receivers


@pytest.mark.parametrize(
    ("labels", "receivers"),
    [
        ({"alertname": "Own", "team": COMMERCIAL, "severity": "urgent"}, "commercial-analytics-ticket"),
        ({"alertname": "Own", "team": COMMERCIAL}, "commercial-analytics-ticket"),
        ({"alertname": "Own", "severity": "critical"}, "platform-page"),
        ({"alertname": "Own"}, "platform-ticket"),
    ],
    ids=["a severity that nobody knows", "no severity", "no team", "neither"],
)
def test_an_alert_that_says_too_little_is_told_to_somebody_all_the_same(
    amtool: Path, model: Alertmanager, labels: dict[str, str], receivers: str
) -> None:
    words = [f"{name}={value}" for name, value in labels.items()]
    command = ("config", "routes", "test", f"--config.file={ALERTMANAGER}")
    accepts(amtool, *command, f"--verify.receivers=incident-log,{receivers}", *words)
    assert model.receivers(labels) == ["incident-log", receivers]


def test_every_receiver_is_told_of_something(content: Any, model: Alertmanager) -> None:
    told = {name for alert in ALERTS for team in TEAMS for name in model.receivers(alert.of(team))}
    assert {receiver["name"] for receiver in content["receivers"]} == told


def test_people_are_all_but_the_logs_and_the_dead_man(content: Any, model: Alertmanager) -> None:
    names = {receiver["name"] for receiver in content["receivers"]}
    assert {name for name in names if not model.is_human(name)} == {"dead-man", "incident-log", "on-record"}


def with_escalations() -> list[dict[str, str]]:
    """The labels of every alert, and of what it is raised to."""
    names = {one.name for one in ALERTS}
    escalations = [alert("PipelineEscalation").of(escalated_alert=name) for name in sorted(names)]
    return [*(one.of() for one in ALERTS), *escalations]


def test_every_label_that_must_be_equal_is_on_both_sides_of_an_inhibition(model: Alertmanager) -> None:
    for rule in model.config.inhibit_rules:
        sources = [labels for labels in with_escalations() if rule.source_matchers.match(labels)]
        targets = [labels for labels in with_escalations() if rule.target_matchers.match(labels)]
        assert sources
        assert targets
        for labels in (*sources, *targets):
            assert set(rule.equal) <= labels.keys(), (labels["alertname"], rule.equal)


def test_no_alert_is_on_both_sides_of_an_inhibition(model: Alertmanager) -> None:
    for rule in model.config.inhibit_rules:
        both = [
            alert.name
            for alert in ALERTS
            if rule.source_matchers.match(alert.of()) and rule.target_matchers.match(alert.of())
        ]
        assert both == []


def test_no_interval_of_repetition_is_longer_than_the_memory_of_what_was_told(content: Any) -> None:
    hours = re.findall(r'"repeat_interval": "(\d+)h"', json.dumps(content))
    assert max(map(int, hours)) == RETENTION_HOURS


def test_every_team_has_the_three_ways_of_being_told(content: Any) -> None:
    ways: dict[str, set[str]] = {team: set() for team in (COMMERCIAL, PLATFORM, "next-in-line")}
    for name in secrets_of(content) - {"secrets/dead-man.webhook"}:
        found = DELIVERIES.fullmatch(name)
        assert found is not None, name
        ways[found[1]].add(found[2])
    assert set(map(frozenset, ways.values())) == {frozenset({"pagerduty", "slack", "email"})}


def test_no_secret_can_get_into_the_repository() -> None:
    ignored = (ROOT / ".gitignore").read_text().splitlines()
    assert {"/alertmanager/secrets/*", "!/alertmanager/secrets/README.md"} <= set(ignored)


def test_the_targets_of_both_ways_to_start_are_the_same_files() -> None:
    native, compose = FOLDER / "targets", FOLDER / "targets-compose"
    assert {path.name for path in native.iterdir()} == {path.name for path in compose.iterdir()}
    assert (native / "incidents.url").read_text() == "http://127.0.0.1:9888/api/v1/alerts\n"
    assert (compose / "incidents.url").read_text() == "http://exporter:9888/api/v1/alerts\n"


def test_every_receiver_and_every_inhibiting_alert_is_explained(content: Any, model: Alertmanager) -> None:
    explained = (ROOT / "docs/alerting.md").read_text()
    assert [one["name"] for one in content["receivers"] if f"`{one['name']}`" not in explained] == []
    rules = model.config.inhibit_rules
    sources = {alert.name for rule in rules for alert in ALERTS if rule.source_matchers.match(alert.of())}
    tiers = {name for name in sources if name.startswith("PipelineSlo")}
    assert {name for name in sources - tiers if name not in explained} == set()
