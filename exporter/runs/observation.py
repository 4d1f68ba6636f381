"""What the tracker of runs tells state: the words that pass from the one to the other."""

from typing import Literal

import msgspec

from exporter.runs.event import UNKNOWN_INTEGRATION, Dataset

FinalState = Literal["succeeded", "failed", "aborted", "skipped", "abandoned"]
FINAL_STATES: tuple[FinalState, ...] = ("succeeded", "failed", "aborted", "skipped", "abandoned")

Mode = Literal["live", "simulated"]

DBT = "dbt"
# Read from a log after the fact, dbt's tests take no time.
SHORTEST_OF_DBT = 0.001


class Job(msgspec.Struct, frozen=True):
    """A job as its events have described it so far; `pipeline` alone identifies it.

    `is_part`: it runs within another job's runs, such as a task of a DAG, and its failure is that one's.
    `whole` is that other job's pipeline, once it is known.
    """

    pipeline: str
    namespace: str
    name: str
    team: str | None = None
    integration: str = UNKNOWN_INTEGRATION
    job_type: str = ""
    is_part: bool = False
    whole: str | None = None
    streaming: bool = False
    mode: Mode = "live"


class RunOpened(msgspec.Struct, frozen=True):
    """A run is in progress from now on, until it ends or is forgotten."""

    job: Job
    run_id: str
    time: float


class RunStarted(msgspec.Struct, frozen=True):
    """A START was heard, perhaps late: a run began at `time` (event time, seconds since 1970 UTC).

    `scheduled` is when it should have.
    """

    job: Job
    time: float
    scheduled: float | None = None


class RunUnsure(msgspec.Struct, frozen=True):
    """A run is over, and whether it was skipped is yet to be said: as long as nobody did, it wrote.

    `ended` is event time, in seconds since 1970 UTC. It is no longer in progress, and ends with RunEnded.
    `by` is the team whose token told of it.
    """

    job: Job
    run_id: str
    ended: float
    outputs: tuple[Dataset, ...] = ()
    by: str | None = None


class RunEnded(msgspec.Struct, frozen=True):
    """A run reached its final state, which comes once a run. Times are event times, seconds since 1970 UTC.

    `started` is None when no START was heard before. Rows and bytes are those that it wrote. `given_up`: it
    was told as abandoned before, which was wrong. `by` is the team whose token told of it.
    """

    job: Job
    run_id: str
    state: FinalState
    started: float | None
    ended: float
    error: str | None = None
    rows: int | None = None
    bytes: int | None = None
    inputs: tuple[Dataset, ...] = ()
    outputs: tuple[Dataset, ...] = ()
    given_up: bool = False
    by: str | None = None

    @property
    def duration(self) -> float | None:
        """Seconds from start to end; None without a START, or if the clocks put the end before it."""
        if self.started is None or self.ended < self.started:
            return None
        seconds = self.ended - self.started
        return None if self.job.integration == DBT and seconds < SHORTEST_OF_DBT else seconds


class RunContradicted(msgspec.Struct, frozen=True):
    """A run that had ended was said to have ended otherwise; the first word counts."""

    job: Job


class RunForgotten(msgspec.Struct, frozen=True):
    """A run in progress was dropped for want of room, its end unknown; it is no longer in progress."""

    job: Job
    run_id: str


Observation = RunOpened | RunStarted | RunUnsure | RunEnded | RunContradicted | RunForgotten
