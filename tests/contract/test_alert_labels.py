"""The labels that rule tests see are those that Alertmanager's routes and inhibitions are tested with."""

import pytest

from tests.alerts import ALERTS, Alert
from tests.rules import rule_tests, rules_of

COMMON = {"severity", "team"}
# An escalation has what the alert had that it raises.
ESCALATION = "PipelineEscalation"
# Nobody is known to write some datasets.
WITHOUT_A_PIPELINE = "PipelineDatasetStale"
# Only texts need them.
IN_WORDS = {"profile", "time_scale"}


def seen(alert: Alert) -> list[dict[str, str]]:
    """The labels of every alert of this name and severity in the rule tests."""
    expected = [
        one["exp_labels"]
        for test in rule_tests()
        for check in test.get("alert_rule_test", ())
        if check["alertname"] == alert.name
        for one in check.get("exp_alerts", ())
    ]
    return [labels for labels in expected if labels["severity"] == alert.severity]


def test_the_alerts_are_those_of_the_rules() -> None:
    of_rules = {(rule["alert"], rule["labels"]["severity"]) for rule in rules_of("prod") if "alert" in rule}
    assert {(alert.name, alert.severity) for alert in ALERTS} == of_rules


@pytest.mark.parametrize("alert", ALERTS, ids=lambda alert: f"{alert.name}-{alert.severity}")
def test_an_alert_has_the_labels_that_are_agreed(alert: Alert) -> None:
    assert seen(alert)
    for labels in seen(alert):
        if alert.name == ESCALATION:
            assert {"escalated_alert", "escalated_from"} <= labels.keys()
        elif "pipeline" in labels or alert.name != WITHOUT_A_PIPELINE:
            assert labels.keys() - IN_WORDS == COMMON | set(alert.labels)
