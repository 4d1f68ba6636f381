"""Data that can't be read is said in one line, with exit code 2 and nothing else."""

import gzip
from pathlib import Path

import duckdb
import pytest

from tests.unit.checks.asking_checks import check, configured, refused

GOOD = b"id,day,amount\n1,2026-01-01,3.5\n2,2026-01-01,4\n"
LINES = ("    date: day", "    key: id", "    measures: {revenue: sum(amount)}")
JSON = b'{"id": 1, "day": "2026-01-01", "amount": 3}\n'

# The file, what is in it, and what follows the dataset's name.
FILES: dict[str, tuple[bytes, str]] = {
    "empty.csv": (b"", "empty.csv: empty, not a byte in it"),
    "empty.parquet": (b"", "empty.parquet: empty, not a byte in it"),
    "blank.csv": (b"\n\n", "blank.csv: expected a line of column names first"),
    "half.csv": (GOOD[:-4], "CSV Error on Line: 3, Expected Number of Columns: 3 Found: 2, file = half.csv"),
    "quote.csv": (b'id,day,amount\n1,2026-01-01,"3\n',
                  "CSV Error on Line: 2, Value with unterminated quote found, file = quote.csv"),
    "binary.csv": (bytes(range(128, 256)), "binary.csv: can't be read: not UTF-8 at byte 1"),
    "latin.csv": (b"id,day,amount\n1,2026-01-01,\xe9\n", "latin.csv: can't be read: not UTF-8 at byte 28"),
    "half.csv.gz": (gzip.compress(GOOD)[:20], "half.csv.gz: can't be read: Compressed file ended before the "
                    "end-of-stream marker was reached"),
    "plain.csv.gz": (GOOD, "plain.csv.gz: can't be read: Not a gzipped file (b'id')"),
    "text.parquet": (GOOD, "No magic bytes found at end of file 'text.parquet'"),
    "half.jsonl": (JSON + JSON[:20],
                   'Malformed JSON in file "half.jsonl", at byte 21 in line 3: unexpected end of data'),
    "day.weird": (GOOD, "day.weird: expected a name that ends like .parquet, .pq, .csv, .tsv, .txt, .jsonl, "
                  ".ndjson, .json, .duckdb, .ddb, .db, or `format`"),
    "text.duckdb": (GOOD, "table: expected the name of a table for duckdb, got nothing"),
}  # fmt: skip


@pytest.mark.parametrize("name", FILES)
def test_a_bad_file(name: str, tmp_path: Path) -> None:
    content, message = FILES[name]
    (tmp_path / name).write_bytes(content)
    assert refused(check(configured(tmp_path, *LINES, data=name)), tmp_path) == f"sales: {message}"


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ("gone.csv", "gone.csv: no such file"),
        ("gone*.csv", "gone*.csv: matches no file of data"),
        ("folder", "folder: matches no file of data"),
        (
            "https://example.org/day.csv",
            "https://example.org/day.csv: expected Parquet or JSON lines of what is elsewhere, got CSV",
        ),
    ],
)
def test_data_that_is_not_there(data: str, message: str, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    assert refused(check(configured(tmp_path, *LINES, data=data)), tmp_path) == f"sales: {message}"


def test_a_parquet_file_that_is_half_written(tmp_path: Path) -> None:
    duckdb.sql(f"COPY (SELECT range AS id FROM range(10000)) TO '{tmp_path}/whole.parquet'")
    (tmp_path / "half.parquet").write_bytes((tmp_path / "whole.parquet").read_bytes()[:5000])
    line = refused(check(configured(tmp_path, *LINES, data="half.parquet")), tmp_path)
    assert line == "sales: No magic bytes found at end of file 'half.parquet'"


def test_a_parquet_column_of_the_wrong_type(tmp_path: Path) -> None:
    duckdb.sql(f"COPY (SELECT 1 AS id, DATE '2026-01-01' AS day, 'x' AS amount) TO '{tmp_path}/day.parquet'")
    line = refused(check(configured(tmp_path, *LINES, data="day.parquet")), tmp_path)
    assert line == (
        "checks.yml:7: datasets[0].measures.revenue: "
        "No function matches the given name and argument types 'sum(VARCHAR)', in 'sum(amount)'"
    )


def test_an_expression_that_fails_on_the_data(tmp_path: Path) -> None:
    duckdb.sql(f"COPY (SELECT 1 AS id, DATE '2026-01-01' AS day, 'x' AS amount) TO '{tmp_path}/day.parquet'")
    path = configured(
        tmp_path, "    date: day", "    measures: {revenue: 'sum(amount::int)'}", data="day.parquet"
    )
    assert refused(check(path), tmp_path) == (
        "checks.yml:6: datasets[0].measures.revenue: Could not convert string 'x' to INT32 when casting "
        "from source column amount"
    )


def test_a_database_whose_view_reaches_out(tmp_path: Path) -> None:
    (tmp_path / "secret.csv").write_bytes(GOOD)
    with duckdb.connect(str(tmp_path / "day.duckdb")) as database:
        database.execute(f"CREATE VIEW sales AS SELECT * FROM read_csv('{tmp_path}/secret.csv')")
    path = configured(tmp_path, *LINES, "    table: sales", data="day.duckdb")
    assert refused(check(path), tmp_path) == (
        'sales: Cannot access file "secret.csv" - file system operations are disabled by configuration'
    )


def test_memory_that_does_not_suffice(tmp_path: Path) -> None:
    duckdb.sql(
        f"COPY (SELECT range AS id, DATE '2026-01-01' AS day FROM range(300)) TO '{tmp_path}/day.parquet'"
    )
    path = configured(
        tmp_path, "    date: day", "    measures: {length: \"len(list(repeat('x', 1000000 + id)))\"}",
        data="day.parquet",
    )  # fmt: skip
    path.write_text("limits: {memory: 64MB, threads: 1}\n" + path.read_text())
    line = refused(check(path), tmp_path)
    assert line.startswith("checks.yml:7: datasets[0].measures.length: `limits.memory` doesn't suffice: ")


@pytest.mark.parametrize(("name", "content"), [("day.csv", b"id,day,amount\n"), ("day.jsonl", b"\n")])
def test_a_file_without_a_row_is_read_and_fails(name: str, content: bytes, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(content)
    result = check(configured(tmp_path, *LINES, data=name))
    assert (result.exit_code, result.stderr) == (1, "")
    assert "    CRITICAL  No rows\n" in result.stdout
