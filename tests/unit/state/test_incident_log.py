"""Incidents: a pipeline that stayed red, from its first red tick to the first one after the last."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exporter.config import load_config
from exporter.config.model import Pipeline
from exporter.observations.tallies import Tallies
from exporter.simulation import Simulation
from exporter.state.incidents import PATIENCE, Incident, IncidentLog, culprit
from exporter.state.streams import StreamState
from tests.unit.simulation.strategies import config_of, steady

GREEN, ORANGE, RED = range(3)
LIMIT = 100


@dataclass
class Tick:
    """What one tick of a pipeline of two stages came to."""

    health: tuple[int, int] = (GREEN, GREEN)
    backlog: tuple[int, int] = (0, 0)
    capacity: tuple[float, float] = (12, 6)
    blocked: tuple[bool, bool] = (False, False)
    dropped: int = 0


CALM, ALARM = Tick(), Tick(health=(GREEN, RED), backlog=(0, 60))


@dataclass
class Watched:
    """A log that is told of pipelines of two stages, all of them in the same state."""

    pipelines: Sequence[Pipeline] = field(default_factory=lambda: config_of(steady(0, 12, 6)).pipelines)
    keep: int = 100
    ticks: int = 0

    def __post_init__(self) -> None:
        self.log = IncidentLog(self.pipelines, self.keep)

    def see(self, *ticks: Tick, only: int | None = None) -> "Watched":
        """One block of ticks; with `only` the other pipelines stay calm."""
        lanes = range(len(self.pipelines))
        rows = [[tick if only in (None, lane) else CALM for lane in lanes] for tick in ticks]

        def of(name: str) -> np.ndarray:
            return np.array([[getattr(tick, name) for tick in row] for row in rows])

        tallies = replace(
            blank(),
            first=self.ticks,
            backlog=of("backlog"),
            capacity=of("capacity"),
            blocked=of("blocked"),
            dropped=of("dropped"),
        )
        self.log.apply(tallies, of("health"))
        self.ticks += len(ticks)
        return self

    @property
    def newest(self) -> list[Incident]:
        return self.log.newest(1000)

    @property
    def times(self) -> list[tuple[int, int | None]]:
        """Start and end of each incident, oldest first."""
        return [(incident.started, incident.ended) for incident in reversed(self.newest)]


def blank() -> Tallies:
    ((tallies,),) = Simulation(config_of(steady(0, 12, 6)), seed=1).advance(1)
    return tallies


def expected_times(reds: Sequence[bool]) -> Iterator[tuple[int, int | None]]:
    """Start and end of each incident by the definition."""
    started = None
    for tick in range(PATIENCE - 1, len(reds)):
        onset = tick + 1 - PATIENCE
        recent = reds[onset : tick + 1]
        if started is None and all(recent):
            started = onset
        if started is not None and not any(recent):
            yield started, onset
            started = None
    if started is not None:
        yield started, None


def test_a_red_spell_shorter_than_the_patience_is_no_incident() -> None:
    assert Watched().see(*[ALARM] * (PATIENCE - 1), *[CALM] * 100).times == []


def test_a_red_spell_as_long_as_the_patience_is_an_incident_from_its_first_tick_on() -> None:
    assert Watched().see(*[CALM] * 10, *[ALARM] * PATIENCE).times == [(10, None)]


def test_red_ticks_on_both_sides_of_a_calm_do_not_add_up() -> None:
    spell = [ALARM] * (PATIENCE - 1)
    assert Watched().see(*spell).see(*[CALM] * 5).see(*spell).times == []
    assert Watched().see(*spell, *[CALM] * 5, *spell).times == []


def test_orange_is_no_incident() -> None:
    assert Watched().see(*[Tick(health=(ORANGE, ORANGE))] * 200).times == []


def test_an_incident_ends_with_its_last_red_tick_once_calm_has_lasted() -> None:
    watched = Watched().see(*[ALARM] * 40, *[CALM] * (PATIENCE - 1))
    assert watched.times == [(0, None)]
    assert watched.see(CALM).times == [(0, 40)]


def test_a_short_calm_does_not_end_an_incident() -> None:
    flapping = [*[ALARM] * 40, *[CALM] * (PATIENCE - 1)]
    assert Watched().see(*flapping, *flapping, CALM).times == [(0, 40 + PATIENCE - 1 + 40)]


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.booleans(), st.integers(1, 70)), max_size=12),
    st.lists(st.integers(1, 90), min_size=1, max_size=20),
)
def test_incidents_are_the_same_however_the_ticks_come_in(
    spells: list[tuple[bool, int]], blocks: list[int]
) -> None:
    reds = [red for red, ticks in spells for _ in range(ticks)]
    watched = Watched()
    for block in [*blocks, len(reds)]:
        ticks = [ALARM if red else CALM for red in reds[watched.ticks : watched.ticks + block]]
        if ticks:
            watched.see(*ticks)
    assert watched.times == list(expected_times(reds))


def test_an_incident_names_its_pipeline_and_stage() -> None:
    (incident,) = Watched().see(*[ALARM] * PATIENCE).newest
    assert (incident.id, incident.pipeline, incident.team, incident.stage) == ("p-1", "p", "t", "s1")


def test_the_stage_that_the_next_one_holds_back_is_not_the_culprit() -> None:
    held_back = Tick(health=(RED, RED), backlog=(100, 100), blocked=(True, False))
    (incident,) = Watched().see(*[held_back] * PATIENCE).newest
    assert incident.stage == "s1"


@pytest.mark.parametrize(
    ("health", "blocked", "stage"),
    [
        ((RED, GREEN, GREEN), (False, False, False), 0),
        ((RED, RED, GREEN), (True, False, False), 1),
        ((RED, RED, ORANGE), (True, True, False), 1),
        ((RED, GREEN, RED), (False, False, False), 2),
        ((RED, ORANGE, GREEN), (False, True, False), 0),
        ((ORANGE, ORANGE, GREEN), (True, False, False), 1),
        ((GREEN, GREEN, GREEN), (False, False, False), 2),
    ],
)
def test_the_culprit_is_the_last_of_the_worst_stages_that_is_not_held_back(
    health: tuple[int, ...], blocked: tuple[bool, ...], stage: int
) -> None:
    assert culprit(np.array(health), np.array(blocked)) == stage


def test_an_incident_knows_its_peak_backlog_lowest_capacity_and_losses() -> None:
    quiet = [ALARM] * PATIENCE
    worse = Tick(health=(RED, RED), backlog=(100, 90), capacity=(12, 2), dropped=7)
    (incident,) = Watched().see(*quiet, worse, ALARM, worse, ALARM).newest
    assert (incident.peak_backlog, incident.lowest_capacity, incident.dropped) == (90, 2, 14)
    assert incident.nominal_capacity == 6


@pytest.mark.parametrize("block", [1, 7, 1000], ids=lambda ticks: f"blocks of {ticks}")
def test_what_was_worst_before_the_patience_ran_out_belongs_to_the_incident(block: int) -> None:
    worst = Tick(health=(RED, RED), backlog=(100, 90), capacity=(12, 2), dropped=7)
    ticks = [CALM, ALARM, worst, *[ALARM] * PATIENCE, *[CALM] * PATIENCE]
    watched = Watched()
    for start in range(0, len(ticks), block):
        watched.see(*ticks[start : start + block])
    (incident,) = watched.newest
    assert (incident.peak_backlog, incident.lowest_capacity, incident.dropped) == (90, 2, 7)


def test_what_happened_before_the_first_red_tick_does_not_belong_to_the_incident() -> None:
    before = Tick(backlog=(0, 45), capacity=(12, 1), dropped=9)
    (incident,) = Watched().see(before, *[ALARM] * PATIENCE).newest
    assert (incident.peak_backlog, incident.lowest_capacity, incident.dropped) == (60, 6, 0)


@pytest.mark.parametrize(
    ("tick", "summary"),
    [
        (ALARM, "s1 could not keep up: up to 60 events waiting"),
        (
            replace(ALARM, capacity=(12, 2)),
            "s1 could not keep up: up to 60 events waiting, capacity down to 2 of 6 per second",
        ),
        (
            replace(ALARM, dropped=1),
            f"s1 could not keep up: up to 60 events waiting; {PATIENCE} events dropped",
        ),
    ],
)
def test_an_incident_is_summed_up_in_a_sentence(tick: Tick, summary: str) -> None:
    (incident,) = Watched().see(*[tick] * PATIENCE).newest
    assert incident.summary == summary


def test_pipelines_have_incidents_of_their_own() -> None:
    pipelines = config_of(steady(0, 12, 6, name="a"), steady(0, 12, 6, name="b")).pipelines
    watched = Watched(pipelines).see(*[ALARM] * 40, only=1)
    assert [incident.pipeline for incident in watched.newest] == ["b"]


def test_open_incidents_come_first_and_then_the_newest() -> None:
    pipelines = config_of(steady(0, 12, 6, name="a"), steady(0, 12, 6, name="b")).pipelines
    watched = Watched(pipelines)
    for lane in (0, 1, 0):
        watched.see(*[ALARM] * 40, only=lane).see(*[CALM] * 40)
    watched.see(*[ALARM] * 40, only=1)
    assert [(one.id, one.ended is None) for one in watched.newest] == [
        ("b-4", True),
        ("a-3", False),
        ("b-2", False),
        ("a-1", False),
    ]
    assert [one.id for one in watched.log.newest(2)] == ["b-4", "a-3"]


def test_the_log_keeps_the_newest_closed_incidents_only() -> None:
    watched = Watched(keep=3)
    for _ in range(5):
        watched.see(*[ALARM] * 40, *[CALM] * 40)
    assert [incident.id for incident in watched.newest] == ["p-5", "p-4", "p-3"]


@pytest.mark.parametrize("seed", range(1, 9))
def test_the_incident_of_the_first_start_tells_of_the_slowdown(seed: int) -> None:
    simulation = Simulation(load_config(None), seed)
    state = StreamState(simulation.config.pipelines)
    for tick in range(1, 241):
        for (tallies,) in simulation.advance(tick):
            state.apply(tallies)
    (incident,) = state.incidents.newest(10)
    assert (incident.stage, incident.nominal_capacity) == ("enrich", 50)
    assert incident.lowest_capacity == pytest.approx(50 / 3)
