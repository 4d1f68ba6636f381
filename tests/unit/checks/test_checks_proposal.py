"""`check --init` proposes a checks.yml that its data passes, whatever is wrong with the data."""

from pathlib import Path

import duckdb
import pytest

from tests.unit.checks.asking_checks import check, refused
from tests.unit.checks.clickstreams import written
from tests.unit.checks.test_planted_defects import DEFECTS

TORN = (
    "UPDATE events SET amount = amount * 0.1 WHERE {last};"
    "UPDATE events SET client_id = NULL WHERE event_id % 3 = 0;"
    "UPDATE events SET payload = '{{' WHERE event_id % 9 = 0;"
    "DELETE FROM events WHERE CAST(ts AS DATE) = DATE '2026-03-20';"
)


@pytest.mark.parametrize("defect", ["", TORN, *(sql for sql, _, _ in DEFECTS.values())])
def test_the_data_passes_what_it_made(defect: str, tmp_path: Path) -> None:
    written(tmp_path, 1, defect)
    proposed = check("--init", tmp_path / "events.parquet")
    assert (proposed.exit_code, proposed.stderr) == (0, "")
    (tmp_path / "proposed.yml").write_text(proposed.stdout)
    judged = check(tmp_path / "proposed.yml", "--fail-on", "warn")
    assert (judged.exit_code, judged.stderr) == (0, ""), judged.stdout


def test_what_is_found_in_a_clickstream(tmp_path: Path) -> None:
    written(tmp_path, 2)
    text = check("--init", tmp_path / "events.parquet").stdout
    for line in (
        "    date: ts  # the day of a row; any SQL expression over its columns",
        "    key: event_id  # no two rows have the same",
        '      amount_sum: "sum(\\"amount\\")"',
        '        - {column: event, allowed: ["view", "purchase", "cart"]}',
        "        - {columns: payload, at_most: 1%}",
        "        - {measure: conversion, below: 30%, volume: purchases, min_volume: 50}",
    ):
        assert line in text.splitlines()


def test_odd_names_of_columns(tmp_path: Path) -> None:
    columns = (
        '1.5 AS "a: [b]", \'x\' AS "# c", \'y\' AS "d\ne", 2 AS "it\'s ""f""", DATE \'2026-01-01\' AS day'
    )
    duckdb.sql(f"COPY (SELECT {columns} FROM range(50)) TO '{tmp_path}/odd.parquet'")
    (tmp_path / "proposed.yml").write_text(check("--init", tmp_path / "odd.parquet").stdout)
    assert check(tmp_path / "proposed.yml", "--fail-on", "warn").exit_code == 0


def test_data_without_dates(tmp_path: Path) -> None:
    (tmp_path / "day.csv").write_text("id,amount\n1,2\n")
    assert refused(check("--init", tmp_path / "day.csv"), tmp_path) == (
        "expected a column with dates; write checks.yml by hand, with `date` as an expression"
    )


def test_neither_configuration_nor_data() -> None:
    result = check()
    assert result.exit_code == 2
    assert result.stderr.endswith("Error: expected CHECKS_YML, or --init with data\n")


def test_of_several_names_of_a_sale_the_usual_one_counts(tmp_path: Path) -> None:
    events = (*["view"] * 5, *["purchase"] * 3, "Purchase")
    rows = "".join(f"2026-03-{day:02},{event}\n" for day in range(1, 11) for event in events)
    (tmp_path / "day.csv").write_text(f"day,event\n{rows}")
    lines = check("--init", tmp_path / "day.csv").stdout.splitlines()
    assert """      purchases: "count(*) FILTER (WHERE \\"event\\" = 'purchase')\"""" in lines
    assert '        - {column: event, allowed: ["view", "purchase", "Purchase"]}' in lines
