"""An incident as it is told: what is wrong with a team's pipeline or dataset, and the alerts that say so."""

from dataclasses import dataclass
from typing import Any, Literal

from exporter.incidents.webhook import ESCALATION, Alert
from exporter.state.incident_counts import Severity

# Resolved by its alerts, or given up because nothing more was heard of one of them.
Resolution = Literal["resolved", "not heard of again"]


@dataclass(frozen=True, slots=True)
class Incident:
    """Times in seconds since the epoch; `ended` is None while it goes on.

    `severity` is the worst that its alerts have had; `summary` and `facts` are those of its first moment.
    """

    id: str
    team: str
    pipeline: str | None
    dataset: str | None
    severity: Severity
    started: float
    ended: float | None
    resolution: Resolution | None
    stage: str | None
    summary: str
    facts: dict[str, Any]
    escalated: bool
    acknowledged: float | None
    acknowledged_by: str
    note: str
    alerts: tuple[Alert, ...]

    def lasting(self, now: float) -> float:
        """Seconds until its end, or until now."""
        return max(0.0, (now if self.ended is None else self.ended) - self.started)

    @property
    def alert_names(self) -> list[str]:
        """Each name once, in the order in which the alerts fired."""
        return list(dict.fromkeys(alert.name for alert in self.alerts))

    @property
    def runbook_url(self) -> str | None:
        """The runbook of the worst alert; an escalation's only where nothing else has one."""
        worst_first = sorted(self.alerts, key=lambda alert: (alert.name == ESCALATION, alert.rank))
        found = (alert.annotations.get("runbook_url") for alert in worst_first)
        return next((url for url in found if url), None)
