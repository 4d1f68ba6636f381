"""What must not be forgotten with old incidents: how many there were, and how long things took."""

import sqlite3
from bisect import bisect_left
from collections.abc import Sequence
from typing import cast

from exporter.state.incident_counts import (
    BOUNDARIES,
    SEVERITIES,
    Durations,
    IncidentCounts,
    Moment,
    Severity,
)

OPENED = "opened"
HEARD = "heard"
SUM = "sum"
INFINITE = "inf"
# Teams come with labels that anybody may send; a metric's labels must stay few.
MOST_TEAMS = 100
OTHER_TEAMS = "other"

Keys = tuple[str, str, str]


class Totals:
    """Numbers that only grow, kept in the same transactions as what they count; `known` are teams by name."""

    def __init__(self, known: Sequence[str]) -> None:
        self.known = tuple(known)

    def count_opened(self, database: sqlite3.Connection, team: str, severity: Severity) -> None:
        """One more incident."""
        add(database, (OPENED, self.label(database, team), severity), 1)

    def observe(self, database: sqlite3.Connection, moment: Moment, team: str, seconds: float) -> None:
        """One more duration in its histogram."""
        team, limits = self.label(database, team), (*BOUNDARIES[moment], float(INFINITE))
        add(database, (moment, team, repr(limits[bisect_left(limits, seconds)])), 1)
        add(database, (moment, team, SUM), seconds)

    def label(self, database: sqlite3.Connection, team: str) -> str:
        """The team's name, or that of all further ones once there are too many."""
        teams = self.teams(database)
        return team if team in teams or len(teams) < MOST_TEAMS else OTHER_TEAMS

    def teams(self, database: sqlite3.Connection) -> tuple[str, ...]:
        """Teams known by name, then those that had an incident."""
        counted = database.execute("SELECT DISTINCT team FROM total WHERE team != '' ORDER BY team")
        return tuple(dict.fromkeys([*self.known, *(row["team"] for row in counted)]))

    def counts(self, database: sqlite3.Connection) -> IncidentCounts:
        """All numbers of now."""
        rows = [tuple(row) for row in database.execute("SELECT name, team, part, value FROM total")]
        teams = self.teams(database)
        return IncidentCounts(
            teams=teams,
            opened={(team, cast(Severity, part)): int(n) for name, team, part, n in rows if name == OPENED},
            open=open_now(database, teams),
            durations=histograms([row for row in rows if row[0] in BOUNDARIES]),
            last_heard=next((value for name, _, _, value in rows if name == HEARD), None),
        )


def add(database: sqlite3.Connection, keys: Keys, value: float) -> None:
    """Let a total grow."""
    database.execute(
        "INSERT INTO total (name, team, part, value) VALUES (?, ?, ?, ?) "
        "ON CONFLICT DO UPDATE SET value = value + excluded.value",
        (*keys, value),
    )


def note_heard(database: sqlite3.Connection, now: float) -> None:
    """The alerting chain has been heard at `now`."""
    database.execute(
        "INSERT INTO total (name, team, part, value) VALUES (?, '', '', ?) "
        "ON CONFLICT DO UPDATE SET value = excluded.value",
        (HEARD, now),
    )


def open_now(database: sqlite3.Connection, teams: Sequence[str]) -> dict[tuple[str, Severity], int]:
    """Incidents that go on, by team and severity."""
    found: dict[tuple[str, Severity], int] = {}
    query = "SELECT team, rank, count(*) AS number FROM incident WHERE ended IS NULL GROUP BY team, rank"
    for row in database.execute(query):
        key = (row["team"] if row["team"] in teams else OTHER_TEAMS), SEVERITIES[row["rank"]]
        found[key] = found.get(key, 0) + row["number"]
    return found


def histograms(rows: Sequence[tuple[Moment, str, str, float]]) -> dict[tuple[str, Moment], Durations]:
    """Those of all teams; what an older exporter counted in other buckets goes into those of today."""
    counts = {(team, moment): [0] * (len(BOUNDARIES[moment]) + 1) for moment, team, _, _ in rows}
    sums = dict.fromkeys(counts, 0.0)
    for moment, team, part, value in rows:
        if part == SUM:
            sums[team, moment] = value
        else:
            counts[team, moment][bisect_left(BOUNDARIES[moment], float(part))] += int(value)
    return {key: Durations(tuple(found), sums[key]) for key, found in counts.items()}
