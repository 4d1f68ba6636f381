"""The four doors for real runs: what is taken, what is said of the rest, and when to come again."""

import gzip
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from exporter.intake import intake
from exporter.web.runs import MOST_EVENTS
from tests.unit.web.pipelines import EPOCH, JSON_TYPE, Json, Web, calm, error_of, web_of

LINEAGE, BATCH, RUNS, DATASETS = (
    "/api/v1/lineage",
    "/api/v1/lineage/batch",
    "/api/v1/runs",
    "/api/v1/datasets",
)
NDJSON = {"Content-Type": "application/x-ndjson"}
RUN = {"pipeline": "load", "state": "succeeded"}
DATASET = {"dataset": "orders", "rows": 3}
BAD_STATE = "state: invalid enum value 'done'"


def event(name: str = "load", kind: str = "COMPLETE", run: str = "r1") -> Json:
    return {
        "eventType": kind,
        "eventTime": "2026-11-21T00:00:00Z",
        "run": {"runId": run},
        "job": {"namespace": "shop", "name": name},
    }


# A body that is taken, by door.
GOOD = {LINEAGE: event(), BATCH: [event()], RUNS: RUN, DATASETS: DATASET}


def lines(web: Web, path: str, *rows: object, **headers: str) -> httpx.Response:
    """POST one JSON value a line; text as it is."""
    body = "\n".join(row if isinstance(row, str) else json.dumps(row) for row in rows)
    return web.request("POST", path, content=body.encode(), headers={**NDJSON, **headers})


def of(answer: httpx.Response, status: int = 200) -> Json:
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/json")
    content: Json = answer.json()
    return content


def outcome(received: int, *failed: tuple[int, str, bool]) -> Json:
    """The answer to several events, of which these failed: place, reason, whether it may work later."""
    retriable = sum(again for _, _, again in failed)
    return {
        "status": "partial_success" if failed else "success",
        "summary": {
            "received": received,
            "successful": received - len(failed),
            "failed": len(failed),
            "retriable": retriable,
            "non_retriable": len(failed) - retriable,
        },
        "failed_events": [
            {"index": index, "reason": reason, "retriable": again} for index, reason, again in failed
        ],
    }


def succeeded(web: Web) -> dict[str, int]:
    return {job.pipeline: job.runs["succeeded"] for job in web.service.state.jobs}


def with_room_for(jobs: int, folder: Path) -> Web:
    return web_of({**calm(), "runs": {"max_jobs": jobs}}, folder)


def test_a_single_event_is_201_and_a_batch_that_was_taken_204_without_a_body(web: Web) -> None:
    assert of(web.post(LINEAGE, event()), 201) == {}
    answer = web.post(BATCH, [event("report", "START", "r2"), event("report", "COMPLETE", "r2")])
    assert (answer.status_code, answer.content) == (204, b"")
    assert succeeded(web) == {"shop/load": 1, "shop/report": 1}


def test_an_empty_batch_is_204(web: Web) -> None:
    assert web.post(BATCH, []).status_code == 204


def test_a_batch_may_hold_every_kind_of_event(web: Web) -> None:
    said: Json = {"eventTime": "2026-11-21T00:00:00Z", "dataset": {"namespace": "db", "name": "orders"}}
    described = {key: value for key, value in event("other").items() if key in ("eventTime", "job")}
    assert web.post(BATCH, [event(), said, described]).status_code == 204
    assert (succeeded(web), [one.name for one in web.service.state.datasets]) == (
        {"shop/load": 1},
        ["db/orders"],
    )


def test_of_a_batch_what_is_right_is_taken_and_what_is_wrong_is_named_by_its_place(web: Web) -> None:
    wrong = event() | {"job": 5}
    assert of(web.post(BATCH, [event(), wrong, 7, event(run="r2")])) == outcome(
        4,
        (1, "job: expected an object, got a number", False),
        (2, "body: expected an object, got a number", False),
    )
    assert succeeded(web) == {"shop/load": 2}


