"""The benchmarks in small: what is counted is what was told, whatever the figures are."""

import pytest

from benchmarks import batches, fleets, intake
from benchmarks.pinned import cores
from tests.conftest import lacking
from tools.peers import PACKAGES, MissingError, find


@pytest.fixture(autouse=True)
def _programs() -> None:
    """Both the load and the peer; CI must have them."""
    try:
        cores()
        for program in PACKAGES:
            find(program)
    except MissingError as error:
        lacking(str(error))


def test_events_and_pushes_are_all_taken_and_counted() -> None:
    rows = intake.rows(rounds=1, seconds=1, many=3)
    assert [row.wanted for row in rows] == [5, None, 50, None]
    assert all(figure > 0 for row in rows for figure in (*row.ours, *row.peer))


def test_batches_are_all_taken_and_counted() -> None:
    rows = batches.rows(rounds=1, seconds=1)
    assert len(rows) == 4
    assert all(figure > 0 for row in rows for figure in (*row.ours, *row.peer))


def test_a_scrape_of_few_pipelines_has_the_series_that_the_peer_has() -> None:
    *scrapes, memory = fleets.rows(rounds=1, sizes=(5, 50), runs=2)
    assert [row.wanted for row in scrapes] == [1, 1, 1, 1]
    assert memory.ours[0] > 0
