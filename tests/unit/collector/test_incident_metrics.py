"""Families of incidents: every known label set from the start, and the same text as prometheus_client's."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.collector import StateCollector
from exporter.collector.collector import FAMILIES
from exporter.state import State
from exporter.state.incident_counts import (
    BOUNDARIES,
    SEVERITIES,
    Durations,
    IncidentCounts,
    Moment,
    Severity,
)
from tests.unit.collector.test_exposition_text import AWKWARD, assert_same, parsed, plain

MOMENTS = tuple(BOUNDARIES)
TEAMS = ("shop", "platform")
CONTRACT = {
    "pipeline_incidents": ("counter", ("team", "severity")),
    "pipeline_incidents_open": ("gauge", ("team", "severity")),
    "pipeline_incident_time_to_detect_seconds": ("histogram", ("team",)),
    "pipeline_incident_time_to_acknowledge_seconds": ("histogram", ("team",)),
    "pipeline_incident_time_to_resolve_seconds": ("histogram", ("team",)),
    "pipeline_alerting_last_heard_timestamp_seconds": ("gauge", ()),
}


def values(counts: IncidentCounts, name: str) -> dict[tuple[str, ...], float]:
    """The samples under `name` by their label values."""
    families = parsed(StateCollector(State(incidents=counts)))
    samples = [sample for family in families for sample in family.samples if sample.name == name]
    return {tuple(sample.labels.values()): sample.value for sample in samples}


@pytest.mark.parametrize("name", CONTRACT)
def test_a_family_is_there_with_its_type_and_labels(name: str) -> None:
    (family,) = (one for one in FAMILIES if one.name == name)
    assert (family.kind, family.labels) == CONTRACT[name]


@pytest.mark.parametrize("name", ["pipeline_incidents_total", "pipeline_incidents_open"])
def test_every_team_has_each_severity_from_the_start(name: str) -> None:
    assert values(IncidentCounts(TEAMS), name) == dict.fromkeys(product(TEAMS, SEVERITIES), 0)


@pytest.mark.parametrize("moment", MOMENTS)
def test_every_team_has_its_histograms_from_the_start(moment: Moment) -> None:
    name = f"pipeline_incident_time_to_{moment}_seconds"
    assert values(IncidentCounts(TEAMS), f"{name}_count") == {(team,): 0 for team in TEAMS}
    buckets = values(IncidentCounts(TEAMS), f"{name}_bucket")
    assert len(buckets) == len(TEAMS) * (len(BOUNDARIES[moment]) + 1)


def test_without_a_watchdog_there_is_no_time_at_which_it_was_heard() -> None:
    name = "pipeline_alerting_last_heard_timestamp_seconds"
    assert values(IncidentCounts(TEAMS), name) == {}
    assert values(IncidentCounts(TEAMS, last_heard=1_800_000_000.25), name) == {(): 1_800_000_000.25}
    assert f"\n{name} 1800000000.25\n" in plain(
        StateCollector(State(incidents=IncidentCounts(last_heard=1.8e9 + 0.25)))
    )


@pytest.mark.parametrize("moment", MOMENTS)
def test_boundaries_rise(moment: Moment) -> None:
    assert list(BOUNDARIES[moment]) == sorted(set(BOUNDARIES[moment]))


teams = st.lists(st.text(min_size=1, max_size=5) | st.sampled_from(AWKWARD), max_size=3, unique=True)


@st.composite
def counts(draw: st.DrawFn) -> IncidentCounts:
    """Any numbers of any teams."""
    known = [team for team in draw(teams) if team.isprintable()]

    def numbers() -> dict[tuple[str, Severity], int]:
        return {key: draw(st.integers(0, 2**53)) for key in product(known, SEVERITIES) if draw(st.booleans())}

    durations = {
        (team, moment): Durations(
            tuple(draw(st.integers(0, 99)) for _ in range(len(BOUNDARIES[moment]) + 1)),
            draw(st.floats(0, 1e9)),
        )
        for team, moment in product(known, MOMENTS)
        if draw(st.booleans())
    }
    heard = draw(st.none() | st.floats(0, 4e9))
    return IncidentCounts(tuple(known), numbers(), numbers(), durations, heard)


@given(counts())
def test_any_incidents_are_written_as_prometheus_client_writes_them(found: IncidentCounts) -> None:
    assert_same(StateCollector(State(incidents=found)))


def test_a_team_that_is_learnt_later_is_in_the_next_scrape() -> None:
    state = State(incidents=IncidentCounts(("shop",)))
    collector = StateCollector(state)
    assert_same(collector)
    state.incidents = IncidentCounts(TEAMS, last_heard=3.0)
    assert_same(collector)
