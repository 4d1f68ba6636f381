"""Datasets: when they were written, what their tests and schemas say, and who waits for whom."""

from typing import Any

import pytest

from exporter.runs.event import Assertion, Dataset, DatasetEvent
from exporter.runs.observation import FINAL_STATES, FinalState, Job, RunEnded, RunOpened, RunUnsure
from exporter.state import datasets as states
from exporter.state.dataset import MOST_ASSERTIONS, MOST_UNSURE, DatasetState
from exporter.state.datasets import DatasetStates

ORDERS = Dataset("orders")
SCHEMA = (("id", "int"), ("sum", "int"))


def ended(
    job: str = "load",
    state: FinalState = "succeeded",
    time: float = 10,
    reads: tuple[Dataset, ...] = (),
    writes: tuple[Dataset, ...] = (),
) -> RunEnded:
    return RunEnded(Job(job, "", job), f"{job}-{time}", state, None, time, inputs=reads, outputs=writes)


def after(*runs: RunEnded, limit: int = 100) -> DatasetStates:
    datasets = DatasetStates(limit)
    for run in runs:
        datasets.apply(run)
    return datasets


def wrote(*said: Dataset) -> DatasetState:
    """The dataset after runs, ten seconds apart, that said this of it."""
    return after(*(ended(time=10.0 * number, writes=(one,)) for number, one in enumerate(said, 1)))["orders"]


def orders(**said: Any) -> Dataset:
    return Dataset("orders", **said)


def with_tests(*results: Assertion) -> Dataset:
    return orders(assertions=results)


def test_a_success_writes_what_it_puts_out_and_not_what_it_reads() -> None:
    datasets = after(ended(reads=(Dataset("raw"),), writes=(ORDERS,)))
    assert (datasets["orders"].updated, datasets["raw"].updated) == (10, None)


@pytest.mark.parametrize("state", [state for state in FINAL_STATES if state != "succeeded"])
def test_no_other_end_refreshes_a_dataset(state: FinalState) -> None:
    datasets = after(ended(writes=(orders(rows=1),)), ended(state=state, time=20, writes=(orders(rows=2),)))
    assert (datasets["orders"].updated, datasets["orders"].rows) == (10, 1)


def test_null_values_are_those_of_the_newest_count() -> None:
    assert wrote(orders(nulls=(("id", 1), ("sum", 2))), orders(), orders(nulls=(("sum", 3),))).nulls == {
        "sum": 3
    }
    late = after(
        ended(time=20, writes=(orders(nulls=(("id", 1),)),)), ended(reads=(orders(nulls=(("id", 9),)),))
    )
    assert late["orders"].nulls == {"id": 1}


def test_a_dataset_that_only_failures_wrote_has_never_been_updated() -> None:
    assert after(ended(state="failed", writes=(ORDERS,)))["orders"].updated is None


def test_a_run_in_progress_writes_nothing() -> None:
    datasets = DatasetStates()
    datasets.apply(RunOpened(Job("load", "", "load"), "r1", 5))
    assert len(datasets) == 0


def test_the_content_is_from_when_the_writer_says() -> None:
    assert wrote(orders(updated=3.0)).updated == 3


def test_a_dataset_never_grows_older_and_keeps_the_rows_of_its_newest_content() -> None:
    found = wrote(orders(updated=5.0, rows=5), orders(updated=2.0, rows=2))
    assert (found.updated, found.rows) == (5, 5)


def test_no_content_is_from_after_it_was_written() -> None:
    assert wrote(orders(updated=9e9), ORDERS).updated == 20


def test_unknown_rows_are_not_zero_rows() -> None:
    assert wrote(ORDERS).rows is None
    assert wrote(orders(rows=7), ORDERS).rows == 7
    assert wrote(orders(rows=7), orders(rows=0)).rows == 0


def test_the_deadline_that_was_declared_last_holds() -> None:
    assert wrote(orders(stale_after=60.0), ORDERS, orders(stale_after=90.0)).stale_after == 90
    assert wrote(ORDERS).stale_after is None


