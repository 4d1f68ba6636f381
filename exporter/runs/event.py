"""What is heard of a run: one transition, whichever door it came through.

Nothing in it can refer back to itself: the garbage collector has nothing to look for (`gc=False`).
"""

from typing import Literal

import msgspec

Kind = Literal["START", "RUNNING", "COMPLETE", "FAIL", "ABORT", "SKIP", "OTHER"]
Severity = Literal["error", "warn"]

UNKNOWN_INTEGRATION = "unknown"
PLAIN = "plain"


class Assertion(msgspec.Struct, frozen=True, gc=False):
    """A test of a dataset's content."""

    name: str
    passed: bool
    severity: Severity = "error"


class Dataset(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """What an event says of a dataset. What it does not say is None: unknown is not zero.

    `updated` is when its content is from and `stale_after` (seconds) how old that may become; `columns` are
    names and types in order; `nulls` say of columns how many values are null.
    """

    name: str
    rows: int | None = None
    bytes: int | None = None
    updated: float | None = None
    stale_after: float | None = None
    columns: tuple[tuple[str, str], ...] | None = None
    assertions: tuple[Assertion, ...] = ()
    nulls: tuple[tuple[str, int], ...] | None = None


class RunEvent(msgspec.Struct, frozen=True, gc=False, omit_defaults=True, tag="run"):
    """One transition of one run. Times are the event's own, in seconds since 1970 UTC, to the microsecond.

    `part_of` is the run of which this one is a part, `streaming` a run that has no end to wait for. `started`
    and `scheduled` are known with the end where one event tells all of a run. `error` is a class of reasons.
    `unsure`: it says COMPLETE of what may have been skipped; the end of the run of which it is a part tells,
    in `skipped`: the pipelines of its parts that were. `by` is the team whose token told it, and None where
    whoever told it may tell of everything.
    """

    run_id: str
    namespace: str
    name: str
    kind: Kind
    time: float
    team: str | None = None
    integration: str = UNKNOWN_INTEGRATION
    job_type: str = ""
    part_of: str | None = None
    streaming: bool = False
    unsure: bool = False
    skipped: tuple[str, ...] = ()
    started: float | None = None
    scheduled: float | None = None
    error: str | None = None
    rows: int | None = None
    bytes: int | None = None
    inputs: tuple[Dataset, ...] = ()
    outputs: tuple[Dataset, ...] = ()
    by: str | None = None

    @property
    def pipeline(self) -> str:
        """The job's name; a namespace goes before it."""
        return f"{self.namespace}/{self.name}" if self.namespace else self.name


class DatasetEvent(msgspec.Struct, frozen=True, gc=False, omit_defaults=True, tag="dataset"):
    """What somebody says of a dataset by itself, at `time` (seconds since 1970 UTC); `by` as with runs."""

    dataset: Dataset
    time: float
    team: str | None = None
    by: str | None = None
