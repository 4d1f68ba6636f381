"""Expressions see the data's columns and nothing else: no files, no network, no settings, no writing."""

from pathlib import Path

import pytest

from exporter.checks.config import Limits
from exporter.checks.expressions import REFUSED_FUNCTIONS
from exporter.checks.files import DataError
from exporter.checks.session import opened
from tests.unit.checks.asking_checks import check, configured, refused

OVER = "expected an expression over the data's columns, got "
SINGLE = "expected a single SQL expression, got "

HOSTILE = {
    "(SELECT content FROM read_text('/etc/passwd'))": f"{OVER}a subquery",
    "count(*) + (SELECT 1)": f"{OVER}a subquery",
    "exists(SELECT 1)": f"{OVER}a subquery",
    "'a' IN (SELECT 'a')": f"{OVER}a subquery",
    "read_text('/etc/passwd')": f"{OVER}read_text()",
    "getenv('HOME')": f"{OVER}getenv()",
    "current_setting('temp_directory')": f"{OVER}current_setting()",
    "count(current_user)": f"{OVER}current_user",
    "length(user)": f"{OVER}user",
    "length(current_role)": f"{OVER}current_role",
    "epoch(localtimestamp)": f"{OVER}localtimestamp",
    "epoch(age(day))": f"{OVER}age()",
    "sum(sleep_ms(1000))": f"{OVER}sleep_ms()",
    "sum(random())": f"{OVER}random()",
    "sum(amount) OVER ()": f"{OVER}a window function",
    "max(COLUMNS(*))": f"{OVER}*",
    "sum($1)": f"{OVER}a parameter",
    "main.sum(amount)": f"{OVER}sum()",
    "1), (2": f"{SINGLE}'1), (2'",
    "1) FROM read_text('/etc/passwd') AS f(a, b, c, d) WHERE (true": (
        f"{SINGLE}\"1) FROM read_text('/etc/passwd') AS f(a, b, c, d) WHERE (true\""
    ),
    "1) UNION SELECT (2": f"{SINGLE}'1) UNION SELECT (2'",
    "count(*); COPY data TO '/tmp/x'": (
        'expected an SQL expression: syntax error at or near ";", got "count(*); COPY data TO \'/tmp/x\'"'
    ),
    "COPY data TO '/tmp/x'": (
        'expected an SQL expression: syntax error at or near "data", got "COPY data TO \'/tmp/x\'"'
    ),
    "sum(__file)": "expected the data's own columns, got 'sum(__file)'",
}

STATEMENTS = (
    "SELECT * FROM read_text('/etc/passwd')",
    "SELECT * FROM read_csv('/etc/passwd')",
    "SELECT * FROM glob('/etc/*')",
    "COPY (SELECT 1) TO '{folder}/out.csv'",
    "COPY (SELECT 1) TO '{folder}/day.csv'",
    "ATTACH '{folder}/new.duckdb'",
    "EXPORT DATABASE '{folder}/out'",
    "INSTALL httpfs",
    "LOAD httpfs",
    "SET enable_external_access = true",
    "SET memory_limit = '100GB'",
    "SELECT * FROM 'http://127.0.0.1:1/day.parquet'",
)


@pytest.fixture
def day(tmp_path: Path) -> Path:
    (tmp_path / "day.csv").write_text("id,day,amount\n1,2026-01-01,3\n")
    return tmp_path


@pytest.mark.parametrize("expression", HOSTILE)
def test_a_hostile_measure(expression: str, day: Path) -> None:
    quoted = expression.replace("'", "''")
    path = configured(day, "    date: day", "    measures:", f"      bad: '{quoted}'")
    assert refused(check(path), day) == f"checks.yml:7: datasets[0].measures.bad: {HOSTILE[expression]}"


@pytest.mark.parametrize(
    ("lines", "place"),
    [
        (["    date: (SELECT 1)"], "checks.yml:5: datasets[0].date"),
        (["    date: day", "    key: '(SELECT 1)'"], "checks.yml:6: datasets[0].key"),
        (
            ["    date: day", "    checks:", "      share: [{name: bad, when: (SELECT true), at_most: 1%}]"],
            "checks.yml:7: datasets[0].checks.share[0].when",
        ),
        (
            ["    date: day", "    checks:", "      nulls: [{columns: '(SELECT 1)'}]"],
            "checks.yml:7: datasets[0].checks.nulls[0].columns",
        ),
        (
            ["    date: day", "    measures: {a: {sql: count(*), where: (SELECT true)}}"],
            "checks.yml:6: datasets[0].measures.a.where",
        ),
    ],
)
def test_everywhere_that_an_expression_stands(lines: list[str], place: str, day: Path) -> None:
    assert refused(check(configured(day, *lines)), day) == f"{place}: {OVER}a subquery"


def test_what_duckdb_says_is_not_always_the_same_is_refused() -> None:
    with opened(Limits(), "UTC") as session:
        found = session.run(
            "SELECT DISTINCT function_name FROM duckdb_functions() "
            "WHERE function_type IN ('scalar', 'aggregate') AND stability != 'CONSISTENT' "
            "OR function_type = 'macro' AND macro_definition LIKE '%current_%'"
        )
    names = {name for (name,) in found}
    assert names >= {"now", "ago", "random"}
    assert names - REFUSED_FUNCTIONS == set()


@pytest.mark.parametrize("name", ["user", "current_date", "localtime"])
def test_a_column_that_is_named_like_the_clock_is_a_column(name: str, tmp_path: Path) -> None:
    (tmp_path / "day.csv").write_text(f"id,day,{name}\n1,2026-01-01,3\n")
    path = configured(tmp_path, "    date: day", f"    measures: {{n: sum({name})}}", data="day.csv")
    assert check(path).exit_code == 0


@pytest.mark.parametrize("expression", ["-" * 3000 + "1", "1" + "+1" * 3000])
def test_an_expression_that_is_nested_too_deeply(expression: str, day: Path) -> None:
    path = configured(day, "    date: day", "    measures:", f"      bad: '{expression}'")
    assert refused(check(path), day).startswith("checks.yml:7: datasets[0].measures.bad: expected ")


@pytest.mark.parametrize("statement", STATEMENTS)
def test_a_session_opens_nothing_else_even_if_the_parser_were_fooled(statement: str, day: Path) -> None:
    with opened(Limits(), "UTC") as session:
        session.lock([str(day / "day.csv")])
        with pytest.raises(DataError):
            session.run(statement.format(folder=day))
    assert [path.name for path in day.iterdir()] == ["day.csv"]
    assert (day / "day.csv").read_text() == "id,day,amount\n1,2026-01-01,3\n"


def test_names_of_files_and_columns_are_no_sql(tmp_path: Path) -> None:
    (tmp_path / "it's'); DROP.csv").write_text('id,day,"a""; DROP TABLE shape; --"\n1,2026-01-01,3\n')
    path = configured(tmp_path, "    date: day", "    measures: {n: 'sum(\"a\"\"; DROP TABLE shape; --\")'}",
                      data="it's'); DROP.csv")  # fmt: skip
    assert check(path).exit_code == 0
