"""The recordings of real orchestrators, replayed; the numbers were counted in the files themselves."""

import json
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from exporter.intake.entry import ENCODER
from exporter.runs.event import RunEvent
from exporter.runs.observation import RunEnded
from exporter.runs.openlineage import decode_any
from exporter.runs.tracker import RunTracker
from exporter.state.jobs import JobState, JobStates

RECORDINGS = Path(__file__).parents[2] / "data" / "openlineage"

# A job a line: name; runs succeeded, failed, aborted; state of the run that ended last; last start, success,
# failure (minutes and seconds after 2026-11-21T00:00Z); durations in seconds, in the order of the ends.
AIRFLOW = """\
shop_daily         0 1 0 failed    44:25.409204 - 44:42.268053 16.858849
shop_ok            1 1 0 succeeded 44:25.535864 44:44.598567 44:33.242524 7.740889 19.062703
shop_ok.extract    1 1 0 succeeded 44:41.107559 44:44.252159 44:32.106226 3.144600
shop_daily.extract 0 1 0 failed    - - 44:40.081632
"""
DBT_DEFAULT = """\
dbt-run-shop 1 2 0 failed    29:44.956401 29:24.385530 29:56.319036 16.004674 17.631910 11.362635
shop.main.shop.stg_orders           1 0 0 succeeded 29:40.169752 29:40.486034 - 0.316282
shop.main.shop.broken               0 1 0 failed    29:40.529219 - 29:41.011603 0.482384
shop.main.shop.customer_totals      1 0 0 succeeded 29:41.092021 29:41.456485 - 0.364464
shop.main.shop.customer_totals.test 0 1 0 failed    29:56.317400 - 29:56.317439
shop.main.shop.stg_orders.test      0 1 0 failed    29:56.317400 - 29:56.317439
test.shop.assert_total              0 1 0 failed    29:56.317400 - 29:56.317439
"""
DBT_PG = """\
dbt-run-shop 1 2 0 failed    43:14.920459 42:58.688794 43:20.944053 11.089828 7.671042 6.023594
postgres.main.shop.from_src        2 0 0 succeeded 43:19.387598 43:19.667805 - 0.447985 0.280207
postgres.main.shop.stg_orders      2 0 0 succeeded 43:19.398049 43:19.664348 - 0.426925 0.266299
postgres.main.shop.broken          0 2 0 failed    43:19.712983 - 43:19.738231 0.035331 0.025248
postgres.main.shop.customer_totals 2 0 0 succeeded 43:19.704059 43:19.803945 - 0.111729 0.099886
postgres.main.shop.empty_tbl       2 0 0 succeeded 43:19.791869 43:19.968123 - 0.186563 0.176254
postgres.main.shop.inc             2 0 0 succeeded 43:19.832847 43:20.194318 - 0.139136 0.361471
"""
DBT_STRUCTURED = """\
dbt-run-shop                                      0 1 0 failed    32:53.724176 - 32:56.031195 2.307019
seed.shop.raw_orders                              1 0 0 succeeded 32:55.271296 32:55.480947 - 0.209651
model.shop.stg_orders                             1 0 0 succeeded 32:55.490735 32:55.639861 - 0.149126
test.shop.not_null_stg_orders_amount.2546645448   1 0 0 succeeded 32:55.646637 32:55.764976 - 0.118339
test.shop.not_null_stg_orders_customer.e281953e2b 0 1 0 failed    32:55.773485 - 32:55.820525 0.047040
test.shop.not_null_stg_orders_id.8cf5724805       1 0 0 succeeded 32:55.822976 32:55.869252 - 0.046276
test.shop.unique_stg_orders_id.beb6e97f2f         1 0 0 succeeded 32:55.871440 32:55.916224 - 0.044784
model.shop.broken                                 0 0 1 aborted   32:55.918709 - -
model.shop.customer_totals                        0 0 1 aborted   32:55.920792 - -
test.shop.assert_total                            0 0 1 aborted   32:55.926918 - -
"""
# Its runs of single statements, NAME.sql.1 and on, which are folded into these.
STATEMENTS = 21

EXPECTED = {
    "af_scheduler": ("af-ns", AIRFLOW),
    "dbt_default": ("dbt-ns", DBT_DEFAULT),
    "dbt_pg": ("dbt-pg", DBT_PG),
    "dbt_structured": ("dbt-ns", DBT_STRUCTURED),
}
LINES = [
    pytest.param(recording, namespace, line, id=f"{recording}-{line.split()[0]}")
    for recording, (namespace, table) in EXPECTED.items()
    for line in table.splitlines()
]


def recorded(recording: str) -> list[RunEvent]:
    lines = (RECORDINGS / f"{recording}.jsonl").read_bytes().splitlines()
    events = [decode_any(json.dumps(json.loads(line)["event"]).encode()) for line in lines]
    return [event for event in events if isinstance(event, RunEvent)]


EVENTS = {recording: recorded(recording) for recording in EXPECTED}


def replayed(events: Iterable[RunEvent]) -> tuple[JobStates, dict[str, list[float]]]:
    """Return the state after all events, and the known durations by pipeline in the order of the ends."""
    tracker = RunTracker(max_open=1000, max_finished=1000, max_jobs=1000)
    jobs, durations = JobStates(), defaultdict(list)
    for observation in (observation for event in events for observation in tracker.observe(event)):
        jobs.apply(observation)
        if isinstance(observation, RunEnded) and observation.duration is not None:
            durations[observation.job.pipeline].append(observation.duration)
    return jobs, durations


