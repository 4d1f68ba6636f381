"""The same rows give the same verdict whatever they are written as; files may change from day to day."""

import json
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from exporter.checks.checking import Result
from tests.unit.checks.asking_checks import configured
from tests.unit.checks.clickstreams import failed, found, judged

LINES = (
    "    date: ts",
    "    key: id",
    "    measures: {revenue: sum(amount)}",
    "    checks:",
    "      nulls: [{columns: client, at_most: 20%}]",
    "      json: [{columns: payload}]",
    "      taxonomy: [{column: event, allowed: [view, buy]}]",
)
Write = Callable[[duckdb.DuckDBPyConnection, Path], str]


def clicks(rows: int = 400, days: int = 10) -> duckdb.DuckDBPyConnection:
    database = duckdb.connect()
    database.execute(
        f"""CREATE TABLE clicks AS SELECT day * 1000 + n AS id, DATE '2026-03-01' + day::INT AS day,
        TIMESTAMP '2026-03-01 08:00:00' + INTERVAL (day * 24 + n % 12) HOUR AS ts,
        CASE WHEN n % 10 > 0 THEN 'c' || n END AS client, ['view', 'buy'][n % 2 + 1] AS event,
        CASE WHEN n % 2 = 1 THEN n / 8 END AS amount, '{{"a": ' || n || '}}' AS payload
        FROM range({days}) AS d(day), range({rows}) AS r(n)"""
    )
    return database


def parquet(database: duckdb.DuckDBPyConnection, folder: Path) -> str:
    database.execute(f"COPY clicks TO '{folder}/clicks.parquet'")
    return "clicks.parquet"


def hive(database: duckdb.DuckDBPyConnection, folder: Path) -> str:
    database.execute(f"COPY clicks TO '{folder}/clicks' (FORMAT parquet, PARTITION_BY (day))")
    return "clicks/day=*/*.parquet"


def csv(database: duckdb.DuckDBPyConnection, folder: Path) -> str:
    daily(database, folder, lambda _: "*")
    return "*.csv"


def semicolons(database: duckdb.DuckDBPyConnection, folder: Path) -> str:
    database.execute(f"COPY clicks TO '{folder}/clicks.csv.gz' (DELIMITER ';', COMPRESSION gzip)")
    return "clicks.csv.gz"


def json_lines(database: duckdb.DuckDBPyConnection, folder: Path) -> str:
    database.execute(f"COPY clicks TO '{folder}/clicks.jsonl' (FORMAT json)")
    return "clicks.jsonl"


def json_lines_packed(database: duckdb.DuckDBPyConnection, folder: Path) -> str:
    database.execute(f"COPY clicks TO '{folder}/clicks.ndjson.gz' (FORMAT json, COMPRESSION gzip)")
    return "clicks.ndjson.gz"


def table(database: duckdb.DuckDBPyConnection, folder: Path) -> str:
    database.execute(f"ATTACH '{folder}/clicks.duckdb' AS other")
    database.execute("CREATE TABLE other.clicks AS FROM clicks")
    database.execute("DETACH other")
    return "clicks.duckdb"


def daily(database: duckdb.DuckDBPyConnection, folder: Path, columns: Callable[[int], str]) -> None:
    """A CSV file a day, each with columns of its own."""
    for day in range(10):
        query = f"SELECT {columns(day)} FROM clicks WHERE day = DATE '2026-03-01' + {day}"
        database.execute(f"COPY ({query}) TO '{folder}/2026-03-{day + 1:02}.csv'")


def verdict(folder: Path, data: str, *lines: str) -> Result:
    """The result of the checks above and further lines."""
    extra = ("    table: clicks",) if data.endswith(".duckdb") else ()
    return judged(configured(folder, *extra, *LINES, *lines, data=data))


@pytest.mark.parametrize("write", [parquet, hive, csv, semicolons, json_lines, json_lines_packed, table])
def test_every_format(write: Write, tmp_path: Path) -> None:
    with clicks() as database:
        database.execute("UPDATE clicks SET client = NULL WHERE id % 3 = 0")
        data = write(database, tmp_path)
    result = verdict(tmp_path, data)
    assert failed(result) == {("nulls", "client", 2, "WARN")}
    assert found(result, "nulls", "client").message == "High null client rate: 40.00%"
    assert (str(result.date), result.rows) == ("2026-03-10", 4000)
    assert found(result, "rows").observed == 400
    assert list(result.measures["revenue"].values()) == [5000.0] * 10


