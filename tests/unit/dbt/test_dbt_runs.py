"""run_results.json as runs: dbt's own files, and every status."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.dbt.artifacts import Status, read_run_results
from exporter.dbt.graph import MOST_INPUTS, read_graph
from exporter.dbt.results import STATES, project_of, runs
from exporter.dbt.sending import lines
from exporter.runs.plain import decode_run
from exporter.runs.tracker import RunTracker
from exporter.state.jobs import JobStates
from tests.unit.dbt.artifacts import (
    COMPLETED,
    INVOCATION,
    RECORDED,
    Json,
    node,
    run_results,
    skipped,
    written,
)

NOW = 1_795_300_000.0


def told(folder: Path, namespace: str | None = None) -> list[Json]:
    """The runs of a folder, each of which the exporter would take."""
    results = read_run_results(folder)
    assert results is not None
    found = runs(results, read_graph(folder, namespace), project_of(results), "dbt/shop")
    for line in lines(found):
        decode_run(line, NOW, lambda: "new")
    return found


def of(folder: Path, *nodes: Json, **facts: Any) -> tuple[Json, list[Json]]:
    """The invocation's run and its nodes'."""
    first, *rest = told(written(folder, run_results=run_results(*nodes, **facts)))
    return first, rest


def test_a_recorded_invocation_on_postgres() -> None:
    first, *rest = told(RECORDED / "postgres")
    assert first == {
        "run_id": INVOCATION,
        "pipeline": "dbt/shop",
        "kind": "dbt",
        "state": "failed",
        "started": "2026-11-21T00:43:25.789317+00:00",
        "ended": "2026-11-21T00:43:29.925122+00:00",
        "error": "1 of 6 nodes failed: model.shop.broken",
    }
    rows = {run["pipeline"].removeprefix("dbt/shop/model/"): (run["state"], run.get("rows")) for run in rest}
    assert rows == {
        "from_src": ("succeeded", 3),
        "stg_orders": ("succeeded", None),
        "broken": ("failed", None),
        "customer_totals": ("succeeded", 3),
        "empty_tbl": ("succeeded", 0),
        "inc": ("succeeded", 3),
    }
    assert rest[0] == {
        "run_id": f"{INVOCATION}/model.shop.from_src",
        "pipeline": "dbt/shop/model/from_src",
        "kind": "dbt-model",
        "part_of": {"pipeline": "dbt/shop", "run_id": INVOCATION},
        "state": "succeeded",
        "started": "2026-11-21T00:43:28.688801+00:00",
        "ended": "2026-11-21T00:43:29.219002+00:00",
        "rows": 3,
        "outputs": [{"name": "postgres.main.from_src", "rows": 3}],
    }
    assert rest[2]["error"].startswith("Database Error in model broken (models/broken.sql) column")


def test_a_recorded_invocation_on_duckdb_tells_no_rows() -> None:
    first, model = told(RECORDED / "duckdb")
    assert (first["state"], model["state"]) == ("succeeded", "succeeded")
    assert "rows" not in model
    assert model["outputs"] == [{"name": "shop.main.stg_orders"}]


def test_reading_twice_gives_the_same_runs() -> None:
    assert told(RECORDED / "postgres") == told(RECORDED / "postgres")


@pytest.mark.parametrize("status", sorted(STATES))
def test_every_status_has_a_state_and_the_invocation_fails_with_its_nodes(
    tmp_path: Path, status: Status
) -> None:
    first, [one] = of(tmp_path, node(status=status))
    assert one["state"] == STATES[status]
    failed = STATES[status] == "failed"
    assert first["state"] == ("failed" if failed else "succeeded")
    assert ("error" in one) == ("error" in first) == failed
    assert ("rows" in one) == (STATES[status] == "succeeded")


def test_a_skipped_node_wrote_nothing_and_has_no_start(tmp_path: Path) -> None:
    _, [run] = of(tmp_path, skipped("model.shop.orders"))
    ended = "2026-11-21T00:43:30+00:00"
    same = {
        "run_id": f"{INVOCATION}/model.shop.orders",
        "pipeline": "dbt/shop/model/orders",
        "part_of": {"pipeline": "dbt/shop", "run_id": INVOCATION},
    }
    assert run == {**same, "kind": "dbt-model", "state": "skipped", "ended": ended}


def test_a_node_that_only_compiled_took_as_long_as_that(tmp_path: Path) -> None:
    timing = [{"name": "compile", "started_at": "2026-11-21T00:43:27", "completed_at": "2026-11-21T00:43:28"}]
    _, [run] = of(tmp_path, node(status="error", timing=timing))
    assert (run["started"], run["ended"]) == ("2026-11-21T00:43:27+00:00", "2026-11-21T00:43:28+00:00")


@pytest.mark.parametrize(
    ("unique_id", "pipeline", "kind"),
    [
        ("model.shop.orders", "dbt/shop/model/orders", "dbt-model"),
        ("model.shop.orders.v2", "dbt/shop/model/orders.v2", "dbt-model"),
        ("model.dbt_utils.dates", "dbt/shop/model/dbt_utils.dates", "dbt-model"),
        ("test.shop.unique_orders_id.fed79b3a6e", "dbt/shop/test/unique_orders_id.fed79b3a6e", "dbt-test"),
        ("seed.shop.countries", "dbt/shop/seed/countries", "dbt-seed"),
        ("snapshot.shop.prices", "dbt/shop/snapshot/prices", "dbt-snapshot"),
        ("operation.shop.shop-on-run-end-0", "dbt/shop/operation/shop-on-run-end-0", "dbt-operation"),
    ],
)
def test_a_node_is_a_pipeline_by_its_type_and_name(
    tmp_path: Path, unique_id: str, pipeline: str, kind: str
) -> None:
    _, nodes = of(tmp_path, node("model.shop.first"), node("model.shop.second"), node(unique_id))
    assert (nodes[-1]["pipeline"], nodes[-1]["kind"]) == (pipeline, kind)


@pytest.mark.parametrize("kind", ["test", "unit_test", "operation"])
def test_only_what_writes_tells_rows_and_outputs(tmp_path: Path, kind: str) -> None:
    _, [run] = of(tmp_path, node(f"{kind}.shop.orders"))
    assert not run.keys() & {"rows", "outputs"}


@pytest.mark.parametrize(
    ("relation", "name"),
    [('"db"."main"."orders"', "db.main.orders"), ("`db`.`main`.`orders`", "db.main.orders"),
     ("[db].[main].[orders]", "db.main.orders"), ("db.main.orders", "db.main.orders")],
)  # fmt: skip
def test_a_relations_name_loses_its_quotes(tmp_path: Path, relation: str, name: str) -> None:
    _, [run] = of(tmp_path, node(relation_name=relation))
    assert run["outputs"][0]["name"] == name


@pytest.mark.parametrize("rows", [-1, None, "3", 2.5, True, 1 << 60])
def test_rows_that_are_no_count_are_unknown(tmp_path: Path, rows: Any) -> None:
    _, [run] = of(tmp_path, node(adapter_response={"rows_affected": rows}))
    assert "rows" not in run
    assert run["outputs"] == [{"name": "db.main.orders"}]


def manifest(**nodes: tuple[str | None, list[str]]) -> Json:
    """manifest.json: for each node its relation and what it depends on."""
    return {
        "metadata": {"project_name": "shop"},
        "nodes": {
            f"model.shop.{name}": {"relation_name": relation, "depends_on": {"macros": [], "nodes": parents}}
            for name, (relation, parents) in nodes.items()
        },
    }


def test_a_node_reads_what_the_manifest_says_and_through_what_lies_in_no_relation(tmp_path: Path) -> None:
    orders = [f"model.shop.{name}" for name in ("raw", "ephemeral", "unknown")]
    graph = manifest(
        orders=('"db"."main"."orders"', [*orders, "source.shop.erp.rates"]),
        ephemeral=(None, ["model.shop.raw", "model.shop.ephemeral", "model.shop.names"]),
        names=("`db`.`main`.`names`", []),
        raw=("[db].[main].[raw]", []),
    )
    written(tmp_path, manifest=graph)
    _, [run] = of(tmp_path, node())
    assert run["inputs"] == ["db.main.raw", "source:shop.erp.rates", "db.main.names"]
    _, [test] = of(tmp_path, node("test.shop.unique", status="pass", relation_name=None))
    assert "inputs" not in test


def test_a_source_is_the_relation_that_its_loader_writes(tmp_path: Path) -> None:
    graph = manifest(orders=("orders", ["source.shop.raw.orders", "source.shop.raw.unknown"]))
    graph["sources"] = {"source.shop.raw.orders": {"relation_name": '"db"."raw"."orders"'}}
    _, [run] = of(written(tmp_path, manifest=graph), node())
    assert run["inputs"] == ["db.raw.orders", "source:shop.raw.unknown"]


def test_datasets_are_those_of_dbts_openlineage_wrapper() -> None:
    """The same project on the same database, recorded through both."""
    events = (RECORDED.parent / "openlineage/dbt_pg.jsonl").read_text().splitlines()
    listed = [one for line in events for one in json.loads(line)["event"].get("outputs") or ()]
    written_by_wrapper = {f"{one['namespace']}/{one['name']}" for one in listed}
    found = told(RECORDED / "postgres", "postgres://127.0.0.1:15432")
    by_artifacts = {one["name"] for run in found for one in run.get("outputs", ())}
    assert by_artifacts
    assert by_artifacts <= written_by_wrapper


def test_nodes_are_parts_of_their_invocation_and_never_alert_by_themselves() -> None:
    events = [decode_run(line, NOW, lambda: "new") for line in lines(told(RECORDED / "postgres"))]
    tracker = RunTracker(max_open=9, max_finished=99, max_jobs=99)
    jobs = JobStates()
    for observation in (one for event in events for one in tracker.observe(event)):
        jobs.apply(observation)
    whole, *parts = jobs
    assert (whole.pipeline, whole.is_part) == ("dbt/shop", False)
    assert {(part.is_part, part.whole) for part in parts} == {(True, "dbt/shop")}
    assert len(parts) == 6


def test_a_node_that_was_skipped_has_read_nothing(tmp_path: Path) -> None:
    written(tmp_path, manifest=manifest(orders=("orders", ["source.shop.erp.rates"])))
    _, [run] = of(tmp_path, skipped("model.shop.orders"))
    assert "inputs" not in run


def test_a_seed_writes_the_relation_that_the_manifest_knows(tmp_path: Path) -> None:
    written(tmp_path, manifest=manifest(rates=('"db"."main"."rates"', [])))
    _, [run] = of(tmp_path, node("model.shop.rates", relation_name=None))
    assert run["outputs"] == [{"name": "db.main.rates", "rows": 3}]


def test_a_node_that_reads_ever_so_much_is_told_in_part(tmp_path: Path) -> None:
    parents = [f"source.shop.erp.{number}" for number in range(MOST_INPUTS + 1)]
    written(tmp_path, manifest=manifest(orders=("orders", parents)))
    _, [run] = of(tmp_path, node())
    assert len(run["inputs"]) == MOST_INPUTS


@pytest.mark.parametrize("version", [4, 5, 6])
def test_older_versions_without_relation_and_start_are_read(tmp_path: Path, version: int) -> None:
    old = node()
    del old["relation_name"], old["message"]
    first, [run] = of(tmp_path, old, version=version)
    assert (first["duration_seconds"], first["ended"]) == (4.5, "2026-11-21T00:43:30+00:00")
    assert (run["rows"], run["ended"]) == (3, COMPLETED.replace(".500000Z", ".500000+00:00"))
    assert "outputs" not in run


def test_an_invocation_without_nodes_has_succeeded(tmp_path: Path) -> None:
    first, nodes = of(tmp_path)
    assert (first["state"], nodes) == ("succeeded", [])


def test_without_an_invocation_id_the_time_is_one(tmp_path: Path) -> None:
    first, [run] = of(tmp_path, node(), invocation_id=None)
    assert first["run_id"] == "dbt-2026-11-21T00:43:30+00:00"
    assert run["run_id"] == f"{first['run_id']}/model.shop.orders"


def test_a_name_of_any_length_gives_an_id_that_fits(tmp_path: Path) -> None:
    ids = [f"test.shop.{'long_' * 90}.{number}" for number in range(2)]
    first, nodes = of(tmp_path, *(node(unique_id) for unique_id in ids))
    assert first["run_id"] == INVOCATION
    assert len({run["run_id"] for run in nodes}) == 2
    assert max(len(run["run_id"]) for run in nodes) <= 512


@given(message=st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_an_error_is_one_bounded_line(tmp_path_factory: pytest.TempPathFactory, message: str) -> None:
    folder = tmp_path_factory.mktemp("target")
    _, [run] = of(folder, node(status="error", message=message * 50))
    assert len(run.get("error", "").splitlines()) <= 1
    assert len(run.get("error", "")) <= 1000
