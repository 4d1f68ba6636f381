"""Runs and datasets as plain JSON: each field, each mistake in words, and nothing else for any bytes."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from exporter.decoding import InvalidBodyError
from exporter.intake.entry import ENCODER, ENTRIES
from exporter.runs.event import Dataset, DatasetEvent, RunEvent
from exporter.runs.plain import LONGEST, MOST_DATASETS, decode_dataset, decode_run

Json = dict[str, Any]

NOW = 1_800_000_000.0
YEAR_9999 = 253_370_764_800.0
TIME, SECONDS = "2026-11-21T00:44:25Z", 1795221865.0
MINUTE_LATER = "2026-11-21T00:45:25Z"
FIELDS = (
    *("pipeline", "state", "run_id", "team", "kind", "started", "ended", "duration_seconds", "scheduled"),
    *("rows", "bytes", "inputs", "outputs", "error", "dataset", "updated", "stale_after_seconds", "other"),
)


def run(state: str = "succeeded", **more: object) -> RunEvent:
    return decode_run(json.dumps({"pipeline": "load", "state": state, **more}).encode(), NOW, lambda: "new")


def dataset(**more: object) -> DatasetEvent:
    return decode_dataset(json.dumps({"dataset": "orders", **more}).encode(), NOW)


def run_complaint(content: Json) -> str:
    with pytest.raises(InvalidBodyError) as caught:
        decode_run(json.dumps(content).encode(), NOW, lambda: "new")
    return str(caught.value)


def dataset_complaint(content: Json) -> str:
    with pytest.raises(InvalidBodyError) as caught:
        decode_dataset(json.dumps(content).encode(), NOW)
    return str(caught.value)


def test_a_run_needs_a_pipeline_and_a_state_only() -> None:
    assert run() == RunEvent("load:new", "", "load", "COMPLETE", NOW, integration="plain")
    assert run().pipeline == "load"


@pytest.mark.parametrize(
    ("state", "kind"),
    [
        ("running", "START"),
        ("succeeded", "COMPLETE"),
        ("failed", "FAIL"),
        ("aborted", "ABORT"),
        ("skipped", "SKIP"),
    ],
)
def test_each_state_is_a_transition(state: str, kind: str) -> None:
    assert run(state).kind == kind


def test_each_field_has_its_place_in_the_event() -> None:
    found = run(
        "failed", run_id="Nightly 7", team=" finance ", kind="etl", scheduled=TIME, error=" Read timed out ",
        rows=3, bytes=4096, inputs=["raw"], outputs=["orders"],
    )  # fmt: skip
    assert found == RunEvent(
        "load:Nightly 7", "", "load", "FAIL", NOW, "finance", "plain", "etl",
        scheduled=SECONDS, error="timeout", rows=3, bytes=4096,
        inputs=(Dataset("raw"),), outputs=(Dataset("orders"),),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("told", "started", "ended"),
    [
        ({}, None, NOW),
        ({"started": TIME}, SECONDS, NOW),
        ({"ended": TIME}, None, SECONDS),
        ({"started": TIME, "ended": MINUTE_LATER}, SECONDS, SECONDS + 60),
        ({"started": TIME, "ended": TIME}, SECONDS, SECONDS),
        ({"started": TIME, "duration_seconds": 1.5}, SECONDS, SECONDS + 1.5),
        ({"ended": TIME, "duration_seconds": 60}, SECONDS - 60, SECONDS),
        ({"duration_seconds": 60}, NOW - 60, NOW),
        ({"duration_seconds": 0}, NOW, NOW),
        ({"duration_seconds": LONGEST}, NOW - LONGEST, NOW),
    ],
)
def test_when_it_started_and_ended_follows_from_any_two_of_three_or_from_now(
    told: Json, started: float | None, ended: float
) -> None:
    found = run(**told)
    assert (found.started, found.time) == (started, ended)


def test_a_clock_that_is_a_little_ahead_costs_the_duration_and_not_the_run() -> None:
    found = run(started="2027-01-15T08:00:30Z")
    assert (found.started, found.time) == (NOW + 30, NOW)


def test_a_run_in_progress_began_when_it_says_or_now() -> None:
    assert (run("running").time, run("running").started) == (NOW, None)
    assert (run("running", started=TIME).time, run("running", started=TIME).started) == (SECONDS, None)


def test_datasets_are_names_or_say_more() -> None:
    told = {"name": "orders", "rows": 1, "bytes": 2, "updated": TIME, "stale_after_seconds": 60}
    assert run(outputs=["raw", told], inputs=[{"name": "x"}]).outputs == (
        Dataset("raw"),
        Dataset("orders", 1, 2, SECONDS, 60.0),
    )
    assert run(inputs=[{"name": "x"}]).inputs == (Dataset("x"),)


def test_an_error_that_says_nothing_is_none() -> None:
    assert run("failed", error="").error is None


def test_a_long_error_is_classed_as_a_whole() -> None:
    assert run("failed", error="x" * 600 + " permission denied").error == "access"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({"pipeline": " ", "state": "failed"}, 'pipeline: expected a non-empty string, got " "'),
        ({"pipeline": 5, "state": "failed"}, "pipeline: expected `str`, got `int`"),
        ({"pipeline": "x" * 513}, "pipeline: expected at most 512 characters, got 513"),
        ({"pipeline": "a\nb"}, 'pipeline: expected no control characters, got "a\\nb"'),
        ({"state": "done"}, "state: invalid enum value 'done'"),
        ({"stat": "failed"}, "body: object contains unknown field `stat`"),
        ({"run_id": ""}, 'run_id: expected a non-empty string, got ""'),
        ({"run_id": 7}, "run_id: expected `str | null`, got `int`"),
        ({"team": "a\nb"}, 'team: expected a name without control characters, got "a\\nb"'),
        ({"team": " "}, 'team: expected a name without control characters, got " "'),
        ({"kind": ""}, 'kind: expected a name without control characters, got ""'),
        ({"started": "now"}, 'started: expected an ISO 8601 date-time with offset, got "now"'),
        ({"scheduled": "5"}, 'scheduled: expected an ISO 8601 date-time with offset, got "5"'),
        (
            {"ended": "2026-11-21T00:00:00"},
            'ended: expected an ISO 8601 date-time with offset, got "2026-11-21T00:00:00"',
        ),
        (
            {"started": MINUTE_LATER, "ended": TIME},
            f'ended: expected a time after started, got "{TIME}"',
        ),
        ({"started": "2999-01-01T00:00:00Z"}, "ended: expected a time after started, got null"),
        (
            {"started": TIME, "ended": TIME, "duration_seconds": 1},
            "duration_seconds: expected it instead of started or of ended, got all three",
        ),
        (
            {"state": "running", "ended": TIME},
            "state: expected a final state where there is an end, got running",
        ),
        (
            {"state": "running", "duration_seconds": 1},
            "state: expected a final state where there is an end, got running",
        ),
        (
            {"started": "9998-12-31T00:00:00Z", "duration_seconds": 9e7},
            'started: expected a year from 1970 to 9998, got "9998-12-31T00:00:00Z"',
        ),
        (
            {"ended": "1970-01-01T00:00:00Z", "duration_seconds": 1},
            'ended: expected a year from 1970 to 9998, got "1970-01-01T00:00:00Z"',
        ),
        ({"duration_seconds": -1}, "duration_seconds: expected `float` >= 0.0"),
        ({"duration_seconds": 1e300}, f"duration_seconds: expected `float` <= {float(LONGEST)}"),
        ({"rows": -1}, "rows: expected `int` >= 0"),
        ({"rows": 1.5}, "rows: expected `int | null`, got `float`"),
        ({"bytes": 1 << 53}, f"bytes: expected `int` <= {(1 << 53) - 1}"),
        ({"outputs": "orders"}, "outputs: expected `array`, got `str`"),
        ({"outputs": ["a", " "]}, 'outputs[1]: expected a non-empty string, got " "'),
        ({"inputs": [{"name": ""}]}, 'inputs[0].name: expected a non-empty string, got ""'),
        (
            {"outputs": [{"name": "a", "updated": "x"}]},
            'outputs[0].updated: expected an ISO 8601 date-time with offset, got "x"',
        ),
        (
            {"inputs": ["x"] * (MOST_DATASETS + 1)},
            f"inputs: expected at most {MOST_DATASETS}, got {MOST_DATASETS + 1}",
        ),
    ],
)
def test_a_mistake_in_a_run_is_named_with_its_place(content: Json, message: str) -> None:
    assert run_complaint({"pipeline": "load", "state": "succeeded"} | content) == message


def test_what_is_missing_is_named() -> None:
    assert run_complaint({"state": "failed"}) == "body: object missing required field `pipeline`"
    assert run_complaint({"pipeline": "load"}) == "body: object missing required field `state`"


@pytest.mark.parametrize("field", ["inputs", "outputs"])
def test_a_mistake_in_a_dataset_of_a_run_is_named_with_its_list(field: str) -> None:
    required = {"pipeline": "load", "state": "succeeded"}
    missing = run_complaint({**required, field: [{}]})
    unknown = run_complaint({**required, field: [{"name": "a", "x": 1}]})
    assert missing.startswith(f"{field}[")
    assert missing.endswith(": object missing required field `name`")
    assert unknown.endswith(": object contains unknown field `x`")


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", "body: not JSON: ends too early near byte 0"),
        (b"[]", "body: expected an object, got an array"),
        (b'{"team": "\xff"}', "body: not JSON: a string is not UTF-8"),
        (b"[" * 100_000, "body: expected an object, got an array"),
    ],
)
def test_what_is_no_json_object_is_said_to_be_none(body: bytes, message: str) -> None:
    for decode in (lambda: decode_run(body, NOW, lambda: "new"), lambda: decode_dataset(body, NOW)):
        with pytest.raises(InvalidBodyError) as caught:
            decode()
        assert str(caught.value) == message


def test_what_is_said_of_a_dataset_is_said_now() -> None:
    assert dataset() == DatasetEvent(Dataset("orders"), NOW)
    assert dataset(team=" shop ", rows=1, bytes=2, updated=TIME, stale_after_seconds=60) == DatasetEvent(
        Dataset("orders", 1, 2, SECONDS, 60.0), NOW, "shop"
    )


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({}, "body: object missing required field `dataset`"),
        ({"dataset": ""}, 'dataset: expected a non-empty string, got ""'),
        ({"dataset": "a", "name": "b"}, "body: object contains unknown field `name`"),
        ({"dataset": "a", "team": "\n"}, 'team: expected a name without control characters, got "\\n"'),
        (
            {"dataset": "a", "updated": "x"},
            'updated: expected an ISO 8601 date-time with offset, got "x"',
        ),
        ({"dataset": "a", "rows": -1}, "rows: expected `int` >= 0"),
        ({"dataset": "a", "stale_after_seconds": -1}, "stale_after_seconds: expected `float` >= 0.0"),
    ],
)
def test_a_mistake_in_a_dataset_is_named_with_its_place(content: Json, message: str) -> None:
    assert dataset_complaint(content) == message


def only_an_event_or_a_refusal(body: bytes) -> None:
    """Also: whatever is taken can be kept and read again, and its times can be shown."""
    for decode in (lambda: decode_run(body, NOW, lambda: "new"), lambda: decode_dataset(body, NOW)):
        try:
            found: RunEvent | DatasetEvent = decode()
        except InvalidBodyError as error:
            str(error).encode()
        else:
            assert ENTRIES.decode(ENCODER.encode(found)) == found
            times = [found.time, getattr(found, "started", None), getattr(found, "scheduled", None)]
            for time in times:
                assert time is None or 0 <= time < YEAR_9999


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=8,
)
MOMENTS = st.datetimes(timezones=st.just(UTC)).map(datetime.isoformat)
LIKELY = st.fixed_dictionaries(
    {
        "pipeline": st.text(min_size=1),
        "state": st.sampled_from(["succeeded", "failed", "running", "skipped"]),
    },
    optional={
        "started": MOMENTS,
        "ended": MOMENTS,
        "scheduled": MOMENTS,
        "duration_seconds": st.floats(0, LONGEST),
        "error": st.text(),
        "outputs": st.lists(
            st.text() | st.fixed_dictionaries({"name": st.text(), "updated": MOMENTS}), max_size=2
        ),
    },
)


@settings(deadline=None)
@given(st.binary())
def test_any_bytes_give_an_event_or_a_refusal(body: bytes) -> None:
    only_an_event_or_a_refusal(body)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(LIKELY | JSON | st.dictionaries(st.sampled_from(FIELDS), JSON))
def test_any_json_gives_an_event_or_a_refusal(content: object) -> None:
    only_an_event_or_a_refusal(json.dumps(content).encode())


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(LIKELY, st.sampled_from(FIELDS), JSON)
def test_any_json_in_any_field_gives_an_event_or_a_refusal(content: Json, field: str, value: object) -> None:
    only_an_event_or_a_refusal(json.dumps(content | {field: value}).encode())
