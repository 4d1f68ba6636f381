"""Traffic comes in regimes that last, each within its range."""

from itertools import groupby, pairwise

import numpy as np
import pytest

from exporter.config import load_config
from exporter.config.model import Traffic
from exporter.simulation.traffic import TrafficModel

TICKS, LANES = 20_000, 10

# A run of one regime: its name and the ticks that it lasted.
Run = tuple[str, int]


@pytest.fixture(scope="module")
def traffic() -> Traffic:
    return load_config(None).pipelines[0].traffic


@pytest.fixture(scope="module")
def drawn(traffic: Traffic) -> tuple[np.ndarray, np.ndarray]:
    return TrafficModel([traffic] * LANES, seed=1).draw(TICKS)


@pytest.fixture(scope="module")
def runs(traffic: Traffic, drawn: tuple[np.ndarray, np.ndarray]) -> list[list[Run]]:
    """The regimes of each lane in order; the last one, cut off by the end, is left out."""
    names = list(traffic.regimes)
    lanes = ([(names[key], len(list(run))) for key, run in groupby(lane)] for lane in drawn[0].T.tolist())
    return [lane[:-1] for lane in lanes]


def test_arrivals_stay_within_their_regime_and_reach_both_of_its_ends(
    traffic: Traffic, drawn: tuple[np.ndarray, np.ndarray]
) -> None:
    regimes, arrivals = drawn
    for index, regime in enumerate(traffic.regimes.values()):
        events = arrivals[regimes == index]
        assert (events.min(), events.max()) == (regime.events.low, regime.events.high)


def test_all_numbers_of_a_regime_are_equally_likely(
    traffic: Traffic, drawn: tuple[np.ndarray, np.ndarray]
) -> None:
    regimes, arrivals = drawn
    low, high = traffic.regimes["quiet"].events.low, traffic.regimes["quiet"].events.high
    counts = np.bincount(arrivals[regimes == list(traffic.regimes).index("quiet")])[low : high + 1]
    expected = counts.sum() / len(counts)
    assert np.abs(counts - expected).max() < 5 * np.sqrt(expected)


def test_every_lane_begins_with_the_initial_regime(traffic: Traffic, runs: list[list[Run]]) -> None:
    assert {lane[0][0] for lane in runs} == {traffic.initial}


def test_every_lane_meets_every_regime(traffic: Traffic, runs: list[list[Run]]) -> None:
    for lane in runs:
        assert {name for name, _ in lane} == traffic.regimes.keys()


@pytest.mark.parametrize("name", ["quiet", "moderate", "busy", "spike"])
def test_a_regime_lasts_as_long_as_it_may_and_both_bounds_occur(
    traffic: Traffic, runs: list[list[Run]], name: str
) -> None:
    lasted = [ticks for lane in runs for regime, ticks in lane if regime == name]
    dwell = traffic.regimes[name].dwell
    assert (min(lasted), max(lasted)) == (dwell.low, dwell.high)


def test_what_follows_a_regime_is_drawn_by_its_weights(traffic: Traffic, runs: list[list[Run]]) -> None:
    followers = [after for lane in runs for (name, _), (after, _) in pairwise(lane) if name == "quiet"]
    for name, weight in traffic.regimes["quiet"].next.items():
        assert followers.count(name) / len(followers) == pytest.approx(weight, abs=0.03)


def test_traffic_is_no_white_noise(drawn: tuple[np.ndarray, np.ndarray]) -> None:
    arrivals = drawn[1][:, 0]
    assert np.corrcoef(arrivals[:-1], arrivals[1:])[0, 1] > 0.4


def test_lanes_have_traffic_of_their_own(drawn: tuple[np.ndarray, np.ndarray]) -> None:
    arrivals = drawn[1]
    assert abs(np.corrcoef(arrivals[:, 0], arrivals[:, 1])[0, 1]) < 0.1


def test_another_seed_gives_other_traffic(traffic: Traffic, drawn: tuple[np.ndarray, np.ndarray]) -> None:
    arrivals = TrafficModel([traffic] * LANES, seed=2).draw(TICKS)[1]
    assert (arrivals != drawn[1]).mean() > 0.9


def test_a_regime_that_may_follow_itself_goes_on() -> None:
    steady = {"events": [3, 3], "dwell": [2, 2], "next": {"steady": 1}}
    traffic = Traffic.model_validate({"initial": "steady", "regimes": {"steady": steady}})
    regimes, arrivals = TrafficModel([traffic], seed=1).draw(50)
    assert (set(regimes.ravel()), set(arrivals.ravel())) == ({0}, {3})


def test_pipelines_with_different_numbers_of_regimes_share_a_model(traffic: Traffic) -> None:
    steady = {"events": [3, 3], "dwell": [2, 2], "next": {"steady": 1}}
    other = Traffic.model_validate({"initial": "steady", "regimes": {"steady": steady}})
    regimes, arrivals = TrafficModel([other, traffic], seed=1).draw(5000)
    assert (set(regimes[:, 0]), set(arrivals[:, 0])) == ({0}, {3})
    assert set(regimes[:, 1]) == {0, 1, 2, 3}
