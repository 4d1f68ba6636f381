"""What reports say on /metrics: every number with its labels, nothing else, the same as the command's."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry
from prometheus_client.core import Metric
from prometheus_client.exposition import generate_latest
from prometheus_client.openmetrics.parser import text_string_to_metric_families
from prometheus_client.parser import text_string_to_metric_families as parse_text

from exporter import names
from exporter.checks.openmetrics import openmetrics
from exporter.checks.report import report as written_report
from exporter.collector import StateCollector
from exporter.collector.checks import CHECK_FAMILIES, REPORT_FAMILIES
from exporter.collector.exposition import Renderer
from exporter.state import State
from exporter.state.checks import Scheduled
from tests.unit.checks.clickstreams import judged, written
from tests.unit.reports.told_reports import CHECKED_AT, DRIFT, QUIET, SICK, Json, dataset, outcome, reports

parse_openmetrics: Callable[[str], Iterable[Metric]] = text_string_to_metric_families
OWN = 'dataset="shop/orders",team="shop"'


# Families of dataset checks, with their labels beside `dataset` and `team`.
OF_CHECK = {"tier", "check", "subject"}
CHECKS: dict[str, tuple[str, set[str]]] = {
    "pipeline_check_info": ("gauge", {"owner"}),
    "pipeline_check_status": ("gauge", OF_CHECK),
    "pipeline_check_outcomes": ("gauge", {"tier", "severity"}),
    "pipeline_check_observed_value": ("gauge", OF_CHECK),
    "pipeline_check_limit_value": ("gauge", OF_CHECK),
    "pipeline_check_baseline_value": ("gauge", OF_CHECK),
    "pipeline_check_band_value": ("gauge", {*OF_CHECK, "bound"}),
    "pipeline_check_null_ratio": ("gauge", {"column"}),
    "pipeline_check_duplicate_ratio": ("gauge", set()),
    "pipeline_check_rows": ("gauge", set()),
    "pipeline_check_latest_date_timestamp_seconds": ("gauge", set()),
    "pipeline_check_duration_seconds": ("gauge", set()),
    "pipeline_check_last_run_timestamp_seconds": ("gauge", set()),
    "pipeline_check_interval_seconds": ("gauge", set()),
    "pipeline_check_unreadable": ("gauge", set()),
}


@pytest.mark.parametrize("name", CHECKS)
def test_a_family_of_checks_has_its_type_and_labels(name: str) -> None:
    (family,) = (one for one in CHECK_FAMILIES if one.name == name)
    kind, labels = CHECKS[name]
    assert family.kind == kind
    assert set(family.labels) == {"dataset", "team", *labels}


def test_every_family_of_checks_is_in_the_contract() -> None:
    assert {one.name for one in CHECK_FAMILIES} == {*CHECKS, names.DATASET_FAULT_ACTIVE, names.CHECKS_REFUSED}


def told(*datasets: Json) -> State:
    state = State()
    for one in reports(*datasets):
        state.checks.hear(one)
    return state


def lines(state: State, *names: str) -> list[str]:
    """The samples of families of checks without `pipeline_check_`."""
    text = StateCollector(state).render(openmetrics=False).decode()
    found = [line.removeprefix("pipeline_check_") for line in text.splitlines()]
    return [line for line in found if line.partition("{")[0] in names]


def test_each_verdict_has_a_status_and_no_verdict_is_none() -> None:
    assert lines(told(SICK), "status") == [
        f'status{{{OWN},tier="1",check="rows",subject=""}} 0',
        f'status{{{OWN},tier="2",check="nulls",subject="client_id"}} 1',
        f'status{{{OWN},tier="3",check="drift",subject="revenue"}} 2',
        f'status{{{OWN},tier="3",check="drift",subject="visits"}} 0',
        f'status{{{OWN},tier="1",check="freshness",subject=""}} 0',
    ]


def test_a_measure_has_its_value_its_baseline_and_the_band_around_it() -> None:
    state = told(dataset("shop/orders", DRIFT, QUIET, status="FAIL"))
    labels = f'{OWN},tier="3",check="drift",subject="revenue"'
    assert lines(state, "observed_value", "limit_value", "baseline_value", "band_value") == [
        f"observed_value{{{labels}}} 40.5",
        f'observed_value{{{OWN},tier="3",check="drift",subject="visits"}} 12.0',
        f"limit_value{{{labels}}} 60.0",
        f"baseline_value{{{labels}}} 100.0",
        f'band_value{{{labels},bound="low"}} 60.0',
        f'band_value{{{labels},bound="high"}} 200.0',
    ]


def test_of_a_dataset_there_is_one_of_each() -> None:
    twice = (outcome("duplicates", observed=0.1), outcome("duplicates", "#2", observed=0.2))
    state = told(dataset("shop/orders", *twice), dataset("b", date=None))
    other = 'dataset="b",team="shop"'
    assert lines(state, "duplicate_ratio", "rows", "latest_date_timestamp_seconds", "duration_seconds") == [
        f"duplicate_ratio{{{OWN}}} 0.1",
        f"latest_date_timestamp_seconds{{{OWN}}} 1799884800.0",
        f"duration_seconds{{{OWN}}} 0.5",
        f"duration_seconds{{{other}}} 0.5",
    ]
    assert lines(state, "last_run_timestamp_seconds") == [
        f"last_run_timestamp_seconds{{{own}}} {CHECKED_AT}" for own in (OWN, other)
    ]


def test_verdicts_are_counted_by_tier_and_severity_zeros_included() -> None:
    found = lines(told(SICK), "outcomes")
    assert len(found) == 12
    assert [line for line in found if not line.endswith(" 0")] == [
        f'outcomes{{{OWN},tier="1",severity="pass"}} 2',
        f'outcomes{{{OWN},tier="2",severity="warn"}} 1',
        f'outcomes{{{OWN},tier="3",severity="critical"}} 1',
        f'outcomes{{{OWN},tier="3",severity="info"}} 1',
    ]


def test_what_is_scheduled_is_there_before_it_was_checked() -> None:
    state = State(
        scheduled={"a": Scheduled("a", "shop", 3600), "b": Scheduled("b", "shop", 60, unreadable="no file")}
    )
    assert lines(state, "interval_seconds", "unreadable") == [
        'interval_seconds{dataset="a",team="shop"} 3600',
        'interval_seconds{dataset="b",team="shop"} 60',
        'unreadable{dataset="a",team="shop"} 0',
        'unreadable{dataset="b",team="shop"} 1',
    ]


def test_the_fast_text_is_what_prometheus_client_would_write() -> None:
    awkward = outcome("nulls", 'a "b" \\ {c}, é', "WARN", 2, observed=0.5)
    collector = StateCollector(told(SICK, dataset("b", awkward, status="WARN")))
    registry = CollectorRegistry()
    registry.register(collector)
    theirs = list(parse_text(generate_latest(registry).decode()))
    assert list(parse_text(collector.render(openmetrics=False).decode())) == theirs


def test_the_command_says_the_same_as_the_exporter_that_it_told(tmp_path: Path) -> None:
    result = judged(written(tmp_path, 1, "UPDATE events SET client_id = NULL WHERE event_id % 3 = 0;"))
    state = told(*written_report([result])["datasets"])
    held = Renderer(REPORT_FAMILIES).render(state, openmetrics=True).decode() + "# EOF\n"
    assert values(held) == values(openmetrics([replace(result, seconds=round(result.seconds, 6))]))


def values(text: str) -> list[tuple[str, dict[str, str], float]]:
    """Every sample."""
    return [(one.name, one.labels, one.value) for family in parse_openmetrics(text) for one in family.samples]
