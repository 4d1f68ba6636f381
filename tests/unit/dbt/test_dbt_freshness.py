"""sources.json as datasets."""

from pathlib import Path
from typing import Any

import pytest

from exporter.dbt.artifacts import read_sources
from exporter.dbt.freshness import datasets, unanswered
from exporter.dbt.graph import read_graph
from exporter.dbt.sending import lines
from exporter.runs.plain import decode_dataset
from tests.unit.dbt.artifacts import RECORDED, Json, source, sources, written

NOW = 1_795_300_000.0


def told(folder: Path, team: str | None = None, namespace: str | None = None) -> list[Json]:
    """The datasets of a folder, each of which the exporter would take."""
    found = read_sources(folder)
    assert found is not None
    content = datasets(found, read_graph(folder, namespace), team)
    for line in lines(content):
        decode_dataset(line, NOW)
    return content


def test_a_recorded_check() -> None:
    updated = "2026-01-03T00:00:00+00:00"
    name = "source:shop.raw.raw_orders"
    assert told(RECORDED / "duckdb") == [{"dataset": name, "updated": updated, "stale_after_seconds": 7200}]
    assert told(RECORDED / "duckdb", "shop")[0]["team"] == "shop"


def test_a_source_is_the_dataset_that_its_loader_writes(tmp_path: Path) -> None:
    known = {"sources": {"source.shop.raw.orders": {"relation_name": '"db"."raw"."orders"'}}}
    folder = written(tmp_path, sources=sources(source()), manifest=known)
    assert [one["dataset"] for one in told(folder)] == ["db.raw.orders"]
    assert [one["dataset"] for one in told(folder, None, "postgres://db:5432")] == [
        "postgres://db:5432/db.raw.orders"
    ]


HOUR, DAYS, OPEN = (
    {"count": 1, "period": "hour"},
    {"count": 2, "period": "day"},
    {"count": None, "period": None},
)


@pytest.mark.parametrize(
    ("criteria", "seconds"),
    [
        ({"warn_after": HOUR, "error_after": DAYS}, 172_800),
        ({"warn_after": HOUR, "error_after": OPEN}, 3600),
        ({"warn_after": HOUR, "error_after": None}, 3600),
        ({"warn_after": {"count": 30, "period": "minute"}}, 1800),
        ({"warn_after": OPEN, "error_after": OPEN, "filter": "x > 1"}, None),
        ({}, None),
    ],
)
def test_stale_is_what_dbt_calls_an_error_else_what_it_warns_of(
    tmp_path: Path, criteria: Any, seconds: int | None
) -> None:
    [dataset] = told(written(tmp_path, sources=sources(source(criteria=criteria))))
    assert dataset.get("stale_after_seconds") == seconds


def test_a_source_without_rows_is_as_old_as_can_be(tmp_path: Path) -> None:
    empty = source(max_loaded_at="0001-01-01T00:00:00+00:00", status="error")
    [dataset] = told(written(tmp_path, sources=sources(empty)))
    assert dataset["updated"] == "1970-01-01T00:00:00+00:00"


def test_a_time_without_offset_is_utc(tmp_path: Path) -> None:
    [dataset] = told(written(tmp_path, sources=sources(source(max_loaded_at="2026-11-20T12:00:00"))))
    assert dataset["updated"] == "2026-11-20T12:00:00+00:00"


def test_a_source_that_could_not_be_asked_is_named_and_not_told(tmp_path: Path) -> None:
    broken = {"unique_id": "source.shop.raw.gone", "status": "runtime error", "error": "no such table"}
    folder = written(tmp_path, sources=sources(broken, source()))
    assert [dataset["dataset"] for dataset in told(folder)] == ["source:shop.raw.orders"]
    found = read_sources(folder)
    assert found is not None
    assert unanswered(found) == ["source.shop.raw.gone: runtime error: no such table"]
