"""Tracking: each run is counted once, whatever is repeated, lost or out of order, in bounded memory."""

from collections import Counter

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from exporter.runs.event import Dataset, Kind, RunEvent
from exporter.runs.observation import (
    Job,
    Observation,
    RunContradicted,
    RunEnded,
    RunForgotten,
    RunOpened,
    RunStarted,
)
from exporter.runs.refusals import TooManyJobsError
from exporter.runs.run import MOST_DATASETS
from exporter.runs.tracker import RunTracker

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
        RunOpened(LOAD, "r1", 10),
        RunStarted(LOAD, 10),
        RunEnded(LOAD, "r1", "succeeded", 10, 25),
    ]


@pytest.mark.parametrize(
    ("kind", "state"),
    [("COMPLETE", "succeeded"), ("FAIL", "failed"), ("ABORT", "aborted"), ("SKIP", "skipped")],
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


def test_a_later_terminal_event_that_says_otherwise_is_told_once_and_does_not_count() -> None:
    runs = tracker()
    observed(runs, event("START", 10), event("FAIL", 25))
    assert observed(runs, event("COMPLETE", 30)) == [RunContradicted(LOAD)]
    assert observed(runs, event("COMPLETE", 30), event("ABORT", 31), event("FAIL", 32)) == []


def test_a_terminal_event_without_a_start_gives_a_state_but_no_duration() -> None:
    (end,) = ended(observed(tracker(), event("FAIL", 25)))
    assert end == RunEnded(LOAD, "r1", "failed", None, 25)
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
    assert observed(runs, event("RUNNING", 12), event("RUNNING", 13)) == [RunOpened(LOAD, "r1", 12)]
    assert observed(runs, event("COMPLETE", 25)) == [RunEnded(LOAD, "r1", "succeeded", None, 25)]


def test_a_start_after_running_gives_the_run_its_start() -> None:
    runs = tracker()
    assert observed(runs, event("RUNNING", 12), event("START", 10)) == [
        RunOpened(LOAD, "r1", 12),
        RunStarted(LOAD, 10),
    ]
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
        RunForgotten(Job("ns/b", "ns", "b"), "b"),
        RunOpened(Job("ns/c", "ns", "c"), "c", 4),
        RunStarted(Job("ns/c", "ns", "c"), 4),
    ]


def test_a_forgotten_run_that_ends_after_all_gives_a_state_but_no_duration() -> None:
    runs = tracker(max_open=1)
    observed(runs, event("START", 1, "a"), event("START", 2, "b"))
    assert observed(runs, event("COMPLETE", 5, "a")) == [RunEnded(LOAD, "a", "succeeded", None, 5)]


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
        RunForgotten(LOAD, "r1"),
        RunOpened(LOAD, "r2", 12),
        RunStarted(LOAD, 12),
    ]


TERMINAL = ("COMPLETE", "FAIL", "ABORT", "SKIP")
EVENTS = st.builds(
    event,
    st.sampled_from(["START", "RUNNING", "COMPLETE", "FAIL", "ABORT", "SKIP", "OTHER"]),
    st.integers(0, 9),
    st.sampled_from(["a", "b", "c", "d", "e"]),
    st.sampled_from(["load", "report"]),
)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(EVENTS, max_size=40), st.integers(1, 5))
def test_whatever_comes_runs_in_progress_add_up_and_stay_within_their_room(
    events: list[RunEvent], room: int
) -> None:
    in_progress: set[str] = set()
    for observation in observed(tracker(max_open=room), *events):
        match observation:
            case RunOpened(run_id=run):
                assert run not in in_progress
                in_progress.add(run)
            case RunForgotten(run_id=run):
                in_progress.remove(run)
            case RunEnded(run_id=run):
                in_progress.discard(run)
    assert len(in_progress) <= room


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(EVENTS, max_size=40))
def test_whatever_comes_a_run_ends_once_and_only_with_a_terminal_event(events: list[RunEvent]) -> None:
    terminal = {one.run_id for one in events if one.kind in TERMINAL}
    assert len(ended(observed(tracker(), *events))) == len(terminal)


