"""Alerts that are told together, and what their receiver was told last."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from exporter.alerting.episode import Episode, Notification, Status
from exporter.alerting.routes import Route

Keys = frozenset[frozenset[tuple[str, str]]]


@dataclass(frozen=True)
class Told:
    """What a receiver was told last of a group, and when."""

    at: float
    firing: Keys
    resolved: Keys

    def needs(self, now: "Told", tells_the_end: bool, repeat_interval: float) -> bool:
        """Whether what is true `now` must be told."""
        if not now.firing <= self.firing:
            return True
        if not now.firing:
            return bool(self.firing)
        if tells_the_end and not now.resolved <= self.resolved:
            return True
        return self.at < now.at - repeat_interval


@dataclass(eq=False)
class Group:
    """The alerts of a route that have its `group_by` labels in common.

    `told`: by whether an integration tells the end of alerts. It outlives the alerts.
    """

    route: Route
    labels: dict[str, str]
    told: dict[bool, Told]
    alerts: dict[frozenset[tuple[str, str]], Episode] = field(default_factory=dict)

    def flush(self, at: float, unmuted: Sequence[Episode]) -> Notification | None:
        """Tell what must be told of the `unmuted` alerts, and forget all that are over."""
        notification = self.notification(at, unmuted)
        self.alerts = {key: alert for key, alert in self.alerts.items() if not alert.is_resolved(at)}
        return notification

    def notification(self, at: float, unmuted: Sequence[Episode]) -> Notification | None:
        """What the receiver gets; none when there is nothing new, and nothing to repeat."""
        firing = tuple(alert for alert in unmuted if not alert.is_resolved(at))
        sent = set(self.sent(at, unmuted, firing))
        if not sent:
            return None
        status: Status = "firing" if firing else "resolved"
        alerts = tuple(unmuted) if True in sent else firing
        return Notification(self.route.options.receiver, at, status, self.labels, alerts)

    def sent(self, at: float, unmuted: Sequence[Episode], firing: Sequence[Episode]) -> Iterator[bool]:
        """The integrations, by whether they tell the end of alerts, that send something; all note it."""
        if not unmuted:
            return
        over = frozenset(alert.key for alert in unmuted if alert.is_resolved(at))
        now = Told(at, frozenset(alert.key for alert in firing), over)
        for tells_the_end, before in self.told.items():
            if before.needs(now, tells_the_end, self.route.options.repeat_interval):
                self.told[tells_the_end] = now
                if firing or tells_the_end:
                    yield tells_the_end