def at(minute_and_second: str) -> float | None:
    if minute_and_second == "-":
        return None
    return datetime.fromisoformat(f"2026-11-21T00:{minute_and_second}+00:00").timestamp()


def counts(job: JobState) -> tuple[int, int, int, int]:
    return job.runs["succeeded"], job.runs["failed"], job.runs["aborted"], job.in_progress


def order_free(jobs: JobStates) -> dict[str, tuple[object, ...]]:
    """Return, by pipeline, all that the order of arrival must not change."""
    return {
        job.pipeline: (
            *(counts(job), job.team, job.integration, job.last_state),
            *(job.last_start, job.last_success, job.last_failure, job.last_end),
        )
        for job in jobs
    }


@pytest.mark.parametrize(("recording", "namespace", "line"), LINES)
def test_a_replayed_job_has_the_numbers_counted_in_the_file(
    recording: str, namespace: str, line: str
) -> None:
    name, succeeded, failed, aborted, state, start, success, failure, *seconds = line.split()
    jobs, durations = replayed(EVENTS[recording])
    job = jobs[f"{namespace}/{name}"]
    assert counts(job) == (int(succeeded), int(failed), int(aborted), 0)
    assert job.last_state == state
    assert (job.last_start, job.last_success, job.last_failure) == (at(start), at(success), at(failure))
    assert durations[job.pipeline] == pytest.approx([float(one) for one in seconds], abs=1e-6)


@pytest.mark.parametrize(("recording", "namespace", "line"), LINES)
def test_a_replayed_job_has_the_histogram_of_its_durations(recording: str, namespace: str, line: str) -> None:
    name, *_ = line.split()
    seconds = [float(one) for one in line.split()[8:]]
    job = replayed(EVENTS[recording])[0][f"{namespace}/{name}"]
    assert sum(job.duration_counts) == len(seconds)
    assert job.duration_sum == pytest.approx(sum(seconds), abs=1e-6)
    assert job.duration_counts[0] == sum(one <= 1 for one in seconds)
    assert job.last_duration == (pytest.approx(seconds[-1], abs=1e-6) if seconds else None)


@pytest.mark.parametrize(
    ("recording", "jobs", "runs", "team", "integration"),
    [
        ("af_scheduler", 4, (2, 4, 0, 0), "finance-team", "airflow"),
        ("dbt_default", 7, (3, 6, 0, 0), "unknown", "dbt"),
        ("dbt_pg", 7, (11, 4, 0, 0), "unknown", "dbt"),
        ("dbt_structured", 10, (5, 2, 3, 0), "unknown", "dbt"),
    ],
)
def test_a_replayed_recording_has_the_jobs_and_runs_counted_in_the_file(
    recording: str, jobs: int, runs: tuple[int, int, int, int], team: str, integration: str
) -> None:
    states, _ = replayed(EVENTS[recording])
    assert len(states) == jobs
    assert tuple(sum(column) for column in zip(*map(counts, states), strict=True)) == runs
    assert {(job.team, job.integration) for job in states} == {(team, integration)}


def test_of_single_statements_nothing_is_told() -> None:
    tracker = RunTracker(max_open=1000, max_finished=1000, max_jobs=1000)
    statements = [event for event in EVENTS["dbt_structured"] if ".sql." in event.name]
    assert len({event.run_id for event in statements}) == STATEMENTS
    assert [tracker.observe(event) for event in statements] == [[]] * len(statements)
    assert tracker.jobs == {}


def test_while_a_recording_is_replayed_its_open_runs_are_in_progress() -> None:
    first_three, _ = replayed(EVENTS["af_scheduler"][:3])
    assert [(job.name, job.in_progress) for job in first_three] == [("shop_daily", 1), ("shop_ok", 2)]


def test_the_jobs_appear_in_the_order_of_the_recording() -> None:
    states, _ = replayed(EVENTS["af_scheduler"])
    assert [job.name for job in states] == ["shop_daily", "shop_ok", "shop_ok.extract", "shop_daily.extract"]


@pytest.mark.parametrize("recording", EXPECTED)
def test_a_recording_replayed_twice_counts_once(recording: str) -> None:
    once, durations = replayed(EVENTS[recording])
    twice, durations_of_both = replayed([*EVENTS[recording], *EVENTS[recording]])
    assert [ENCODER.encode(job) for job in twice] == [ENCODER.encode(job) for job in once]
    assert durations_of_both == durations


@pytest.mark.parametrize("recording", EXPECTED)
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_the_order_of_arrival_changes_no_count_and_no_last_time(recording: str, data: st.DataObject) -> None:
    events = EVENTS[recording]
    shuffled, _ = replayed(data.draw(st.permutations([*events, *events])))
    assert order_free(shuffled) == order_free(replayed(events)[0])


@pytest.mark.parametrize("recording", EXPECTED)
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_the_durations_are_the_same_whenever_every_start_comes_before_its_end(
    recording: str, data: st.DataObject
) -> None:
    starts = [event for event in EVENTS[recording] if event.kind == "START"]
    ends = [event for event in EVENTS[recording] if event.kind != "START"]
    shuffled, _ = replayed([*data.draw(st.permutations(starts)), *data.draw(st.permutations(ends))])
    ordered, _ = replayed(EVENTS[recording])
    assert {job.pipeline: job.duration_counts for job in shuffled} == {
        job.pipeline: job.duration_counts for job in ordered
    }
