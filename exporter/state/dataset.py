"""State of one dataset: when it was last written, how much is in it, what its tests and its schema say."""

from typing import Literal

import msgspec

from exporter.runs.event import Assertion, Dataset, Severity
from exporter.state.job import later

SchemaChange = Literal["added", "removed", "retyped"]
SCHEMA_CHANGES: tuple[SchemaChange, ...] = ("added", "removed", "retyped")
SEVERITIES: tuple[Severity, ...] = ("error", "warn")
MOST_ASSERTIONS = 500
MOST_UNSURE = 100

# A set in the order in which its members came.
Pipelines = dict[str, None]


class Write(msgspec.Struct, frozen=True):
    """What a run wrote: from when it is (seconds since 1970 UTC), and how many rows."""

    updated: float
    rows: int | None


class DatasetState(msgspec.Struct):
    """What is known of one dataset. Times are event times in seconds since 1970 UTC, None until it happened.

    `heard` is when anything was last said of it. `stale_after` is how many seconds old it may become, as
    somebody declared. `failing` are the tests that failed last time they ran. `producers` and `consumers`
    are pipelines. `unsure` are, by run, writes that may yet turn out to have been skipped: they count for
    what is newest. `columns_from` is when the columns were as they are known. `team` is whose it is, as
    somebody said who spoke of it alone; who writes it knows better. `named_by` is the team whose token first
    named it. `nulls` are the values that were null when that was last counted, by column.
    """

    name: str
    number: int
    heard: float = 0.0
    updated: float | None = None
    rows: int | None = None
    stale_after: float | None = None
    columns: tuple[tuple[str, str], ...] | None = None
    columns_from: float = 0.0
    nulls: dict[str, int] = msgspec.field(default_factory=dict)
    nulls_from: float = 0.0
    schema_changes: dict[SchemaChange, int] = msgspec.field(
        default_factory=lambda: dict.fromkeys(SCHEMA_CHANGES, 0)
    )
    failing: dict[str, Severity] = msgspec.field(default_factory=dict)
    producers: Pipelines = msgspec.field(default_factory=dict)
    consumers: Pipelines = msgspec.field(default_factory=dict)
    unsure: dict[str, Write] = msgspec.field(default_factory=dict)
    team: str | None = None
    named_by: str | None = None

    @property
    def newest_update(self) -> float | None:
        """When it was last written, as far as anybody knows now."""
        return max((one.updated for one in self._unsure_ones()), default=self.updated)

    @property
    def newest_rows(self) -> int | None:
        """How many rows were last written, as far as anybody knows now."""
        counted = [(one.updated, one.rows) for one in self._unsure_ones() if one.rows is not None]
        return max(counted, default=(None, self.rows))[1]

    def _unsure_ones(self) -> list[Write]:
        """Those that are newer than what is sure."""
        return [one for one in self.unsure.values() if self.updated is None or one.updated >= self.updated]

    def describe(self, said: Dataset, time: float, was_tested: bool = True) -> None:
        """What anybody may say of it at a time: schema, deadline, and its tests where they have run."""
        self.heard = max(self.heard, time)
        if said.stale_after is not None:
            self.stale_after = said.stale_after
        if said.columns is not None and time >= self.columns_from:
            self.columns_from = time
            self._compare(said.columns)
        if said.nulls is not None and time >= self.nulls_from:
            self.nulls_from, self.nulls = time, dict(said.nulls)
        for assertion in said.assertions if was_tested else ():
            self._judge(assertion)

    def write(self, said: Dataset, time: float) -> None:
        """It was written; its content is from then, or from when the writer says."""
        updated = content_time(said, time)
        newest = self.updated is None or updated >= self.updated
        self.updated = later(self.updated, updated)
        if newest and said.rows is not None:
            self.rows = said.rows

    def write_perhaps(self, run_id: str, said: Dataset, time: float) -> None:
        """It was written unless that is taken back."""
        if len(self.unsure) < MOST_UNSURE:
            self.unsure[run_id] = Write(content_time(said, time), said.rows)

    def take_back(self, run_id: str) -> None:
        """What the run may have written no longer counts."""
        self.unsure.pop(run_id, None)

    def failures(self, severity: Severity) -> int:
        """Tests of this severity that failed last time they ran."""
        return sum(found == severity for found in self.failing.values())

    def _judge(self, assertion: Assertion) -> None:
        if assertion.passed:
            self.failing.pop(assertion.name, None)
        elif assertion.name in self.failing or len(self.failing) < MOST_ASSERTIONS:
            self.failing[assertion.name] = assertion.severity

    def _compare(self, columns: tuple[tuple[str, str], ...]) -> None:
        """Count what has changed since the schema was last said; a type that is left out is no change."""
        if columns == self.columns:
            return
        before, after = dict(self.columns or columns), dict(columns)
        self.schema_changes["added"] += len(after.keys() - before.keys())
        self.schema_changes["removed"] += len(before.keys() - after.keys())
        shared = after.keys() & before.keys()
        retyped = [name for name in shared if after[name] and before[name] and after[name] != before[name]]
        self.schema_changes["retyped"] += len(retyped)
        self.columns = columns


def content_time(said: Dataset, time: float) -> float:
    """When the content is from that was spoken of at `time`: not from later, or it would never be stale."""
    return time if said.updated is None else min(said.updated, time)
