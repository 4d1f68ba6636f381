"""The default configuration is tuned: how often enrich is green, orange and red, and what the SLOs lose.

Days are simulated side by side, as lanes of one simulation: ten with the default faults for each seed, and
some without any.
"""

from dataclasses import dataclass

import numpy as np
import pytest

from exporter.config import Config, load_config
from exporter.simulation import Simulation
from exporter.state.streams import StreamState

SEEDS = (1, 2, 3)
DAY = 86_400
WITH_FAULTS, WITHOUT_FAULTS = 10, 2
ENRICH = 2
BUDGET = 0.01


@dataclass(frozen=True)
class Days:
    """Days of the default pipeline: share of time in each light [days, 3], good and bad [days, SLOs]."""

    lights: np.ndarray
    good: np.ndarray
    bad: np.ndarray

    @property
    def bad_share(self) -> np.ndarray:
        """Of all valid events of all days, for each SLO."""
        share: np.ndarray = self.bad.sum(axis=0) / (self.good + self.bad).sum(axis=0)
        return share


def days(seed: int) -> Days:
    default = load_config(None)
    (pipeline,) = default.pipelines
    harmless = pipeline.model_copy(update={"faults": []})
    pipelines = [
        one.model_copy(update={"name": f"day-{number}"})
        for number, one in enumerate([pipeline] * WITH_FAULTS + [harmless] * WITHOUT_FAULTS)
    ]
    simulation = Simulation(Config(pipelines=pipelines), seed)
    state = StreamState(pipelines)
    for (tallies,) in simulation.advance(DAY):
        state.apply(tallies)
    shape = len(pipelines), -1
    lights = state.time_in_light[:, ENRICH] / DAY
    return Days(lights, state.slos.good.reshape(shape), state.slos.bad.reshape(shape))


@pytest.fixture(scope="module")
def simulated() -> list[Days]:
    return [days(seed) for seed in SEEDS]


def chosen(simulated: list[Days], lanes: slice) -> Days:
    """Some lanes of every seed."""
    return Days(
        lights=np.concatenate([one.lights[lanes] for one in simulated]),
        good=np.concatenate([one.good[lanes] for one in simulated]),
        bad=np.concatenate([one.bad[lanes] for one in simulated]),
    )


@pytest.fixture(scope="module")
def with_faults(simulated: list[Days]) -> Days:
    return chosen(simulated, slice(None, WITH_FAULTS))


@pytest.fixture(scope="module")
def without_faults(simulated: list[Days]) -> Days:
    return chosen(simulated, slice(WITH_FAULTS, None))


@pytest.mark.parametrize(
    ("light", "share", "tolerance"), [("green", 0.75, 0.03), ("orange", 0.20, 0.03), ("red", 0.05, 0.02)]
)
def test_enrich_shows_each_light_for_its_share_of_every_day(
    with_faults: Days, light: str, share: float, tolerance: float
) -> None:
    shares = with_faults.lights[:, ["green", "orange", "red"].index(light)]
    assert len(shares) == 30
    assert np.abs(shares - share).max() <= tolerance


@pytest.mark.parametrize("slo", [0, 1], ids=["latency", "throughput"])
def test_without_faults_an_slo_holds_on_every_day_with_room_to_spare(without_faults: Days, slo: int) -> None:
    valid = without_faults.good[:, slo] + without_faults.bad[:, slo]
    assert (valid > 10_000).all()
    assert (without_faults.bad[:, slo] < BUDGET / 3 * valid).all()


@pytest.mark.parametrize("slo", [0, 1], ids=["latency", "throughput"])
def test_the_default_faults_spend_about_half_of_a_budget_of_thirty_days(with_faults: Days, slo: int) -> None:
    assert 0.3 * BUDGET < with_faults.bad_share[slo] < 0.7 * BUDGET
