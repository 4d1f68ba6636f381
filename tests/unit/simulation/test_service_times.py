"""Service times are real samples, one an attempt, counted in the right bucket."""

from math import erf, sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exporter.config import Config
from exporter.observations.service import SERVICE_BUCKETS
from exporter.simulation import Simulation
from exporter.simulation.service import BucketTable, ServiceTimes
from tests.unit.simulation.strategies import config_of, steady

TABLE = BucketTable(SERVICE_BUCKETS)
CLOSE = [
    float(value)
    for boundary in SERVICE_BUCKETS
    for value in (np.nextafter(boundary, 0), boundary, np.nextafter(boundary, 1))
]
# The longest mean and the largest factor that a configuration may have, and 8 deviations as long as the mean.
LONGEST_SECONDS = 9e6


def by_search(values: np.ndarray) -> list[int]:
    found: list[int] = np.searchsorted(SERVICE_BUCKETS, values, side="left").tolist()
    return found


def served(*services: tuple[float, float]) -> Config:
    """A pipeline with a stage for each mean and deviation in milliseconds."""
    pipeline = steady(1, *[1.0] * len(services))
    stages = pipeline["stages"]
    assert isinstance(stages, list)
    for stage, (mean, deviation) in zip(stages, services, strict=True):
        stage["service_ms"] = {"mean": mean, "deviation": deviation}
    return config_of(pipeline)


def attempts(*counts: list[int]) -> np.ndarray:
    """Attempts [ticks, 1, stages]."""
    return np.array(counts)[:, None, :]


@settings(deadline=None)
@given(st.lists(st.floats(0, LONGEST_SECONDS) | st.sampled_from(CLOSE), min_size=1))
def test_a_bucket_is_found_as_a_search_would_find_it(values: list[float]) -> None:
    array = np.array(values)
    assert TABLE(array).tolist() == by_search(array)


@pytest.mark.parametrize("value", CLOSE)
def test_a_value_on_a_boundary_belongs_below_it_and_the_next_float_above(value: float) -> None:
    assert TABLE(np.array([value])).tolist() == by_search(np.array([value]))


def test_every_cell_of_the_table_is_right_at_both_ends() -> None:
    cells = np.arange(500) / 4000
    values = np.concatenate([cells, np.nextafter(cells, 1), np.nextafter(cells, 0)])
    assert TABLE(values).tolist() == by_search(values)


def test_what_is_longer_than_all_boundaries_is_in_the_last_bucket() -> None:
    values = np.array([1.001, 2, 1000, LONGEST_SECONDS])
    assert TABLE(values).tolist() == [len(SERVICE_BUCKETS)] * 4


def test_samples_have_the_mean_and_the_deviation_of_their_stage() -> None:
    times = ServiceTimes(served((2.5, 0.5), (10, 3)).pipelines, seed=1)
    for stage, (mean, deviation) in enumerate([(0.0025, 0.0005), (0.010, 0.003)]):
        values = times.sample(stage, np.array([50_000]), np.array([1.0]))
        assert values.mean() == pytest.approx(mean, rel=0.01)
        assert values.std() == pytest.approx(deviation, rel=0.02)


def test_samples_are_spread_over_the_buckets_as_a_normal_distribution_is() -> None:
    counts, _ = ServiceTimes(served((2.5, 0.5)).pipelines, seed=1).draw(
        attempts([50_000]), np.ones((1, 1, 1))
    )
    below = [(1 + erf((boundary - 0.0025) / 0.0005 / sqrt(2))) / 2 for boundary in SERVICE_BUCKETS]
    assert np.cumsum(counts[0, 0])[:-1] / 50_000 == pytest.approx(below, abs=0.01)


def test_a_latency_factor_stretches_mean_and_deviation_of_its_tick() -> None:
    times = ServiceTimes(served((2, 0.5)).pipelines, seed=1)
    values = times.sample(0, np.array([20_000, 20_000]), np.array([1.0, 5.0]))
    plain, stretched = values[:20_000], values[20_000:]
    assert (plain.mean(), stretched.mean()) == pytest.approx((0.002, 0.010), rel=0.02)
    assert (plain.std(), stretched.std()) == pytest.approx((0.0005, 0.0025), rel=0.02)


def test_a_service_time_is_never_negative() -> None:
    values = ServiceTimes(served((1, 10)).pipelines, seed=1).sample(0, np.array([10_000]), np.array([1.0]))
    assert values.min() == 0


def test_counts_and_sums_are_those_of_the_samples() -> None:
    config = served((2.5, 0.5), (10, 3))
    tries = attempts([3, 0], [0, 0], [4, 7])
    counts, sums = ServiceTimes(config.pipelines, seed=1).draw(tries, np.ones(tries.shape))
    samples = ServiceTimes(config.pipelines, seed=1)
    for stage in range(2):
        values = samples.sample(stage, tries[:, :, stage].ravel(), np.ones((3, 1)))
        expected = np.bincount(by_search(values), minlength=len(SERVICE_BUCKETS) + 1)
        assert counts[0, stage].tolist() == expected.tolist()
        assert sums[0, stage] == pytest.approx(values.sum())


def test_ticks_without_attempts_give_no_samples() -> None:
    tries = attempts([0, 0], [0, 0])
    counts, sums = ServiceTimes(served((1, 0), (1, 0)).pipelines, seed=1).draw(tries, np.ones(tries.shape))
    assert (counts.sum(), sums.sum()) == (0, 0)


def test_every_pipeline_has_its_own_samples() -> None:
    slow = config_of(steady(10, 12, name="slow"), steady(10, 12, name="idle")).pipelines
    counts, sums = ServiceTimes(slow, seed=1).draw(np.array([[[100], [0]]]), np.ones((1, 2, 1)))
    assert counts.sum(axis=(1, 2)).tolist() == [100, 0]
    assert sums.ravel() == pytest.approx([0.2, 0], rel=0.1)


def test_every_attempt_of_a_simulation_is_a_sample() -> None:
    errors = {"stage": "s1", "kind": "errors", "share": 0.5, "retries": 1, "at": 0, "for": 100}
    ((tallies,),) = Simulation(config_of(steady(10, 12, 14), scenario=[errors]), seed=1).advance(100)
    tried = tallies.outcomes[0, :, :, :2].sum(axis=(1, 2)) + tallies.retries[0].sum(axis=1)
    assert tallies.service[0].sum(axis=1).tolist() == tried.tolist()
