"""Tasks that Airflow skipped and yet says to be complete: only the end of their DAG's run tells.

The recording is of Airflow 3.3.2; the numbers were counted in the file itself.
"""

from collections.abc import Iterable
from datetime import datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from exporter.intake import Watched
from exporter.intake.entry import Abandoned
from exporter.runs.event import Dataset, RunEvent
from exporter.runs.observation import RunContradicted, RunEnded, RunForgotten, RunUnsure
from exporter.runs.tracker import RunTracker
from exporter.state import State
from tests.unit.runs.test_run_replay import recorded

EVENTS = recorded("af_skips")
# A pipeline a line: runs that succeeded, failed, were skipped. `after_short` and `right` never ran.
RUNS = """\
shop_retry            1 0 0
shop_retry.flaky      1 1 0
shop_skip             1 0 0
shop_skip.branch      1 0 0
shop_skip.extract     1 0 0
shop_skip.short       1 0 0
shop_skip.raise_skip  0 0 1
shop_skip.left        1 0 0
shop_skip.nothing_new 0 0 1
shop_mapped           1 0 0
shop_mapped.part      3 0 0
"""
# A dataset a line: minutes and seconds after 2026-11-21T15:00Z.
DATASETS = """\
flaky          09:16.069183
extracted      09:38.674107
short          09:39.594113
skipped_python -
left           09:41.378044
skipped_bash   -
mapped         09:52.715657
"""
WHOLE, TASK = "run-of-dag", "run-of-task"


class Known:
    """What is known after some events."""

    def __init__(self, events: Iterable[RunEvent] = (), max_open: int = 100) -> None:
        self.state = State()
        self.tracker = RunTracker(max_open=max_open, max_finished=100, max_jobs=100)
        self.watched = Watched(self.tracker, self.state.jobs, self.state.datasets, self.state.checks)
        self.tell(*events)

    def tell(self, *events: RunEvent | Abandoned) -> "Known":
        for event in events:
            self.watched.apply(event)
        return self

    def runs(self) -> dict[str, tuple[int, ...]]:
        return {
            job.name: (job.runs["succeeded"], job.runs["failed"], job.runs["skipped"])
            for job in self.state.jobs
        }

    def updates(self) -> dict[str, float | None]:
        return {one.name.rpartition("/")[2]: one.newest_update for one in self.state.datasets}

    def load(self) -> tuple[int, int, int]:
        """Of the task `load`: in progress, succeeded, skipped."""
        job = self.state.jobs["af/dag.load"]
        return job.in_progress, job.runs["succeeded"], job.runs["skipped"]

    def orders(self) -> tuple[float | None, int | None]:
        """Of the dataset `orders`: when it was last written, and with how many rows."""
        orders = self.state.datasets["orders"]
        return orders.newest_update, orders.newest_rows


def at(minute_and_second: str) -> float | None:
    if minute_and_second == "-":
        return None
    return datetime.fromisoformat(f"2026-11-21T15:{minute_and_second}+00:00").timestamp()


def dag(kind: str, time: float, **more: object) -> RunEvent:
    return replace(RunEvent(WHOLE, "af", "dag", "START", time), kind=kind, **more)


def task(kind: str, time: float, rows: int = 5, run: str = TASK) -> RunEvent:
    outputs = (Dataset("orders", rows=rows),)
    of_airflow = {"part_of": WHOLE, "unsure": kind == "COMPLETE", "outputs": outputs}
    return replace(RunEvent(run, "af", "dag.load", "START", time), kind=kind, **of_airflow)


BEGUN = (dag("START", 1), task("START", 2))
SKIPPED = dag("COMPLETE", 9, skipped=("af/dag.load",))


def test_the_runs_of_the_recording_are_those_in_the_file() -> None:
    rows = [line.split() for line in RUNS.splitlines()]
    assert Known(EVENTS).runs() == {name: tuple(map(int, counts)) for name, *counts in rows}


def test_the_datasets_of_the_recording_were_written_by_what_was_not_skipped() -> None:
    rows = [line.split() for line in DATASETS.splitlines()]
    found = {name.removesuffix(".csv"): time for name, time in Known(EVENTS).updates().items()}
    assert found == {name: at(time) for name, time in rows}


