"""A real table: flights from New York in January 2013, whose facts are known (tests/data/flights)."""

from datetime import date
from pathlib import Path

import duckdb
import pytest

from exporter.checks.checking import Result
from tests.unit.checks.asking_checks import check
from tests.unit.checks.clickstreams import failed, found, judged

FLIGHTS = Path(__file__).parents[2] / "data/flights"
CHECKS = """
datasets:
  - name: airports/departures
    team: operations
    data: {folder}/january.parquet
    date: make_date(year, month, day)
    key: [day, origin, carrier, flight]
    measures:
      delay: avg(dep_delay)
      cancelled: {{sql: count(*), where: dep_time IS NULL}}
    checks:
      nulls: [{{columns: dep_time, at_most: 3%}}, {{columns: tailnum, at_most: 3%}}]
      range: [{{column: distance, low: 80, high: 4983}}]
      taxonomy: [{{column: origin, allowed: [EWR, JFK, LGA]}}]
      references: [{{column: carrier, data: {folder}/airlines.csv, key: carrier}}]
      drift: [{{measure: delay, above: 150%}}]
      mix: [{{column: carrier, at_most: 5%}}]
"""


def of_day(folder: Path, day: int, checks: str = CHECKS) -> Result:
    (folder / "checks.yml").write_text(checks.format(folder=FLIGHTS))
    return judged(folder / "checks.yml", as_of=date(2013, 1, day))


def test_the_month_of_january(tmp_path: Path) -> None:
    result = of_day(tmp_path, 31)
    assert (result.rows, str(result.date)) == (27_004, "2013-01-31")
    assert failed(result) == {("nulls", "dep_time", 2, "WARN")}
    assert found(result, "nulls", "dep_time").message == (
        "High null dep_time rate: 10.89% on 2013-01-30, 1 of 4 such days"
    )
    assert result.measures["cancelled"][date(2013, 1, 30)] == 98
    assert found(result, "duplicates", "day, origin, carrier, flight").observed == 0


def test_the_storm_of_the_16th_shows_and_the_quiet_15th_does_not(tmp_path: Path) -> None:
    assert failed(of_day(tmp_path, 15)) == set()
    storm = of_day(tmp_path, 16)
    assert ("drift", "delay", 3, "WARN") in failed(storm)
    assert found(storm, "drift", "delay").message == "Delay rise detected: 24.61 vs baseline 4.618"


def test_a_narrower_range_counts_what_is_outside(tmp_path: Path) -> None:
    result = of_day(tmp_path, 31, CHECKS.replace("low: 80, high: 4983", "low: 100, high: 4900"))
    with duckdb.connect() as database:
        [(outside,)] = database.execute(
            f"SELECT count(*) FROM '{FLIGHTS}/january.parquet' WHERE distance < 100 OR distance > 4900"
        ).fetchall()
    assert found(result, "range", "distance").observed == pytest.approx(outside / 27_004)
    assert outside > 0


def test_what_is_proposed_for_it_passes(tmp_path: Path) -> None:
    proposed = check("--init", FLIGHTS / "january.parquet")
    assert proposed.exit_code == 0, proposed.stderr
    (tmp_path / "checks.yml").write_text(proposed.stdout)
    result = check(tmp_path / "checks.yml")
    assert result.exit_code == 0, result.output
    assert "WARN" not in result.stdout
