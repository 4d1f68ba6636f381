"""Data larger than the memory it may use, thousands of files, a huge one: the command as a job runs it."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import duckdb
import pytest

ROWS, MEGABYTES = 2_000_000, 100
# What Python and DuckDB have before they read anything, and what their allocators keep.
BASE_MEGABYTES = 200
# DuckDB's reader of text has buffers that its limit knows nothing of.
TEXT_MEGABYTES = 200
EVENTS = f"""SELECT md5((CASE WHEN i % 1000 = 7 THEN i - 1 ELSE i END)::VARCHAR) || repeat('k', 60) AS id,
    TIMESTAMP '2026-03-01' + to_seconds(i * 864000 // {ROWS}) AS ts, i % 977 AS amount,
    '{{"page": ' || i || '}}' AS payload FROM range({ROWS}) AS r(i)"""
# The command; in the end it says the most that it had in memory.
COMMAND = """
import atexit
from benchmarks.checkers.run import peak
from exporter.cli import main
atexit.register(lambda: print(peak()))
main(prog_name="pipeline-health")
"""
CHECKS = """
limits: {{memory: {memory}, threads: 2}}
datasets:
  - name: shop/events
    team: shop
    data: '{data}'
    date: ts
    key: id
    measures: {{revenue: sum(amount)}}
    checks:
      nulls: [{{columns: id}}]
      json: [{{columns: payload}}]
      drift: [{{measure: revenue, below: 40%}}]
"""


def checked(folder: Path, data: str, memory: str = "1GB") -> tuple[dict[str, Any], float]:
    """The report's only dataset, and the most megabytes that the command had in memory."""
    (folder / "checks.yml").write_text(CHECKS.format(data=data, memory=memory))
    report = folder / "report.json"
    command = [sys.executable, "-c", COMMAND, "check", str(folder / "checks.yml"), "--json", str(report)]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    assert done.returncode == 0, done.stdout
    [dataset] = json.loads(report.read_text())["datasets"]
    return dataset, float(done.stdout.splitlines()[-1])


def without_time(dataset: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in dataset.items() if key not in ("duration_seconds", "checked")}


def test_what_does_not_fit_in_memory_goes_to_disk(tmp_path: Path) -> None:
    duckdb.sql(f"COPY ({EVENTS}) TO '{tmp_path}/events.parquet' (COMPRESSION zstd)")
    plenty, _ = checked(tmp_path, "events.parquet", "4GB")
    little, megabytes = checked(tmp_path, "events.parquet", f"{MEGABYTES}MB")
    assert without_time(little) == without_time(plenty)
    [repeated] = [one for one in little["checks"] if one["check"] == "duplicates"]
    assert repeated["observed"] == pytest.approx(0.001)
    assert megabytes < MEGABYTES + BASE_MEGABYTES


def test_a_huge_text_file(tmp_path: Path) -> None:
    duckdb.sql(f"COPY ({EVENTS}) TO '{tmp_path}/events.csv'")
    assert (tmp_path / "events.csv").stat().st_size > 200e6
    dataset, megabytes = checked(tmp_path, "events.csv", "300MB")
    assert (dataset["rows"], dataset["date"]) == (ROWS, "2026-03-10")
    assert megabytes < 300 + BASE_MEGABYTES + TEXT_MEGABYTES


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_thousands_of_files(form: str, tmp_path: Path) -> None:
    count = 3000
    columns = "i AS id, TIMESTAMP '2026-03-01' + to_hours(i // 5) AS ts, 1.5 AS amount, '{}' AS payload"
    duckdb.sql(f"COPY (SELECT {columns} FROM range(20) AS r(i)) TO '{tmp_path}/first.{form}' (FORMAT {form})")
    content = (tmp_path / f"first.{form}").read_bytes()
    (tmp_path / "many").mkdir()
    for number in range(count):
        (tmp_path / f"many/{number}.{form}").write_bytes(content)
    dataset, _ = checked(tmp_path, f"many/*.{form}")
    assert dataset["rows"] == 20 * count
    assert dataset["measures"]["revenue"] == {"2026-03-01": 20 * count * 1.5}
    [repeated] = [one for one in dataset["checks"] if one["check"] == "duplicates"]
    assert repeated["observed"] == pytest.approx((count - 1) / count)
