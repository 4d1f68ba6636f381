"""Prometheus accepts the rules, they do what their tests say, and every alert says what people need."""

import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.rules import RULE_TESTS, RULES, rule_paths, rule_tests, rules_of
from tools.rules.files import rule_files

FILES = [*rule_paths("demo"), *rule_paths("prod")]
LINT = ("--lint=all", "--lint-fatal")
ALERTS = [rule for rule in rules_of("prod") if "alert" in rule]
# Always true: it can neither clear nor stay quiet.
WATCHDOG = "Watchdog"


def accepts(*command: str | Path) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def identity(rule: dict[str, Any]) -> str:
    escalated = rule["labels"].get("escalated_from")
    return "-".join(part for part in (rule["alert"], rule["labels"]["severity"], escalated) if part)


each_alert = pytest.mark.parametrize("rule", ALERTS, ids=identity)


def outcomes(rule: dict[str, Any]) -> list[list[bool]]:
    """For each test that looks for the rule's alert: whether it fires, check by check."""

    def fires(check: dict[str, Any]) -> bool:
        return any(rule["labels"].items() <= one["exp_labels"].items() for one in check.get("exp_alerts", ()))

    checks = [
        [one for one in test.get("alert_rule_test", ()) if one["alertname"] == rule["alert"]]
        for test in rule_tests()
    ]
    return [[fires(one) for one in found] for found in checks if found]


def test_the_rules_are_what_their_source_says() -> None:
    written = {path: path.read_text(encoding="utf-8") for path in RULES.rglob("*") if path.is_file()}
    assert written == rule_files(), "make rules"


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_prometheus_accepts_the_rules(promtool: Path, path: Path) -> None:
    accepts(promtool, "check", "rules", *LINT, path)


@pytest.mark.parametrize("path", RULE_TESTS, ids=lambda path: path.name)
def test_the_rules_do_what_their_tests_say(promtool: Path, path: Path) -> None:
    accepts(promtool, "test", "rules", path)


@each_alert
def test_every_alert_says_how_bad_it_is_what_happened_and_where_to_look(rule: dict[str, Any]) -> None:
    assert rule["labels"]["severity"] in {"critical", "high", "medium", "low"}
    assert rule["annotations"].keys() == {"summary", "description", "runbook_url", "dashboard_url"}
    assert rule["annotations"]["runbook_url"].endswith(f"/runbooks#{rule['alert'].lower()}")


@each_alert
def test_every_alert_is_tested_to_fire(rule: dict[str, Any]) -> None:
    assert any(any(outcome) for outcome in outcomes(rule))


@pytest.mark.parametrize("rule", [rule for rule in ALERTS if rule["alert"] != WATCHDOG], ids=identity)
def test_every_alert_is_tested_to_wait_to_clear_and_to_stay_quiet(rule: dict[str, Any]) -> None:
    found = outcomes(rule)
    assert any(outcome[-1] is False and True in outcome for outcome in found), "no test sees it clear"
    assert any(not any(outcome) for outcome in found), "no test sees it stay quiet"
    assert any(outcome[:2] == [False, True] for outcome in found) or "for" not in rule, "no test sees it wait"


def test_tests_are_sentences_of_their_own() -> None:
    names = [test["name"] for test in rule_tests()]
    assert len(names) == len(set(names))
    assert all(" " in name for name in names)
