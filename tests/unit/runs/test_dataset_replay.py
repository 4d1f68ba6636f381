"""The recordings again: datasets, rows, tests and parents, counted in the files themselves."""

import json
from datetime import datetime

import pytest

from exporter.collector import StateCollector
from exporter.intake import Watched
from exporter.runs.openlineage import decode_any
from exporter.runs.tracker import RunTracker
from exporter.state import State
from tests.unit.runs.test_run_replay import EXPECTED, RECORDINGS

DUCK, POSTGRES = "duckdb:///srv/dbtp/shop.duckdb/shop.main", "postgres://127.0.0.1:15432/postgres.main"
# A dataset a line: name; last update (minutes and seconds after 2026-11-21T00:00Z), rows, failing tests;
# columns added, removed, retyped; jobs that write it, and that read it.
DATASETS = {
    "af_scheduler": (
        "file//srv/af/",
        """\
raw.csv 44:44.252159 - 0  0 0 0  1 0
""",
    ),
    "dbt_default": (
        f"{DUCK}.",
        """\
stg_orders      29:40.486034 - 1  0 0 0  1 3
customer_totals 29:41.456485 - 1  0 0 0  1 2
broken          -            - 0  0 0 0  1 0
""",
    ),
    "dbt_pg": (
        f"{POSTGRES}.",
        """\
raw_orders      -            - 0  0 0 0  0 1
from_src        43:19.667805 3 0  0 0 0  1 0
stg_orders      43:19.664348 - 0  1 0 0  1 4
customer_totals 43:19.803945 3 0  0 0 2  1 0
empty_tbl       43:19.968123 - 0  0 0 0  1 0
inc             43:20.194318 3 0  0 0 0  1 0
broken          -            - 0  0 0 0  1 0
""",
    ),
    "dbt_structured": (
        DUCK,
        """\
.raw_orders                                      32:55.480947 - 0  0 0 0  1 1
.stg_orders                                      32:55.639861 - 1  0 0 0  1 6
_dbt_test__audit.not_null_stg_orders_amount      32:55.764976 - 0  0 0 0  1 0
_dbt_test__audit.not_null_stg_orders_customer    -            - 0  0 0 0  1 0
_dbt_test__audit.not_null_stg_orders_id          32:55.869252 - 0  0 0 0  1 0
_dbt_test__audit.unique_stg_orders_id            32:55.916224 - 0  0 0 0  1 0
.broken                                          -            - 0  0 0 0  1 0
.customer_totals                                 -            - 0  0 0 0  1 1
_dbt_test__audit.assert_total                    -            - 0  0 0 0  1 0
""",
    ),
}
# Jobs that are no part of another one; the others name a parent.
WHOLES = {
    "af_scheduler": {"shop_daily", "shop_ok"},
    "dbt_default": {"dbt-run-shop"},
    "dbt_pg": {"dbt-run-shop"},
    "dbt_structured": {"dbt-run-shop"},
}
KINDS = {
    "af_scheduler": {"airflow-dag", "airflow-task"},
    "dbt_default": {"dbt-job", "dbt-model", "dbt-test"},
    "dbt_pg": {"dbt-job", "dbt-model"},
    "dbt_structured": {"dbt-job", "dbt-model", "dbt-test", "dbt-seed"},
}
# The failures by what was said of them; dbt's models say nothing.
REASONS = {
    "af_scheduler": {"unknown": 4},
    "dbt_default": {"unknown": 6},
    "dbt_pg": {"unknown": 4},
    "dbt_structured": {"unknown": 1, "data": 1},
}


def replayed(recording: str, times: int = 1) -> State:
    state = State()
    tracker = RunTracker(max_open=1000, max_finished=1000, max_jobs=1000)
    watched = Watched(tracker, state.jobs, state.datasets, state.checks)
    for line in (RECORDINGS / f"{recording}.jsonl").read_bytes().splitlines() * times:
        event = decode_any(json.dumps(json.loads(line)["event"]).encode())
        assert event is not None
        watched.apply(event)
    return state


def at(minute_and_second: str) -> float | None:
    if minute_and_second == "-":
        return None
    return datetime.fromisoformat(f"2026-11-21T00:{minute_and_second}+00:00").timestamp()


