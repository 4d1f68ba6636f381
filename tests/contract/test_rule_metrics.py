"""What the rules name is there: exported by us, by Prometheus or Alertmanager, or recorded."""

import re
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from exporter.collector import OwnMetrics
from exporter.collector.collector import FAMILIES
from exporter.config import load_config
from exporter.simulation import Simulation
from tests.rules import metrics_of, rule_tests, rules_of
from tests.servers import Server, wait_until

PROMETHEUS_OWN = {"up", "ALERTS", "ALERTS_FOR_STATE"}
OF_SERVERS = ("prometheus_", "alertmanager_")
PROFILES = ("demo", "prod")
LEVEL_METRIC_OPERATIONS = re.compile(r"[a-z]+:[a-z_]+:[a-z]+(_[a-z]+)*(_?\d+[smhd])?")
SERIES = re.compile(r"([\w:]+)\{(.*)\}", re.DOTALL)
LABEL = re.compile(r'(\w+)="[^"]*"')
SCRAPED = {"job", "instance"}
PARTS = ("_bucket", "_sum", "_count")


def exported() -> dict[str, set[str]]:
    """Labels by the name of every sample of ours."""
    found: dict[str, set[str]] = {}
    for family in FAMILIES:
        names = [family.name + part for part in PARTS] if family.kind == "histogram" else [family.sample_name]
        found |= {name: set(family.labels) for name in names}
    registry = OwnMetrics("").registry
    found |= {sample.name: set(sample.labels) for one in registry.collect() for sample in one.samples}
    return found | {"slo_profile_info": {"profile", "time_scale"}}


def recorded(profile: str) -> set[str]:
    return {rule["record"] for rule in rules_of(profile) if "record" in rule}


def named(profile: str) -> set[str]:
    return {name for rule in rules_of(profile) for name in metrics_of(rule["expr"])}


def scraped(server: Server) -> set[str]:
    """The names of a server's samples."""
    families = text_string_to_metric_families(httpx.get(f"{server.url}/metrics").text)
    return {sample.name for family in families for sample in family.samples}


def input_series() -> list[str]:
    return sorted({series["series"] for test in rule_tests() for series in test["input_series"]})


def test_metrics_are_found_in_promql() -> None:
    text = 'sum by (a) (rate(x_total{b="c d"}[5m])) / on (e) group_left () (y:z:rate1h offset 45s) or up > 0'
    assert metrics_of(text) == {"x_total", "y:z:rate1h", "up"}


@pytest.mark.parametrize("profile", PROFILES)
def test_every_metric_of_the_rules_is_exported_or_recorded(profile: str) -> None:
    known = exported().keys() | recorded(profile) | PROMETHEUS_OWN
    assert {name for name in named(profile) - known if not name.startswith(OF_SERVERS)} == set()


def test_the_servers_export_what_the_rules_take_from_them(
    prometheus: Callable[..., Server], alertmanager: Callable[[], Server]
) -> None:
    receiving = alertmanager()
    servers = (receiving, prometheus(alertmanager=receiving.port))
    wanted = {name for name in named("prod") if name.startswith(OF_SERVERS)}
    assert wanted
    wait_until(lambda: wanted <= scraped(servers[0]) | scraped(servers[1]))


@pytest.mark.parametrize("profile", PROFILES)
def test_recordings_are_named_by_level_metric_and_operations(profile: str) -> None:
    assert [name for name in recorded(profile) if not LEVEL_METRIC_OPERATIONS.fullmatch(name)] == []


@pytest.mark.parametrize("profile", PROFILES)
def test_nothing_is_recorded_twice(profile: str) -> None:
    names = [rule["record"] for rule in rules_of(profile) if "record" in rule]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("series", input_series())
def test_the_tests_series_have_the_labels_that_ours_have(series: str) -> None:
    found = SERIES.fullmatch(series)
    assert found is not None
    name, labels = found[1], set(LABEL.findall(found[2]))
    ours = exported()
    assert name in ours.keys() | PROMETHEUS_OWN or name.startswith(OF_SERVERS)
    if name in ours:
        assert labels == ours[name] | SCRAPED


def test_every_latency_threshold_is_a_boundary_of_the_histogram() -> None:
    config = load_config(None)
    boundaries = {float(boundary) for boundary in Simulation(config).columns.buckets}
    slos: list[Any] = [slo for pipeline in config.pipelines for slo in pipeline.slos if slo.kind == "latency"]
    assert slos
    assert {slo.threshold for slo in slos} <= boundaries
