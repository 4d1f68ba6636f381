"""What is unusual about a job: each kind of it beyond its limit and not at it, in words; parts have none."""

import math
from collections.abc import Callable

import pytest

from exporter.config.runs import Deviations, FailureCounts, Judgement, SuccessShares, UsualShares
from exporter.state.anomalies import SLOWER, Anomaly, of_runs, overdue, peers_of
from exporter.state.job import JobState

NOW = 1_800_000_000.0
USUALLY = 60.0


def job() -> JobState:
    """One that is as usual: runs of a minute and a thousand rows, an hour apart, the last one just now."""
    known = JobState("shop/load", "shop", "load", 1, [0])
    for _ in range(20):
        known.duration.add(USUALLY)
        known.rows.add(1000)
        known.throughput.add(1000 / USUALLY)
        known.outcomes.add(1.0)
        known.intervals.add(3600)
    known.last_success = known.last_end = NOW
    return known


def found(one: JobState, judgement: Judgement | None = None, now: float = NOW) -> list[Anomaly]:
    return [*of_runs(one, judgement or Judgement(), {}), *overdue(one, now)]


def kinds(anomalies: list[Anomaly]) -> list[tuple[str, str]]:
    return [(one.kind, one.severity) for one in anomalies]


def slower(runs: int) -> JobState:
    one = job()
    for _ in range(runs):
        one.duration.add(3 * USUALLY)
    one.last_duration = 3 * USUALLY
    return one


def lower(rows: bool = False, throughput: bool = False) -> JobState:
    one = job()
    for _ in range(2):
        one.rows.add(200 if rows else 1000)
        one.throughput.add(200 / USUALLY if throughput else 1000 / USUALLY)
    return one


def test_what_is_as_usual_has_none() -> None:
    assert found(job()) == []


@pytest.mark.parametrize(
    ("failures", "severity"),
    [(1, None), (2, "medium"), (3, "high"), (4, "high"), (5, "critical"), (6, "critical")],
)
def test_failures_in_a_row_are_unusual_from_the_limit_on(failures: int, severity: str | None) -> None:
    one = job()
    one.failures_in_a_row = failures
    assert kinds(found(one)) == ([("failing", severity)] if severity else [])


def test_failures_are_told_with_their_number_and_the_limit() -> None:
    one = job()
    one.failures_in_a_row = 4
    [anomaly] = found(one, Judgement(failures=FailureCounts(medium=2, high=4, critical=9)))
    assert (anomaly.observed, anomaly.limit, anomaly.message) == (4, 4, "failed 4 times in a row")


def shares(successes: int, failures: int) -> JobState:
    one = JobState("shop/load", "shop", "load", 1, [0])
    for number in range(max(successes, failures)):
        for value, runs in ((1.0, successes), (0.0, failures)):
            if number < runs:
                one.outcomes.add(value)
    return one


@pytest.mark.parametrize(
    ("successes", "failures", "severity"),
    [
        (8, 2, None),
        (79, 21, "medium"),
        (5, 5, "medium"),
        (49, 51, "high"),
        (3, 6, None),
        (3, 7, "high"),
        (0, 100, None),
    ],
)
def test_too_few_successes_are_unusual_below_the_limit_and_with_enough_runs(
    successes: int, failures: int, severity: str | None
) -> None:
    assert kinds(found(shares(successes, failures))) == ([("success", severity)] if severity else [])


def test_one_incident_is_no_job_that_fails_now_and_then() -> None:
    one = job()
    for value in (0.0, 0.0, 0.0, 1.0) * 2:
        one.outcomes.add(value)
    assert found(one, Judgement(success=SuccessShares(medium=0.99, high=0.1))) == []


def test_the_share_of_successes_is_told_of_as_many_runs_as_it_is_of() -> None:
    [anomaly] = found(shares(3, 9), Judgement(success=SuccessShares(medium=0.5, high=0.1)))
    assert anomaly.message == "25% of the last 12 runs succeeded"


@pytest.mark.parametrize(
    ("runs", "severity", "limits"),
    [
        (2, "high", lambda limit: Deviations(medium=0.1, high=limit)),
        (3, "medium", lambda limit: Deviations(medium=limit, high=1000)),
    ],
)
def test_slow_runs_are_unusual_beyond_the_limit_and_not_at_it(
    runs: int, severity: str, limits: Callable[[float], Deviations]
) -> None:
    one = slower(runs)
    score = one.duration.above(runs) or 0

    def judged(limit: float) -> list[tuple[str, str]]:
        return kinds(found(one, Judgement(duration=limits(limit))))

    assert ("duration", severity) not in judged(score)
    assert ("duration", severity) in judged(math.nextafter(score, 0))


