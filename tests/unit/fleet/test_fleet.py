"""The fleet: the same whenever it is asked, on schedule, and with the truth about what is wrong."""

from collections import Counter
from itertools import pairwise

import pytest

from exporter.config import ConfigError, validate
from exporter.config.fleet import JOB_FAULT_KINDS, FleetConfig
from exporter.fleet import Fleet
from exporter.runs.event import RunEvent

HOUR = 3600.0
DAY = 24 * HOUR


def fleet(seed: int = 1, **said: object) -> Fleet:
    return Fleet(validate(FleetConfig, {"jobs": 40, "fails": 0.0, **said}, "fleet"), seed, lambda time: time)


def events(one: Fleet, until: float = DAY) -> list[RunEvent]:
    return list(one.advance(until))


def of(found: list[RunEvent], job: str, kind: str) -> list[RunEvent]:
    return [event for event in found if event.name == job and event.kind == kind]


def test_the_same_seed_gives_the_same_runs() -> None:
    assert events(fleet(fails=0.1)) == events(fleet(fails=0.1))
    assert events(fleet(seed=2)) != events(fleet(seed=1))


def test_how_often_one_asks_changes_nothing() -> None:
    often, once = fleet(fails=0.1, trouble_every="6h"), fleet(fails=0.1, trouble_every="6h")
    asked = [event for minute in range(1, 24 * 60 + 1) for event in often.advance(minute * 60)]
    assert asked == events(once)
    assert often.wrong == once.wrong


def test_events_come_in_the_order_of_their_times() -> None:
    found = events(fleet(fails=0.1, trouble_every="6h"))
    assert all(first.time <= second.time for first, second in pairwise(found))


def test_jobs_run_on_schedule() -> None:
    one = fleet()
    found = events(one)
    for job in one.jobs:
        times = [event.time for event in of(found, job.name, "START")]
        assert times[0] == pytest.approx(job.offset)
        assert [second - first for first, second in pairwise(times)] == pytest.approx(
            [job.every] * (len(times) - 1)
        )


def test_a_run_starts_before_it_ends_and_ends_once() -> None:
    found = events(fleet())
    started = {event.run_id: event.time for event in found if event.kind == "START"}
    ended = [event for event in found if event.kind != "START"]
    assert len(ended) == len({event.run_id for event in ended})
    assert all(event.time > started[event.run_id] for event in ended)


def test_times_are_those_of_the_clock_that_it_is_given() -> None:
    config = FleetConfig(jobs=40)
    plain = Fleet(config, 1, lambda time: time)
    fast = Fleet(config, 1, lambda time: 1e9 + time / 60)
    pairs = list(zip(plain.advance(DAY), fast.advance(DAY), strict=True))
    assert all(fast.time == pytest.approx(1e9 + event.time / 60) for event, fast in pairs)


def test_teams_kinds_and_names_are_as_planned() -> None:
    one = fleet(jobs=100, teams=12)
    assert len({job.name for job in one.jobs}) == 100
    assert len({job.team for job in one.jobs}) == 12
    assert Counter(job.kind for job in one.jobs) == {"ingest": 50, "transform": 35, "report": 15}


def test_jobs_read_what_jobs_of_other_kinds_write() -> None:
    one = fleet()
    kinds = {job.writes: job.kind for job in one.jobs}
    read = {(job.kind, kinds[dataset]) for job in one.jobs for dataset in job.reads}
    assert ("transform", "ingest") in read
    assert all(reader != written and reader != "ingest" for reader, written in read)


@pytest.mark.parametrize("kind", JOB_FAULT_KINDS)
def test_a_trouble_is_felt_by_its_job_while_it_lasts(kind: str) -> None:
    job = fleet().jobs[0].name
    said = {"job": 1, "kind": kind, "at": "6h", "for": "6h"}
    well, ill = events(fleet()), events(fleet(faults=[said]))
    unlike = {event.run_id for event in [*well, *ill] if (event in well) != (event in ill)}
    starts = [event.time for event in of(well, job, "START") if event.run_id in unlike]
    assert {run_id.rpartition("/")[0] for run_id in unlike} == {job}
    assert min(starts) >= 5 * HOUR
    assert max(starts) <= 12 * HOUR
    assert len(starts) >= 5


def test_what_is_wrong_is_known_while_it_is() -> None:
    job = fleet().jobs[0].name
    one = fleet(faults=[{"job": 1, "kind": "slow", "at": "2h", "for": "1h"}])
    known = []
    for time in (HOUR, 2.5 * HOUR, 4 * HOUR):
        events(one, time)
        known.append([(trouble.job, trouble.kind) for trouble in one.wrong])
    assert known == [[], [(job, "slow")], []]


def test_troubles_come_by_chance_as_often_as_configured() -> None:
    one = fleet(jobs=200, trouble_every="10d")
    seen = set()
    for hour in range(1, 20 * 24 + 1):
        events(one, hour * HOUR)
        seen.update(one.wrong)
    assert 320 <= len(seen) <= 480
    assert {trouble.kind for trouble in seen} == set(JOB_FAULT_KINDS)


def test_failures_without_a_reason_are_as_rare_as_configured() -> None:
    kinds = Counter(event.kind for event in events(fleet(jobs=200, fails=0.05), 4 * DAY))
    assert 0.04 < kinds["FAIL"] / (kinds["FAIL"] + kinds["COMPLETE"]) < 0.06


@pytest.mark.parametrize(
    ("said", "complaint"),
    [
        ({"jobs": 0}, "fleet: jobs: expected >= 1, got 0"),
        ({"teams": 101}, "fleet: teams: expected <= 100, got 101"),
        ({"fails": 2}, "fleet: fails: expected <= 1, got 2"),
        ({"hour": "1s"}, "fleet: hour: expected >= 10"),
        ({"colour": 1}, "fleet: colour: unknown key"),
        ({"faults": [{"job": 1, "kind": "odd", "at": 0, "for": 1}]}, "fleet: faults[0].kind: expected"),
        (
            {"faults": [{"job": 41, "kind": "slow", "at": 0, "for": 1}], "jobs": 40},
            "faults[0].job: expected at most 40, got 41",
        ),
    ],
)
def test_a_fleet_that_can_not_be_is_refused(said: dict[str, object], complaint: str) -> None:
    with pytest.raises(ConfigError) as caught:
        validate(FleetConfig, said, "fleet")
    assert complaint in str(caught.value)
