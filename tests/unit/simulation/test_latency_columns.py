"""Latency columns are fine enough for the histogram, the percentiles and the SLOs."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exporter.observations.latency import FINE, LATENCY_BUCKETS, LatencyColumns
from tests.unit.simulation.strategies import config_of, steady


def columns(*thresholds: int) -> LatencyColumns:
    slos = [
        {"name": f"within-{number}", "kind": "latency", "threshold": threshold, "objective": 0.95}
        for number, threshold in enumerate(thresholds)
    ]
    return LatencyColumns(config_of(steady(1, 2, slos=slos)).pipelines)


def counted(known: LatencyColumns, latencies: list[int]) -> np.ndarray:
    return np.bincount(known.find(np.array(latencies, dtype=np.int64)), minlength=len(known))


DEFAULT = columns()
THRESHOLDS = st.lists(st.integers(1, 3600), max_size=4)
LATENCIES = st.lists(st.integers(0, 30) | st.integers(0, 5000), max_size=60)


@settings(deadline=None)
@given(THRESHOLDS)
def test_the_threshold_of_every_latency_slo_is_a_boundary_of_the_histogram(thresholds: list[int]) -> None:
    known = columns(*thresholds)
    assert known.buckets == sorted({*LATENCY_BUCKETS, *thresholds})


def test_thresholds_of_all_pipelines_of_a_group_are_boundaries() -> None:
    slos = [
        [{"name": "latency", "kind": "latency", "threshold": threshold, "objective": 0.95}]
        for threshold in (7, 77)
    ]
    one, two = (steady(1, 2, name=f"p{n}", slos=slo) for n, slo in enumerate(slos))
    assert {7, 77} <= set(LatencyColumns(config_of(one, two).pipelines).buckets)


@settings(deadline=None)
@given(THRESHOLDS, LATENCIES)
def test_columns_fold_into_the_histogram_of_the_latencies(
    thresholds: list[int], latencies: list[int]
) -> None:
    known = columns(*thresholds)
    buckets = np.searchsorted(known.buckets, latencies)
    expected = np.bincount(buckets, minlength=len(known.buckets) + 1)
    assert known.fold(counted(known, latencies)).tolist() == expected.tolist()


@settings(deadline=None)
@given(THRESHOLDS, st.integers(0, 5000))
def test_a_column_holds_what_is_above_the_one_before_and_not_above_its_own_end(
    thresholds: list[int], latency: int
) -> None:
    known = columns(*thresholds)
    column = int(known.find(np.array(latency)))
    ends = [-1, *known.upper.tolist(), float("inf")]
    assert ends[column] < latency <= ends[column + 1]


@settings(deadline=None)
@given(st.integers(0, FINE))
def test_up_to_twenty_ticks_every_tick_has_a_column(latency: int) -> None:
    assert DEFAULT.upper[DEFAULT.find(np.array(latency))] == latency


def smallest_that_covers(values: list[int], share: float) -> int:
    return next(tick for tick in range(5001) if sum(value <= tick for value in values) >= share * len(values))


@settings(deadline=None)
@given(LATENCIES.filter(bool), st.sampled_from([0.5, 0.95, 0.99]))
def test_a_quantile_is_the_end_of_the_column_within_which_that_share_was_delivered(
    latencies: list[int], share: float
) -> None:
    exact = smallest_that_covers(latencies, share)
    column = int(DEFAULT.find(np.array(exact)))
    beyond = int(DEFAULT.upper[-1]) + 1
    expected = int(DEFAULT.upper[column]) if column < len(DEFAULT.upper) else beyond
    assert DEFAULT.quantile(counted(DEFAULT, latencies), share) == expected


@pytest.mark.parametrize(
    ("latencies", "share", "ticks"),
    [
        ([4] * 95 + [11] * 5, 0.95, 4),
        ([4] * 94 + [11] * 6, 0.95, 11),
        ([4, 5, 6], 0.5, 5),
        ([25], 0.5, 30),
        ([500], 0.99, 121),
    ],
)
def test_quantiles_of_these_latencies_are_known(latencies: list[int], share: float, ticks: int) -> None:
    assert DEFAULT.quantile(counted(DEFAULT, latencies), share) == ticks


def test_there_is_no_quantile_of_nothing() -> None:
    assert DEFAULT.quantile(counted(DEFAULT, []), 0.95) is None