@pytest.mark.parametrize(
    ("columns", "changes"),
    [
        (SCHEMA, (0, 0, 0)),
        (SCHEMA[::-1], (0, 0, 0)),
        ((*SCHEMA, ("at", "date")), (1, 0, 0)),
        (SCHEMA[:1], (0, 1, 0)),
        ((("id", "text"), ("sum", "int")), (0, 0, 1)),
        ((("key", "int"), ("sum", "float")), (1, 1, 1)),
        ((("id", ""), ("sum", "")), (0, 0, 0)),
    ],
)
def test_columns_are_compared_with_those_that_were_said_last(
    columns: tuple[tuple[str, str], ...], changes: tuple[int, int, int]
) -> None:
    assert tuple(wrote(orders(columns=SCHEMA), orders(columns=columns)).schema_changes.values()) == changes


def test_columns_of_before_that_are_told_late_are_no_change() -> None:
    late = ended(time=5, writes=(orders(columns=SCHEMA[:1]),))
    datasets = after(ended(time=10, writes=(orders(columns=SCHEMA),)), late)
    assert set(datasets["orders"].schema_changes.values()) == {0}
    datasets.apply(ended(time=20, writes=(orders(columns=SCHEMA[:1]),)))
    assert datasets["orders"].schema_changes["removed"] == 1


def test_the_first_schema_is_no_change_and_silence_is_none_either() -> None:
    found = wrote(ORDERS, orders(columns=SCHEMA), ORDERS, orders(columns=SCHEMA))
    assert set(found.schema_changes.values()) == {0}


def test_a_reader_sees_a_change_too() -> None:
    datasets = after(
        ended(writes=(orders(columns=SCHEMA),)), ended("report", reads=(orders(columns=SCHEMA[:1]),))
    )
    assert datasets["orders"].schema_changes["removed"] == 1


def test_a_test_fails_until_it_passes() -> None:
    bad, good = Assertion("unique", False), Assertion("unique", True)
    assert wrote(with_tests(bad)).failures("error") == 1
    assert wrote(with_tests(bad), with_tests(bad)).failures("error") == 1
    assert wrote(with_tests(bad), ORDERS).failures("error") == 1
    assert wrote(with_tests(bad), with_tests(good)).failures("error") == 0


def test_tests_are_counted_by_how_severe_they_are_now() -> None:
    warned, failed = Assertion("unique", False, "warn"), Assertion("unique", False)
    found = wrote(with_tests(warned, Assertion("not_null", False)))
    assert (found.failures("warn"), found.failures("error")) == (1, 1)
    found = wrote(with_tests(failed), with_tests(warned))
    assert (found.failures("warn"), found.failures("error")) == (1, 0)


def test_the_tests_of_a_run_that_failed_have_run() -> None:
    datasets = after(ended(state="failed", reads=(with_tests(Assertion("unique", False)),)))
    assert datasets["orders"].failures("error") == 1


@pytest.mark.parametrize("state", ["aborted", "skipped", "abandoned"])
def test_the_tests_of_a_run_that_was_not_carried_through_have_not_run(state: FinalState) -> None:
    said = (orders(columns=SCHEMA, assertions=(Assertion("unique", False),)),)
    datasets = after(ended(), ended(state=state, reads=said), ended("b", reads=(ORDERS,)))
    assert datasets["orders"].failures("error") == 0


def test_the_tests_that_fail_are_remembered_up_to_a_limit() -> None:
    tests = [Assertion(f"test {number}", False) for number in range(MOST_ASSERTIONS + 5)]
    assert wrote(with_tests(*tests)).failures("error") == MOST_ASSERTIONS


def test_who_reads_what_another_writes_is_downstream_of_it_whichever_came_first() -> None:
    load, report = ended("load", writes=(ORDERS,)), ended("report", reads=(ORDERS,))
    for runs in ((load, report), (report, load)):
        datasets = after(*runs)
        assert (datasets.downstream("load"), datasets.upstream("report")) == ({"report"}, {"load"})
        assert (datasets.upstream("load"), datasets.downstream("report")) == (set(), set())


