"""What the incidents of alerts add up to, by team: counts, and how long people took."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Severity = Literal["critical", "high", "medium", "low"]
SEVERITIES: tuple[Severity, ...] = ("critical", "high", "medium", "low")
Moment = Literal["detect", "acknowledge", "resolve"]
MINUTE, HOUR = 60.0, 3600.0
# Upper bounds in seconds: alerts take seconds to minutes, people minutes to days.
BOUNDARIES: dict[Moment, tuple[float, ...]] = {
    "detect": (5.0, 10.0, 20.0, 30.0, 45.0, MINUTE, 90.0, 120.0, 180.0, 300.0, 600.0, 1800.0, HOUR),
    "acknowledge": (30.0, MINUTE, 120.0, 300.0, 600.0, 1800.0, HOUR, 4 * HOUR, 8 * HOUR, 24 * HOUR),
    "resolve": (
        MINUTE,
        120.0,
        300.0,
        600.0,
        1800.0,
        HOUR,
        2 * HOUR,
        4 * HOUR,
        8 * HOUR,
        24 * HOUR,
        72 * HOUR,
    ),
}


@dataclass(frozen=True, slots=True)
class Durations:
    """A histogram of one team: a count for each bucket alone, the last infinite, and the sum in seconds."""

    counts: tuple[int, ...]
    sum: float = 0.0


@dataclass(frozen=True, slots=True)
class IncidentCounts:
    """The numbers of a moment; `teams` are those that are known, whether or not they had an incident.

    `last_heard`: when the alerting chain's Watchdog last arrived, in seconds since the epoch.
    """

    teams: tuple[str, ...] = ()
    opened: Mapping[tuple[str, Severity], int] = field(default_factory=dict)
    open: Mapping[tuple[str, Severity], int] = field(default_factory=dict)
    durations: Mapping[tuple[str, Moment], Durations] = field(default_factory=dict)
    last_heard: float | None = None

    def durations_of(self, team: str, moment: Moment) -> Durations:
        """The histogram of `team`, empty before the first observation."""
        return self.durations.get((team, moment)) or Durations((0,) * (len(BOUNDARIES[moment]) + 1))
