"""What may be told of runs, at random, and all that is known afterwards."""

from array import array
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count
from math import inf
from typing import Any

import msgspec
from hypothesis import strategies as st
from msgspec.structs import replace

from exporter.collector import StateCollector
from exporter.intake import Intake, Watched
from exporter.intake.entry import Abandoned, ChecksDropped, DatasetDropped, Dropped, Entry
from exporter.intake.intake import Refusals
from exporter.intake.journal import Journal
from exporter.reports.event import CheckOutcome, ChecksReport
from exporter.runs.event import Assertion, Dataset, DatasetEvent, Kind, RunEvent
from exporter.runs.tracker import RunTracker
from exporter.state import State
from exporter.state.checks import CheckStates
from exporter.state.datasets import DatasetStates

Everything = dict[str, Any]
# Small enough that each limit is met.
MOST_OPEN, MOST_FINISHED, MOST_JOBS = 2, 4, 3
MOST_DATASETS = 3
MOST_CHECKS = 6
SHARE = 0.7


@dataclass
class Life:
    """An intake, and what it lets be known, from one start of the process to its end.

    `unforeseen` has an item for each entry that could not be applied.
    """

    journal: Journal
    state: State = field(
        default_factory=lambda: State(
            datasets=DatasetStates(MOST_DATASETS, SHARE),
            checks=CheckStates(MOST_DATASETS, MOST_CHECKS, SHARE),
        )
    )
    unforeseen: list[None] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.tracker = RunTracker(
            max_open=MOST_OPEN, max_finished=MOST_FINISHED, max_jobs=MOST_JOBS, share=SHARE
        )
        self.watched = Watched(self.tracker, self.state.jobs, self.state.datasets, self.state.checks)
        self.intake = Intake(self.journal, self.watched, lambda: self.unforeseen.append(None))

    def end(self) -> None:
        """Let the journal's thread go; the database stays open for the next life."""
        self.intake.disk.shutdown()

    def everything(self) -> Everything:
        """All that is known, in its order; the numbers that only say the order left out."""
        jobs, datasets = self.state.jobs, self.state.datasets
        return {
            "jobs": [unnumbered(job) for job in jobs],
            "datasets": [unnumbered(dataset) for dataset in datasets],
            "checks": [unnumbered(checked) for checked in self.state.checks],
            "refused": (datasets.refused, self.state.checks.refused),
            "open": [(run_id, unnumbered(run)) for run_id, run in self.tracker.open.items()],
            "finished": [(run_id, unnumbered(run)) for run_id, run in self.tracker.finished.items()],
            "described": list(self.tracker.jobs.items()),
            "upstream": {job.pipeline: datasets.upstream(job.pipeline) for job in jobs},
            "downstream": {job.pipeline: datasets.downstream(job.pipeline) for job in jobs},
            "metrics": StateCollector(self.state).render(openmetrics=False).decode().splitlines(),
        }


Start = Callable[[], Life]


def unnumbered(kept: msgspec.Struct) -> Everything:
    """A part of the state as plain content."""
    content: Everything = msgspec.to_builtins(kept, enc_hook=array.tobytes)
    return {name: value for name, value in content.items() if name != "number"}


