"""Jobs for tests: hourly runs told in OpenLineage's words, and what is answered about them."""

from typing import Any

from tests.unit.web.pipelines import Json, Web

HOUR = 3600
# The keys of a pipeline in short, and of an anomaly.
ROW = {
    *("pipeline", "team", "kind", "mode", "is_part", "health", "since", "sentence", "anomalies"),
    *("last_state", "last_end", "last_success", "in_progress", "failures_in_a_row", "success_ratio"),
    *("last_duration_seconds", "usual_duration_seconds", "last_rows", "usual_rows"),
}
ANOMALY = {"pipeline", "team", "severity", "kind", "observed", "limit", "message"}


def iso(seconds: float) -> str:
    days, rest = divmod(int(seconds), 86400)
    return f"2026-11-{1 + days:02}T{rest // 3600:02}:{rest // 60 % 60:02}:{rest % 60:02}Z"


def run(web: Web, name: str = "load", number: int = 1, state: str = "COMPLETE", **more: Any) -> None:
    """Tell of a run."""
    for event in events(name, number, state, **more):
        assert web.post("/api/v1/lineage", event).status_code == 201


def events(name: str, number: int, state: str, rows: int = 1000, **more: Any) -> list[Json]:
    """An hourly run that takes a minute and reads what `reads` names."""
    statistics = {"outputFacets": {"outputStatistics": {"rowCount": rows}}}
    told: Json = {
        "run": {"runId": f"{name}-{number}", "facets": more.get("of_run", {})},
        "job": {"namespace": "shop", "name": name, "facets": more.get("facets", {})},
        "outputs": [{"namespace": "shop", "name": f"{name}-data", **statistics}],
        "inputs": [{"namespace": "shop", "name": f"{one}-data"} for one in more.get("reads", ())],
    }
    return [
        {"eventType": kind, "eventTime": iso(number * HOUR + seconds), **told}
        for kind, seconds in (("START", 0), (state, 60))
    ]


def owned(team: str) -> Json:
    return {"facets": {"ownership": {"owners": [{"name": f"team:{team}"}]}}}


def part_of(whole: str) -> Json:
    parent = {"run": {"runId": "parent"}, "job": {"namespace": "shop", "name": whole}}
    return {"of_run": {"parent": parent}}


def fail(web: Web, name: str, times: int, **job: Any) -> None:
    for number in range(1, times + 1):
        run(web, name, number, "FAIL", **job)


def asked(web: Web, path: str) -> Any:
    answer = web.get(path)
    assert answer.status_code == 200
    return answer.json()