def told(runs: RunTracker, events: list[RunEvent]) -> Counter[tuple[str, str]]:
    """Ends by run and state, contradictions by job."""
    found: Counter[tuple[str, str]] = Counter()
    for observation in observed(runs, *events):
        match observation:
            case RunEnded():
                found[observation.run_id, observation.state] += 1
            case RunContradicted():
                found["contradicted", observation.job.pipeline] += 1
    return found


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(EVENTS, max_size=20), st.data())
def test_in_whatever_order_and_however_often_it_comes_a_run_counts_once(
    events: list[RunEvent], data: st.DataObject
) -> None:
    shuffled = data.draw(st.permutations([*events, *events]))
    counted = told(tracker(), shuffled)
    runs = {run_id for run_id, _ in counted} - {"contradicted"}
    assert runs == {one.run_id for one in events if one.kind in TERMINAL}
    assert sum(counted[one] for one in counted if one[0] in runs) == len(runs)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(EVENTS, max_size=20), st.data())
def test_a_run_that_is_said_to_have_ended_in_several_ways_is_contradicted_once(
    events: list[RunEvent], data: st.DataObject
) -> None:
    shuffled = data.draw(st.permutations([*events, *events]))
    said: dict[str, set[str]] = {}
    for one in events:
        if one.kind in TERMINAL:
            said.setdefault(one.run_id, set()).add(one.kind)
    counted = told(tracker(), shuffled)
    contradictions = sum(count for (what, _), count in counted.items() if what == "contradicted")
    assert contradictions == sum(len(kinds) > 1 for kinds in said.values())


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(EVENTS, max_size=20), st.lists(st.integers(0, 20), max_size=9))
def test_other_events_between_the_rest_change_nothing(events: list[RunEvent], places: list[int]) -> None:
    mixed = list(events)
    for place in places:
        mixed.insert(place, event("OTHER", place, "abcde"[place % 5], "another"))
    without = [one for one in events if one.kind != "OTHER"]
    first, second = tracker(), tracker()
    assert observed(first, *mixed) == observed(second, *without)
    assert first.jobs == second.jobs


def wrote(kind: Kind, time: float, *outputs: Dataset, rows: int | None = None, run: str = "r1") -> RunEvent:
    return RunEvent(run, "ns", "load", kind, time, rows=rows, outputs=outputs)


def test_what_a_run_wrote_is_what_all_its_events_say_and_the_last_word_counts() -> None:
    start = wrote("START", 1, Dataset("a", rows=1, bytes=9), Dataset("b", columns=(("id", "int"),)))
    running = wrote("RUNNING", 2, Dataset("c"))
    (end,) = ended(observed(tracker(), start, running, wrote("COMPLETE", 3, Dataset("a", rows=5))))
    assert end.outputs == (
        Dataset("a", rows=5, bytes=9),
        Dataset("b", columns=(("id", "int"),)),
        Dataset("c"),
    )
    assert (end.rows, end.bytes) == (5, 9)


def test_a_dataset_that_an_event_names_twice_is_one() -> None:
    (end,) = ended(observed(tracker(), wrote("COMPLETE", 3, Dataset("a", rows=5), Dataset("a", rows=5))))
    assert (end.outputs, end.rows) == ((Dataset("a", rows=5),), 5)


def test_rows_that_are_told_of_the_whole_are_not_added_up() -> None:
    parts = (Dataset("a", rows=5), Dataset("b", rows=6))
    (added, whole) = ended(
        observed(tracker(), wrote("COMPLETE", 3, *parts), wrote("FAIL", 3, *parts, rows=8, run="r2"))
    )
    assert (added.rows, whole.rows, added.bytes) == (11, 8, None)


