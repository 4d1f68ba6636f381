"""The history of a value: what statistics says of the same values, in constant time and memory."""

import statistics

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exporter.state.history import FEWEST, LENGTH, TOO_NEW, History, Usual

SIZE = 1e3
VALUES = st.lists(st.floats(-SIZE, SIZE), max_size=3 * LENGTH)


def history(values: list[float]) -> History:
    found = History()
    for value in values:
        found.add(value)
    return found


def many(values: list[float]) -> list[float]:
    """More than are remembered, out of a few."""
    return [value + number % 7 for number in range(40) for value in values]


@settings(deadline=None)
@given(VALUES | st.lists(st.floats(-SIZE, SIZE), max_size=8).map(many))
def test_what_is_usual_is_what_statistics_says_of_the_values_that_are_not_too_new(
    values: list[float],
) -> None:
    usual, judged = history(values).usual(), values[-LENGTH:][:-TOO_NEW]
    if len(judged) < FEWEST:
        assert usual is None
        return
    assert usual is not None
    assert usual.count == len(judged)
    assert usual.mean == pytest.approx(statistics.fmean(judged), abs=1e-6)
    # The deviation comes out of a difference of squares.
    assert usual.deviation**2 == pytest.approx(statistics.pvariance(judged), abs=1e-6)


@settings(deadline=None)
@given(VALUES, st.integers(1, LENGTH + 9))
def test_the_newest_values_are_the_last_ones_in_their_order(values: list[float], count: int) -> None:
    assert history(values).newest(count) == values[-LENGTH:][-count:]


@settings(deadline=None)
@given(VALUES)
def test_the_mean_and_the_largest_are_of_all_that_is_remembered(values: list[float]) -> None:
    kept, found = values[-LENGTH:], history(values)
    assert found.mean() == (pytest.approx(statistics.fmean(kept)) if kept else None)
    for but in range(min(3, len(kept))):
        assert found.largest(but) == sorted(kept)[-1 - but]


def test_nothing_is_usual_before_enough_is_known_of_the_past() -> None:
    assert history([1.0] * (FEWEST + TOO_NEW - 1)).usual() is None
    assert history([1.0] * (FEWEST + TOO_NEW)).usual() == Usual(FEWEST, 1.0, 0.0)


def test_the_newest_values_are_not_their_own_measure() -> None:
    before = history([1.0, 3.0] * 10)
    after = history([1.0, 3.0] * 10 + [1e9] * TOO_NEW)
    assert after.usual() == Usual(20, 2.0, 1.0)
    assert before.usual() is not None


def test_the_past_is_forgotten_after_a_hundred_values() -> None:
    assert history([1e9] * LENGTH + [2.0] * (LENGTH + TOO_NEW)).usual() == Usual(LENGTH - TOO_NEW, 2.0, 0.0)


def test_a_score_counts_deviations_and_takes_a_small_one_for_a_larger() -> None:
    assert Usual(20, 10.0, 2.0).score(16.0, 0.5) == 3
    assert Usual(20, 10.0, 0.0).score(11.0, 0.5) == 2
