"""One notification on its way into the database: each alert finds its incident, or opens one."""

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from exporter.incidents import alerts, records
from exporter.incidents.facts import Witnessed
from exporter.incidents.onsets import Onsets
from exporter.incidents.records import Change
from exporter.incidents.totals import Totals, note_heard
from exporter.incidents.webhook import WATCHDOG, Alert

MOST_OPEN = 1000
MOST_ALERTS = 1000


class TooManyIncidentsError(RuntimeError):
    """So many incidents are open that no further one is taken; nothing of the notification was kept."""


def worst_firing_first(alert: Alert) -> tuple[bool, int, float, str]:
    """Sort key: what opens an incident gives it its summary and the severity that it is counted under."""
    return alert.ends is not None, alert.rank, alert.starts, alert.fingerprint


@dataclass
class Intake:
    """A transaction in progress; `changes` are what it makes of incidents.

    `witnessed` is what was true of the pipelines and datasets when the notification came.
    """

    database: sqlite3.Connection
    totals: Totals
    now: float
    witnessed: Witnessed = field(default_factory=dict)
    changes: list[Change] = field(default_factory=list)

    def take(self, notified: Sequence[Alert], onsets: Onsets) -> list[int]:
        """Take in a notification; the incidents that it is about."""
        if any(alert.name == WATCHDOG and alert.ends is None for alert in notified):
            note_heard(self.database, self.now)
        touched: dict[int, None] = {}
        for alert in sorted(notified, key=worst_firing_first):
            if alert.name != WATCHDOG:
                touched |= dict.fromkeys(self.take_one(alert, onsets))
        self.settle(touched)
        return list(touched)

    def take_one(self, alert: Alert, onsets: Onsets) -> Iterable[int]:
        """Take in one alert; the incidents that it may have changed."""
        known = alerts.find(self.database, alert)
        if known is None:
            return self.take_new(alert, onsets)
        alerts.hear_again(self.database, alert, self.now)
        if known["state"] != alerts.UNHEARD or alert.ends is not None:
            return [known["incident"]]
        home = records.open_of(self.database, alert) or known["incident"]
        alerts.revive(self.database, alert, home)
        return [home, known["incident"]]

    def take_new(self, alert: Alert, onsets: Onsets) -> Iterable[int]:
        """An alert that was not known joins an incident or opens one."""
        standing = alerts.FIRING if alert.ends is None else alerts.RESOLVED
        later = alerts.fired_anew(self.database, alert)
        if later is not None and alert.ends is None:
            alert, standing = alert.ended(later["starts"]), alerts.SUPERSEDED
        home = self.home(alert)
        if home is None and later is not None:
            home = later["incident"]
        if alert.ends is None and (seconds := onsets.told_by(alert, home is None, self.now)) is not None:
            self.totals.observe(self.database, "detect", alert.team, seconds)
        incident = self.open(alert) if home is None else home
        alerts.add(self.database, alert, standing, incident, self.now)
        return [incident, *alerts.supersede(self.database, alert)]

    def home(self, alert: Alert) -> int | None:
        """The incident that an alert belongs to: what goes on, or what there was when it fired."""
        if alert.ends is None:
            return records.open_of(self.database, alert)
        return records.around(self.database, alert)

    def open(self, alert: Alert) -> int:
        """A new incident with what was true when it was told; of an alert that was over, nothing is."""
        if alert.ends is None and records.open_count(self.database) >= MOST_OPEN:
            raise TooManyIncidentsError(f"expected at most {MOST_OPEN} open incidents")
        found = self.witnessed.get(alert.place, {}) if alert.ends is None else {}
        told = alert.annotations.get("summary") or alert.name
        summary = f"{told}. {found['words']}" if found else told
        incident = records.start(self.database, alert, summary, found)
        self.totals.count_opened(self.database, alert.team, alert.severity)
        opened = Change("incident opened", str(incident), alert.team, *alert.place, alert.severity)
        self.changes.append(opened)
        return incident

    def settle(self, touched: Iterable[int]) -> None:
        """Let incidents be what their alerts make of them."""
        for incident in touched:
            alerts.forget(self.database, incident, MOST_ALERTS)
            change = records.settle(self.database, incident)
            if change is None:
                continue
            self.changes.append(change)
            if change.lasted is not None:
                self.totals.observe(self.database, "resolve", change.team, change.lasted)
