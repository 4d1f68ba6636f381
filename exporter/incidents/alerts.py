"""The alerts of incidents, row by row: what is known of each, whatever the order in which it was told."""

import sqlite3

import msgspec

from exporter.incidents.webhook import Alert

# An alert fires; or it has ended: told so (resolved), by the same alert firing anew, which it can't while it
# still fires (superseded), or given up (unheard).
FIRING, RESOLVED, SUPERSEDED, UNHEARD = "firing", "resolved", "superseded", "unheard"


def find(database: sqlite3.Connection, alert: Alert) -> sqlite3.Row | None:
    """Incident and state of `alert`, when it is known."""
    query = "SELECT incident, state FROM alert WHERE fingerprint = ? AND starts = ?"
    row: sqlite3.Row | None = database.execute(query, (alert.fingerprint, alert.starts)).fetchone()
    return row


def hear_again(database: sqlite3.Connection, alert: Alert, now: float) -> None:
    """Told once more, perhaps with its end: an end that is known stays, the earliest of several counts."""
    database.execute(
        "UPDATE alert SET heard = max(heard, ?) WHERE fingerprint = ? AND starts = ?",
        (now, alert.fingerprint, alert.starts),
    )
    if alert.ends is not None:
        database.execute(
            "UPDATE alert SET ends = iif(state = 'resolved', min(ends, ?1), ?1), state = 'resolved' "
            "WHERE fingerprint = ?2 AND starts = ?3",
            (alert.ends, alert.fingerprint, alert.starts),
        )


def revive(database: sqlite3.Connection, alert: Alert, incident: int) -> None:
    """An alert that was given up fires still."""
    database.execute(
        "UPDATE alert SET state = 'firing', ends = NULL, incident = ? WHERE fingerprint = ? AND starts = ?",
        (incident, alert.fingerprint, alert.starts),
    )


def fired_anew(database: sqlite3.Connection, alert: Alert) -> sqlite3.Row | None:
    """Start and incident of the same alert's next time, when that was told before this one."""
    query = "SELECT starts, incident FROM alert WHERE fingerprint = ? AND starts > ? ORDER BY starts LIMIT 1"
    row: sqlite3.Row | None = database.execute(query, (alert.fingerprint, alert.starts)).fetchone()
    return row


def add(database: sqlite3.Connection, alert: Alert, state: str, incident: int, now: float) -> None:
    """Keep an alert that was not known."""
    labels, annotations = (msgspec.json.encode(words).decode() for words in (alert.labels, alert.annotations))
    database.execute(
        "INSERT INTO alert "
        "(fingerprint, starts, ends, incident, name, rank, labels, annotations, state, heard) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            *(alert.fingerprint, alert.starts, alert.ends, incident, alert.name, alert.rank),
            *(labels, annotations, state, now),
        ),
    )


def supersede(database: sqlite3.Connection, alert: Alert) -> set[int]:
    """End the earlier times of the same alert that nobody ended; the incidents that they belong to."""
    rows = database.execute(
        "UPDATE alert SET state = 'superseded', ends = ?2 WHERE fingerprint = ?1 AND starts < ?2 "
        "AND (state = 'firing' OR (state = 'superseded' AND ends > ?2)) RETURNING incident",
        (alert.fingerprint, alert.starts),
    )
    return {row["incident"] for row in rows.fetchall()}


def give_up(database: sqlite3.Connection, since: float) -> set[int]:
    """End what fires and has not been heard of `since`; the incidents that it belongs to."""
    rows = database.execute(
        "UPDATE alert SET state = 'unheard', ends = max(starts, heard) WHERE state = 'firing' AND heard < ? "
        "RETURNING incident",
        (since,),
    )
    return {row["incident"] for row in rows.fetchall()}


def forget(database: sqlite3.Connection, incident: int, keep: int) -> None:
    """Drop the oldest ended alerts of an incident beyond `keep`: one that flaps must not fill the disk."""
    database.execute(
        "DELETE FROM alert WHERE incident = ?1 AND state != 'firing' AND (fingerprint, starts) NOT IN "
        "(SELECT fingerprint, starts FROM alert WHERE incident = ?1 ORDER BY starts DESC LIMIT ?2)",
        (incident, keep),
    )


def of_incident(database: sqlite3.Connection, incident: int) -> tuple[Alert, ...]:
    """All alerts of an incident, in the order in which they fired."""
    query = "SELECT * FROM alert WHERE incident = ? ORDER BY starts, rank, fingerprint"
    return tuple(alert_of(row) for row in database.execute(query, (incident,)))


def alert_of(row: sqlite3.Row) -> Alert:
    """A row as an alert."""
    return Alert(
        name=row["name"],
        fingerprint=row["fingerprint"],
        labels=msgspec.json.decode(row["labels"], type=dict[str, str]),
        annotations=msgspec.json.decode(row["annotations"], type=dict[str, str]),
        starts=row["starts"],
        ends=row["ends"],
    )
