"""A notification as Alertmanager's webhook sends it (version 4): bytes in, checked alerts out.

The format: https://prometheus.io/docs/alerting/latest/configuration/#webhook_config. Of it only what
incidents are made of is read, and that strictly; everything else may be there or not.
"""

from dataclasses import dataclass, replace
from typing import Any, Self

import msgspec

from exporter.decoding import InvalidBodyError, name_at, parse, shown, time_at
from exporter.state.incident_counts import SEVERITIES, Severity

VERSION = "4"
# An end that is not known yet, as Go writes it.
NO_TIME = "0001-01-01T00:00:00Z"
WATCHDOG = "Watchdog"
ESCALATION = "PipelineEscalation"
# Whoever has no team of its own belongs to those who run the monitoring.
TEAM_OF_NOBODY = "platform"
# A pipeline, or else a dataset.
Place = tuple[str | None, str | None]
# A rule of somebody's own may call it otherwise; its alert must not be lost for that.
SEVERITY_OF_OTHERS: Severity = "medium"


@dataclass(frozen=True, slots=True)
class Alert:
    """One alert; times in seconds since 1970 UTC, `ends` is None while it fires.

    An alert is the same as another when fingerprint and `starts` are.
    """

    name: str
    fingerprint: str
    labels: dict[str, str]
    annotations: dict[str, str]
    starts: float
    ends: float | None = None

    @property
    def severity(self) -> Severity:
        """How bad it is."""
        given = self.labels.get("severity")
        return given if given in SEVERITIES else SEVERITY_OF_OTHERS

    @property
    def rank(self) -> int:
        """0 for critical, 3 for low."""
        return SEVERITIES.index(self.severity)

    @property
    def team(self) -> str:
        """Whose it is."""
        return self.labels.get("team") or TEAM_OF_NOBODY

    @property
    def pipeline(self) -> str | None:
        """What it is about; None for the monitoring itself, and for a dataset that no pipeline stands for."""
        return self.labels.get("pipeline") or None

    @property
    def dataset(self) -> str | None:
        """What it is about where that is no pipeline."""
        return None if self.pipeline else self.labels.get("dataset") or None

    @property
    def place(self) -> Place:
        """The one or the other."""
        return self.pipeline, self.dataset

    def ended(self, ends: float) -> Self:
        """The alert when it is over."""
        return replace(self, ends=ends)


class _Alert(msgspec.Struct, rename="camel"):
    status: Any = msgspec.UNSET
    labels: Any = msgspec.UNSET
    annotations: Any = msgspec.UNSET
    starts_at: Any = msgspec.UNSET
    ends_at: Any = msgspec.UNSET
    fingerprint: Any = msgspec.UNSET


class _Notification(msgspec.Struct, rename="camel"):
    version: Any = msgspec.UNSET
    alerts: Any = msgspec.UNSET


_DECODER = msgspec.json.Decoder(_Notification)


def decode_notification(body: bytes) -> list[Alert]:
    """Decode one notification. Raises InvalidBodyError, and nothing else, for whatever bytes come."""
    notification = parse(_DECODER, body)
    if notification.version != VERSION:
        raise InvalidBodyError(f'version: expected "{VERSION}", got {shown(notification.version)}')
    if not isinstance(notification.alerts, list):
        raise InvalidBodyError(f"alerts: expected an array, got {shown(notification.alerts)}")
    return [_alert(f"alerts[{index}]", alert) for index, alert in enumerate(notification.alerts)]


def _alert(place: str, content: object) -> Alert:
    if not isinstance(content, dict):
        raise InvalidBodyError(f"{place}: expected an object, got {shown(content)}")
    alert = msgspec.convert(content, _Alert)
    if alert.status not in ("firing", "resolved"):
        raise InvalidBodyError(f"{place}.status: expected firing or resolved, got {shown(alert.status)}")
    labels = _words(f"{place}.labels", alert.labels)
    starts = time_at(f"{place}.startsAt", alert.starts_at)
    for label in ("team", "pipeline", "dataset", "severity", "stage"):
        if labels.get(label):
            name_at(f"{place}.labels.{label}", labels[label])
    return Alert(
        name=name_at(f"{place}.labels.alertname", labels.get("alertname", msgspec.UNSET)),
        fingerprint=name_at(f"{place}.fingerprint", alert.fingerprint),
        labels=labels,
        annotations=_words(f"{place}.annotations", alert.annotations),
        starts=starts,
        ends=max(starts, _end(place, alert.ends_at)) if alert.status == "resolved" else None,
    )


def _words(place: str, value: object) -> dict[str, str]:
    if not isinstance(value, dict):
        raise InvalidBodyError(f"{place}: expected an object, got {shown(value)}")
    for key, text in value.items():
        if not isinstance(text, str):
            raise InvalidBodyError(f"{place}.{key[:60]}: expected a string, got {shown(text)}")
    return value


def _end(place: str, value: object) -> float:
    if value == NO_TIME:
        raise InvalidBodyError(f"{place}.endsAt: expected the end of a resolved alert, got {shown(value)}")
    return time_at(f"{place}.endsAt", value)
