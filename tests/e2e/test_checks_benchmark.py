"""The benchmark of dataset checks in small: all contestants count the same, whatever the figures are."""

from pathlib import Path

import pytest

from benchmarks import checks, clickstream
from tests.conftest import lacking
from tools.peers import MissingError


def test_all_contestants_count_the_same(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    try:
        checks.peers()
    except MissingError as error:
        lacking(str(error))
    monkeypatch.setattr(clickstream, "CACHE", tmp_path)
    rows = checks.rows(rounds=1, count=200_000)
    assert [row.wanted for row in rows if row.name == "check 200,000 rows"] == [0.4, 2.5, 3, 3]
    assert all(figure > 0 for row in rows for figure in (*row.ours, *row.peer))


def test_a_contestant_that_counts_something_else_is_told() -> None:
    with pytest.raises(AssertionError, match=r"polars and ours differ: \{'json': \(2.0, 3.0\)\}"):
        checks.alike("polars", {"rows": 10.0, "json": 2.0}, {"rows": 10.0, "json": 3.0})
