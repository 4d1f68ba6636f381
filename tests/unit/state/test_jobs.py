"""State of jobs: counters, histograms and last values out of observations."""

import pytest
from msgspec.structs import replace

from exporter.runs.observation import (
    FINAL_STATES,
    FinalState,
    Job,
    Observation,
    RunEnded,
    RunForgotten,
    RunOpened,
    RunStarted,
)
from exporter.runs.reasons import CLASSES
from exporter.state.jobs import DEFAULT_BUCKETS, JobStates

LOAD = Job("ns/load", "ns", "load", "finance", "airflow")


def job(name: str) -> Job:
    return Job(f"ns/{name}", "ns", name)


def states(*observations: Observation, buckets: tuple[float, ...] = (1, 10, 100)) -> JobStates:
    jobs = JobStates(buckets)
    for observation in observations:
        jobs.apply(observation)
    return jobs


def end(state: FinalState, ended: float, started: float | None = None, of: Job = LOAD) -> RunEnded:
    return RunEnded(of, f"{of.name}-{ended}", state, started, ended)


def opened(run: str = "r1", of: Job = LOAD, time: float = 1) -> RunOpened:
    return RunOpened(of, run, time)


def test_a_job_is_described_by_its_observations() -> None:
    (load,) = states(opened())
    assert (load.pipeline, load.namespace, load.name) == ("ns/load", "ns", "load")
    assert (load.team, load.integration) == ("finance", "airflow")


def test_a_job_without_an_owner_belongs_to_the_unknown_team() -> None:
    (load,) = states(opened(of=job("load")))
    assert (load.team, load.integration) == ("unknown", "unknown")


def test_a_job_takes_the_team_that_is_learnt_later() -> None:
    (load,) = states(opened(of=job("load")), RunStarted(LOAD, 1))
    assert (load.team, load.integration) == ("finance", "airflow")


def test_a_team_is_known_as_long_as_it_has_jobs() -> None:
    jobs = states(opened(of=job("load")), opened(of=job("other")), opened("r2"))
    assert jobs.teams == {"unknown": 1, "finance": 1}
    jobs.apply(opened("r3", of=replace(LOAD, team="risk")))
    assert jobs.teams.keys() == {"unknown", "risk"}
    jobs.drop("ns/load")
    jobs.drop("ns/never")
    assert jobs.teams == {"unknown": 1}


def test_teams_of_simulated_jobs_go_with_them() -> None:
    jobs = states(opened(), opened(of=replace(job("played"), team="sales", mode="simulated")))
    jobs.forget_simulated()
    assert jobs.teams == {"finance": 1}


def test_every_state_is_there_from_the_start_at_zero() -> None:
    (load,) = states(opened())
    assert load.runs == dict.fromkeys(FINAL_STATES, 0)
    assert load.reasons == dict.fromkeys(CLASSES, 0)
    assert load.duration_counts == [0, 0, 0, 0]


def test_times_and_last_values_are_absent_until_they_happen() -> None:
    (load,) = states(opened())
    assert (load.last_start, load.last_success, load.last_failure, load.last_end) == (None, None, None, None)
    assert (load.last_state, load.last_duration) == (None, None)


def test_runs_are_counted_by_their_final_state() -> None:
    final: tuple[FinalState, ...] = ("succeeded", "failed", "failed", "aborted", "skipped", "abandoned")
    (load,) = states(*(end(state, number) for number, state in enumerate(final)))
    assert load.runs == {"succeeded": 1, "failed": 2, "aborted": 1, "skipped": 1, "abandoned": 1}


def test_a_duration_counts_in_the_bucket_whose_upper_bound_it_does_not_pass() -> None:
    durations = (0, 1, 1.5, 10, 99, 100, 101)
    (load,) = states(*(end("succeeded", 1000 + seconds, 1000) for seconds in durations))
    assert load.duration_counts == [2, 2, 2, 1]
    assert (sum(load.duration_counts), load.duration_sum) == (7, 312.5)


def test_a_run_without_a_known_duration_is_no_sample() -> None:
    (load,) = states(end("succeeded", 20), end("succeeded", 20, started=30))
    assert (load.runs["succeeded"], sum(load.duration_counts), load.duration_sum) == (2, 0, 0)


def test_in_progress_goes_up_when_a_run_opens_and_down_when_it_ends() -> None:
    jobs = states(opened("r1"), opened("r2"))
    assert jobs["ns/load"].in_progress == 2
    jobs.apply(RunEnded(LOAD, "r1", "succeeded", 1, 2))
    assert jobs["ns/load"].in_progress == 1


def test_the_end_of_a_run_that_was_not_open_leaves_in_progress_alone() -> None:
    (load,) = states(opened(), end("failed", 5))
    assert load.in_progress == 1


def test_a_forgotten_run_is_no_longer_in_progress_and_is_counted() -> None:
    (load,) = states(opened(), RunForgotten(LOAD, "r1"))
    assert (load.in_progress, load.forgotten) == (0, 1)


