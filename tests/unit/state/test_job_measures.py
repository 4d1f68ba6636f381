"""What a job's runs are judged by: reasons, delays, durations, rows and rates beside what is usual."""

import math

import msgspec
import pytest

from exporter.runs.observation import (
    FINAL_STATES,
    FinalState,
    Job,
    Mode,
    Observation,
    RunContradicted,
    RunEnded,
    RunStarted,
)
from exporter.state.job import KEPT_RUNS, JobState, Measure
from exporter.state.jobs import JobStates

LOAD = Job("ns/load", "ns", "load")
MODES: tuple[Mode, ...] = ("live", "simulated")


def measure(*values: float) -> Measure:
    found = Measure()
    for value in values:
        found.add(value)
    return found


def end(
    state: FinalState = "succeeded",
    ended: float = 1000,
    seconds: float | None = None,
    rows: int | None = None,
    error: str | None = None,
    size: int | None = None,
) -> RunEnded:
    started = None if seconds is None else ended - seconds
    return RunEnded(LOAD, f"{state}-{ended}", state, started, ended, error, rows, size)


def job(*seen: Observation) -> JobState:
    jobs = JobStates()
    for observation in seen:
        jobs.apply(observation)
    return jobs["ns/load"]


def every_hour(count: int) -> list[RunEnded]:
    return [end(ended=3600.0 * number, seconds=60, rows=600) for number in range(count)]


def test_what_is_usual_is_the_geometric_mean() -> None:
    assert measure(*[10.0, 1000.0] * 10, 1, 1, 1).usual() == pytest.approx(100)


def test_of_too_few_values_nothing_is_said() -> None:
    few = measure(*[10.0] * 12)
    assert (few.usual(), few.above(1), few.ratio(1), few.band()) == (None, None, None, None)
    assert measure(*[10.0] * 13).usual() == pytest.approx(10)


def test_a_zero_counts_as_very_little() -> None:
    found = measure(*[10.0] * 20, 0)
    assert found.ratio(1) == pytest.approx(1e-4)


def test_several_runs_are_above_what_is_usual_by_what_the_least_of_them_is() -> None:
    found = measure(*[10.0] * 20, 20, 40, 30)
    scores = [math.log(factor) / 0.05 for factor in (3, 3, 2)]
    assert [found.above(runs) for runs in (1, 2, 3)] == pytest.approx(scores)


def test_several_runs_are_below_what_is_usual_by_what_the_best_of_them_is() -> None:
    found = measure(*[100.0] * 20, 50, 10, 20)
    assert [found.ratio(runs) for runs in (1, 2, 3)] == pytest.approx([0.2, 0.2, 0.5])


def test_the_usual_times_the_deviation_to_the_power_of_the_score_is_the_newest_value() -> None:
    for newest in (50, 100, 900):
        one = measure(*[80.0, 125.0] * 10, newest, newest, newest)
        usual, deviation, score = one.usual(), one.deviation(), one.above(1)
        assert usual
        assert deviation
        assert score is not None
        assert usual * deviation**score == pytest.approx(newest)


def test_what_hardly_varies_has_a_deviation_all_the_same() -> None:
    assert measure(*[10.0] * 13).deviation() == pytest.approx(math.exp(0.05))
    assert measure(*[10.0] * 12).deviation() is None


def test_what_was_worked_out_before_a_run_is_worked_out_anew_after_it() -> None:
    found = measure(*[100.0] * 20)
    before = found.usual(), found.ratio(1)
    found.add(50)
    after = measure(*[100.0] * 20, 50)
    assert (found.usual(), found.ratio(1)) == (after.usual(), after.ratio(1)) != before
    assert msgspec.msgpack.encode(found, enc_hook=bytes) == msgspec.msgpack.encode(after, enc_hook=bytes)


def test_what_is_usual_lies_between_two_deviations_on_each_side() -> None:
    low, middle, high = measure(*[50.0, 200.0] * 10, 1, 1, 1).band() or (0, 0, 0)
    assert (low, middle, high) == pytest.approx((25, 100, 400))


def test_the_longest_value_is_that_of_all_that_are_remembered() -> None:
    assert measure().longest() == 0
    assert measure(3, 70, 5).longest() == pytest.approx(70)


def test_only_successes_are_measured() -> None:
    others = [end(state, 60.0, 59, 10) for state in FINAL_STATES if state != "succeeded"]
    found = job(*others, end(ended=70, seconds=10, rows=50))
    assert [one.history.count for one in (found.duration, found.rows, found.throughput)] == [1, 1, 1]
    assert (found.last_rows, found.last_throughput) == (50, 5)


def test_what_is_unknown_is_no_value() -> None:
    found = job(end(rows=5), end(seconds=5), end(seconds=0, rows=5))
    assert (found.duration.history.count, found.rows.history.count) == (2, 2)
    assert (found.throughput.history.count, found.last_throughput) == (0, None)


