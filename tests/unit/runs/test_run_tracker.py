"""Tracking: each run is counted once, whatever is repeated, lost or out of order, in bounded memory."""

from collections import Counter

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from exporter.runs.event import Kind, RunEvent
from exporter.runs.observation import Job, Observation, RunEnded, RunForgotten, RunOpened, RunStarted
from exporter.runs.tracker import RunTracker, TooManyJobsError

LOAD = Job("ns/load", "ns", "load")


def tracker(max_open: int = 100, max_finished: int = 100, max_jobs: int = 100) -> RunTracker:
    return RunTracker(max_open=max_open, max_finished=max_finished, max_jobs=max_jobs)


def event(kind: Kind, time: float = 0.0, run: str = "r1", name: str = "load") -> RunEvent:
    return RunEvent(run_id=run, namespace="ns", name=name, kind=kind, time=time)


def observed(runs: RunTracker, *events: RunEvent) -> list[Observation]:
    return [observation for one in events for observation in runs.observe(one)]


def ended(observations: list[Observation]) -> list[RunEnded]:
    return [observation for observation in observations if isinstance(observation, RunEnded)]


def test_a_run_opens_with_its_start_and_ends_with_its_terminal_event() -> None:
    assert observed(tracker(), event("START", 10), event("COMPLETE", 25)) == [
        RunOpened(LOAD),
        RunStarted(LOAD, 10),
        RunEnded(LOAD, "succeeded", 10, 25, was_open=True),
    ]


@pytest.mark.parametrize(
    ("kind", "state"), [("COMPLETE", "succeeded"), ("FAIL", "failed"), ("ABORT", "aborted")]
)
def test_each_terminal_event_gives_its_state(kind: Kind, state: str) -> None:
    (end,) = ended(observed(tracker(), event("START", 10), event(kind, 25)))
    assert (end.state, end.duration) == (state, 15)


def test_a_duplicate_event_changes_nothing() -> None:
    runs = tracker()
    observed(runs, event("START", 10))
    assert observed(runs, event("START", 10)) == []
    observed(runs, event("COMPLETE", 25))
    assert observed(runs, event("COMPLETE", 25), event("START", 10), event("COMPLETE", 25)) == []


def test_a_later_terminal_event_of_the_same_run_changes_nothing() -> None:
    runs = tracker()
    observed(runs, event("START", 10), event("FAIL", 25))
    assert observed(runs, event("COMPLETE", 30)) == []


def test_a_terminal_event_without_a_start_gives_a_state_but_no_duration() -> None:
    (end,) = ended(observed(tracker(), event("FAIL", 25)))
    assert end == RunEnded(LOAD, "failed", None, 25, was_open=False)
    assert end.duration is None


def test_a_start_after_the_terminal_event_opens_nothing_but_is_told() -> None:
    runs = tracker()
    observed(runs, event("COMPLETE", 25))
    assert observed(runs, event("START", 10)) == [RunStarted(LOAD, 10)]
    assert observed(runs, event("START", 10)) == []


def test_the_start_is_the_earliest_whatever_the_order() -> None:
    (end,) = ended(observed(tracker(), event("START", 12), event("START", 10), event("COMPLETE", 25)))
    assert end.started == 10
    (end,) = ended(observed(tracker(), event("START", 10), event("START", 12), event("COMPLETE", 25)))
    assert end.started == 10


def test_a_terminal_event_before_its_start_in_time_gives_no_duration() -> None:
    (end,) = ended(observed(tracker(), event("START", 25), event("COMPLETE", 10)))
    assert (end.state, end.started, end.ended, end.duration) == ("succeeded", 25, 10, None)


def test_a_run_of_no_length_has_the_duration_zero() -> None:
    (end,) = ended(observed(tracker(), event("START", 25), event("ABORT", 25)))
    assert end.duration == 0


def test_running_opens_a_run_whose_start_was_lost_and_does_so_once() -> None:
    runs = tracker()
    assert observed(runs, event("RUNNING", 12), event("RUNNING", 13)) == [RunOpened(LOAD)]
    assert observed(runs, event("COMPLETE", 25)) == [RunEnded(LOAD, "succeeded", None, 25, was_open=True)]


def test_a_start_after_running_gives_the_run_its_start() -> None:
    runs = tracker()
    assert observed(runs, event("RUNNING", 12), event("START", 10)) == [RunOpened(LOAD), RunStarted(LOAD, 10)]
    (end,) = ended(observed(runs, event("COMPLETE", 25)))
    assert end.duration == 15


def test_running_after_the_end_opens_nothing() -> None:
    runs = tracker()
    observed(runs, event("COMPLETE", 25))
    assert observed(runs, event("RUNNING", 26)) == []


def test_other_events_change_nothing_before_during_and_after_a_run() -> None:
    runs = tracker()
    assert observed(runs, event("OTHER")) == []
    observed(runs, event("START", 10))
    assert observed(runs, event("OTHER")) == []
    observed(runs, event("COMPLETE", 25))
    assert observed(runs, event("OTHER")) == []


def test_runs_of_one_job_at_the_same_time_are_kept_apart() -> None:
    observations = observed(
        tracker(),
        event("START", 10, "a"),
        event("START", 11, "b"),
        event("COMPLETE", 20, "a"),
        event("FAIL", 30, "b"),
    )
    assert [(end.state, end.duration) for end in ended(observations)] == [("succeeded", 10), ("failed", 19)]


