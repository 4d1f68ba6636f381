"""The last report of each dataset: newer ones replace older ones, and there is room for so many."""

from contextlib import suppress

import pytest

from exporter.reports.event import CheckOutcome, ChecksReport, Measures
from exporter.runs.refusals import RefusedError, TeamShareError
from exporter.state.checks import Checked, CheckStates


def report(
    dataset: str, time: float, checks: int = 1, by: str | None = None, values: int = 0
) -> ChecksReport:
    outcomes = tuple(CheckOutcome("nulls", str(n), 2, "PASS", "said") for n in range(checks))
    measures: Measures = {"revenue": {f"2027-01-{1 + day:02}": 1.0 for day in range(values)}}
    return ChecksReport(dataset, "shop", time, outcomes=outcomes, measures=measures, by=by)


def times(states: CheckStates) -> dict[str, float]:
    return {one.dataset: one.report.time for one in states}


def heard(*reports: ChecksReport, limit: int = 9, most_checks: int = 9) -> CheckStates:
    states = CheckStates(limit, most_checks)
    for one in reports:
        with suppress(RefusedError):
            states.hear(one)
    return states


def test_a_newer_report_replaces_an_older_one() -> None:
    states = heard(report("a", 1), report("b", 1), report("a", 2))
    assert times(states) == {"a": 2, "b": 1}
    assert states.changed == {"a", "b"}


def test_what_was_judged_earlier_changes_nothing_however_late_it_comes() -> None:
    states = heard(report("a", 2, checks=3), report("a", 1))
    [held] = states
    assert (held.report, states.refused) == (report("a", 2, checks=3), 0)


def test_the_same_again_changes_nothing() -> None:
    assert times(heard(report("a", 1), report("a", 1))) == {"a": 1}


def test_a_dataset_too_many_is_refused_and_counted_and_the_others_go_on() -> None:
    states = heard(report("a", 1), report("b", 1), report("c", 1), report("a", 2), limit=2)
    assert (times(states), states.refused) == ({"a": 2, "b": 1}, 1)


def test_checks_too_many_are_refused_and_room_is_made_by_smaller_reports_and_forgotten_ones() -> None:
    states = heard(report("a", 1, 3), report("b", 1, 2), report("b", 2, 3), most_checks=5)
    assert (times(states), states.refused) == ({"a": 1, "b": 1}, 1)
    states.hear(report("a", 2, 2))
    states.hear(report("b", 3, 3))
    assert times(states) == {"a": 2, "b": 3}
    states.drop("a")
    states.drop("unknown")
    states.hear(report("c", 1, 2))
    assert (times(states), states.refused) == ({"b": 3, "c": 1}, 1)


def test_values_of_measures_too_many_are_refused() -> None:
    states = CheckStates(most_values=10)
    states.hear(report("a", 1, values=6))
    with pytest.raises(RefusedError, match="expected at most 10 values of measures"):
        states.hear(report("b", 1, values=5))
    states.hear(report("a", 2, values=5))
    states.hear(report("b", 2, values=5))
    assert times(states) == {"a": 2, "b": 2}


def test_one_teams_token_leaves_room_for_the_others() -> None:
    states = CheckStates(limit=4, most_checks=10, share=0.5)
    for dataset in ("a", "b"):
        states.hear(report(dataset, 1, by="shop"))
    with pytest.raises(TeamShareError, match="expected at most 2 datasets of shop"):
        states.hear(report("c", 1, by="shop"))
    with pytest.raises(TeamShareError, match="expected at most 5 checks of shop"):
        states.hear(report("a", 2, checks=5, by="shop"))
    states.hear(report("a", 2, checks=4, by="shop"))
    states.hear(report("c", 1, by="crm"))
    states.hear(report("d", 1))
    assert times(states) == {"a": 2, "b": 1, "c": 1, "d": 1}


def test_what_another_reports_now_is_no_part_of_the_share_any_more() -> None:
    states = CheckStates(limit=4, share=0.5)
    for dataset in ("a", "b"):
        states.hear(report(dataset, 1, by="shop"))
    states.hear(report("a", 2))
    states.hear(report("c", 1, by="shop"))
    states.drop("b")
    states.hear(report("d", 1, by="shop"))
    assert times(states) == {"a": 2, "c": 1, "d": 1}


def test_reports_go_on_where_less_room_is_left_than_they_have_taken() -> None:
    states = CheckStates(limit=1, most_checks=2, most_values=2)
    for number, dataset in enumerate(("a", "b")):
        states.put(Checked(number, report(dataset, 1, checks=2, values=2)))
    states.hear(report("a", 2, checks=2, values=1))
    assert times(states) == {"a": 2, "b": 1}


def test_a_forgotten_dataset_begins_anew() -> None:
    states = heard(report("a", 2))
    states.drop("a")
    states.hear(report("a", 1))
    assert times(states) == {"a": 1}


def test_the_status_is_that_of_the_report_that_is_held() -> None:
    broken = ChecksReport("a", "shop", 2, outcomes=(CheckOutcome("drift", "", 3, "CRITICAL", "said"),))
    states = heard(report("a", 1), broken, report("a", 1))
    assert states.status("a") == "FAIL"
    states.hear(report("a", 3))
    assert states.status("a") == "PASS"
    again = CheckStates()
    again.put(Checked(1, broken))
    assert again.status("a") == "FAIL"