def test_of_a_batch_what_there_is_no_room_for_may_be_sent_again(tmp_path: Path) -> None:
    web = with_room_for(1, tmp_path)
    answer = of(web.post(BATCH, [event(), event("other", run="r2"), 7, event(run="r3")]))
    assert answer == outcome(
        4,
        (1, "job: expected at most 1 jobs, got also shop/other", True),
        (2, "body: expected an object, got a number", False),
    )
    assert succeeded(web) == {"shop/load": 2}


def test_a_batch_is_an_array(web: Web) -> None:
    assert error_of(web.post(BATCH, event()), 400) == "body: expected `array`, got `object`"
    assert web.refusals("invalid") == 1


def test_a_run_is_201_with_its_id(web: Web) -> None:
    assert of(web.post(RUNS, RUN | {"run_id": "Nightly 7"}), 201) == {"run_id": "Nightly 7"}
    assert succeeded(web) == {"load": 1}


def test_a_run_without_an_id_gets_one_that_ends_it_later(web: Web) -> None:
    given = of(web.post(RUNS, {"pipeline": "load", "state": "running"}), 201)["run_id"]
    assert web.service.state.jobs["load"].in_progress == 1
    web.clock.seconds += 60
    assert of(web.post(RUNS, RUN | {"run_id": given}), 201) == {"run_id": given}
    job = web.service.state.jobs["load"]
    assert (job.in_progress, job.runs["succeeded"], job.last_duration) == (0, 1, 60)


def test_runs_without_ids_are_different_runs(web: Web) -> None:
    first, second = (of(web.post(RUNS, RUN), 201)["run_id"] for _ in range(2))
    assert first != second
    assert of(lines(web, RUNS, RUN, RUN)) == outcome(2)
    assert succeeded(web) == {"load": 4}


def test_a_run_says_all_that_is_known_of_it(web: Web) -> None:
    started = datetime.fromtimestamp(EPOCH - 100, UTC).isoformat()
    told = {"team": "finance", "kind": "etl", "started": started, "duration_seconds": 50, "rows": 1000}
    web.post(RUNS, RUN | told | {"bytes": 5, "scheduled": started, "outputs": ["orders"]})
    assert web.sample("pipeline_info", pipeline="load", team="finance", kind="etl") == 1
    assert web.sample("pipeline_run_last_duration_seconds", pipeline="load") == 50
    assert web.sample("pipeline_run_last_throughput_rows_per_second", pipeline="load") == 20
    assert web.sample("pipeline_run_written_bytes_total", pipeline="load") == 5
    assert web.sample("pipeline_run_last_start_delay_seconds", pipeline="load") == 0
    assert web.sample("pipeline_dataset_last_update_timestamp_seconds", dataset="orders") == EPOCH - 50


def test_runs_one_a_line_are_200_and_empty_lines_say_nothing(web: Web) -> None:
    assert of(lines(web, RUNS, RUN, "", "  ", RUN | {"pipeline": "report"}, "")) == outcome(2)
    assert of(lines(web, RUNS, "")) == outcome(0)
    assert succeeded(web) == {"load": 1, "report": 1}


def test_of_several_lines_the_wrong_ones_are_named_by_their_place_among_those_that_say_something(
    web: Web,
) -> None:
    answer = of(lines(web, RUNS, RUN, "", '{"pipeline": ', RUN | {"state": "done"}, RUN))
    assert answer == outcome(
        4, (1, "body: not JSON: ends too early near byte 13", False), (2, BAD_STATE, False)
    )
    assert succeeded(web) == {"load": 2}


