"""A fleet for a fortnight of its own time: what is wrong is found, and what is not is left alone."""

from collections.abc import Iterator
from typing import NamedTuple

import pytest

from exporter.config.fleet import FleetConfig, JobFaultKind
from exporter.config.runs import Runs
from exporter.fleet import Fleet
from exporter.fleet.trouble import Trouble
from exporter.intake import Watched
from exporter.runs.tracker import RunTracker
from exporter.state.anomalies import of_runs, overdue, peers_of
from exporter.state.checks import CheckStates
from exporter.state.datasets import DatasetStates
from exporter.state.jobs import JobStates

HOUR, DAY, WEEK = 3600, 86400, 7 * 86400
TEAMS, JOBS, DAYS = 10, 300, 14
MOST = 1_000_000
# What each trouble looks like from outside.
LOOKS: dict[JobFaultKind, set[str]] = {
    "failing": {"failing", "success"},
    "slow": {"duration", "throughput"},
    "volume": {"rows", "throughput"},
    "silent": {"silent"},
}
# The share of the last runs that succeeded stays low until they are a hundred runs ago.
SLOW_TO_FORGET, MEMORY = "success", 100
PATIENCE = 4


class Spell(NamedTuple):
    """A time for which something was unusual about a job."""

    job: str
    kind: str
    start: float
    end: float


class Watch(NamedTuple):
    """What was wrong, what looked wrong, and how often each job runs."""

    troubles: set[Trouble]
    spells: list[Spell]
    every: dict[str, float]


@pytest.fixture(scope="module")
def watch() -> Watch:
    """Looked at every hour. The first week is for learning what is usual."""
    fleet = Fleet(FleetConfig(jobs=JOBS, teams=TEAMS, trouble_every=20 * DAY), 3, lambda time: time)
    jobs, seen, troubles = JobStates(), [], set()
    tracker = RunTracker(max_open=MOST, max_finished=MOST, max_jobs=MOST, mode="simulated")
    watched = Watched(tracker, jobs, DatasetStates(), CheckStates())
    for hour in range(1, DAYS * 24 + 1):
        for event in fleet.advance(hour * HOUR):
            watched.apply(event)
        troubles.update(fleet.wrong)
        peers = peers_of(jobs)
        seen += [
            (job.pipeline, one.kind, float(hour * HOUR))
            for job in jobs
            for one in (*of_runs(job, Runs(), peers), *overdue(job, hour * HOUR, None))
        ]
    return Watch(troubles, list(spells(seen)), {job.name: job.every for job in fleet.jobs})


def spells(seen: list[tuple[str, str, float]]) -> Iterator[Spell]:
    """What was unusual for hours on end is one spell."""
    going_on: dict[tuple[str, str], Spell] = {}
    for job, kind, time in seen:
        spell = going_on.get((job, kind))
        if spell and time - spell.end > HOUR:
            yield spell
            spell = None
        going_on[job, kind] = spell._replace(end=time) if spell else Spell(job, kind, time, time)
    yield from going_on.values()


def found(watch: Watch, trouble: Trouble) -> bool:
    """Whether it showed while it lasted, or two runs later at the latest."""
    end = trouble.end + 2 * watch.every[trouble.job]
    return any(
        spell.kind in LOOKS[trouble.kind] and spell.start <= end and spell.end >= trouble.start
        for spell in watch.spells
        if spell.job == trouble.job
    )


def explained(watch: Watch, spell: Spell) -> bool:
    """Whether something was wrong with the job then, or not long before."""
    runs = MEMORY if spell.kind == SLOW_TO_FORGET else PATIENCE
    return any(
        trouble.start <= spell.end and spell.start <= trouble.end + runs * watch.every[trouble.job]
        for trouble in watch.troubles
        if trouble.job == spell.job
    )


@pytest.mark.parametrize("kind", LOOKS)
def test_what_is_wrong_is_found(watch: Watch, kind: JobFaultKind) -> None:
    planted = [
        one for one in watch.troubles if one.kind == kind and WEEK <= one.start <= one.end <= DAYS * DAY
    ]
    missed = [one for one in planted if not found(watch, one)]
    assert len(planted) >= 10
    assert len(missed) <= 0.1 * len(planted), missed


def test_a_team_is_wrongly_told_once_a_week_at_most(watch: Watch) -> None:
    wrongly = [spell for spell in watch.spells if spell.start >= WEEK and not explained(watch, spell)]
    assert len(wrongly) <= TEAMS * (DAYS - 7) / 7, wrongly
