"""Reports of checks are read with the place of each mistake, and written as they came in."""

import json
from pathlib import Path

import jsonschema_rs
import pytest

from exporter.checks.report import report as written_report
from exporter.decoding import InvalidBodyError
from exporter.reports import document as module
from exporter.reports.document import MOST_DAYS, decode_reports, document
from tests.unit.checks.clickstreams import judged, written
from tests.unit.reports.told_reports import (
    CHECKED_AT,
    DRIFT,
    FRESH,
    ROWS,
    SICK,
    Json,
    dataset,
    outcome,
    report,
    reports,
)

SCHEMA = json.loads((Path(__file__).parents[3] / "docs/check-report.schema.json").read_text())
NULLS_AND_HALF = (
    "UPDATE events SET client_id = NULL WHERE event_id % 3 = 0;"
    "UPDATE events SET amount = amount * 0.4 WHERE {last};"
)


def mistake(*datasets: Json) -> str:
    with pytest.raises(InvalidBodyError) as refused:
        reports(*datasets)
    return str(refused.value)


def test_a_report_is_read_dataset_by_dataset() -> None:
    [found] = reports(SICK)
    assert (found.dataset, found.team, found.time, found.date) == (
        "shop/orders",
        "shop",
        CHECKED_AT,
        "2027-01-14",
    )
    assert (found.status, found.rows, found.seconds) == ("FAIL", 900, 0.5)
    assert [(one.check, one.subject, one.observed) for one in found.outcomes] == [
        ("rows", "", 900), ("nulls", "client_id", 0.34), ("drift", "revenue", 40.5), ("drift", "visits", 12),
        ("freshness", "", "2027-01-14"),
    ]  # fmt: skip


def test_the_report_of_the_command_comes_back_as_it_was(tmp_path: Path) -> None:
    said = written_report([judged(written(tmp_path, 1, NULLS_AND_HALF))])
    again = document(decode_reports(json.dumps(said).encode()))
    assert again == said
    jsonschema_rs.Draft202012Validator(SCHEMA).validate(json.loads(json.dumps(again)))


def test_several_datasets_make_one_report_again() -> None:
    again = document(reports(SICK, dataset("a", ROWS, date="2027-01-15"), dataset("b", date=None)))
    assert (again["date"], again["status"]) == ("2027-01-15", "FAIL")
    assert [alert["subject"] for alert in again["alerts"]] == ["client_id", "revenue", "visits"]
    assert document([]) == {"date": None, "status": "PASS", "alerts": [], "datasets": []}


def test_what_a_later_version_adds_is_no_mistake() -> None:
    assert reports({**SICK, "colour": "blue"}) == reports(SICK)


SAME = "expected another check or subject than datasets[0].checks[0]"


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ({"dataset": ""}, '.dataset: expected a non-empty string, got ""'),
        ({"dataset": "a\nb"}, '.dataset: expected no control characters, got "a\\nb"'),
        ({"dataset": "x" * 513}, ".dataset: expected at most 512 characters, got 513"),
        ({"team": " "}, '.team: expected a non-empty string, got " "'),
        ({"team": 7}, ".team: expected `str`, got `int`"),
        ({"checked": "today"}, '.checked: expected an ISO 8601 date-time with offset, got "today"'),
        ({"date": "2027-02-30"}, ".date: invalid RFC3339 encoded date"),
        ({"rows": -1}, ".rows: expected `int` >= 0"),
        ({"checks": [DRIFT]}, ".status: expected FAIL by its checks, got PASS"),
        (
            {"checks": [outcome("Rows")]},
            ".checks[0].check: expected `str` matching regex '^[a-z][a-z_]{0,39}$'",
        ),
        ({"checks": [outcome("rows", tier=4)]}, ".checks[0].tier: invalid enum value 4"),
        (
            {"checks": [outcome("rows", observed=[])]},
            ".checks[0].observed: expected `float | str | null`, got `array`",
        ),
        ({"checks": [ROWS, FRESH, ROWS]}, f".checks[2]: {SAME}"),
        (
            {"checks": [outcome("nulls", str(n)) for n in range(1001)]},
            ".checks: expected at most 1000, got 1001",
        ),
        ({"measures": {str(n): {} for n in range(201)}}, ".measures: expected at most 200, got 201"),
        ({"measures": {"m": {"today": 1}}}, ".measures[...]: invalid RFC3339 encoded date"),
    ],
)
def test_a_mistake_is_named_by_its_place(said: Json, message: str) -> None:
    assert mistake({**dataset("a"), **said}) == f"datasets[0]{message}"


def test_how_many_datasets_a_report_has(monkeypatch: pytest.MonkeyPatch) -> None:
    assert mistake() == "datasets: expected 1 to 1000, got 0"
    assert mistake(dataset("a"), dataset("b"), dataset("a")) == "datasets[2].dataset: the same as datasets[0]"
    monkeypatch.setattr(module, "MOST_DATASETS", 1)
    assert mistake(dataset("a"), dataset("b")) == "datasets: expected 1 to 1, got 2"


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"datasets": {}}', b"\xff", b'{"datasets": [1]}'])
def test_what_is_no_report_is_refused_in_words(body: bytes) -> None:
    with pytest.raises(InvalidBodyError):
        decode_reports(body)


def test_a_column_may_have_any_name() -> None:
    [found] = reports(dataset("a", outcome("nulls", "a\nb\0c\u2028" + "x" * 600)))
    assert found.outcomes[0].subject == "a b c " + "x" * 506


def test_long_texts_are_cut_and_only_the_newest_days_are_kept() -> None:
    days = {f"{2020 + number // 28}-01-{number % 28 + 1:02}": float(number) for number in range(150)}
    said = outcome("rows", observed="y" * 999, message="z" * 999)
    [found] = reports(dataset("a", said, measures={"revenue": days}))
    [kept] = found.outcomes
    assert (kept.observed, kept.message) == ("y" * 512, "z" * 512)
    assert list(found.measures["revenue"].values()) == [
        float(number) for number in range(150 - MOST_DAYS, 150)
    ]


def test_numbers_too_large_for_a_metric_are_numbers_still() -> None:
    [found] = reports(dataset("a", outcome("rows", observed=10**30)))
    assert found.outcomes[0].observed == 1e30
    with pytest.raises(InvalidBodyError, match=r"datasets\[0\]"):
        decode_reports(json.dumps(report(SICK)).replace("900", "1e999").encode())