def test_a_dataset_is_201_and_several_are_200(web: Web) -> None:
    assert of(web.post(DATASETS, DATASET), 201) == {}
    assert web.sample("pipeline_dataset_rows", dataset="orders") == 3
    assert web.sample("pipeline_dataset_last_update_timestamp_seconds", dataset="orders") == EPOCH
    rows = [DATASET | {"rows": 4}, {"dataset": "mails", "stale_after_seconds": 60}, {"dataset": " "}]
    assert of(lines(web, DATASETS, *rows)) == outcome(
        3, (2, 'dataset: expected a non-empty string, got " "', False)
    )
    assert web.sample("pipeline_dataset_rows", dataset="orders") == 4
    assert web.sample("pipeline_dataset_stale_after_seconds", dataset="mails") == 60


@pytest.mark.parametrize("path", GOOD)
def test_a_packed_body_is_taken_at_every_door(web: Web, path: str) -> None:
    packed = gzip.compress(json.dumps(GOOD[path]).encode())
    answer = web.request("POST", path, content=packed, headers={**JSON_TYPE, "Content-Encoding": "gzip"})
    assert answer.status_code == (204 if path == BATCH else 201)


def test_packed_lines_are_taken(web: Web) -> None:
    packed = gzip.compress("\n".join(json.dumps(RUN) for _ in range(1000)).encode())
    answer = web.request("POST", RUNS, content=packed, headers={**NDJSON, "Content-Encoding": "gzip"})
    assert of(answer) == outcome(1000)


@pytest.mark.parametrize("kind", ["application/x-ndjson", "Application/X-NDJSON; charset=utf-8"])
def test_lines_are_known_by_their_content_type_alone(web: Web, kind: str) -> None:
    body = (json.dumps(RUN) + "\n") * 2
    answer = web.request("POST", RUNS, content=body, headers={"Content-Type": kind})
    assert of(answer) == outcome(2)
    assert error_of(web.request("POST", RUNS, content=body, headers=JSON_TYPE), 400).startswith(
        "body: not JSON: trailing characters"
    )


@pytest.mark.parametrize("path", GOOD)
@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"])
def test_what_a_form_can_send_is_415(web: Web, path: str, kind: str) -> None:
    answer = web.request("POST", path, content=json.dumps(GOOD[path]), headers={"Content-Type": kind})
    assert error_of(answer, 415) == f"Content-Type: expected application/json, got '{kind}'"
    assert web.refusals("not_json") == 1


@pytest.mark.parametrize("path", GOOD)
def test_a_packing_that_nobody_knows_is_415(web: Web, path: str) -> None:
    headers = {**JSON_TYPE, "Content-Encoding": "br"}
    answer = web.request("POST", path, content=b"{}", headers=headers)
    assert error_of(answer, 415) == "Content-Encoding: expected gzip or none, got 'br'"


@pytest.mark.parametrize("path", GOOD)
def test_a_body_that_is_too_large_is_413(web: Web, path: str) -> None:
    answer = web.request("POST", path, content=b" " * ((1 << 20) + 1), headers=JSON_TYPE)
    assert error_of(answer, 413).startswith("body: expected at most 1048576 bytes")
    assert web.refusals("too_large") == 1


def test_too_many_events_are_413_and_none_of_them_is_taken(web: Web) -> None:
    most = b"[" + b"1," * MOST_EVENTS + b"1]"
    message = f"body: expected at most {MOST_EVENTS} events, got {MOST_EVENTS + 1}"
    assert error_of(web.request("POST", BATCH, content=most, headers=JSON_TYPE), 413) == message
    assert error_of(lines(web, RUNS, *["1"] * (MOST_EVENTS + 1)), 413) == message


