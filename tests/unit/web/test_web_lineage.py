"""Run events over HTTP: what is taken, what is counted once, and what is refused with its place."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from tests.unit.web.pipelines import JSON_TYPE, Json, Web, calm, error_of, web_of

RUN_ID = "01a1fb67-1800-7546-a491-5f30a417dd78"


def event(
    kind: str = "START", time: str = "2026-11-21T00:00:00Z", name: str = "load", run: str = RUN_ID
) -> Json:
    return {
        "eventType": kind,
        "eventTime": time,
        "producer": "https://example.com",
        "run": {"runId": run},
        "job": {"namespace": "shop", "name": name},
        "schemaURL": "https://example.com",
        "inputs": [],
    }


def without(*path: str) -> Json:
    """An event that lacks what is at ``path``."""
    changed: Any = event()
    *parents, last = path
    holder = changed
    for key in parents:
        holder = holder[key]
    del holder[last]
    return dict(changed)


def job(web: Web) -> Any:
    [row] = web.status()["jobs"]
    return row


def test_an_event_is_201_with_an_empty_object(web: Web) -> None:
    answer = web.post("/api/v1/lineage", event())
    assert (answer.status_code, answer.json()) == (201, {})


def test_a_run_is_in_progress_and_then_counted_by_its_final_state(web: Web) -> None:
    web.post("/api/v1/lineage", event())
    assert (job(web)["last_state"], job(web)["in_progress"]) == ("running", 1)
    web.post("/api/v1/lineage", event("FAIL", "2026-11-21T00:00:17.6Z"))
    assert (job(web)["last_state"], job(web)["in_progress"], job(web)["failed"]) == ("failed", 0, 1)
    assert job(web)["last_duration_seconds"] == pytest.approx(17.6)
    assert web.sample("pipeline_runs_total", pipeline="shop/load", state="failed") == 1
    assert web.sample("pipeline_run_last_duration_seconds", pipeline="shop/load") == pytest.approx(17.6)
    assert web.sample("pipeline_info", pipeline="shop/load", kind="batch", mode="live") == 1


def test_a_packed_event_is_taken(web: Web) -> None:
    headers = {**JSON_TYPE, "Content-Encoding": "gzip"}
    packed = gzip.compress(json.dumps(event()).encode())
    assert web.request("POST", "/api/v1/lineage", content=packed, headers=headers).status_code == 201


def test_duplicates_are_taken_and_count_once(web: Web) -> None:
    for kind in ("START", "START", "COMPLETE", "COMPLETE", "START"):
        assert web.post("/api/v1/lineage", event(kind)).status_code == 201
    assert (job(web)["succeeded"], job(web)["in_progress"]) == (1, 0)


def test_an_end_without_a_start_gives_a_state_and_no_duration(web: Web) -> None:
    web.post("/api/v1/lineage", event("ABORT"))
    assert (job(web)["aborted"], job(web)["last_duration_seconds"]) == (1, None)


def test_unknown_facets_are_fine(web: Web) -> None:
    facets = {"custom": {"_producer": "x", "deep": [{"a": [1, None, {"b": "ü"}]}]}}
    content = event() | {"run": {"runId": RUN_ID, "facets": facets}, "newField": facets}
    assert web.post("/api/v1/lineage", content).status_code == 201


def test_the_owner_of_a_job_is_its_team(web: Web) -> None:
    content = event()
    content["job"]["facets"] = {"ownership": {"owners": [{"name": "team:finance"}]}}
    web.post("/api/v1/lineage", content)
    assert job(web)["team"] == "finance"
    assert web.sample("pipeline_info", pipeline="shop/load", team="finance") == 1


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (without("run", "runId"), "run.runId: expected a non-empty string, got nothing"),
        (event(run=" "), 'run.runId: expected a non-empty string, got " "'),
        (without("job", "name"), "job.name: expected a non-empty string, got nothing"),
        (without("job", "namespace"), "job.namespace: expected a non-empty string, got nothing"),
        (event(name="x" * 513), "job.name: expected at most 512 characters, got 513"),
        (event(name="a\nb"), 'job.name: expected no control characters, got "a\\nb"'),
        (without("eventTime"), "eventTime: expected an ISO 8601 date-time with offset, got nothing"),
        (
            event(time="2026-11-21T00:00:00"),
            'eventTime: expected an ISO 8601 date-time with offset, got "2026-11-21T00:00:00"',
        ),
        (
            event("DONE"),
            'eventType: expected one of START, RUNNING, COMPLETE, FAIL, ABORT, OTHER, got "DONE"',
        ),
        (event() | {"run": 3}, "run: expected an object, got a number"),
        (event() | {"job": None}, "job: expected an object, got null"),
        ([event()], "body: expected an object, got an array"),
    ],
)
def test_what_is_no_run_event_is_400_saying_what_and_where(web: Web, content: object, message: str) -> None:
    assert error_of(web.post("/api/v1/lineage", content), 400) == message
    assert web.refusals("invalid") == 1
    assert web.status()["jobs_total"] == 0


@pytest.mark.parametrize(
    "body", [b"", b"{", b"eventType=START", b'{"eventType": "\xff"}', b'{"run":' * 50_000]
)
def test_what_is_not_json_is_400(web: Web, body: bytes) -> None:
    answer = web.request("POST", "/api/v1/lineage", content=body, headers=JSON_TYPE)
    assert error_of(answer, 400).startswith("body: ")


def test_a_job_event_is_taken_and_says_nothing_of_runs(web: Web) -> None:
    assert web.post("/api/v1/lineage", without("run")).status_code == 201
    assert web.status()["jobs_total"] == 0


def test_one_job_too_many_is_429_and_the_known_ones_go_on(tmp_path: Path) -> None:
    web = web_of({**calm(), "runs": {"max_jobs": 2}}, tmp_path)
    first, second, third = (f"run {number}" for number in (1, 2, 3))
    assert web.post("/api/v1/lineage", event(name="one", run=first)).status_code == 201
    assert web.post("/api/v1/lineage", event(name="two", run=second)).status_code == 201
    refused = web.post("/api/v1/lineage", event(name="three", run=third))
    assert error_of(refused, 429).startswith("job: expected at most 2 jobs")
    assert web.refusals("too_many_jobs") == 1
    assert web.post("/api/v1/lineage", event("COMPLETE", name="one", run=first)).status_code == 201
    assert web.status()["jobs_total"] == 2


def test_labels_of_a_job_are_escaped_in_the_metrics(web: Web) -> None:
    name = 'a"b\\c%d{e}#ü'
    web.post("/api/v1/lineage", event("COMPLETE", name=name))
    assert web.sample("pipeline_runs_total", pipeline=f"shop/{name}", state="succeeded") == 1


def test_a_job_that_failed_last_keeps_the_overall_light_from_being_green(web: Web) -> None:
    web.post("/api/v1/lineage", event("FAIL"))
    web.service.advance(1)
    assert web.status()["health"] == "degraded"
    web.post("/api/v1/lineage", event("COMPLETE", time="2026-11-21T01:00:00Z", run=f"{RUN_ID}-again"))
    web.clock.seconds += 1
    assert web.status()["health"] == "healthy"