def test_an_end_that_says_when_the_run_began_tells_of_its_start_and_duration() -> None:
    whole = RunEvent("r1", "ns", "load", "COMPLETE", 25, started=10, scheduled=9)
    assert observed(tracker(), whole) == [
        RunStarted(LOAD, 10, 9),
        RunEnded(LOAD, "r1", "succeeded", 10, 25),
    ]


def test_a_start_tells_when_it_should_have_been() -> None:
    (_, started) = observed(tracker(), RunEvent("r1", "ns", "load", "START", 10, scheduled=8))
    assert started == RunStarted(LOAD, 10, 8)


def test_why_a_run_failed_is_told_with_its_end_whichever_event_said_so() -> None:
    said = RunEvent("r1", "ns", "load", "RUNNING", 10, error="timeout")
    (end,) = ended(observed(tracker(), said, event("FAIL", 12)))
    assert end.error == "timeout"


def test_a_run_given_up_is_abandoned_once_and_its_end_still_counts_once() -> None:
    runs = tracker()
    observed(runs, event("START", 10))
    assert runs.abandon("of nobody", 99) == []
    assert runs.abandon("r1", 99) == [RunEnded(LOAD, "r1", "abandoned", None, 99)]
    assert runs.abandon("r1", 100) == []
    assert observed(runs, event("RUNNING", 101)) == []
    late = RunEnded(LOAD, "r1", "succeeded", 10, 102, given_up=True)
    assert observed(runs, event("COMPLETE", 102)) == [late]
    assert observed(runs, event("COMPLETE", 102)) == []
    assert observed(runs, event("FAIL", 103)) == [RunContradicted(LOAD)]


def test_a_part_of_another_run_stays_a_part_and_a_stream_a_stream() -> None:
    runs = tracker()
    part = RunEvent("r1", "ns", "load", "START", 1, part_of="whole", streaming=True)
    observed(runs, part, event("START", 2, "r2"))
    assert (runs.jobs["ns/load"].is_part, runs.jobs["ns/load"].streaming) == (True, True)


def test_a_dropped_job_makes_room_and_its_runs_begin_anew() -> None:
    runs = tracker(max_jobs=1)
    observed(runs, event("START", 1, "a"), event("COMPLETE", 1, "b"))
    runs.drop("ns/load")
    assert (runs.jobs, runs.open, runs.finished) == ({}, {}, {})
    assert len(ended(observed(runs, event("COMPLETE", 2, "b", "other")))) == 1


@pytest.mark.parametrize("seconds", [0.0, 0.0009])
def test_what_dbt_read_from_a_log_took_no_known_time(seconds: float) -> None:
    job = Job("ns/model", "ns", "model", integration="dbt")
    assert RunEnded(job, "r1", "failed", 10, 10 + seconds).duration is None
    assert RunEnded(LOAD, "r1", "failed", 10, 10 + seconds).duration == pytest.approx(seconds)
    assert RunEnded(job, "r1", "failed", 10, 10.5).duration == 0.5


@pytest.mark.parametrize("limit", ["max_open", "max_finished", "max_jobs"])
def test_a_limit_below_one_is_refused_by_name(limit: str) -> None:
    room = {"max_open": 1, "max_finished": 1, "max_jobs": 1} | {limit: 0}
    with pytest.raises(ValueError, match=f"{limit}: expected at least 1, got 0"):
        tracker(**room)


def test_of_a_run_that_names_ever_new_datasets_so_many_are_remembered() -> None:
    runs = tracker()
    for number in range(3 * MOST_DATASETS // 2):
        said = (Dataset("first", rows=number), Dataset(f"hour {number}"))
        runs.observe(RunEvent("r1", "ns", "load", "RUNNING", float(number), outputs=said))
    [found] = ended(observed(runs, event("COMPLETE", 9999.0)))
    assert (len(found.outputs), found.outputs[0].rows) == (MOST_DATASETS, 3 * MOST_DATASETS // 2 - 1)
