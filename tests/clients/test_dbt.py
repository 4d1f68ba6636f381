"""A real dbt on DuckDB tells a real exporter, through both of its doors.

The project `shop`: two seeds of 3 and 5 rows, three models, four tests. One order has no amount, so that one
test fails, and `totals` and its test are skipped. The numbers below were counted by hand in its files.
"""

import os
import re
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.conftest import StartExporter, lacking
from tests.servers import Server
from tests.trouble import never, relaying

HERE = Path(__file__).parent
BIN = HERE.parents[1] / ".cache/clients/bin"
SECONDS = 120
# As docs/doors.md has it.
OPENLINEAGE = {
    "OPENLINEAGE_NAMESPACE": "warehouse",
    "OPENLINEAGE__TRANSPORT__TYPE": "async_http",
    "OPENLINEAGE__TRANSPORT__TIMEOUT": "1",
    "OPENLINEAGE__TRANSPORT__RETRY": '{"total": 1}',
}
NODES = {
    "seed/raw_customers": "succeeded",
    "seed/raw_orders": "succeeded",
    "model/customers": "succeeded",
    "model/orders": "succeeded",
    "model/totals": "skipped",
    "test/not_null_orders_amount": "failed",
    "test/not_null_orders_id": "succeeded",
    "test/unique_orders_id": "succeeded",
    "test/unique_totals_name": "skipped",
}
TESTS_OF_ORDERS = ("test/not_null_orders_amount", "test/not_null_orders_id", "test/unique_orders_id")
LOADED = datetime(2026, 1, 3, tzinfo=UTC).timestamp()
TWO_DAYS = 2 * 86400
# A test's name has a hash at its end.
HASH = re.compile(r"\.[0-9a-f]{8,10}$")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of the project."""
    if not (BIN / "dbt-ol").exists():
        lacking("dbt is missing: make test-clients")
    return shutil.copytree(HERE / "shop", tmp_path / "shop")


@pytest.fixture
def server(tmp_path: Path, exporter: StartExporter) -> Server:
    """A real exporter that watches nothing else."""
    config = tmp_path / "alone.yml"
    config.write_text("pipelines: []\n", encoding="utf-8")
    return exporter("--config", str(config))


def run(project: Path, *words: object, **environment: str) -> "subprocess.CompletedProcess[str]":
    """A command in the project's folder, to its end."""
    path = f"{BIN}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(
        [str(word) for word in words], cwd=project, env={**os.environ, "PATH": path, **environment},
        capture_output=True, text=True, check=False, timeout=SECONDS,
    )  # fmt: skip


def dbt_ol(project: Path, url: str) -> "subprocess.CompletedProcess[str]":
    """What docs/doors.md says to run."""
    there = {**OPENLINEAGE, "OPENLINEAGE__TRANSPORT__URL": url}
    return run(project, "dbt-ol", "build", "--consume-structured-logs", **there)


def metrics(server: Server, family: str) -> dict[str, float]:
    """A family's samples by their labels, those that are 0 left out."""
    lines = httpx.get(f"{server.url}/metrics", trust_env=False).text.splitlines()
    found = [line.removeprefix(family).rsplit(" ", 1) for line in lines if line.startswith(f"{family}{{")]
    return {labels: float(value) for labels, value in found if float(value)}


def states(server: Server, prefix: str) -> dict[str, str]:
    """The state of each pipeline, of which every one has run once; KIND/NAME as in `NODES`."""
    found = {}
    for labels, count in metrics(server, "pipeline_runs_total").items():
        name, state = re.findall(r'"([^"]*)"', labels)
        if name.startswith(prefix):
            assert count == 1
            found[short(name, prefix)] = state
    return found


def short(pipeline: str, prefix: str) -> str:
    return HASH.sub("", pipeline.removeprefix(prefix)).replace(".shop.", "/")


def neighbours(server: Server, pipeline: str, prefix: str) -> tuple[set[str], set[str]]:
    """Who writes what it reads, and who reads what it writes."""
    answer = httpx.get(
        f"{server.url}/api/v1/lineage", params={"pipeline": f"{prefix}{pipeline}"}, trust_env=False
    )
    told: dict[str, Any] = answer.json()
    before, after = (
        {short(one["pipeline"], prefix) for one in told[way]} for way in ("upstream", "downstream")
    )
    return before, after


def test_dbt_ol_tells_each_run_once(project: Path, server: Server) -> None:
    assert dbt_ol(project, server.url).returncode == 1
    told = {name: "aborted" if state == "skipped" else state for name, state in NODES.items()}
    assert states(server, "warehouse/") == {"dbt-run-shop": "failed", **told}
    assert neighbours(server, "model.shop.orders", "warehouse/") == (
        {"seed/raw_orders"},
        {"model/totals", *TESTS_OF_ORDERS},
    )
    failing = metrics(server, "pipeline_dataset_failing_assertions")
    assert failing == {'{dataset="duckdb://shop.duckdb/shop.main.orders",severity="error"}': 1}
    assert len(metrics(server, "pipeline_dataset_last_update_timestamp_seconds")) == 6
    assert metrics(server, "pipeline_runs_in_progress") == {}


def test_dbts_artifacts_tell_each_run_once(project: Path, server: Server) -> None:
    assert run(project, "dbt", "build").returncode == 1
    assert run(project, "dbt", "source", "freshness").returncode == 1
    for _ in range(2):
        tell(project, server)
    assert states(server, "dbt/shop/") == NODES
    assert metrics(server, "pipeline_runs_total")['{pipeline="dbt/shop",state="failed"}'] == 1
    assert metrics(server, "pipeline_run_written_rows_total") == {
        '{pipeline="dbt/shop/seed/raw_customers"}': 3,
        '{pipeline="dbt/shop/seed/raw_orders"}': 5,
    }
    # dbt's source is the table that dbt's seed has written, later than what is in it is from.
    source = '{dataset="shop.main.raw_customers"}'
    assert metrics(server, "pipeline_dataset_last_update_timestamp_seconds")[source] > LOADED
    assert metrics(server, "pipeline_dataset_stale_after_seconds") == {source: TWO_DAYS}
    assert neighbours(server, "model/orders", "dbt/shop/") == ({"seed/raw_orders"}, set(TESTS_OF_ORDERS))
    assert neighbours(server, "model/customers", "dbt/shop/") == ({"seed/raw_customers"}, set())


def tell(project: Path, server: Server) -> None:
    exporters = Path(sys.executable).parent / "pipeline-health"
    done = run(project, exporters, "dbt", "target/", "--url", server.url)
    assert (done.returncode, done.stderr) == (0, "")


def test_an_exporter_that_never_answers_is_asked_twice_for_each_event_and_dbt_builds_the_same(
    project: Path, server: Server
) -> None:
    with relaying(server, never) as relay:
        done = dbt_ol(project, relay.url)
        assert done.returncode == 1
        assert "PASS=6 WARN=0 ERROR=1 SKIP=2" in done.stdout
        assert set(relay.asked.values()) == {2}