def test_a_column_that_is_renamed(tmp_path: Path) -> None:
    with clicks() as database:
        daily(database, tmp_path, lambda day: "*" if day < 6 else "* RENAME (client AS clientId)")
    result = verdict(tmp_path, "*.csv")
    assert failed(result) == {("schema", "files", 2, "WARN"), ("nulls", "client", 2, "WARN")}
    outcome = found(result, "schema", "files")
    assert outcome.message == "Schema drift in 2026-03-07.csv: renamed client to clientId"
    assert str(outcome.date) == "2026-03-07"


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ("*, 1 AS campaign", "added campaign"),
        ("* EXCLUDE (amount)", "gone amount"),
        ("* RENAME (event AS kind_of_thing)", "renamed event to kind_of_thing"),
    ],
)
@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_columns_of_the_last_day(columns: str, words: str, form: str, tmp_path: Path) -> None:
    with clicks() as database:
        daily(database, tmp_path, lambda day: columns if day == 9 else "*")
        if form == "parquet":
            for path in tmp_path.glob("*.csv"):
                database.execute(f"COPY (FROM '{path}') TO '{path.with_suffix('.parquet')}'")
    outcome = found(verdict(tmp_path, f"*.{form}"), "schema", "files")
    assert outcome.message == f"Schema drift in 2026-03-10.{form}: {words}"


def test_a_parquet_column_that_changes_its_type(tmp_path: Path) -> None:
    with clicks() as database:
        for day in range(10):
            kind = "VARCHAR" if day == 9 else "BIGINT"
            columns = f"* REPLACE (CAST(id AS {kind}) AS id)"
            query = f"SELECT {columns} FROM clicks WHERE day = DATE '2026-03-01' + {day}"
            database.execute(f"COPY ({query}) TO '{tmp_path}/{day}.parquet'")
    result = verdict(tmp_path, "*.parquet")
    assert failed(result) == {("schema", "files", 2, "WARN")}
    assert found(result, "schema", "files").message == (
        "Schema drift in 9.parquet: retyped id from BIGINT to VARCHAR"
    )


def test_what_is_declared_is_insisted_on(tmp_path: Path) -> None:
    with clicks() as database:
        data = parquet(database, tmp_path)
    lines = ("    columns: {id: BIGINT, client: INTEGER, campaign: VARCHAR}",)
    result = judged(configured(tmp_path, *lines, *LINES, data=data))
    assert failed(result) == {("schema", "declared", 2, "WARN")}
    assert found(result, "schema", "declared").message == (
        "Schema is not as declared: gone campaign; retyped client from INTEGER to VARCHAR"
    )


def test_values_of_the_wrong_type_are_counted_and_not_fatal(tmp_path: Path) -> None:
    with clicks() as database:
        daily(
            database,
            tmp_path,
            lambda _: "* REPLACE (CASE WHEN id % 20 = 1 THEN 'n/a' ELSE amount::VARCHAR END AS amount)",
        )
    result = verdict(tmp_path, "*.csv")
    assert failed(result) == {("types", "amount", 2, "WARN")}
    assert (
        found(result, "types", "amount").message
        == "Values of amount that are not DOUBLE: 10.00% (such as 'n/a')"
    )


def test_json_in_single_quotes(tmp_path: Path) -> None:
    with clicks() as database:
        database.execute("UPDATE clicks SET payload = replace(payload, '\"', '''') WHERE id % 20 = 0")
        data = csv(database, tmp_path)
    result = verdict(tmp_path, data)
    assert failed(result) == {("json", "payload", 2, "WARN")}
    assert found(result, "json", "payload").message == "JSON parse errors in payload: 5.00%"


def test_ids_keep_their_zeros(tmp_path: Path) -> None:
    (tmp_path / "day.csv").write_text("id,ts\n007,2026-01-01\n7,2026-01-01\n")
    result = judged(configured(tmp_path, "    date: ts", "    key: id", "    min_rows: 0", data="day.csv"))
    assert found(result, "duplicates", "id").observed == 0


def test_a_report_of_json_lines_is_json(tmp_path: Path) -> None:
    rows = [{"id": n, "ts": "2026-01-01T10:00:00+02:00", "amount": n if n else {"a": 1}} for n in range(20)]
    (tmp_path / "day.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    result = judged(configured(tmp_path, "    date: ts", "    measures: {n: sum(amount)}", data="day.jsonl"))
    assert found(result, "types", "amount").observed == pytest.approx(0.05)