def test_what_runs_wrote_is_summed_whatever_became_of_them() -> None:
    found = job(end(rows=5, size=100), end("failed", 1001, rows=2), end(ended=1002, size=1))
    assert (found.rows_total, found.bytes_total) == (7, 101)


def test_a_total_ends_where_a_metric_can_not_say_more_exactly() -> None:
    assert job(*(end(ended=1000 + number, rows=(1 << 53) - 1) for number in range(3))).rows_total == 1 << 53


def test_failures_are_counted_by_reason_and_those_of_which_nothing_was_said_as_unknown() -> None:
    found = job(
        end("failed", 1, error="timeout"),
        end("failed", 2),
        end("abandoned", 3),
        end("aborted", 4, error="data"),
    )
    assert {reason: count for reason, count in found.reasons.items() if count} == {"timeout": 1, "unknown": 2}


def test_the_success_ratio_leaves_out_what_was_aborted_or_skipped() -> None:
    states: tuple[FinalState, ...] = ("succeeded", "failed", "aborted", "skipped", "abandoned", "succeeded")
    found = job(*(end(state, number) for number, state in enumerate(states)))
    assert (found.outcomes.count, found.outcomes.mean()) == (4, 0.5)


def test_a_given_up_run_is_one_more_failure_in_a_row_and_a_skipped_or_aborted_one_is_none() -> None:
    states: tuple[FinalState, ...] = ("failed", "skipped", "abandoned", "aborted")
    found = job(*(end(state, number) for number, state in enumerate(states)))
    assert found.failures_in_a_row == 2
    assert job(*(end(state, 9) for state in states), end(ended=10)).failures_in_a_row == 0


def test_a_skipped_run_has_no_place_in_the_durations() -> None:
    assert sum(job(end("skipped", 5, seconds=1)).duration_counts) == 0


def test_the_delay_is_that_of_the_last_start_that_was_scheduled() -> None:
    assert job(RunStarted(LOAD, 100, 40), RunStarted(LOAD, 90, 89)).last_delay == 60
    assert job(RunStarted(LOAD, 100, 40), RunStarted(LOAD, 200)).last_delay == 60
    assert job(RunStarted(LOAD, 100, 140)).last_delay == 0
    assert job(RunStarted(LOAD, 100)).last_delay is None


def test_a_contradiction_is_counted_and_changes_nothing_else() -> None:
    found = job(end("failed"), RunContradicted(LOAD))
    assert (found.contradicted, found.runs["failed"], found.last_state) == (1, 1, "failed")


def test_the_last_runs_are_remembered_as_the_page_tells_them() -> None:
    found = job(*(end("failed", number, 2, 3, "data") for number in range(KEPT_RUNS + 5)))
    assert len(found.recent) == KEPT_RUNS
    last = found.recent[-1]
    assert (last.run_id, last.state, last.duration) == ("failed-24", "failed", 2)
    assert (last.rows, last.error, last.ended) == (3, "data", 24)


@pytest.mark.parametrize(
    ("integration", "job_type", "streaming", "kind"),
    [
        ("airflow", "dag", False, "airflow-dag"),
        ("dbt", "model", False, "dbt-model"),
        ("spark", "", False, "spark"),
        ("plain", "etl", False, "etl"),
        ("plain", "", False, "batch"),
        ("unknown", "", False, "batch"),
        ("flink", "job", True, "stream"),
    ],
)
def test_a_job_is_of_the_kind_that_its_events_say(
    integration: str, job_type: str, streaming: bool, kind: str
) -> None:
    told = Job("load", "", "load", None, integration, job_type, streaming=streaming)
    assert JobStates().describe(told).kind == kind


def test_a_job_is_late_after_twice_its_longest_gap_but_one() -> None:
    hourly = every_hour(12)
    assert job(*hourly).learnt_stale_after() == 7200
    outage = end(ended=11 * 3600 + 86400)
    assert job(*hourly, outage).learnt_stale_after() == 7200
    assert job(*hourly[:9]).learnt_stale_after() is None


def test_a_run_is_stuck_after_three_times_the_longest_one_and_never_within_a_minute() -> None:
    assert job(*every_hour(12)).stuck_after() == pytest.approx(180)
    assert job(*(end(ended=number, seconds=0.5) for number in range(12))).stuck_after() == 60
    assert job(*every_hour(9)).stuck_after() is None


def test_jobs_begin_anew_when_the_simulation_does_and_the_real_ones_stay() -> None:
    jobs = JobStates()
    for mode in MODES:
        jobs.describe(Job(mode, "", mode, mode=mode))
    jobs.forget_simulated()
    assert [one.pipeline for one in jobs] == ["live"]
