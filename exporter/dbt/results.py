"""run_results.json as runs: one for the invocation, one for each node."""

from collections import Counter
from datetime import datetime
from hashlib import sha256
from typing import Any

from exporter.dbt.artifacts import Node, RunResults, Status, in_utc
from exporter.dbt.graph import Graph
from exporter.decoding import MAX_NAME_CHARACTERS, count_of

# What a status of dbt's is as a state of a run. A warning is no failure: dbt's exit code is 0 then, too.
STATES: dict[Status, str] = {
    "success": "succeeded",
    "pass": "succeeded",
    "warn": "succeeded",
    "skipped": "skipped",
    "no-op": "skipped",
    "error": "failed",
    "fail": "failed",
    "partial success": "failed",
    "runtime error": "failed",
}
# Only these write rows; of a test `rows_affected` is the size of its answer.
WRITERS = ("model", "seed", "snapshot")
MAX_ERROR_CHARACTERS = 1000

Run = dict[str, Any]


def project_of(results: RunResults) -> str:
    """The project that most nodes belong to; for an invocation without nodes `unknown`."""
    packages = Counter(package for node in results.results if (package := _package(node)))
    return packages.most_common(1)[0][0] if packages else "unknown"


def runs(results: RunResults, graph: Graph, project: str, prefix: str, team: str | None = None) -> list[Run]:
    """All runs, the invocation's first, the nodes' as its parts. The same file gives the same `run_id`s."""
    owner = {} if team is None else {"team": team}
    told = [
        _invocation(results, prefix),
        *(_node(results, graph, node, project, prefix) for node in results.results),
    ]
    return [{**run, **owner} for run in told]


def _invocation(results: RunResults, prefix: str) -> Run:
    failed = [node.unique_id for node in results.results if STATES[node.status] == "failed"]
    run: Run = {
        "run_id": _run_id(results),
        "pipeline": prefix,
        "kind": "dbt",
        "state": "failed" if failed else "succeeded",
    }
    run |= _ended(results.metadata.generated_at)
    if results.metadata.invocation_started_at is not None:
        run["started"] = in_utc(results.metadata.invocation_started_at).isoformat()
    else:
        run["duration_seconds"] = results.elapsed_time
    if failed:
        run["error"] = _line(f"{len(failed)} of {len(results.results)} nodes failed: {', '.join(failed)}")
    return run


def _node(results: RunResults, graph: Graph, node: Node, project: str, prefix: str) -> Run:
    kind, _, rest = node.unique_id.partition(".")
    state = STATES[node.status]
    run: Run = {
        "run_id": _run_id(results, node.unique_id),
        "pipeline": f"{prefix}/{kind}/{rest.removeprefix(f'{project}.')}",
        "kind": f"dbt-{kind}",
        "part_of": {"pipeline": prefix, "run_id": _run_id(results)},
        "state": state,
    }
    run |= _timing(node) or _ended(results.metadata.generated_at)
    if state == "failed" and node.message:
        run["error"] = _line(node.message)
    if state != "skipped" and (inputs := graph.inputs(node.unique_id)):
        run["inputs"] = inputs
    if kind in WRITERS and state != "skipped":
        run |= _written(node, graph.dataset(node.relation_name) or graph.relation(node.unique_id), state)
    return run


def _written(node: Node, relation: str | None, state: str) -> Run:
    """Rows and the relation. A negative number is how an adapter says that it doesn't know."""
    rows = count_of(node.adapter_response.get("rows_affected")) if state == "succeeded" else None
    counted = {} if rows is None else {"rows": rows}
    return {**counted, "outputs": [{"name": relation, **counted}]} if relation else counted


def _timing(node: Node) -> Run:
    """When the node was executed, else compiled; nothing for one that was skipped."""
    phases = {phase.name: phase for phase in node.timing if phase.started_at and phase.completed_at}
    phase = phases.get("execute") or phases.get("compile")
    if phase is None or phase.started_at is None or phase.completed_at is None:
        return {}
    return {"started": in_utc(phase.started_at).isoformat(), **_ended(phase.completed_at)}


def _ended(moment: datetime | None) -> Run:
    return {} if moment is None else {"ended": in_utc(moment).isoformat()}


def _run_id(results: RunResults, *node: str) -> str:
    """The invocation's id and the node's; as short as it must be, and the same each time."""
    generated = results.metadata.generated_at
    invocation = results.metadata.invocation_id or f"dbt-{generated and generated.isoformat()}"
    text = "/".join([invocation, *node])
    return text if len(text) <= MAX_NAME_CHARACTERS else sha256(text.encode()).hexdigest()


def _package(node: Node) -> str:
    parts = node.unique_id.split(".")
    return parts[1] if len(parts) > 2 else ""


def _line(text: str) -> str:
    return " ".join(text.split())[:MAX_ERROR_CHARACTERS]