def test_last_times_never_go_backwards() -> None:
    (load,) = states(
        *(RunStarted(LOAD, 50), RunStarted(LOAD, 40)),
        *(end("succeeded", 60), end("succeeded", 45)),
        *(end("failed", 70), end("failed", 42)),
    )
    assert (load.last_start, load.last_success, load.last_failure, load.last_end) == (50, 60, 70, 70)


def test_an_aborted_run_is_neither_a_success_nor_a_failure() -> None:
    (load,) = states(end("aborted", 5))
    assert (load.last_success, load.last_failure, load.last_end) == (None, None, 5)


def test_the_last_state_and_duration_are_those_of_the_run_that_ended_last() -> None:
    (load,) = states(end("failed", 70, 60), end("succeeded", 65, 40))
    assert (load.last_state, load.last_duration) == ("failed", 10)


def test_the_last_duration_is_unknown_when_the_last_run_had_none() -> None:
    (load,) = states(end("succeeded", 65, 40), end("failed", 70))
    assert (load.last_state, load.last_duration) == ("failed", None)


@pytest.mark.parametrize("order", [("succeeded", "aborted", "failed"), ("failed", "aborted", "succeeded")])
def test_of_runs_that_end_at_the_same_time_the_worst_is_the_last_state(order: list[FinalState]) -> None:
    (load,) = states(*(end(state, 70) for state in order))
    assert load.last_state == "failed"


def test_jobs_are_read_in_the_order_in_which_they_were_first_seen() -> None:
    jobs = states(
        opened(of=job("b")), opened(of=job("a")), end("failed", 9, of=job("b")), opened(of=job("c"))
    )
    assert [state.name for state in jobs] == ["b", "a", "c"]
    assert len(jobs) == 3


def test_a_row_of_the_status_says_all_that_the_page_shows() -> None:
    jobs = states(RunStarted(LOAD, 1795221865.409204), end("succeeded", 1795221882.5, 1795221865.5))
    assert jobs.status(limit=50) == [
        {
            "pipeline": "ns/load",
            "namespace": "ns",
            "name": "load",
            "team": "finance",
            "integration": "airflow",
            "last_state": "succeeded",
            "in_progress": 0,
            "succeeded": 1,
            "failed": 0,
            "aborted": 0,
            "last_start": "2026-11-21T00:44:25.409Z",
            "last_success": "2026-11-21T00:44:42.500Z",
            "last_failure": None,
            "last_duration_seconds": 17.0,
        }
    ]


def test_a_job_is_running_in_the_status_only_until_a_first_run_has_ended() -> None:
    jobs = states(opened())
    assert jobs.status(limit=1)[0]["last_state"] == "running"
    jobs.apply(end("failed", 5))
    assert jobs.status(limit=1)[0]["last_state"] == "failed"
    assert jobs.status(limit=1)[0]["in_progress"] == 1


def test_a_job_whose_only_run_was_forgotten_has_no_state() -> None:
    assert states(opened(), RunForgotten(LOAD, "r1")).status(limit=1)[0]["last_state"] is None


def test_the_status_has_the_worst_first_and_among_them_the_newest() -> None:
    jobs = states(
        end("succeeded", 90, of=job("fine")),
        end("failed", 10, of=job("failed-long-ago")),
        end("aborted", 80, of=job("aborted")),
        opened(of=job("running")),
        end("failed", 20, of=job("failed-lately")),
        end("failed", 10, of=job("failed-long-ago-too")),
        end("succeeded", 95, of=job("fine-and-newer")),
    )
    assert [row["name"] for row in jobs.status(limit=50)] == [
        "failed-lately",
        "failed-long-ago",
        "failed-long-ago-too",
        "aborted",
        "running",
        "fine-and-newer",
        "fine",
    ]


def test_the_status_has_at_most_as_many_rows_as_asked_for() -> None:
    jobs = states(*(end("failed", at, of=job(str(at))) for at in range(10)))
    assert [row["name"] for row in jobs.status(limit=3)] == ["9", "8", "7"]


def test_the_default_buckets_reach_from_a_second_to_a_day() -> None:
    assert JobStates().buckets == DEFAULT_BUCKETS
    assert (DEFAULT_BUCKETS[0], DEFAULT_BUCKETS[-1]) == (1, 86400)


@pytest.mark.parametrize(
    "buckets", [(), (0.0, 1.0), (1.0, 1.0), (2.0, 1.0), (1.0, float("inf")), (float("nan"),)]
)
def test_buckets_that_do_not_rise_are_refused(buckets: tuple[float, ...]) -> None:
    with pytest.raises(ValueError, match="buckets: expected rising, finite seconds above 0, got"):
        JobStates(buckets)


def test_a_job_stays_real_or_simulated_whoever_else_has_its_name() -> None:
    jobs = states(opened(), opened("r2", replace(LOAD, mode="simulated")))
    jobs.forget_simulated()
    assert jobs["ns/load"].in_progress == 2