TIMES = st.integers(0, 9).map(float)
UNTIL = TIMES | st.just(inf)
TEAMS = st.none() | st.sampled_from(["shop", "finance"])
COUNTS = st.none() | st.integers(0, 9)
NAMES = st.sampled_from(["load", "report", "clean", "send"])
RUN_IDS = st.sampled_from(["a", "b", "c", "d", "e", "f", "g"])
ASSERTIONS = st.builds(
    Assertion, st.sampled_from(["unique", "not_null"]), st.booleans(), st.sampled_from(["error", "warn"])
)
COLUMNS = st.lists(
    st.tuples(st.sampled_from(["id", "sum"]), st.sampled_from(["", "int", "text"])), min_size=1
)
DATASETS = st.builds(
    Dataset,
    name=st.sampled_from(["raw", "orders", "totals", "mails"]),
    rows=COUNTS,
    bytes=COUNTS,
    updated=st.none() | TIMES,
    stale_after=st.none() | TIMES,
    columns=st.none() | COLUMNS.map(tuple),
    nulls=st.none() | st.just((("id", 1),)),
    assertions=st.lists(ASSERTIONS, max_size=2).map(tuple),
)
SEVERAL = st.lists(DATASETS, max_size=2).map(tuple)
RUN_EVENTS = st.builds(
    RunEvent,
    run_id=RUN_IDS,
    namespace=st.just("ns"),
    name=NAMES,
    kind=st.sampled_from(["START", "RUNNING", "COMPLETE", "FAIL", "ABORT", "SKIP", "OTHER"]),
    time=TIMES,
    team=TEAMS,
    by=TEAMS,
    integration=st.sampled_from(["unknown", "dbt", "airflow"]),
    job_type=st.sampled_from(["", "model", "sql"]),
    part_of=st.none() | RUN_IDS,
    unsure=st.booleans(),
    skipped=st.lists(NAMES.map("ns/{}".format), max_size=2).map(tuple),
    streaming=st.booleans(),
    started=st.none() | TIMES,
    scheduled=st.none() | TIMES,
    error=st.none() | st.sampled_from(["timeout", "data"]),
    rows=COUNTS,
    bytes=COUNTS,
    inputs=SEVERAL,
    outputs=SEVERAL,
).map(
    lambda event: replace(
        event, team=event.by or event.team, unsure=event.unsure and event.kind == "COMPLETE"
    )
)


def successes(first: int, length: int) -> list[Entry]:
    """So many runs that there is something usual about them, and that the oldest values go."""
    return [
        RunEvent(
            f"s{number}", "ns", "load", "COMPLETE", 100.0 * number, started=100.0 * number - 9 - number % 7,
            rows=50 + number % 3,
        )
        for number in range(first, first + length)
    ]  # fmt: skip


OUTCOMES = st.builds(
    CheckOutcome,
    check=st.sampled_from(["rows", "nulls", "drift"]),
    subject=st.sampled_from(["", "id"]),
    tier=st.sampled_from([1, 2, 3]),
    severity=st.sampled_from(["CRITICAL", "WARN", "INFO", "PASS"]),
    message=st.just("said"),
    observed=st.none() | TIMES | st.just("2026-11-21"),
    baseline=st.none() | TIMES,
    high=st.none() | TIMES,
)
REPORTS = st.builds(
    ChecksReport,
    dataset=NAMES,
    team=st.just("shop"),
    by=TEAMS,
    time=TIMES,
    date=st.none() | st.just("2026-11-20"),
    outcomes=st.lists(OUTCOMES, max_size=3, unique_by=lambda one: (one.check, one.subject)).map(tuple),
    measures=st.just({}) | st.builds(lambda value: {"revenue": {"2026-11-20": value}}, st.none() | TIMES),
).map(lambda report: replace(report, team=report.by or report.team))
ENTRIES: st.SearchStrategy[list[Entry]] = st.one_of(
    st.lists(RUN_EVENTS, min_size=1, max_size=6),
    st.builds(lambda said, time, by: [DatasetEvent(said, time, by, by)], DATASETS, TIMES, TEAMS),
    st.builds(Abandoned, RUN_IDS, TIMES).map(lambda one: [one]),
    st.builds(Dropped, NAMES.map("ns/{}".format), UNTIL).map(lambda one: [one]),
    st.builds(lambda dataset, until: [DatasetDropped(dataset.name, until)], DATASETS, UNTIL),
    st.lists(REPORTS, min_size=1, max_size=3),
    st.builds(ChecksDropped, NAMES, UNTIL).map(lambda one: [one]),
    st.builds(successes, st.integers(1, 1000), st.integers(1, 130)),
)


def numbered(name: str) -> Iterator[RunEvent]:
    """Runs of one job that succeed, as many as wanted."""
    for number in count(1):
        yield RunEvent(f"{name}-{number}", "ns", name, "COMPLETE", float(number), started=0.0)


def run(name: str, number: int, kind: Kind = "COMPLETE", time: float = 1.0) -> RunEvent:
    return RunEvent(f"{name}-{number}", "ns", name, kind, time)


def succeeded(life: Life) -> dict[str, int]:
    return {job.name: job.runs["succeeded"] for job in life.state.jobs}


async def told(life: Life, *entries: Entry) -> Refusals:
    return await life.intake.tell(entries)
