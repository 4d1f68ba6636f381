"""The status: exactly the fields that the page and other readers rely on, at every moment."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.unit.incidents.notifications import T0, alert, notification
from tests.unit.web.pipelines import Json, Web, calm, web_of

STATUS = {
    *("version", "started", "now", "speed", "time_scale", "health", "pipelines", "pipelines_total"),
    *("lights", "incidents", "alerting_last_heard", "review", "jobs", "jobs_total"),
    *("datasets", "datasets_total", "dataset_lights"),
}
PIPELINE = {
    *("name", "team", "kind", "mode", "health", "since", "sentence", "time_seconds", "traffic_regime"),
    *("stages", "latency_seconds", "history", "signals", "slos"),
}
STAGE = {
    *("name", "health", "backlog", "thresholds", "throughput_per_second", "capacity_per_second"),
    *("nominal_capacity_per_second", "blocked", "service_seconds", "faults", "history"),
}
FAULT = {"id", "pipeline", "stage", "kind", "strength", "remaining_seconds", "origin"}
SIGNAL = {"name", "description", "arrived", "delivered", "failed", "dropped"}
SLO = {
    *("name", "description", "objective", "good", "bad", "budget_burnt", "passing", "observed", "target"),
    *("unit", "window_seconds", "comparison", "budget_period_seconds"),
}
INCIDENT = {
    *("id", "pipeline", "dataset", "team", "severity", "stage", "started", "ended", "resolution"),
    *("duration_seconds", "summary", "acknowledged", "acknowledged_by", "note", "escalated", "alerts"),
    "runbook_url",
}
REVIEW = {
    *("id", "pipeline", "signal", "delivered", "latency_seconds", "path", "verdict", "note", "reviewed"),
}
STEP = {"stage", "left", "waited_seconds"}
JOB = {
    *("pipeline", "namespace", "name", "team", "integration", "last_state", "in_progress", "succeeded"),
    *("failed", "aborted", "last_start", "last_success", "last_failure", "last_duration_seconds"),
    *("is_part", "health", "since", "sentence"),
}
QUANTILES = {"p50", "p95", "p99"}

EVENT = {
    "eventType": "FAIL",
    "eventTime": "2026-11-21T00:00:00Z",
    "run": {"runId": "01a1fb67-1800-7546-a491-5f30a417dd78"},
    "job": {"namespace": "shop", "name": "load"},
}


def all_kinds_of_faults() -> list[Json]:
    kinds: list[Json] = [
        {"kind": "slowdown", "factor": 5},
        {"kind": "stall"},
        {"kind": "errors", "share": 0.5},
        {"kind": "latency", "factor": 2},
    ]
    stages = ("enrich", "store", "normalize", "ingest")
    return [
        {"at": 100, "for": 200, "stage": stage, **kind} for stage, kind in zip(stages, kinds, strict=True)
    ]


def at_the_start(_: Web) -> None:
    pass


def after_one_tick(web: Web) -> None:
    web.service.advance(1)


def healthy(web: Web) -> None:
    web.service.advance(90)


def in_trouble(web: Web) -> None:
    """Every kind of fault strikes, an alert has come, a run has failed, an event was judged."""
    web.service.advance(150)
    web.post("/api/v1/alerts", notification(alert(pipeline="business-signals")))
    web.post("/api/v1/lineage", EVENT)
    [event] = web.get("/api/v1/review?limit=1").json()
    web.post(f"/api/v1/review/{event['id']}", {"verdict": "wrong"})


def recovered(web: Web) -> None:
    web.service.advance(900)


MOMENTS = [at_the_start, after_one_tick, healthy, in_trouble, recovered]


@pytest.fixture(params=MOMENTS, ids=[moment.__name__ for moment in MOMENTS])
def status(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    moment: Callable[[Web], None] = request.param
    web = web_of(calm(*all_kinds_of_faults()), tmp_path)
    moment(web)
    return web.status()


@pytest.fixture
def trouble(tmp_path: Path) -> Any:
    web = web_of(calm(*all_kinds_of_faults()), tmp_path)
    in_trouble(web)
    return web.status()


def test_the_status_has_its_fields_and_no_others(status: Any) -> None:
    assert status.keys() == STATUS
    for pipeline in status["pipelines"]:
        assert pipeline.keys() == PIPELINE
        assert pipeline["history"].keys() == {"latency_p95", "arrived", "delivered"}
        assert {frozenset(signal) for signal in pipeline["signals"]} == {frozenset(SIGNAL)}
        assert {frozenset(slo) for slo in pipeline["slos"]} == {frozenset(SLO)}
        assert {frozenset(stage) for stage in pipeline["stages"]} == {frozenset(STAGE)}
        for stage in pipeline["stages"]:
            assert stage["thresholds"].keys() == {"degraded", "critical", "limit"}
            assert stage["history"].keys() == {"backlog", "throughput", "health"}


def test_everything_that_comes_and_goes_has_its_fields(trouble: Any) -> None:
    [pipeline] = trouble["pipelines"]
    faults = [fault for stage in pipeline["stages"] for fault in stage["faults"]]
    assert {fault["kind"] for fault in faults} == {"slowdown", "stall", "errors", "latency"}
    assert {frozenset(fault) for fault in faults} == {frozenset(FAULT)}
    assert {frozenset(incident) for incident in trouble["incidents"]} == {frozenset(INCIDENT)}
    assert {frozenset(event) for event in trouble["review"]} == {frozenset(REVIEW)}
    assert {frozenset(step) for event in trouble["review"] for step in event["path"]} == {frozenset(STEP)}
    assert {frozenset(job) for job in trouble["jobs"]} == {frozenset(JOB)}
    assert pipeline["latency_seconds"].keys() == QUANTILES
    assert pipeline["stages"][0]["service_seconds"].keys() == QUANTILES


def test_before_the_first_tick_nothing_is_known_and_nothing_is_wrong(web: Web) -> None:
    status = web.status()
    [pipeline] = status["pipelines"]
    assert (status["health"], pipeline["sentence"], pipeline["time_seconds"]) == ("healthy", "Starting.", 0)
    assert pipeline["latency_seconds"] is None
    assert {stage["service_seconds"] for stage in pipeline["stages"]} == {None}
    assert {(slo["passing"], slo["observed"], slo["budget_burnt"]) for slo in pipeline["slos"]} == {
        (None, None, 0.0)
    }
    assert pipeline["history"] == {"latency_p95": [], "arrived": [], "delivered": []}


def test_all_histories_are_equally_long_and_bounded(status: Any) -> None:
    [pipeline] = status["pipelines"]
    histories = [*pipeline["history"].values()]
    histories += [history for stage in pipeline["stages"] for history in stage["history"].values()]
    assert {len(history) for history in histories} == {min(180, pipeline["time_seconds"])}


def test_a_histories_last_point_is_the_present(trouble: Any) -> None:
    [pipeline] = trouble["pipelines"]
    numbers = {"healthy": 0, "degraded": 1, "critical": 2}
    for stage in pipeline["stages"]:
        assert stage["history"]["backlog"][-1] == stage["backlog"]
        assert stage["history"]["health"][-1] == numbers[stage["health"]]


def test_the_page_and_the_metrics_say_the_same(tmp_path: Path) -> None:
    web = web_of(calm(*all_kinds_of_faults()), tmp_path)
    in_trouble(web)
    [pipeline] = web.status()["pipelines"]
    for stage in pipeline["stages"]:
        shown = stage["backlog"], stage["capacity_per_second"], stage["blocked"]
        assert shown == (
            web.sample("pipeline_stage_queue_events", stage=stage["name"]),
            web.sample("pipeline_stage_capacity_events_per_second", stage=stage["name"]),
            web.sample("pipeline_stage_blocked", stage=stage["name"]),
        )
    for signal in pipeline["signals"]:
        delivered = web.sample(
            "pipeline_stage_events_total", stage="store", signal=signal["name"], outcome="processed"
        )
        assert signal["arrived"] == web.sample("pipeline_events_arrived_total", signal=signal["name"])
        assert signal["delivered"] == delivered
    for slo in pipeline["slos"]:
        for result in ("good", "bad"):
            assert slo[result] == web.sample("pipeline_slo_events_total", slo=slo["name"], result=result)


def test_an_open_incident_has_no_end_and_a_closed_one_keeps_its_length(web: Web) -> None:
    web.post("/api/v1/alerts", notification(alert(stage="store")))
    web.clock.seconds += 99
    [incident] = web.status()["incidents"]
    assert (incident["id"], incident["stage"], incident["ended"]) == ("1", "store", None)
    assert (incident["duration_seconds"], incident["alerts"]) == (100, ["PipelineStageCritical"])
    web.post("/api/v1/alerts", notification(alert(stage="store", ends=T0 + 60)))
    [closed] = web.status()["incidents"]
    assert (closed["duration_seconds"], closed["resolution"]) == (60, "resolved")
    assert closed["ended"] > closed["started"] == incident["started"]
    web.clock.seconds += 500
    assert web.status()["incidents"] == [closed]


def test_red_lights_alone_are_no_incident(tmp_path: Path) -> None:
    web = web_of(calm(*all_kinds_of_faults()), tmp_path)
    web.service.advance(250)
    assert (web.status()["health"], web.status()["incidents"]) == ("critical", [])


def test_times_are_those_of_the_pipelines_clock(web: Web) -> None:
    web.service.advance(100)
    status = web.status()
    assert (status["started"], status["now"]) == ("2027-01-15T08:00:00.000Z", "2027-01-15T08:00:01.000Z")
    assert status["pipelines"][0]["since"] == "2027-01-15T08:00:00.000Z"


def test_the_worst_pipeline_decides_and_comes_first(tmp_path: Path) -> None:
    [first] = calm()["pipelines"]
    sick = {**first, "name": "orders"}
    stall = {"at": 1, "for": 500, "stage": "enrich", "kind": "stall", "pipeline": "orders"}
    web = web_of({**calm(stall), "pipelines": [first, sick]}, tmp_path)
    web.service.advance(60)
    status = web.status()
    assert status["health"] == "critical"
    assert [(one["name"], one["health"]) for one in status["pipelines"]] == [
        ("orders", "critical"),
        ("business-signals", "healthy"),
    ]


def test_at_most_fifty_pipelines_are_shown_and_all_are_counted(tmp_path: Path) -> None:
    [first] = calm()["pipelines"]
    many = [{**first, "name": f"pipeline-{number}"} for number in range(60)]
    web = web_of({**calm(), "pipelines": many}, tmp_path)
    web.service.advance(1)
    status = web.status()
    assert (len(status["pipelines"]), status["pipelines_total"]) == (50, 60)


def test_without_pipelines_there_is_a_status_too(tmp_path: Path) -> None:
    web = web_of({}, tmp_path)
    web.service.advance(10)
    status = web.status()
    assert (status["health"], status["pipelines"], status["jobs"]) == ("healthy", [], [])


def test_the_status_is_never_older_than_a_tick(web: Web) -> None:
    web.service.advance(1)
    assert web.status()["pipelines"][0]["time_seconds"] == 1
    web.service.advance(1)
    web.clock.seconds += 1
    assert web.get("/api/v1/status").json()["pipelines"][0]["time_seconds"] == 2


def test_a_clock_that_is_set_back_does_not_freeze_the_status(web: Web) -> None:
    web.service.advance(1)
    web.status()
    web.service.advance(1)
    web.clock.seconds -= 3600
    assert web.get("/api/v1/status").json()["pipelines"][0]["time_seconds"] == 2


def test_the_status_is_there_whatever_the_clock_shows(web: Web) -> None:
    web.clock.seconds = 0.0
    assert web.get("/api/v1/status").json()["now"] == "1970-01-01T00:00:00.000Z"
