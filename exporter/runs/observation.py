"""What the tracker of runs tells state: the words that pass from the one to the other."""

from dataclasses import dataclass
from typing import Literal

from exporter.runs.event import UNKNOWN_INTEGRATION

FinalState = Literal["succeeded", "failed", "aborted"]


@dataclass(frozen=True, slots=True)
class Job:
    """A job as its events have described it so far; `pipeline` alone identifies it."""

    pipeline: str
    namespace: str
    name: str
    team: str | None = None
    integration: str = UNKNOWN_INTEGRATION


@dataclass(frozen=True, slots=True)
class RunOpened:
    """A run is in progress from now on, until it ends or is forgotten."""

    job: Job


@dataclass(frozen=True, slots=True)
class RunStarted:
    """A START was heard, perhaps late: a run began at `time` (event time, seconds since 1970 UTC)."""

    job: Job
    time: float


@dataclass(frozen=True, slots=True)
class RunEnded:
    """A run reached its final state, which comes once a run. Times are event times, seconds since 1970 UTC.

    `started` is None when no START was heard before. `was_open` says whether the run had been in progress.
    """

    job: Job
    state: FinalState
    started: float | None
    ended: float
    was_open: bool

    @property
    def duration(self) -> float | None:
        """Seconds from start to end; None without a START, or if the clocks put the end before it."""
        if self.started is None or self.ended < self.started:
            return None
        return self.ended - self.started


@dataclass(frozen=True, slots=True)
class RunForgotten:
    """A run in progress was dropped for want of room, its end unknown; it is no longer in progress."""

    job: Job


Observation = RunOpened | RunStarted | RunEnded | RunForgotten