@pytest.mark.parametrize(("runs", "expected"), [(1, []), (2, [("duration", "high")])])
def test_one_slow_run_is_no_news(runs: int, expected: list[tuple[str, str]]) -> None:
    assert kinds(found(slower(runs))) == expected


def test_runs_that_hardly_took_longer_are_no_news() -> None:
    one = slower(2)
    one.last_duration = SLOWER * (one.duration.usual() or 0)
    assert found(one) == []


def test_slow_runs_are_told_with_what_is_usual() -> None:
    [anomaly] = found(slower(2))
    assert anomaly.message.startswith("the last 2 runs took longer than the usual 1 min by ")


@pytest.mark.parametrize(
    ("kind", "one", "judgement"),
    [
        ("rows", lower(rows=True), lambda share: Judgement(rows=UsualShares(high=share))),
        ("throughput", lower(throughput=True), lambda share: Judgement(throughput=UsualShares(high=share))),
    ],
)
def test_little_is_unusual_below_the_limit_and_not_at_it(
    kind: str, one: JobState, judgement: Callable[[float], Judgement]
) -> None:
    share = getattr(one, kind).ratio(2)
    assert found(one, judgement(share)) == []
    assert kinds(found(one, judgement(math.nextafter(share, 1)))) == [(kind, "high")]


def test_one_run_that_wrote_little_is_no_news() -> None:
    one = job()
    one.rows.add(1)
    assert found(one) == []


def test_what_was_written_is_told_as_a_share_of_the_usual() -> None:
    [anomaly] = found(lower(rows=True))
    assert anomaly.message == "the last 2 runs wrote 20% of the usual 1000 rows"


def test_a_run_is_stuck_after_three_times_the_longest_and_not_before() -> None:
    one = job()
    limit = one.stuck_after() or 0
    assert limit == pytest.approx(3 * USUALLY)
    one.open["r1"] = 0.0
    assert list(overdue(one, limit)) == []
    [anomaly] = overdue(one, math.nextafter(limit, NOW))
    assert (anomaly.kind, anomaly.severity, anomaly.limit) == ("stuck", "high", limit)
    assert anomaly.message == "a run has been in progress for 3 min"


def test_a_job_is_silent_after_twice_the_longest_gap_and_not_before() -> None:
    one = job()
    assert found(one, now=NOW + 2 * 3600) == []
    [anomaly] = found(one, now=NOW + 2 * 3600 + 1)
    assert (anomaly.kind, anomaly.severity, anomaly.limit) == ("silent", "medium", 7200)
    assert anomaly.message == "no run has succeeded for 2 h 1 s"


def test_a_declared_time_without_success_is_graver_and_the_only_one_that_counts() -> None:
    assert list(overdue(job(), NOW + 2 * 3600 + 1, declared=86400)) == []
    assert list(overdue(job(), NOW + 600, declared=600)) == []
    assert kinds(list(overdue(job(), NOW + 601, declared=600))) == [("silent", "high")]


def test_the_gravest_comes_first() -> None:
    one = slower(2)
    one.failures_in_a_row = 5
    for value in (0.0, 1.0, 0.0, 1.0, 0.0):
        one.outcomes.add(value)
    assert kinds(of_runs(one, Judgement(success=SuccessShares(medium=0.99, high=0.1)), {})) == [
        ("failing", "critical"),
        ("duration", "high"),
        ("success", "medium"),
    ]


def failing() -> JobState:
    one = job()
    one.failures_in_a_row = 9
    return one


def stuck() -> JobState:
    one = job()
    one.open["r1"] = NOW - 86400
    return one


@pytest.mark.parametrize("trouble", [failing, stuck, lambda: slower(3), lambda: lower(rows=True)])
def test_a_part_of_another_job_has_none(trouble: Callable[[], JobState]) -> None:
    one = trouble()
    assert found(one)
    one.is_part = True
    assert found(one, now=NOW + 1e6) == []


def test_six_whole_jobs_of_a_kind_are_each_others_peers_as_in_the_rules() -> None:
    few, part = [lower(rows=True) for _ in range(5)], lower(rows=True)
    part.is_part = True
    assert peers_of([*few, part]) == {}
    assert peers_of([*few, lower(rows=True)])["rows", "batch"] == pytest.approx(0.2)
