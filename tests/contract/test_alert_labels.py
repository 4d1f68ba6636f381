"""The labels that rule tests see are those that Alertmanager's routes and inhibitions are tested with."""

from typing import Any

import pytest

from tests.alerts import ALERTS, Alert
from tests.rules import RULE_TESTS, load, rules_of

COMMON = {"severity", "team"}
# An escalation has what the alert had that it raises.
ESCALATION = "PipelineEscalation"


def seen(alert: Alert) -> list[dict[str, str]]:
    """The labels of every alert of this name and severity in the rule tests."""
    checks: list[dict[str, Any]] = [
        check
        for path in RULE_TESTS
        for test in load(path)["tests"]
        for check in test.get("alert_rule_test", ())
    ]
    found = [
        one["exp_labels"]
        for check in checks
        if check["alertname"] == alert.name
        for one in check.get("exp_alerts", ())
    ]
    return [labels for labels in found if labels["severity"] == alert.severity]


def test_the_alerts_are_those_of_the_rules() -> None:
    of_rules = {(rule["alert"], rule["labels"]["severity"]) for rule in rules_of("prod") if "alert" in rule}
    assert {(alert.name, alert.severity) for alert in ALERTS} == of_rules


@pytest.mark.parametrize("alert", ALERTS, ids=lambda alert: f"{alert.name}-{alert.severity}")
def test_an_alert_has_the_labels_that_are_agreed(alert: Alert) -> None:
    assert seen(alert)
    for labels in seen(alert):
        if alert.name == ESCALATION:
            assert {"escalated_alert", "escalated_from"} <= labels.keys()
        else:
            assert labels.keys() == COMMON | set(alert.labels)