def test_a_run_belongs_to_the_job_that_its_first_event_names() -> None:
    runs = tracker()
    observations = observed(runs, event("START", 10), event("COMPLETE", 25, name="load.renamed"))
    assert {observation.job for observation in observations} == {LOAD}


def test_an_event_that_names_another_job_says_nothing_about_the_team_of_the_runs_job() -> None:
    runs = tracker()
    foreign = RunEvent("r1", "ns", "load.renamed", "COMPLETE", 25, team="finance", integration="airflow")
    assert {observation.job for observation in observed(runs, event("START", 10), foreign)} == {LOAD}


def test_team_and_integration_are_learnt_from_any_event_and_kept() -> None:
    runs = tracker()
    owned = RunEvent("r1", "ns", "load", "COMPLETE", 25, team="finance", integration="airflow")
    (_, _, end) = observed(runs, event("START", 10), owned)
    (opened, _) = observed(runs, event("START", 30, "r2"))
    known = Job("ns/load", "ns", "load", "finance", "airflow")
    assert (end.job, opened.job) == (known, known)


def test_beyond_its_room_the_open_run_longest_unheard_of_is_forgotten() -> None:
    runs = tracker(max_open=2)
    observed(runs, event("START", 1, "a", "a"), event("START", 2, "b", "b"), event("RUNNING", 3, "a", "a"))
    assert observed(runs, event("START", 4, "c", "c")) == [
        RunForgotten(Job("ns/b", "ns", "b")),
        RunOpened(Job("ns/c", "ns", "c")),
        RunStarted(Job("ns/c", "ns", "c"), 4),
    ]


def test_a_forgotten_run_that_ends_after_all_gives_a_state_but_no_duration() -> None:
    runs = tracker(max_open=1)
    observed(runs, event("START", 1, "a"), event("START", 2, "b"))
    assert observed(runs, event("COMPLETE", 5, "a")) == [RunEnded(LOAD, "succeeded", None, 5, was_open=False)]


def test_a_finished_run_is_known_as_a_duplicate_while_it_is_remembered() -> None:
    runs = tracker(max_finished=2)
    observed(runs, event("COMPLETE", 1, "a"), event("COMPLETE", 2, "b"))
    assert observed(runs, event("COMPLETE", 1, "a")) == []
    observed(runs, event("COMPLETE", 3, "c"))
    assert observed(runs, event("COMPLETE", 3, "c"), event("COMPLETE", 2, "b")) == []
    assert len(observed(runs, event("COMPLETE", 1, "a"))) == 1


def test_one_job_too_many_is_refused_and_the_known_ones_go_on() -> None:
    runs = tracker(max_jobs=1)
    observed(runs, event("START", 10))
    message = "job: expected at most 1 jobs, got also ns/other"
    with pytest.raises(TooManyJobsError, match=message):
        runs.observe(event("START", 11, "r2", "other"))
    assert len(ended(observed(runs, event("COMPLETE", 25), event("COMPLETE", 26, "r3")))) == 2


def test_a_refused_event_changes_nothing() -> None:
    runs = tracker(max_open=1, max_jobs=1)
    observed(runs, event("START", 10))
    for kind in ("START", "COMPLETE"):
        with pytest.raises(TooManyJobsError):
            runs.observe(event(kind, 11, "r2", "other"))
    assert observed(runs, event("START", 12, "r2")) == [
        RunForgotten(LOAD),
        RunOpened(LOAD),
        RunStarted(LOAD, 12),
    ]


EVENTS = st.builds(
    event,
    st.sampled_from(["START", "RUNNING", "COMPLETE", "FAIL", "ABORT", "OTHER"]),
    st.integers(0, 9),
    st.sampled_from(["a", "b", "c", "d", "e"]),
    st.sampled_from(["load", "report"]),
)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(EVENTS, max_size=40), st.integers(1, 5))
def test_whatever_comes_runs_in_progress_add_up_and_stay_within_their_room(
    events: list[RunEvent], room: int
) -> None:
    in_progress: Counter[str] = Counter()
    for observation in observed(tracker(max_open=room), *events):
        match observation:
            case RunOpened(job):
                in_progress[job.pipeline] += 1
            case RunForgotten(job) | RunEnded(job, was_open=True):
                in_progress[job.pipeline] -= 1
        assert min(in_progress.values(), default=0) >= 0
    assert in_progress.total() <= room


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(EVENTS, max_size=40))
def test_whatever_comes_a_run_ends_once_and_only_with_a_terminal_event(events: list[RunEvent]) -> None:
    terminal = {one.run_id for one in events if one.kind in ("COMPLETE", "FAIL", "ABORT")}
    assert len(ended(observed(tracker(), *events))) == len(terminal)


@pytest.mark.parametrize("limit", ["max_open", "max_finished", "max_jobs"])
def test_a_limit_below_one_is_refused_by_name(limit: str) -> None:
    limits = {"max_open": 1, "max_finished": 1, "max_jobs": 1} | {limit: 0}
    with pytest.raises(ValueError, match=f"{limit}: expected at least 1, got 0"):
        RunTracker(**limits)
