"""Verdicts on the recent past: percentiles, and whether the SLOs pass right now."""

from typing import Literal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exporter.observations.service import SERVICE_BUCKETS
from exporter.simulation import Simulation
from exporter.state.streams import StreamState
from exporter.state.verdicts import Verdict, bucket_quantile, judge, latency_quantiles, service_quantiles
from tests.unit.simulation.strategies import config_of, steady

WINDOW = 20
STALL = {"stage": "s2", "kind": "stall"}


def slo(kind: Literal["latency", "throughput"], target: int) -> dict[str, object]:
    key = "threshold" if kind == "latency" else "minimum"
    return {"name": kind, "kind": kind, key: target, "objective": 0.95, "window": WINDOW}


def state_after(
    ticks: int, target: dict[str, object] | None = None, *faults: dict[str, object], arrivals: int = 10
) -> StreamState:
    """Three stages with capacity to spare, so that every event takes three ticks."""
    pipeline = steady(arrivals, 20, 20, 20, slos=[target] if target else [])
    simulation = Simulation(config_of(pipeline, scenario=faults), seed=1)
    state = StreamState(simulation.config.pipelines)
    for (tallies,) in simulation.advance(ticks):
        state.apply(tallies)
    return state


@pytest.mark.parametrize(("threshold", "passing"), [(2, False), (3, True), (4, True)])
def test_latency_passes_when_95_percent_took_no_longer_than_the_threshold(
    threshold: int, passing: bool
) -> None:
    assert judge(state_after(100, slo("latency", threshold)), 0) == Verdict(3, threshold, passing)


def test_latency_is_not_judged_before_anything_could_have_been_delivered() -> None:
    assert judge(state_after(2, slo("latency", 3)), 0) == Verdict(None, 3, None)


def test_latency_fails_while_events_wait_and_none_is_delivered() -> None:
    state = state_after(80, slo("latency", 3), {**STALL, "at": 40, "for": 100})
    assert judge(state, 0) == Verdict(None, 3, False)


def test_only_the_window_of_an_slo_is_judged() -> None:
    fault = {**STALL, "at": 10, "for": 5}
    assert judge(state_after(20, slo("latency", 3), fault), 0).passing is False
    assert judge(state_after(100, slo("latency", 3), fault), 0).passing is True


@pytest.mark.parametrize(("minimum", "passing"), [(9, True), (10, True)])
def test_throughput_passes_when_the_minimum_was_delivered(minimum: int, passing: bool) -> None:
    assert judge(state_after(100, slo("throughput", minimum)), 0) == Verdict(10, minimum, passing)


def test_throughput_is_not_judged_while_too_little_was_there_to_deliver() -> None:
    assert judge(state_after(100, slo("throughput", 11)), 0) == Verdict(None, 11, None)


def test_throughput_fails_when_less_than_the_minimum_was_delivered_of_what_was_there() -> None:
    fault = {"stage": "s2", "kind": "slowdown", "factor": 4, "at": 40, "for": 100}
    assert judge(state_after(80, slo("throughput", 10), fault), 0) == Verdict(5, 10, False)


@pytest.mark.parametrize("target", [None, slo("latency", 3)], ids=["no SLO", "a window of 20 s"])
def test_percentiles_of_the_latency_are_those_of_the_last_minute(target: dict[str, object] | None) -> None:
    assert latency_quantiles(state_after(100, target), 0) == {"p50": 3, "p95": 3, "p99": 3}
    late = latency_quantiles(state_after(100, target, {**STALL, "at": 50, "for": 10}), 0)
    assert late is not None
    assert 3 == late["p50"] < late["p95"] <= late["p99"] <= 13


def test_there_are_no_percentiles_of_nothing() -> None:
    state = state_after(2)
    assert latency_quantiles(state, 0) is None
    assert service_quantiles(state, 0, 2, SERVICE_BUCKETS) is None


def test_percentiles_of_the_service_time_are_those_of_its_distribution() -> None:
    found = service_quantiles(state_after(2000), 0, 0, SERVICE_BUCKETS)
    assert found == pytest.approx({"p50": 0.002, "p95": 0.00282, "p99": 0.00316}, abs=0.0002)


@pytest.mark.parametrize(
    ("counts", "share", "value"),
    [
        ([4, 0, 0], 0.5, 0.5),
        ([2, 2, 0], 0.5, 1.0),
        ([2, 2, 0], 0.75, 1.5),
        ([0, 0, 4], 0.5, 2.0),
        ([1, 0, 1], 0.99, 2.0),
    ],
)
def test_a_quantile_of_a_histogram_is_what_promql_makes_of_it(
    counts: list[int], share: float, value: float
) -> None:
    assert bucket_quantile([1.0, 2.0], np.array(counts), share) == pytest.approx(value)


@settings(deadline=None)
@given(st.lists(st.floats(0, 0.2), min_size=1, max_size=200), st.sampled_from([0.5, 0.95, 0.99]))
def test_a_quantile_of_a_histogram_lies_in_the_bucket_of_the_exact_one(
    values: list[float], share: float
) -> None:
    buckets = np.searchsorted(SERVICE_BUCKETS, values)
    counts = np.bincount(buckets, minlength=len(SERVICE_BUCKETS) + 1)
    found = bucket_quantile(SERVICE_BUCKETS, counts, share)
    bucket = np.searchsorted(np.cumsum(counts), share * len(values))
    edges = [0.0, *SERVICE_BUCKETS, SERVICE_BUCKETS[-1]]
    assert edges[bucket] <= found <= edges[bucket + 1] + 1e-12
