"""The faults API: what can be injected, what it does, and which key is wrong when it can't."""

from pathlib import Path

import pytest

from tests.unit.web.pipelines import Json, Web, calm, error_of, web_of

SLOWDOWN = {"stage": "enrich", "kind": "slowdown", "factor": 4, "for": "30s"}
FAULT_KEYS = {"id", "pipeline", "stage", "kind", "strength", "remaining_seconds", "origin"}


@pytest.mark.parametrize(
    ("fault", "strength"),
    [
        ({"kind": "slowdown", "factor": 4}, "x4"),
        ({"kind": "latency", "factor": 2.5}, "x2.5"),
        ({"kind": "stall"}, "full"),
        ({"kind": "errors", "share": 0.25}, "25% fail, 2 retries"),
        ({"kind": "errors", "share": 1, "retries": 0}, "100% fail, 0 retries"),
    ],
)
def test_each_kind_is_injected_listed_and_over_in_its_time(web: Web, fault: Json, strength: str) -> None:
    answer = web.post("/api/v1/faults", {"stage": "normalize", "for": "30s", **fault})
    assert answer.status_code == 201
    injected = answer.json()
    assert injected.keys() == FAULT_KEYS
    assert injected | {"id": ""} == {
        "id": "",
        "pipeline": "business-signals",
        "stage": "normalize",
        "kind": fault["kind"],
        "strength": strength,
        "remaining_seconds": 30,
        "origin": "injected",
    }
    web.service.advance(12)
    assert web.get("/api/v1/faults").json() == [{**injected, "remaining_seconds": 18}]
    assert web.sample("pipeline_fault_active", stage="normalize", fault=fault["kind"]) == 1
    web.service.advance(19)
    assert web.get("/api/v1/faults").json() == []
    assert web.sample("pipeline_fault_active", stage="normalize", fault=fault["kind"]) == 0


def test_a_slowdown_divides_the_capacity(web: Web) -> None:
    web.post("/api/v1/faults", SLOWDOWN)
    web.service.advance(1)
    assert web.sample("pipeline_stage_capacity_events_per_second", stage="enrich") == 12.5
    assert web.sample("pipeline_stage_nominal_capacity_events_per_second", stage="enrich") == 50


@pytest.mark.parametrize("lasting", ["90s", "1m30s", 90, 90.0, "90"])
def test_a_duration_is_words_or_seconds(web: Web, lasting: object) -> None:
    answer = web.post("/api/v1/faults", {**SLOWDOWN, "for": lasting})
    if lasting == "90":
        assert error_of(answer, 400).startswith("body: for: ")
    else:
        assert answer.json()["remaining_seconds"] == 90


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"stage": "enrichment"},
            "body: stage: expected one of ['ingest', 'normalize', 'enrich', 'store'], got 'enrichment'",
        ),
        (
            {"kind": "slow"},
            "body: kind: expected 'slowdown', 'stall', 'errors' or 'latency', got 'slow'",
        ),
        ({"pipeline": "orders"}, "body: pipeline: expected one of ['business-signals'], got orders"),
        ({"factor": 1}, "body: factor: expected > 1, got 1"),
        ({"factor": 1001}, "body: factor: expected <= 1000, got 1001"),
        ({"factor": "fast"}, "body: factor: expected a number, got 'fast'"),
        ({"factor": None}, "body: factor: expected for slowdown, got nothing"),
        ({"share": 0.5}, "body: share: not used by slowdown"),
        ({"kind": "stall"}, "body: factor: not used by stall"),
        ({"for": "soon"}, "body: for: expected a duration such as 90s, 10m or 24h, got 'soon'"),
        ({"for": 0}, "body: for: expected >= 1, got 0"),
        ({"for": "1500ms"}, "body: for: expected whole seconds, got '1500ms'"),
        ({"for": True}, "body: for: expected a duration such as 90s, 10m or 24h, got true"),
        ({"at": "5s"}, "body: at: unknown key"),
    ],
)
def test_a_mistake_is_400_naming_its_key(web: Web, change: Json, message: str) -> None:
    assert error_of(web.post("/api/v1/faults", SLOWDOWN | change), 400) == message
    assert web.refusals("invalid") == 1


@pytest.mark.parametrize("missing", ["stage", "kind", "for"])
def test_a_missing_key_is_400_naming_it(web: Web, missing: str) -> None:
    content = {key: value for key, value in SLOWDOWN.items() if key != missing}
    message = error_of(web.post("/api/v1/faults", content), 400)
    assert message == f"body: {missing}: expected a value, got nothing"


@pytest.mark.parametrize(
    ("share", "message"),
    [
        (0, "body: share: expected > 0, got 0"),
        (1.5, "body: share: expected <= 1, got 1.5"),
        (None, "body: share: expected for errors, got nothing"),
    ],
)
def test_a_share_that_is_none_is_400(web: Web, share: float | None, message: str) -> None:
    content = {"stage": "enrich", "kind": "errors", "for": "9s", "share": share}
    assert error_of(web.post("/api/v1/faults", content), 400) == message


def test_several_mistakes_are_all_named(web: Web) -> None:
    lines = error_of(web.post("/api/v1/faults", {"kind": "stall", "for": "soon"}), 400).splitlines()
    assert [line.split(": ")[1] for line in lines] == ["stage", "for"]


def test_with_several_pipelines_a_fault_must_say_which(tmp_path: Path) -> None:
    [first] = calm()["pipelines"]
    web = web_of({**calm(), "pipelines": [first, {**first, "name": "orders"}]}, tmp_path)
    message = error_of(web.post("/api/v1/faults", SLOWDOWN), 400)
    assert message == "body: pipeline: expected one of ['business-signals', 'orders'], got nothing"
    web.post("/api/v1/faults", {**SLOWDOWN, "pipeline": "orders"})
    web.service.advance(1)
    assert [fault["pipeline"] for fault in web.get("/api/v1/faults").json()] == ["orders"]


def test_faults_of_a_scenario_are_listed_while_they_strike(tmp_path: Path) -> None:
    web = web_of(calm({"at": 10, "for": 5, "stage": "store", "kind": "stall"}), tmp_path)
    web.service.advance(10)
    assert web.get("/api/v1/faults").json() == []
    web.service.advance(1)
    [fault] = web.get("/api/v1/faults").json()
    assert (fault["origin"], fault["stage"], fault["remaining_seconds"]) == ("scenario", "store", 4)


def test_faults_of_several_kinds_strike_one_stage_together(web: Web) -> None:
    web.post("/api/v1/faults", SLOWDOWN)
    web.post("/api/v1/faults", {"stage": "enrich", "kind": "latency", "factor": 3, "for": "30s"})
    web.service.advance(1)
    faults = web.get("/api/v1/faults").json()
    assert [fault["kind"] for fault in faults] == ["slowdown", "latency"]
    assert len({fault["id"] for fault in faults}) == 2


def test_a_hundred_faults_at_a_time_are_enough(web: Web) -> None:
    for _ in range(100):
        assert web.post("/api/v1/faults", SLOWDOWN).status_code == 201
    assert error_of(web.post("/api/v1/faults", SLOWDOWN), 429).startswith("expected at most 100 ")
    assert web.refusals("too_many_faults") == 1
    web.service.advance(31)
    assert web.post("/api/v1/faults", SLOWDOWN).status_code == 201