def test_a_job_that_writes_what_it_reads_does_not_wait_for_itself() -> None:
    datasets = after(ended(reads=(ORDERS,), writes=(ORDERS,)))
    assert (datasets.upstream("load"), datasets.downstream("load")) == (set(), set())


def test_several_writers_and_readers_are_counted_once_each() -> None:
    writers = [ended(name, writes=(ORDERS, Dataset("mails"))) for name in ("a", "b", "a")]
    readers = [ended(name, reads=(ORDERS, Dataset("mails"))) for name in ("c", "d", "c")]
    datasets = after(*writers, *readers)
    assert (datasets.upstream("c"), datasets.downstream("a")) == ({"a", "b"}, {"c", "d"})


def test_beyond_the_limit_neighbours_are_known_neither_before_nor_after_a_restart(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(states, "MOST_NEIGHBOURS", 2)
    readers = [ended(name, reads=(ORDERS,)) for name in ("a", "b", "c")]
    datasets = after(ended(writes=(ORDERS,)), *readers)
    again = DatasetStates()
    again.put(datasets["orders"])
    assert datasets.downstream("load") == again.downstream("load") == {"a", "b"}


def test_what_there_is_no_room_for_is_counted_and_the_known_ones_go_on() -> None:
    other = Dataset("other")
    datasets = after(ended(writes=(ORDERS, other)), ended(time=20, writes=(ORDERS, other)), limit=1)
    assert [one.name for one in datasets] == ["orders"]
    assert datasets.refused == {"no_room": 2, "team_share": 0, "not_yours": 0}
    assert datasets["orders"].updated == 20


@pytest.mark.parametrize(
    ("said", "updated"),
    [
        (orders(rows=5), 7),
        (orders(updated=3.0), 3),
        (orders(updated=3.0, rows=5), 3),
        (orders(stale_after=60.0), None),
        (orders(columns=SCHEMA), None),
        (with_tests(Assertion("unique", False)), None),
    ],
)
def test_what_is_said_of_a_dataset_by_itself_writes_it_if_it_says_when_or_how_much(
    said: Dataset, updated: float | None
) -> None:
    datasets = DatasetStates()
    datasets.hear(DatasetEvent(said, 7.0))
    assert datasets["orders"].updated == updated
    assert (datasets["orders"].rows, datasets["orders"].stale_after) == (said.rows, said.stale_after)
    assert datasets.changed == {"orders"}


def perhaps(run_id: str, time: float, rows: int | None = None) -> RunUnsure:
    return RunUnsure(Job("load", "", "load"), run_id, time, (orders(rows=rows),))


def test_the_newest_of_what_is_sure_and_what_is_not_is_shown() -> None:
    datasets = after(ended(time=10, writes=(orders(rows=1),)))
    for unsure in (perhaps("a", 5, rows=5), perhaps("b", 20, rows=2), perhaps("c", 30)):
        datasets.apply(unsure)
    found = datasets["orders"]
    assert (found.newest_update, found.newest_rows) == (30, 2)
    assert (found.updated, found.rows) == (10, 1)


def test_so_many_writes_at_most_may_be_unsure() -> None:
    datasets = after()
    for number in range(MOST_UNSURE + 1):
        datasets.apply(perhaps(f"run-{number}", float(number)))
    assert len(datasets["orders"].unsure) == MOST_UNSURE


def test_who_reads_a_forgotten_dataset_is_no_neighbour_unless_by_another() -> None:
    both = (ORDERS, Dataset("returns"))
    datasets = after(ended(writes=both), ended("report", reads=both), ended("mail", reads=(ORDERS,)))
    assert datasets.downstream("load") == {"report", "mail"}
    datasets.drop("orders")
    assert (datasets.downstream("load"), datasets.upstream("mail")) == ({"report"}, set())
    assert [one.name for one in datasets] == ["returns"]


def test_what_is_new_after_something_was_forgotten_is_the_newest() -> None:
    datasets = after(ended(writes=(Dataset("a"), Dataset("b"))))
    datasets.drop("a")
    datasets.apply(ended(writes=(Dataset("c"),)))
    assert datasets["c"].number > datasets["b"].number
