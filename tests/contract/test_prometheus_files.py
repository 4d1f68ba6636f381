"""Prometheus' and Alertmanager's own tools accept the repository's files, and the rule tests pass."""

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from ruamel.yaml import YAML

from tests.servers import Server, wait_until

ROOT = Path(__file__).parents[2]
RULES = sorted((ROOT / "prometheus/rules").glob("*.yml"))
RULE_TESTS = sorted((ROOT / "prometheus/rules/tests").glob("*.test.yml"))

LINT = ("--lint=all", "--lint-fatal")


def accepts(*command: str | Path) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def load(path: Path) -> Any:
    return YAML(typ="safe").load(path)


def alerts() -> list[Any]:
    rules = [rule for path in RULES for group in load(path)["groups"] for rule in group["rules"]]
    return [pytest.param(rule, id=rule["alert"]) for rule in rules if "alert" in rule]


def test_prometheus_accepts_its_configuration(promtool: Path) -> None:
    accepts(promtool, "check", "config", *LINT, ROOT / "prometheus/prometheus.yml")


@pytest.mark.parametrize("path", RULES, ids=lambda path: path.stem)
def test_prometheus_accepts_the_rules(promtool: Path, path: Path) -> None:
    accepts(promtool, "check", "rules", *LINT, path)


@pytest.mark.parametrize("path", RULE_TESTS, ids=lambda path: path.name)
def test_the_rules_do_what_their_tests_say(promtool: Path, path: Path) -> None:
    accepts(promtool, "test", "rules", path)


@pytest.mark.parametrize("rule", alerts())
def test_every_alert_says_how_bad_it_is_and_what_happened(rule: dict[str, Any]) -> None:
    assert rule["labels"]["severity"] in {"critical", "high", "medium", "low"}
    assert {"summary", "description"} <= rule["annotations"].keys()


@pytest.mark.parametrize("rule", alerts())
def test_every_alert_is_tested_to_fire_and_to_clear_and_to_stay_quiet(rule: dict[str, Any]) -> None:
    patterns = [
        [
            bool(check.get("exp_alerts"))
            for check in test.get("alert_rule_test", [])
            if check["alertname"] == rule["alert"]
        ]
        for path in RULE_TESTS
        for test in load(path)["tests"]
    ]
    assert any(pattern[-2:] == [True, False] for pattern in patterns), "no test sees it fire and clear"
    assert any(pattern and not any(pattern) for pattern in patterns), "no test sees it stay quiet"


def test_alertmanager_accepts_its_configuration(amtool: Path) -> None:
    accepts(amtool, "check-config", ROOT / "alertmanager/alertmanager.yml")


def test_prometheus_finds_its_targets_and_its_alertmanager(
    prometheus: Callable[..., Server], alertmanager: Callable[[], Server]
) -> None:
    receiving = alertmanager()
    scraping = prometheus(alertmanager=receiving.port)

    def jobs_that_are_up() -> set[str]:
        answer = httpx.get(f"{scraping.url}/api/v1/query", params={"query": "up == 1"}).json()
        return {series["metric"]["job"] for series in answer["data"]["result"]}

    def alertmanagers() -> list[str]:
        answer = httpx.get(f"{scraping.url}/api/v1/alertmanagers").json()
        return [active["url"] for active in answer["data"]["activeAlertmanagers"]]

    wait_until(lambda: {"prometheus", "alertmanager"} <= jobs_that_are_up())
    assert wait_until(alertmanagers) == [f"{receiving.url}/api/v2/alerts"]
