"""The first start tells a story within three minutes: a slowdown of enrich, the backlog, the recovery."""

import numpy as np
import pytest

from exporter.config import load_config
from exporter.observations.tallies import Tallies
from exporter.simulation import Simulation

ENRICH = 2
GREEN_UP_TO, ORANGE_UP_TO = 60, 150


def three_minutes(seed: int | None) -> Tallies:
    ((tallies,),) = Simulation(load_config(None), seed).advance(180)
    return tallies


@pytest.fixture(scope="module")
def story() -> Tallies:
    return three_minutes(None)


def test_enrich_works_at_a_third_from_the_first_minute_on(story: Tallies) -> None:
    capacity = story.capacity[:, 0, ENRICH]
    assert set(capacity[:60].tolist()) == {50}
    assert set(np.round(capacity[60:100], 2).tolist()) == {16.67}
    assert set(capacity[100:].tolist()) == {50}


@pytest.mark.parametrize("seed", [None, *range(2, 12)], ids=lambda seed: f"seed {seed or 'default'}")
def test_enrich_turns_red_within_a_minute_of_the_slowdown_and_green_again_before_the_third_is_over(
    seed: int | None,
) -> None:
    backlog = three_minutes(seed).backlog[:, 0, ENRICH]
    red = np.flatnonzero(backlog[60:120] > ORANGE_UP_TO)
    assert len(red), "it never turns red"
    green_again = np.flatnonzero(backlog[60 + red[-1] :] <= GREEN_UP_TO)
    assert len(green_again), "it never turns green again"


def test_nothing_is_dropped_at_the_first_start(story: Tallies) -> None:
    assert story.dropped.sum() == 0


def test_deliveries_are_late_while_the_backlog_lasts_and_in_time_before(story: Tallies) -> None:
    late = story.latency[:, 0, 11:].sum(axis=1)
    assert late[:60].sum() == 0
    assert late[60:].sum() > 500
