"""The table of incident families: what alerts came to, by team."""

from collections.abc import Callable, Iterable, Mapping

import numpy as np

from exporter import names
from exporter.collector.family import Buckets, Family, Series
from exporter.state import State
from exporter.state.incident_counts import BOUNDARIES, SEVERITIES, IncidentCounts, Moment, Severity

Counts = Callable[[IncidentCounts], Mapping[tuple[str, Severity], int]]


def by_severity(counts: Counts) -> Callable[[State], Iterable[Series]]:
    """One value for each team and severity."""

    def read(state: State) -> Iterable[Series]:
        known = state.incidents
        found = counts(known)
        children = [(team, severity) for team in known.teams for severity in SEVERITIES]
        yield Series(children, [found.get(child, 0) for child in children])

    return read


def time_to(moment: Moment) -> Callable[[State], Iterable[Buckets]]:
    """A histogram for each team."""

    def read(state: State) -> Iterable[Buckets]:
        known, boundaries = state.incidents, BOUNDARIES[moment]
        teams = known.teams
        found = [known.durations_of(team, moment) for team in teams]
        counts = np.array([one.counts for one in found], dtype=np.int64)
        sums = np.array([one.sum for one in found], dtype=np.float64)
        children = [(team,) for team in teams]
        yield Buckets(children, boundaries, counts.reshape(len(teams), len(boundaries) + 1), sums)

    return read


def last_heard(state: State) -> Iterable[Series]:
    """Nothing before the first time."""
    heard = state.incidents.last_heard
    yield Series([], []) if heard is None else Series([()], [heard])


INCIDENT_FAMILIES = (
    Family(names.INCIDENTS, "counter", "Incidents opened, by the severity that they opened with.",
           (names.TEAM, names.SEVERITY), by_severity(lambda counts: counts.opened)),
    Family(names.INCIDENTS_OPEN, "gauge", "Incidents that go on, by the worst severity so far.",
           (names.TEAM, names.SEVERITY), by_severity(lambda counts: counts.open)),
    Family(names.INCIDENT_DETECT, "histogram",
           "Time from a simulated fault's onset to the arrival of the first alert that it explains.",
           (names.TEAM,), time_to("detect")),
    Family(names.INCIDENT_ACKNOWLEDGE, "histogram", "Time from an incident's start to its acknowledgement.",
           (names.TEAM,), time_to("acknowledge")),
    Family(names.INCIDENT_RESOLVE, "histogram", "Time from an incident's start until its last alert ended.",
           (names.TEAM,), time_to("resolve")),
    Family(names.ALERTING_LAST_HEARD, "gauge",
           "When the Watchdog, an alert that always fires, last came through; absent until it has.",
           (), last_heard),
)  # fmt: skip
