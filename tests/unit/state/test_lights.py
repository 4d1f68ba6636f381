"""The lights of jobs: what they turn on, since when they are so, and what they cost."""

from collections import Counter
from typing import Any

import pytest

from exporter.config.runs import ExpectedJob, Judgement, Runs
from exporter.runs.observation import FinalState, Job, RunEnded, RunOpened
from exporter.state import State, anomalies
from exporter.state.anomalies import Anomaly
from exporter.state.job import JobState
from exporter.state.lights import CRITICAL, DEGRADED, HEALTHY, JobLight

LOAD = Job("shop/load", "shop", "load")
PART = Job("shop/load.task", "shop", "load.task", is_part=True)
HOUR = 3600.0


def end(number: int, state: FinalState = "succeeded", job: Job = LOAD) -> RunEnded:
    """Its hourly run, which takes a minute."""
    return RunEnded(job, f"r{number}", state, number * HOUR - 60, number * HOUR)


def told(*observations: Any, runs: Runs | None = None) -> State:
    state = State(runs=runs or Runs())
    for one in observations:
        state.jobs.apply(one)
    return state


def light(state: State, now: float, job: Job = LOAD) -> JobLight:
    state.lights.refresh(now)
    return state.lights[job.pipeline]


def hourly(count: int) -> list[RunEnded]:
    return [end(number) for number in range(1, count + 1)]


def test_a_job_that_was_only_announced_is_healthy_and_says_so() -> None:
    one = light(told(RunOpened(LOAD, "r1", 5)), 10)
    assert (one.health, one.since, one.sentence(10)) == (HEALTHY, None, "No run has ended yet")


def test_one_failure_is_no_green_light() -> None:
    one = light(told(end(1), end(2, "failed")), 2 * HOUR)
    assert (one.health, one.sentence(2 * HOUR)) == (DEGRADED, "The last run failed")


def test_a_light_is_as_old_as_the_run_that_turned_it() -> None:
    state = told(*hourly(3))
    assert light(state, 3 * HOUR).health == HEALTHY
    for number in range(4, 9):
        state.jobs.apply(end(number, "failed"))
        state.lights.refresh(number * HOUR + 5)
    one = light(state, 10 * HOUR)
    assert (one.health, one.since, one.sentence(0)) == (CRITICAL, 8 * HOUR, "Failed 5 times in a row")
    state.jobs.apply(end(11))
    one = light(state, 11 * HOUR + 5)
    assert (one.health, one.since, one.sentence(0)) == (HEALTHY, 11 * HOUR, "Nothing is unusual")


def test_what_fails_at_first_sight_has_failed_since_its_first_failure() -> None:
    one = light(told(*hourly(3), *(end(number, "failed") for number in range(4, 12))), 99 * HOUR)
    assert (one.health, one.since) == (CRITICAL, 4 * HOUR)


def test_what_is_overdue_turns_by_itself_at_its_time() -> None:
    state = told(*hourly(14))
    assert light(state, 16 * HOUR).health == HEALTHY
    one = light(state, 18 * HOUR)
    assert (one.health, one.since) == (DEGRADED, 16 * HOUR)
    assert one.sentence(18 * HOUR) == "No run has succeeded for 4 h"
    state.jobs.apply(end(19))
    assert light(state, 19 * HOUR).health == HEALTHY


def test_what_was_declared_counts_for_a_job_of_which_little_is_known() -> None:
    runs = Runs(expected=[ExpectedJob(pipeline="shop/load", team="shop", stale_after=600)])
    state = told(end(1), runs=runs)
    assert light(state, HOUR + 600).health == HEALTHY
    assert light(state, HOUR + 601).health == DEGRADED


def test_a_part_has_a_light_and_does_not_count() -> None:
    state = told(end(1), *(end(number, "failed", PART) for number in range(2, 12)))
    assert light(state, 99 * HOUR, PART).health == DEGRADED
    assert not light(state, 99 * HOUR, PART).unusual(99 * HOUR)
    assert state.lights.tally() == Counter({HEALTHY: 1})


def test_a_job_that_is_forgotten_has_no_light() -> None:
    state = told(end(1))
    assert light(state, HOUR).health == HEALTHY
    state.jobs.drop(LOAD.pipeline)
    state.lights.refresh(HOUR)
    assert state.lights.get(LOAD.pipeline) is None
    assert list(state.lights) == []


def test_a_simulated_job_that_begins_anew_is_a_new_one() -> None:
    again = Job("shop/load", "shop", "load", mode="simulated")
    state = told(*(end(number, "failed", again) for number in range(1, 9)))
    assert light(state, 8 * HOUR).health == CRITICAL
    state.jobs.forget_simulated()
    state.jobs.apply(end(9, "succeeded", again))
    assert (light(state, 9 * HOUR).health, light(state, 9 * HOUR).since) == (HEALTHY, 9 * HOUR)


def test_only_what_was_heard_of_is_judged_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    judged: list[str] = []

    def of_runs(job: JobState, judgement: Judgement, peers: anomalies.Peers) -> list[Anomaly]:
        judged.append(job.pipeline)
        return anomalies.of_runs(job, judgement, peers)

    monkeypatch.setattr("exporter.state.lights.of_runs", of_runs)
    many = [Job(f"shop/{number}", "shop", str(number)) for number in range(1000)]
    state = told(*(end(1, job=job) for job in many))
    state.lights.refresh(HOUR)
    assert len(judged) == 1000
    judged.clear()
    for second in range(10):
        state.lights.refresh(HOUR + second)
    assert judged == []
    state.jobs.apply(end(2, job=many[7]))
    state.lights.refresh(2 * HOUR)
    assert judged == ["shop/7"]


def test_who_writes_little_is_judged_anew_when_the_peers_change() -> None:
    state = told(*hourly(14))
    job = state.jobs[LOAD.pipeline]
    for rows in (*[1000] * 20, 300, 300):
        job.rows.add(rows)
    assert light(state, 14 * HOUR).health == DEGRADED
    state.lights.judge_among({("rows", job.kind): 0.3})
    assert light(state, 14 * HOUR).health == HEALTHY
    state.lights.judge_among({})
    assert light(state, 14 * HOUR).health == DEGRADED
