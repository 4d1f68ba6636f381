"""Escalation: what still fires after its time is raised by one severity and told to the next in line.

People take the same time in both profiles.
"""

from typing import NamedTuple

from tools.rules.profile import seconds
from tools.rules.rule import Alert, Group


class Step(NamedTuple):
    """From one severity to the next, after `patience`."""

    severity: str
    raised: str
    patience: str


# Nothing is above critical: that goes to the next in line as it is.
STEPS = (Step("critical", "critical", "30m"), Step("high", "critical", "2h"), Step("medium", "high", "3d"))


def escalation_groups() -> list[Group]:
    """A rule for each severity that can be raised."""
    return [Group("escalation", [escalation(step) for step in STEPS])]


def escalation(step: Step) -> Alert:
    """Alerts of one severity that have fired for too long."""
    chosen = f'severity="{step.severity}", alertname!="PipelineEscalation"'
    return Alert(
        "PipelineEscalation",
        step.raised,
        f"""
        label_replace(
          (time() - ALERTS_FOR_STATE{{{chosen}}} >= {seconds(step.patience)})
          and ignoring (alertstate)
          ALERTS{{alertstate="firing", {chosen}}},
          "escalated_alert", "$1", "alertname", "(.+)"
        )
        """,
        "{{ $labels.escalated_alert }}{{ with $labels.pipeline }} of {{ . }}{{ end }} still fires",
        f"""{{{{ $labels.escalated_alert }}}} of team {{{{ $labels.team }}}} has been true for {{{{ $value |
        humanizeDuration }}}}, longer than the {step.patience} after which the next in line is told.""",
        labels={"escalated_from": step.severity},
    )