@pytest.mark.parametrize(
    ("path", "content", "message"),
    [
        (RUNS, RUN | {"state": "done"}, BAD_STATE),
        (RUNS, {"state": "failed"}, "body: object missing required field `pipeline`"),
        (RUNS, RUN | {"pipline": 1}, "body: object contains unknown field `pipline`"),
        (RUNS, [RUN], "body: expected an object, got an array"),
        (DATASETS, {"rows": 1}, "body: object missing required field `dataset`"),
        (DATASETS, DATASET | {"rows": -1}, "rows: expected `int` >= 0"),
        (LINEAGE, {"eventTime": "2026-11-21T00:00:00Z", "dataset": {}}, None),
        (LINEAGE, event() | {"inputs": {}}, "inputs: expected an array, got an object"),
        (LINEAGE, {}, "run: expected an object, got nothing"),
    ],
)
def test_what_is_wrong_is_400_saying_what_and_where(
    web: Web, path: str, content: object, message: str | None
) -> None:
    expected = message or "dataset: expected an object with namespace and name, got an object"
    assert error_of(web.post(path, content), 400) == expected
    assert web.refusals("invalid") == 1
    assert (len(web.service.state.jobs), len(web.service.state.datasets)) == (0, 0)


def test_a_job_too_many_is_429_at_the_doors_for_one(tmp_path: Path) -> None:
    web = with_room_for(1, tmp_path)
    assert web.post(RUNS, RUN).status_code == 201
    message = "job: expected at most 1 jobs, got also "
    assert error_of(web.post(RUNS, RUN | {"pipeline": "other"}), 429) == f"{message}other"
    assert error_of(web.post(LINEAGE, event()), 429) == f"{message}shop/load"
    assert web.refusals("too_many_jobs") == 2
    assert succeeded(web) == {"load": 1}


def refused(web: Web, path: str, content: object) -> tuple[str, str]:
    """The message of a 503 and after how many seconds to come again."""
    answer = web.post(path, content)
    return error_of(answer, 503), answer.headers["retry-after"]


@pytest.mark.parametrize("path", GOOD)
def test_when_too_much_waits_it_is_503_saying_when_to_come_again(
    web: Web, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake, "MOST_WAITING", 0)
    assert refused(web, path, GOOD[path]) == ("0 events wait to be written", "5")
    assert web.refusals("too_busy") == 1


def large(path: str) -> object:
    """What does not fit into the pages that the database has already."""
    names: Sequence[str] = [f"{number}".rjust(500, "x") for number in range(200)]
    wide: Any = {"fields": [{"name": name} for name in names]}
    dataset = {"namespace": "db", "name": "orders", "facets": {"schema": wide}}
    told = {
        LINEAGE: event() | {"outputs": [dataset]},
        BATCH: [event() | {"outputs": [dataset]}, event(run="r2")],
        RUNS: RUN | {"outputs": names},
    }
    return told[path]


@pytest.mark.parametrize("path", [LINEAGE, BATCH, RUNS])
def test_when_the_disk_is_full_it_is_503_and_nothing_of_it_counts(web: Web, path: str) -> None:
    web.service.intake.journal.connection.execute("PRAGMA max_page_count = 1")
    message = "can't keep runs in :memory:: database or disk is full"
    assert refused(web, path, large(path)) == (message, "5")
    assert web.refusals("not_kept") == 1
    assert succeeded(web) == {}
    web.service.intake.journal.connection.execute("PRAGMA max_page_count = 1000000")
    assert web.post(path, large(path)).status_code in (201, 204)
    assert sum(succeeded(web).values()) == (2 if path == BATCH else 1)


@pytest.mark.parametrize("path", [BATCH, RUNS, DATASETS])
def test_the_doors_are_for_telling_only(web: Web, path: str) -> None:
    assert web.get(path).status_code == 405


def test_what_happens_only_after_tomorrow_is_not_taken(web: Web) -> None:
    ahead = {**RUN, "ended": datetime.fromtimestamp(EPOCH + 86_401, UTC).isoformat()}
    said = "time: expected 86400 s from now at most, got 86401 s from now"
    assert error_of(web.request("POST", RUNS, json=ahead), 400) == said
    assert of(lines(web, RUNS, RUN, ahead)) == outcome(2, (1, said, False))
    soon = {**RUN, "ended": datetime.fromtimestamp(EPOCH + 86_400, UTC).isoformat()}
    assert web.request("POST", RUNS, json=soon).status_code == 201
