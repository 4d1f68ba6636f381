"""Target folders: dbt's own, recorded, and ones made up from a few nodes."""

import json
from pathlib import Path
from typing import Any

Json = dict[str, Any]

RECORDED = Path(__file__).parents[2] / "data/dbt"
INVOCATION = "feaa8553-e151-4f27-a8e2-6fd01667b08e"
STARTED = "2026-11-21T00:43:28.000000Z"
COMPLETED = "2026-11-21T00:43:29.500000Z"


def node(unique_id: str = "model.shop.orders", **facts: Any) -> Json:
    """A result as dbt 1.10 writes it."""
    timing = [
        {"name": "compile", "started_at": "2026-11-21T00:43:27.000000Z", "completed_at": STARTED},
        {"name": "execute", "started_at": STARTED, "completed_at": COMPLETED},
    ]
    return {
        "status": "success",
        "timing": timing,
        "thread_id": "Thread-1",
        "execution_time": 1.5,
        "adapter_response": {"_message": "SELECT 3", "code": "SELECT", "rows_affected": 3},
        "message": "SELECT 3",
        "failures": None,
        "unique_id": unique_id,
        "relation_name": '"db"."main"."orders"',
        **facts,
    }


def skipped(unique_id: str) -> Json:
    """A result of a node that was not run."""
    facts: Json = {"status": "skipped", "timing": [], "execution_time": 0.0, "adapter_response": {}}
    return node(unique_id, **facts, message=None)


def run_results(*nodes: Json, version: int = 6, which: str = "build", **metadata: Any) -> Json:
    """run_results.json."""
    told = {
        "dbt_schema_version": f"https://schemas.getdbt.com/dbt/run-results/v{version}.json",
        "generated_at": "2026-11-21T00:43:30.000000Z",
        "invocation_id": INVOCATION,
        "env": {},
        **metadata,
    }
    return {"metadata": told, "results": list(nodes), "elapsed_time": 4.5, "args": {"which": which}}


def sources(*results: Json, version: int = 3) -> Json:
    """sources.json."""
    schema = f"https://schemas.getdbt.com/dbt/sources/v{version}.json"
    return {"metadata": {"dbt_schema_version": schema}, "results": list(results), "elapsed_time": 1.0}


def source(**facts: Any) -> Json:
    """A source's freshness as dbt 1.10 writes it."""
    return {
        "unique_id": "source.shop.raw.orders",
        "max_loaded_at": "2026-11-20T00:00:00+00:00",
        "snapshotted_at": "2026-11-21T00:00:00+00:00",
        "status": "pass",
        "criteria": {
            "warn_after": {"count": 1, "period": "hour"},
            "error_after": {"count": 2, "period": "day"},
        },
        **facts,
    }


def written(folder: Path, **artifacts: object) -> Path:
    """The folder with these files: `written(tmp_path, run_results=...)`."""
    for name, content in artifacts.items():
        (folder / f"{name}.json").write_text(content if isinstance(content, str) else json.dumps(content))
    return folder
