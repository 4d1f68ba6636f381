"""How often the outcomes of runs turned bad, of the hundred that are remembered."""

from collections.abc import Sequence
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from exporter.state.history import LENGTH, History


def drops(values: Sequence[float]) -> int:
    history = History()
    for value in values:
        history.add(value)
    return history.drops


def test_failures_in_a_row_are_one() -> None:
    assert drops([1, 0, 0, 0, 1, 1, 0, 1]) == 2


def test_who_begins_with_a_failure_has_begun_to_fail() -> None:
    assert drops([0]) == 1
    assert drops([]) == 0


@given(st.lists(st.sampled_from([0.0, 1.0]), max_size=3 * LENGTH))
def test_only_what_is_remembered_counts(values: list[float]) -> None:
    kept = [1.0, *values[-LENGTH:]]
    assert drops(values) == sum(after < before for before, after in pairwise(kept))
