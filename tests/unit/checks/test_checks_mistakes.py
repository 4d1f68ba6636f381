"""A checks.yml that can't be used says in which line, at which key, what was expected and what was there."""

from pathlib import Path

import pytest

from tests.unit.checks.asking_checks import check, configured, refused

DATE = "    date: day"
CHECKS = "datasets[0].checks"

# Lines after the dataset's first four, and what follows the file's name.
MISTAKES: dict[str, tuple[list[str], str]] = {
    "no date": ([], "2: datasets[0].date: expected a value, got nothing"),
    "unknown key": ([DATE, "    colour: red"], "6: datasets[0].colour: unknown key"),
    "unknown check": ([DATE, "    checks:", "      rwos: {}"], f"7: {CHECKS}.rwos: unknown key"),
    "severity": (
        [DATE, "    checks:", "      rows:", "        severity: fatal"],
        f"8: {CHECKS}.rows.severity: expected 'critical', 'warn', 'info' or 'off', got 'fatal'",
    ),
    "a fall below nothing": (
        [DATE, "    checks: {rows: {below: 100%}}"],
        f"6: {CHECKS}.rows.below: expected < 1, got '100%'",
    ),
    "share in percent": (
        [DATE, "    checks:", "      nulls:", "        - columns: id", "          at_most: 20"],
        f"9: {CHECKS}.nulls[0].at_most: expected <= 1, got 20",
    ),
    "share as a word": (
        [DATE, "    checks:", "      duplicates: {at_most: few}"],
        f"7: {CHECKS}.duplicates.at_most: expected a share such as 20% or 0.2, got 'few'",
    ),
    "lag": (
        [DATE, "    checks:", "      freshness: {lag: soon}"],
        f"7: {CHECKS}.freshness.lag: expected a duration such as 90s, 10m or 24h, got 'soon'",
    ),
    "time zone": (
        [DATE, "    timezone: Mars/Olympus"],
        "6: datasets[0].timezone: expected a time zone such as Europe/Berlin, got 'Mars/Olympus'",
    ),
    "measure of a drift": (
        [DATE, "    measures: {revenue: sum(amount)}", "    checks:", "      drift:",
         "        - {measure: revneue, below: 40%}"],
        f"9: {CHECKS}.drift[0].measure: expected one of ['revenue'], got 'revneue'",
    ),
    "drift without a limit": (
        [DATE, "    measures: {revenue: sum(amount)}", "    checks:", "      drift: [{measure: revenue}]"],
        f"8: {CHECKS}.drift[0]: expected below or above, got neither",
    ),
    "baseline that never is": (
        [DATE, "    measures: {revenue: sum(amount)}", "    checks:",
         "      drift: [{measure: revenue, below: 40%, weekday: true}]"],
        f"8: {CHECKS}.drift[0].min_days: expected <= 1, the days in the baseline, got 3",
    ),
    "range without ends": (
        [DATE, "    checks: {range: [{column: amount}]}"],
        f"6: {CHECKS}.range[0]: expected low or high, got neither",
    ),
    "range upside down": (
        [DATE, "    checks: {range: [{column: amount, low: 5, high: 1}]}"],
        f"6: {CHECKS}.range[0]: expected low <= high, got 5 and 1",
    ),
    "type": (
        [DATE, "    columns: {amount: 'INT); DROP TABLE x'}"],
        "6: datasets[0].columns.amount: expected a name of 1 to 63 letters, digits and _ . : -, "
        "the first no . : -, got 'INT); DROP TABLE x'",
    ),
    "column of a check": (
        [DATE, "    checks:", "      nulls: [{columns: amuont}]"],
        f"7: {CHECKS}.nulls[0].columns: expected a column (amount?), got 'amuont'",
    ),
    "column of the key": (
        [DATE, "    key: nothing_like_it"],
        "6: datasets[0].key: expected a column (id, day, amount), got 'nothing_like_it'",
    ),
    "date that is none": (
        ["    date: amount"], "5: datasets[0].date: expected a date or time, got 'amount', which is BIGINT",
    ),
    "measure that is no number": (
        [DATE, "    measures: {last: max(day)}"],
        "6: datasets[0].measures.last: expected a number, got 'max(day)', which is DATE",
    ),
    "measure of a row": (
        [DATE, "    measures: {amount: amount}"],
        "6: datasets[0].measures.amount: column \"amount\" must appear in the GROUP BY clause or must be "
        "part of an aggregate function, in 'amount'",
    ),
    "measure of an unknown column": (
        [DATE, "    measures: {revenue: sum(price)}"],
        "6: datasets[0].measures.revenue: the data has no column price, in 'sum(price)'",
    ),
    "where of two aggregates": (
        [DATE, "    measures: {a: {sql: sum(id) / sum(amount), where: id > 1}}"],
        "6: datasets[0].measures.a.where: expected a single aggregate such as sum(amount), "
        "got 'sum(id) / sum(amount)'",
    ),
    "condition that is none": (
        [DATE, "    checks: {share: [{name: a, when: amount, at_most: 1%}]}"],
        f"6: {CHECKS}.share[0].when: expected a condition, true or false, got 'amount', which is BIGINT",
    ),
    "aggregate in a condition": (
        [DATE, "    checks: {share: [{name: a, when: sum(amount) > 1, at_most: 1%}]}"],
        f"6: {CHECKS}.share[0].when: WHERE clause cannot contain aggregates!, in 'sum(amount) > 1'",
    ),
    "half an expression": (
        [DATE, "    measures: {revenue: sum(amount}"],
        "6: datasets[0].measures.revenue: expected an SQL expression: syntax error at end of input, "
        "got 'sum(amount'",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake(name: str, tmp_path: Path) -> None:
    (tmp_path / "day.csv").write_text("id,day,amount\n1,2026-01-01,3\n")
    lines, message = MISTAKES[name]
    assert refused(check(configured(tmp_path, *lines)), tmp_path) == f"checks.yml:{message}"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", ": expected a mapping of keys, got nothing"),
        ("datasets: []", ":1: datasets: expected at least 1, got []"),
        ("datasets: [", ":1:12: not YAML: expected the node content, but found '<stream end>'"),
        ("limits: {memory: much}\ndatasets: []", ""),
    ],
)
def test_a_file_that_says_nothing(text: str, message: str, tmp_path: Path) -> None:
    (tmp_path / "checks.yml").write_text(text)
    result = check(tmp_path / "checks.yml")
    assert result.exit_code == 2
    assert f"checks.yml{message}" in result.stderr


def test_there_is_no_file(tmp_path: Path) -> None:
    assert (
        refused(check(tmp_path / "gone.yml"), tmp_path)
        == "gone.yml: can't be read: No such file or directory"
    )


def test_other_data_for_two_datasets(tmp_path: Path) -> None:
    path = configured(tmp_path, DATE)
    path.write_text(path.read_text() + path.read_text().partition("\n")[2].replace("sales", "others"))
    assert refused(check(path, "--data", "x.csv"), tmp_path) == (
        "--data: expected a configuration with one dataset, got 2"
    )