@pytest.mark.parametrize("recording", DATASETS)
def test_the_datasets_of_a_recording_are_those_in_the_file(recording: str) -> None:
    prefix, table = DATASETS[recording]
    assert {one.name for one in replayed(recording).datasets} == {
        f"{prefix}{line.split()[0]}" for line in table.splitlines()
    }


@pytest.mark.parametrize(
    ("recording", "line"), [(name, line) for name in DATASETS for line in DATASETS[name][1].splitlines()]
)
def test_a_dataset_of_a_recording_has_the_numbers_counted_in_the_file(recording: str, line: str) -> None:
    name, updated, rows, *counts = line.split()
    dataset = replayed(recording).datasets[f"{DATASETS[recording][0]}{name}"]
    assert dataset.updated == at(updated)
    assert dataset.rows == (None if rows == "-" else int(rows))
    assert [
        dataset.failures("error"),
        *dataset.schema_changes.values(),
        len(dataset.producers),
        len(dataset.consumers),
    ] == [int(count) for count in counts]
    assert dataset.failures("warn") == 0


@pytest.mark.parametrize("recording", WHOLES)
def test_parts_of_other_runs_are_told_from_whole_ones_and_have_no_thresholds(recording: str) -> None:
    state, namespace = replayed(recording), EXPECTED[recording][0]
    wholes = {f"{namespace}/{name}" for name in WHOLES[recording]}
    assert {job.pipeline for job in state.jobs if not job.is_part} == wholes
    text = StateCollector(state).render(openmetrics=False).decode()
    thresholds = [one for one in text.splitlines() if one.startswith("pipeline_run_failures_threshold_runs{")]
    assert {line.split('"')[1] for line in thresholds} == wholes


@pytest.mark.parametrize("recording", KINDS)
def test_the_jobs_of_a_recording_are_of_the_kinds_that_it_names(recording: str) -> None:
    assert {job.kind for job in replayed(recording).jobs} == KINDS[recording]


@pytest.mark.parametrize("recording", REASONS)
def test_the_failures_of_a_recording_have_the_reasons_that_are_said(recording: str) -> None:
    found: dict[str, int] = {}
    for job in replayed(recording).jobs:
        for reason, count in job.reasons.items():
            found[reason] = found.get(reason, 0) + count
    assert {reason: count for reason, count in found.items() if count} == REASONS[recording]


@pytest.mark.parametrize("model", ["from_src", "customer_totals", "inc", "stg_orders", "empty_tbl", "broken"])
def test_rows_are_those_of_both_runs_on_postgres_and_unknown_where_it_did_not_say(model: str) -> None:
    job = replayed("dbt_pg").jobs[f"dbt-pg/postgres.main.shop.{model}"]
    known = model in ("from_src", "customer_totals", "inc")
    assert (job.last_rows, job.rows_total) == ((3, 6) if known else (None, 0))
    assert job.rows.history.count == (2 if known else 0)


def test_models_wait_for_the_model_that_they_read() -> None:
    datasets, models = replayed("dbt_pg").datasets, "dbt-pg/postgres.main.shop."
    readers = {f"{models}{name}" for name in ("broken", "customer_totals", "empty_tbl", "inc")}
    assert datasets.downstream(f"{models}stg_orders") == readers
    for reader in readers:
        assert datasets.upstream(reader) == {f"{models}stg_orders"}
    assert datasets.upstream(f"{models}from_src") == set()


def test_dags_say_how_late_they_began() -> None:
    jobs = replayed("af_scheduler").jobs
    assert jobs["af-ns/shop_daily"].last_delay == pytest.approx(44 * 60 + 25.409204)
    assert jobs["af-ns/shop_ok"].last_delay == pytest.approx(44 * 60 + 25.501635)
    assert jobs["af-ns/shop_ok.extract"].last_delay is None


@pytest.mark.parametrize("recording", DATASETS)
def test_a_recording_told_twice_says_the_same_as_once(recording: str) -> None:
    once, twice = (StateCollector(replayed(recording, times)).render(openmetrics=False) for times in (1, 2))
    assert twice.decode().splitlines() == once.decode().splitlines()
