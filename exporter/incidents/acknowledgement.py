"""What people say of an incident: that somebody is on it, and notes."""

import sqlite3
from dataclasses import dataclass

from exporter.incidents.incident import Incident
from exporter.incidents.totals import Totals


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """All three may be left out: a note alone is fine."""

    acknowledged: bool = False
    by: str | None = None
    note: str | None = None


def acknowledge(
    database: sqlite3.Connection, totals: Totals, incident: Incident, given: Acknowledgement, now: float
) -> None:
    """Keep it: the first time and the first name stay, a later note replaces the one before."""
    first = given.acknowledged and incident.acknowledged is None
    if first:
        totals.observe(database, "acknowledge", incident.team, max(0.0, now - incident.started))
    database.execute(
        "UPDATE incident SET acknowledged = ?, acknowledged_by = ?, note = ? WHERE id = ?",
        (
            now if first else incident.acknowledged,
            incident.acknowledged_by or given.by or "",
            incident.note if given.note is None else given.note,
            int(incident.id),
        ),
    )
