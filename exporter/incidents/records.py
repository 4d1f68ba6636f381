"""The incidents, row by row: found, opened, settled by what their alerts say, told, and at last forgotten."""

import re
import sqlite3
from dataclasses import dataclass
from typing import Literal

import msgspec

from exporter.incidents import alerts
from exporter.incidents.facts import Facts
from exporter.incidents.incident import Incident
from exporter.incidents.webhook import ESCALATION, Alert
from exporter.state.incident_counts import SEVERITIES

# By numbered parameters: the name of escalations, the incident.
SETTLE = """
UPDATE incident SET
    rank = min(incident.rank, told.rank),
    started = min(incident.started, told.starts),
    escalated = max(incident.escalated, told.escalated),
    ended = iif(told.firing, NULL, max(told.ends, ifnull(incident.ended, told.ends))),
    resolution = iif(told.firing, NULL, iif(told.unheard, 'not heard of again', 'resolved'))
FROM (
    SELECT min(rank) AS rank, min(starts) AS starts, max(ends) AS ends, max(name = ?1) AS escalated,
        max(state = 'firing') AS firing, max(state = 'unheard') AS unheard
    FROM alert WHERE incident = ?2
) AS told
WHERE id = ?2 AND told.rank IS NOT NULL
RETURNING *
"""

ID = re.compile("[1-9][0-9]{0,17}")
Wanted = Literal["open", "resolved"]


@dataclass(frozen=True, slots=True)
class Change:
    """What has become of an incident, for the log; `lasted` seconds when its alerts have just ended it."""

    what: str
    incident: str
    team: str
    pipeline: str | None
    dataset: str | None
    severity: str
    lasted: float | None = None

    @property
    def details(self) -> dict[str, object]:
        """For the log, which has no need of what is None."""
        named = ("incident", "team", "pipeline", "dataset", "severity", "lasted")
        found = {key: getattr(self, key) for key in named}
        return {key: value for key, value in found.items() if value is not None}


def open_of(database: sqlite3.Connection, alert: Alert) -> int | None:
    """The incident that goes on where `alert` belongs."""
    query = (
        "SELECT id FROM incident WHERE team = ? AND ifnull(pipeline, '') = ? AND ifnull(dataset, '') = ? "
        "AND ended IS NULL"
    )
    row = database.execute(query, (alert.team, alert.pipeline or "", alert.dataset or "")).fetchone()
    return row and int(row["id"])


def around(database: sqlite3.Connection, alert: Alert) -> int | None:
    """The incident at the time of an alert that has ended, one that goes on before an older one."""
    query = (
        "SELECT id FROM incident WHERE team = ? AND pipeline IS ? AND dataset IS ? AND started <= ? "
        "AND (ended IS NULL OR ended >= ?) ORDER BY ended IS NULL DESC, started DESC LIMIT 1"
    )
    row = database.execute(query, (alert.team, *alert.place, alert.ends, alert.starts)).fetchone()
    return row and int(row["id"])


def start(database: sqlite3.Connection, alert: Alert, summary: str, facts: Facts) -> int:
    """A new incident, which has ended when its alert has."""
    cursor = database.execute(
        "INSERT INTO incident (team, pipeline, dataset, rank, started, ended, stage, summary, facts) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            *(alert.team, *alert.place, alert.rank, alert.starts, alert.ends),
            alert.labels.get("stage") or facts.get("bottleneck"),
            summary,
            msgspec.json.encode(facts).decode(),
        ),
    )
    return int(cursor.lastrowid or 0)


def open_count(database: sqlite3.Connection) -> int:
    """How many go on."""
    [number] = database.execute("SELECT count(*) FROM incident WHERE ended IS NULL").fetchone()
    return int(number)


def settle(database: sqlite3.Connection, incident: int) -> Change | None:
    """Let an incident be what its alerts make of it; what that changes, if anything that matters."""
    query = "SELECT ended, resolution FROM incident WHERE id = ?"
    [before] = database.execute(query, (incident,)).fetchall()
    settled = database.execute(SETTLE, (ESCALATION, incident)).fetchall()
    return change(before, settled[0]) if settled else None


def change(before: sqlite3.Row, after: sqlite3.Row) -> Change | None:
    """What is different."""
    if after["resolution"] == before["resolution"]:
        return None
    words = {None: "incident goes on", "resolved": "incident resolved"}
    return Change(
        what=words.get(after["resolution"], "incident not heard of again"),
        incident=str(after["id"]),
        team=after["team"],
        pipeline=after["pipeline"],
        dataset=after["dataset"],
        severity=SEVERITIES[after["rank"]],
        lasted=after["ended"] - after["started"] if after["resolution"] == "resolved" else None,
    )


def forget(database: sqlite3.Connection, keep: int) -> None:
    """Drop the resolved incidents that ended first, beyond `keep`."""
    database.execute(
        "DELETE FROM incident WHERE id IN "
        "(SELECT id FROM incident WHERE ended IS NOT NULL ORDER BY ended DESC, id DESC LIMIT -1 OFFSET ?)",
        (keep,),
    )


def newest(
    database: sqlite3.Connection,
    limit: int,
    wanted: Wanted | None = None,
    team: str | None = None,
    pipeline: str | None = None,
) -> list[Incident]:
    """Incidents that go on, then resolved ones, each newest first.

    `wanted` leaves one of the two out, `team` and `pipeline` those of all others.
    """
    rows = database.execute(
        "SELECT * FROM incident WHERE (?1 IS NULL OR (ended IS NULL) = (?1 = 'open')) "
        "AND (?3 IS NULL OR team = ?3) AND (?4 IS NULL OR pipeline = ?4) "
        "ORDER BY ended IS NULL DESC, started DESC, id DESC LIMIT ?2",
        (wanted, limit, team, pipeline),
    )
    return [incident_of(row, database) for row in rows.fetchall()]


def find(database: sqlite3.Connection, name: str) -> Incident | None:
    """One incident by its id."""
    number = int(name) if ID.fullmatch(name) else 0
    row = database.execute("SELECT * FROM incident WHERE id = ?", (number,)).fetchone()
    return row and incident_of(row, database)


def incident_of(row: sqlite3.Row, database: sqlite3.Connection) -> Incident:
    """A row with its alerts."""
    return Incident(
        id=str(row["id"]),
        team=row["team"],
        pipeline=row["pipeline"],
        dataset=row["dataset"],
        severity=SEVERITIES[row["rank"]],
        started=row["started"],
        ended=row["ended"],
        resolution=row["resolution"],
        stage=row["stage"],
        summary=row["summary"],
        facts=msgspec.json.decode(row["facts"]),
        escalated=bool(row["escalated"]),
        acknowledged=row["acknowledged"],
        acknowledged_by=row["acknowledged_by"],
        note=row["note"],
        alerts=alerts.of_incident(database, row["id"]),
    )
