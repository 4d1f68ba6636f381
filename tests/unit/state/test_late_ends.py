"""A run that was given up and ends after all: its end is believed, and counters only grow."""

import pytest

from exporter.config.runs import Runs
from exporter.runs.observation import FinalState, Job, RunEnded
from exporter.state.job import KEPT_RUNS, JobState
from exporter.state.jobs import JobStates
from exporter.state.lights import DEGRADED, HEALTHY, JobLights

LOAD = Job("load", "", "load")


def end(run: str, state: FinalState, ended: float) -> RunEnded:
    return RunEnded(LOAD, run, state, None, ended)


def late(run: str, state: FinalState, ended: float) -> RunEnded:
    return RunEnded(LOAD, run, state, ended - 60, ended, given_up=True)


def states(*runs: RunEnded) -> JobStates:
    jobs = JobStates()
    for run in runs:
        jobs.apply(run)
    return jobs


def job(*runs: RunEnded) -> JobState:
    return states(*runs)["load"]


def light(jobs: JobStates) -> int:
    lights = JobLights(jobs, Runs())
    lights.refresh(1000)
    return lights.health("load")


def test_a_late_success_turns_the_light_green_though_it_ended_before_it_was_given_up() -> None:
    jobs = states(end("a", "abandoned", 100))
    assert light(jobs) == DEGRADED
    jobs.apply(late("a", "succeeded", 50))
    assert light(jobs) == HEALTHY
    found = jobs["load"]
    assert (found.last_state, found.last_end, found.last_duration) == ("succeeded", 50, 60)
    assert found.failures_in_a_row == 0


def test_the_counters_keep_both_and_the_ratio_only_the_truth() -> None:
    found = job(end("a", "abandoned", 100), late("a", "succeeded", 50))
    assert (found.runs["abandoned"], found.runs["succeeded"]) == (1, 1)
    assert [one.state for one in found.recent] == ["succeeded"]
    assert found.outcomes.mean() == 1


def test_a_late_failure_is_a_failure_once() -> None:
    found = job(end("a", "abandoned", 100), late("a", "failed", 50))
    assert (found.last_state, found.failures_in_a_row, found.outcomes.mean()) == ("failed", 1, 0)


@pytest.mark.parametrize(
    ("runs", "last", "failures"),
    [
        ([end("b", "failed", 120)], "failed", 1),
        ([end("b", "succeeded", 120)], "succeeded", 0),
        ([end("b", "failed", 120), end("c", "failed", 130)], "failed", 2),
    ],
)
def test_what_ended_since_is_still_the_last(runs: list[RunEnded], last: FinalState, failures: int) -> None:
    found = job(end("a", "abandoned", 100), *runs, late("a", "succeeded", 50))
    assert (found.last_state, found.failures_in_a_row) == (last, failures)
    assert found.last_end == runs[-1].ended


def test_the_failures_before_count_as_if_it_had_not_been_given_up() -> None:
    before = [end("x", "succeeded", 10), end("y", "failed", 20)]
    assert job(*before, end("a", "abandoned", 100), late("a", "aborted", 50)).failures_in_a_row == 1
    assert job(*before, end("a", "abandoned", 100), late("a", "succeeded", 15)).failures_in_a_row == 1
    assert job(*before, end("a", "abandoned", 100), late("a", "failed", 50)).failures_in_a_row == 2


def test_of_more_failures_than_are_remembered_one_is_taken_away() -> None:
    many = [end(f"f{number}", "failed", number) for number in range(2 * KEPT_RUNS)]
    found = job(*many, end("a", "abandoned", 100), late("a", "aborted", 99))
    assert (found.failures_in_a_row, found.last_state) == (2 * KEPT_RUNS, "aborted")


def test_an_end_that_comes_when_the_run_is_forgotten_counts_like_any_other() -> None:
    since = [end(f"s{number}", "succeeded", 200 + number) for number in range(KEPT_RUNS)]
    found = job(end("a", "abandoned", 100), *since, late("a", "failed", 50))
    assert (found.last_state, found.failures_in_a_row) == ("succeeded", 0)
    assert (found.runs["abandoned"], found.runs["failed"]) == (1, 1)


@pytest.mark.parametrize("since", [0, 2, 3, 10])
def test_the_ratio_is_as_if_it_had_been_known_at_once(since: int) -> None:
    after = [end(f"s{number}", "failed", 200 + number) for number in range(since)]
    corrected = job(end("a", "abandoned", 100), *after, late("a", "succeeded", 50)).outcomes
    known = job(end("a", "succeeded", 50), *after).outcomes
    assert (corrected.mean(), corrected.drops) == (known.mean(), known.drops)
    assert (corrected.total, corrected.squares, corrected.values) == (
        known.total,
        known.squares,
        known.values,
    )
