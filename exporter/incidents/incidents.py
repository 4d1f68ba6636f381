"""All incidents: told by notifications, by people, and by the time that passes without a word."""

import logging
from collections.abc import Sequence
from pathlib import Path

from exporter.incidents import alerts, records
from exporter.incidents.acknowledgement import Acknowledgement, acknowledge
from exporter.incidents.facts import Witnessed
from exporter.incidents.incident import Incident
from exporter.incidents.intake import Intake
from exporter.incidents.onsets import Onsets
from exporter.incidents.records import Change, Wanted
from exporter.incidents.store import Store
from exporter.incidents.totals import MOST_TEAMS, Totals
from exporter.incidents.webhook import TEAM_OF_NOBODY, Alert
from exporter.state import State

log = logging.getLogger("exporter.incidents")
# Alertmanager repeats what fires every five minutes here; some repetitions may fail or come late.
UNHEARD_SECONDS = 20 * 60
SWEEP_SECONDS = 60
MOST_RECENT = 20


class Incidents:
    """Every incident that is kept: all open ones and at most `keep` resolved ones.

    The database is the truth. `recent`, by team and for None of all, and the state's numbers are read again
    after each change, so that neither a scrape nor the page waits for a disk. `since`: when listening began;
    what could not be heard before is not missed yet.
    """

    def __init__(
        self, folder: Path | None, state: State, since: float, teams: Sequence[str] = (), keep: int = 10_000
    ) -> None:
        self.store = Store(folder)
        self.state = state
        self.since = self.swept = since
        self.keep = keep
        self.onsets = Onsets()
        self.totals = Totals(list(dict.fromkeys([*teams, TEAM_OF_NOBODY])))
        self.recent: dict[str | None, list[Incident]] = {None: []}
        self.publish([])

    def meet(self, teams: Sequence[str]) -> None:
        """Have numbers for these teams, too, before they have an incident, unless there are too many."""
        known = self.totals.known
        fresh = [team for team in dict.fromkeys(teams) if team not in known][
            : max(0, MOST_TEAMS - len(known))
        ]
        self.totals = Totals([*fresh, *known])
        self.publish([])

    def follow(self, team: str | None) -> None:
        """Keep the newest incidents of a team at hand."""
        self.recent = {**self.recent, team: self.newest(MOST_RECENT, None, team)}

    def receive(self, notified: Sequence[Alert], facts: Witnessed, now: float) -> list[str]:
        """Take in a notification; the ids of the incidents that it is about, on disk when this returns.

        Raises StoreError or TooManyIncidentsError, and has then kept nothing.
        """
        with self.store.transaction() as database:
            intake = Intake(database, self.totals, now, facts)
            touched = intake.take(notified, self.onsets)
            if intake.changes:
                records.forget(database, self.keep)
        self.publish(intake.changes)
        return [str(incident) for incident in touched]

    def acknowledge(self, name: str, given: Acknowledgement, now: float) -> Incident | None:
        """Keep what somebody says of an incident; None when there is no such incident."""
        with self.store.transaction() as database:
            incident = records.find(database, name)
            if incident is None:
                return None
            acknowledge(database, self.totals, incident, given, now)
            found = records.find(database, name)
        self.publish([])
        return found

    def is_sweep_due(self, now: float) -> bool:
        """Once a minute; a clock that was set back counts as one."""
        return not 0 <= now - self.swept < SWEEP_SECONDS

    def sweep(self, now: float) -> None:
        """Give up alerts that have not been heard of for long: nothing else would end them."""
        self.swept = now
        if now - self.since < UNHEARD_SECONDS:
            return
        with self.store.transaction() as database:
            intake = Intake(database, self.totals, now)
            intake.settle(sorted(alerts.give_up(database, now - UNHEARD_SECONDS)))
        if intake.changes:
            self.publish(intake.changes)

    def newest(
        self, limit: int, wanted: Wanted | None = None, team: str | None = None, pipeline: str | None = None
    ) -> list[Incident]:
        """Incidents that go on, then resolved ones, each newest first; of one team and pipeline if named."""
        with self.store.transaction() as database:
            return records.newest(database, limit, wanted, team, pipeline)

    def find(self, name: str) -> Incident | None:
        """One incident, None when there is none of that name."""
        with self.store.transaction() as database:
            return records.find(database, name)

    def publish(self, changes: Sequence[Change]) -> None:
        """Show what has changed, and log it."""
        with self.store.transaction() as database:
            self.state.incidents = self.totals.counts(database)
            self.recent = {team: records.newest(database, MOST_RECENT, None, team) for team in self.recent}
        for change in changes:
            log.info(change.what, extra=change.details)
