"""What one team's token may use up: no team pushes out the jobs and runs of others."""

import pytest

from exporter.runs.event import Kind, RunEvent
from exporter.runs.observation import RunForgotten
from exporter.runs.refusals import NotYoursError, TeamShareError, TooManyJobsError
from exporter.runs.shares import Shares
from exporter.runs.tracker import RunTracker


def tracker(share: float = 0.5) -> RunTracker:
    return RunTracker(max_open=4, max_finished=4, max_jobs=4, share=share)


def event(
    name: str, kind: Kind = "START", run: str = "1", by: str | None = "shop", time: float = 1
) -> RunEvent:
    return RunEvent(f"{name}-{run}", "", name, kind, time, team=by, by=by)


def test_a_team_has_so_many_jobs_and_others_still_get_theirs() -> None:
    runs = tracker()
    for name in ("a", "b"):
        runs.observe(event(name))
    with pytest.raises(TeamShareError, match="job: expected at most 2 jobs of shop, got also c"):
        runs.observe(event("c"))
    assert runs.jobs.keys() == {"a", "b"}
    runs.observe(event("a", "COMPLETE"))
    runs.observe(event("c", by="sales"))
    assert runs.jobs.keys() == {"a", "b", "c"}


def test_without_a_token_and_for_an_admins_only_the_limit_itself_counts() -> None:
    runs = tracker()
    for name in ("a", "b", "c", "d"):
        runs.observe(event(name, by=None))
    with pytest.raises(TooManyJobsError, match="expected at most 4 jobs"):
        runs.observe(event("e", by=None))


def test_jobs_that_an_admin_gave_a_team_are_a_part_of_its_share() -> None:
    runs = tracker()
    for name in ("a", "b"):
        runs.observe(RunEvent(name, "", name, "START", 1, team="shop"))
    with pytest.raises(TeamShareError):
        runs.observe(event("c"))
    runs.observe(RunEvent("a", "", "a", "COMPLETE", 2, team="sales"))
    runs.observe(event("c"))
    runs.drop("c")
    runs.observe(event("d"))


def test_a_team_with_too_many_runs_in_progress_forgets_its_own_oldest() -> None:
    runs = tracker()
    runs.observe(event("theirs", by="sales"))
    runs.observe(event("a", run="1"))
    runs.observe(event("a", run="2"))
    runs.observe(event("a", "RUNNING", run="1"))
    forgotten = [one for one in runs.observe(event("a", run="3")) if isinstance(one, RunForgotten)]
    assert [one.run_id for one in forgotten] == ["a-2"]
    assert runs.open.keys() == {"theirs-1", "a-1", "a-3"}


def test_runs_that_end_make_room() -> None:
    runs = tracker()
    for number in range(10):
        runs.observe(event("a", run=str(number)))
        runs.observe(event("a", "COMPLETE", run=str(number)))
    assert not runs.open


def test_a_team_that_tells_of_ever_new_runs_does_not_make_those_of_others_forgotten() -> None:
    runs = tracker()
    runs.observe(event("theirs", "COMPLETE", by="sales"))
    for number in range(10):
        runs.observe(event("a", "COMPLETE", run=str(number)))
    assert [*runs.finished] == ["theirs-1", "a-8", "a-9"]
    assert runs.observe(event("theirs", "COMPLETE", by="sales")) == []


def test_another_teams_pipeline_and_run_are_refused_in_the_order_in_which_they_come() -> None:
    runs = tracker()
    runs.observe(event("a"))
    with pytest.raises(NotYoursError, match="pipeline: expected one of sales, got a, which is another's"):
        runs.observe(event("a", by="sales"))
    with pytest.raises(NotYoursError, match="got a, which is another's"):
        runs.observe(RunEvent("a-1", "", "b", "FAIL", 2, team="sales", by="sales"))
    assert (runs.jobs["a"].team, [*runs.jobs], [*runs.open]) == ("shop", ["a"], ["a-1"])


def test_a_share_is_of_one_at_least_and_nothing_is_left_of_who_holds_nothing() -> None:
    shares = Shares(1)
    assert (shares.add("shop", "a"), shares.add("shop", "b"), shares.add(None, "c")) == (None, "a", None)
    shares.remove("shop", "a")
    shares.remove("shop", "b")
    shares.remove("sales", "b")
    assert (shares.held, shares.is_full("shop"), shares.is_full(None)) == ({}, False, False)
    runs = tracker(share=0.01)
    runs.observe(event("a"))
    assert runs.jobs.keys() == {"a"}