@settings(deadline=None, max_examples=50, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_in_whatever_order_the_recording_comes_after_its_dags_starts(data: st.DataObject) -> None:
    starts = [event for event in EVENTS if event.part_of is None and event.kind == "START"]
    others = [event for event in EVENTS if event not in starts]
    found = Known([*starts, *data.draw(st.permutations([*others, *others]))])
    assert (found.runs(), found.updates()) == (Known(EVENTS).runs(), Known(EVENTS).updates())


def test_until_its_dag_ends_a_complete_task_is_not_counted_and_its_dataset_counts_as_written() -> None:
    known = Known([*BEGUN, task("COMPLETE", 5)])
    assert (known.load(), known.orders()) == ((0, 0, 0), (5, 5))
    assert known.state.datasets["orders"].producers == {"af/dag.load": None}


def test_what_a_skipped_task_was_said_to_write_is_taken_back() -> None:
    known = Known([task("COMPLETE", 0, rows=4, run="of yesterday"), *BEGUN, task("COMPLETE", 5), SKIPPED])
    assert (known.load(), known.orders()) == ((0, 1, 1), (0, 4))


def test_what_a_task_wrote_that_was_not_skipped_counts_with_its_own_time() -> None:
    known = Known([*BEGUN, task("COMPLETE", 5), dag("COMPLETE", 9)])
    assert (known.load(), known.orders()) == ((0, 1, 0), (5, 5))
    assert known.state.jobs["af/dag.load"].last_duration == 3
    assert known.state.datasets["orders"].unsure == {}


def test_a_restart_forgets_nothing_of_what_waits() -> None:
    before, after = Known(BEGUN), Known()
    parts = before.watched.snapshot() | before.tell(task("COMPLETE", 5)).watched.snapshot()
    after.watched.restore((part, content) for part, content in parts.items() if content is not None)
    assert (after.load(), after.orders()) == ((0, 0, 0), (5, 5))
    assert (after.tell(SKIPPED).load(), after.orders()) == ((0, 0, 1), (None, None))


@pytest.mark.parametrize("end", ["FAIL", "ABORT"])
def test_a_dag_that_ends_otherwise_tells_as_well(end: str) -> None:
    known = Known([*BEGUN, task("COMPLETE", 5), replace(SKIPPED, kind=end)])
    assert (known.load(), known.orders()) == ((0, 0, 1), (None, None))


def test_a_task_that_is_told_after_its_dags_end_is_judged_at_once() -> None:
    known = Known([*BEGUN, SKIPPED, task("COMPLETE", 5)])
    assert (known.load(), known.orders()) == ((0, 0, 1), (None, None))


def test_where_nothing_is_known_of_its_dag_a_task_is_taken_at_its_word() -> None:
    known = Known([task("START", 2), task("COMPLETE", 5)])
    assert (known.load(), known.orders()) == ((0, 1, 0), (5, 5))


@pytest.mark.parametrize("given_up", [WHOLE, TASK])
def test_when_its_dag_or_itself_is_given_up_a_task_is_taken_at_its_word(given_up: str) -> None:
    known = Known([*BEGUN, task("COMPLETE", 5)]).tell(Abandoned(given_up, 100_000))
    assert (known.load(), known.orders()) == ((0, 1, 0), (5, 5))
    assert known.tell(SKIPPED).load() == (0, 1, 0)


def test_when_there_is_no_room_for_its_dags_run_a_task_is_taken_at_its_word() -> None:
    tracker = RunTracker(max_open=2, max_finished=9, max_jobs=9)
    for event in (*BEGUN, task("COMPLETE", 5)):
        tracker.observe(event)
    found = tracker.observe(replace(dag("START", 6), run_id="another"))
    assert [type(one) for one in found[:2]] == [RunEnded, RunForgotten]
    assert list(tracker.open) == ["another"]


def test_when_there_is_no_room_for_itself_a_task_is_taken_at_its_word() -> None:
    known = Known([*BEGUN, task("COMPLETE", 5), dag("RUNNING", 6)], max_open=2)
    assert known.tell(replace(dag("START", 7), run_id="another")).load() == (0, 1, 0)


def test_a_task_that_is_complete_and_then_failed_contradicts_itself_once() -> None:
    tracker = RunTracker(max_open=9, max_finished=9, max_jobs=9)
    told = [*BEGUN, task("COMPLETE", 5), task("COMPLETE", 5), task("FAIL", 6), task("FAIL", 6), SKIPPED]
    found = [one for event in told for one in tracker.observe(event)]
    of_task = [one for one in found if one.job.name == "dag.load"][2:]
    assert [type(one) for one in of_task] == [RunUnsure, RunEnded, RunContradicted]


def test_a_run_that_is_said_to_be_a_part_of_itself_waits_for_nobody() -> None:
    itself = replace(task("COMPLETE", 5), part_of=TASK)
    assert Known([replace(task("START", 2), part_of=TASK), itself]).load() == (0, 1, 0)
