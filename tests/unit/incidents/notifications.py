"""Alerts and notifications for tests, as Alertmanager sends them."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from exporter.incidents import Incidents
from exporter.incidents.facts import witnessed
from exporter.incidents.incident import Incident
from exporter.incidents.webhook import NO_TIME, Alert
from exporter.state import State

Json = dict[str, Any]
T0 = 1_800_000_000.0
MINUTE, HOUR = 60.0, 3600.0


def alert(
    name: str = "PipelineStageCritical",
    fingerprint: str = "a1",
    starts: float = T0,
    ends: float | None = None,
    **labels: str,
) -> Alert:
    """An alert of team shop's pipeline orders unless the labels say otherwise; an empty label is left out."""
    usual = {"alertname": name, "severity": "high", "team": "shop", "pipeline": "orders", **labels}
    known = {key: value for key, value in usual.items() if value}
    annotations = {"summary": f"{name} of {known.get('pipeline', 'the monitoring')}"}
    return Alert(name, fingerprint, known, annotations, starts, ends)


def written(moment: float | None) -> str:
    """A moment as Alertmanager writes it, which is in Go's words."""
    return NO_TIME if moment is None else datetime.fromtimestamp(moment, UTC).isoformat()


def told(one: Alert) -> Json:
    """An alert as it stands in a notification."""
    return {
        "status": "firing" if one.ends is None else "resolved",
        "labels": one.labels,
        "annotations": one.annotations,
        "startsAt": written(one.starts),
        "endsAt": written(one.ends),
        "generatorURL": "http://prometheus:9090/graph?g0.expr=up",
        "fingerprint": one.fingerprint,
    }


def notification(*alerts: Alert, **changes: Any) -> Json:
    """The whole of what Alertmanager posts."""
    return {
        "version": "4",
        "groupKey": '{}:{team="shop", pipeline="orders"}',
        "truncatedAlerts": 0,
        "status": "firing",
        "receiver": "incidents",
        "groupLabels": {"team": "shop", "pipeline": "orders"},
        "commonLabels": {},
        "commonAnnotations": {},
        "externalURL": "http://alertmanager:9093",
        "alerts": [told(one) for one in alerts],
        **changes,
    }


@dataclass
class Book:
    """Incidents with a clock that only the test moves."""

    folder: Path | None = None
    keep: int = 10_000
    state: State = field(default_factory=State)
    now: float = T0
    incidents: Incidents = field(init=False)

    def __post_init__(self) -> None:
        self.incidents = Incidents(self.folder, self.state, self.now, keep=self.keep)

    def tell(self, *alerts: Alert) -> list[str]:
        """A notification arrives."""
        return self.incidents.receive(alerts, witnessed(self.state, alerts), self.now)

    def all(self) -> list[Incident]:
        """All incidents, open ones first."""
        return self.incidents.newest(1_000_000)

    def only(self) -> Incident:
        """The one that there is."""
        [incident] = self.all()
        return incident

    def pass_time(self, seconds: float) -> None:
        """Let time pass, minute by minute."""
        end = self.now + seconds
        while self.now < end:
            self.now = min(end, self.now + MINUTE)
            if self.incidents.is_sweep_due(self.now):
                self.incidents.sweep(self.now)
