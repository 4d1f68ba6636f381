"""What is said of who waits, and of who writes a dataset."""

from collections.abc import Sequence

from exporter.collector import StateCollector
from exporter.config.runs import FailureCounts, Runs
from exporter.runs.event import Dataset, DatasetEvent, RunEvent
from exporter.runs.tracker import RunTracker
from exporter.state import State


class Told:
    """A state, and runs that end one after the other."""

    def __init__(self, failures: FailureCounts | None = None) -> None:
        self.state = State(runs=Runs(failures=failures or FailureCounts()))
        self.tracker = RunTracker(max_open=9, max_finished=99, max_jobs=9)
        self.time = 0.0

    def tell(self, event: RunEvent) -> None:
        for observation in self.tracker.observe(event):
            self.state.jobs.apply(observation)
            self.state.datasets.apply(observation)

    def ends(
        self,
        name: str,
        kind: str = "COMPLETE",
        reads: Sequence[str] = (),
        writes: Sequence[str] = (),
        part_of: str | None = None,
    ) -> None:
        self.time += 60
        self.tell(
            RunEvent(
                run_id=f"{name}-{self.time}",
                namespace="",
                name=name,
                kind="FAIL" if kind == "FAIL" else "COMPLETE",
                time=self.time,
                team=f"team-of-{name}",
                part_of=part_of,
                inputs=tuple(map(Dataset, reads)),
                outputs=tuple(map(Dataset, writes)),
            )
        )

    def lines(self, name: str) -> list[str]:
        text = StateCollector(self.state).render(openmetrics=False).decode()
        return sorted(line for line in text.splitlines() if line.startswith(f"{name}{{"))


def chain(told: Told) -> None:
    told.ends("load", writes=["raw"])
    told.ends("clean", reads=["raw"], writes=["clean"])
    told.ends("report", reads=["clean"])


def test_who_waits_is_said_from_the_failure_on_that_is_told() -> None:
    told = Told()
    chain(told)
    told.ends("load", "FAIL")
    assert told.lines("pipeline_upstream_failing_runs") == []
    told.ends("load", "FAIL")
    assert told.lines("pipeline_upstream_failing_runs") == [
        'pipeline_upstream_failing_runs{pipeline="clean",upstream="load"} 2',
        'pipeline_upstream_failing_runs{pipeline="report",upstream="load"} 2',
    ]
    told.ends("load")
    assert told.lines("pipeline_upstream_failing_runs") == []


def test_the_cause_is_the_one_that_is_longest_without_success() -> None:
    told = Told(FailureCounts(medium=1, high=2, critical=3))
    chain(told)
    told.ends("clean", "FAIL")
    told.ends("load", "FAIL")
    assert told.lines("pipeline_upstream_failing_runs") == [
        'pipeline_upstream_failing_runs{pipeline="clean",upstream="load"} 1',
        'pipeline_upstream_failing_runs{pipeline="report",upstream="load"} 1',
    ]


def test_a_dag_fails_and_what_reads_of_its_tasks_waits() -> None:
    told = Told(FailureCounts(medium=1, high=2, critical=3))
    told.tell(RunEvent("dag-run", "", "dag", "START", 1.0))
    told.ends("dag.load", writes=["raw"], part_of="dag-run")
    told.ends("report", reads=["raw"])
    told.tell(RunEvent("dag-run", "", "dag", "FAIL", 2.0))
    assert told.lines("pipeline_upstream_failing_runs") == [
        'pipeline_upstream_failing_runs{pipeline="report",upstream="dag"} 1'
    ]


def test_a_dataset_is_its_first_writers_and_that_ones_whole() -> None:
    told = Told()
    told.ends("load", writes=["raw"])
    told.ends("copy", writes=["raw", "copied"])
    told.ends("report", reads=["bought"])
    for dataset, team in (("said", "team-of-said"), ("said", None), ("raw", "shop")):
        told.state.datasets.hear(DatasetEvent(Dataset(dataset), 1.0, team))
    told.tell(RunEvent("dag-run", "", "dag", "START", 1.0, team="team-of-dag"))
    told.ends("dag.load", writes=["mart"], part_of="dag-run")
    assert told.lines("pipeline_dataset_info") == [
        'pipeline_dataset_info{dataset="bought",pipeline="",team="unknown"} 1',
        'pipeline_dataset_info{dataset="copied",pipeline="copy",team="team-of-copy"} 1',
        'pipeline_dataset_info{dataset="mart",pipeline="dag",team="team-of-dag"} 1',
        'pipeline_dataset_info{dataset="raw",pipeline="load",team="team-of-load"} 1',
        'pipeline_dataset_info{dataset="said",pipeline="",team="team-of-said"} 1',
    ]
