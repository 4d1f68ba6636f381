"""Decoding: what a run event is made of, and what is said about anything else."""

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from exporter.decoding import InvalidBodyError
from exporter.runs.event import RunEvent
from exporter.runs.openlineage import decode_any

RUN_ID = "01a1fb67-1800-7546-a491-5f30a417dd78"
RECORDINGS = Path(__file__).parents[2] / "data" / "openlineage"

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


def valid() -> dict[str, Any]:
    return {
        "eventType": "START",
        "eventTime": "2026-11-21T00:44:25.409204+00:00",
        "run": {"runId": RUN_ID},
        "job": {"namespace": "af-ns", "name": "shop_daily"},
    }


def changed(place: str, value: object) -> dict[str, Any]:
    event = valid()
    *parents, last = place.split(".")
    target = event
    for parent in parents:
        target = target.setdefault(parent, {})
    target[last] = value
    return event


def without(place: str) -> dict[str, Any]:
    event = changed(place, None)
    *parents, last = place.split(".")
    target = event
    for parent in parents:
        target = target[parent]
    del target[last]
    return event


def decode(event: object) -> RunEvent:
    decoded = decode_any(json.dumps(event).encode())
    assert isinstance(decoded, RunEvent)
    return decoded


def complaint(body: bytes) -> str:
    with pytest.raises(InvalidBodyError) as caught:
        decode_any(body)
    return str(caught.value)


def complaint_about(event: object) -> str:
    return complaint(json.dumps(event).encode())


def test_a_run_event_is_decoded() -> None:
    assert decode(valid()) == RunEvent(
        run_id=RUN_ID,
        namespace="af-ns",
        name="shop_daily",
        kind="START",
        time=1795221865.409204,
        team=None,
        integration="unknown",
    )


def test_team_and_integration_come_from_a_recorded_airflow_event() -> None:
    first = json.loads((RECORDINGS / "af_scheduler.jsonl").read_text().splitlines()[0])
    event = decode(first["event"])
    assert (event.team, event.integration) == ("finance-team", "airflow")


def test_a_recorded_dbt_event_has_an_integration_and_no_team() -> None:
    first = json.loads((RECORDINGS / "dbt_default.jsonl").read_text().splitlines()[0])
    event = decode(first["event"])
    assert (event.team, event.integration) == (None, "dbt")


@pytest.mark.parametrize("kind", ["START", "RUNNING", "COMPLETE", "FAIL", "ABORT", "OTHER"])
def test_every_event_type_of_the_specification_is_known(kind: str) -> None:
    assert decode(changed("eventType", kind)).kind == kind


def test_an_event_without_a_type_is_other() -> None:
    assert decode(without("eventType")).kind == "OTHER"
    assert decode(changed("eventType", None)).kind == "OTHER"


def test_a_run_id_is_the_same_in_upper_and_lower_case() -> None:
    assert decode(changed("run.runId", RUN_ID.upper())).run_id == RUN_ID


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("2026-11-21T00:44:25Z", 1795221865.0),
        ("2026-11-21t00:44:25z", 1795221865.0),
        ("2026-11-21T02:44:25+02:00", 1795221865.0),
        ("2026-11-20T19:14:25-05:30", 1795221865.0),
        ("2026-11-21T00:44:25.5Z", 1795221865.5),
        ("2026-11-21T00:44:25.123456789Z", 1795221865.123457),
        ("1970-01-01T00:00:00Z", 0.0),
    ],
)
def test_event_time_is_read_with_every_offset_and_fraction(text: str, seconds: float) -> None:
    assert decode(changed("eventTime", text)).time == seconds


@pytest.mark.parametrize(
    ("owners", "team"),
    [
        ([{"name": "finance-team"}], "finance-team"),
        ([{"name": "team:data", "type": "MAINTAINER"}, {"name": "user:jdoe"}], "data"),
        ([{"name": "user:jdoe"}], "user:jdoe"),
        ([{"name": "  "}], None),
        ([{"name": "a\nb"}], None),
        ([{"name": "x" * 513}], None),
        ([{"name": 7}], None),
        ([{"type": "MAINTAINER"}], None),
        ([], None),
        (None, None),
        ("finance-team", None),
    ],
)
def test_the_team_is_the_first_owner_and_none_where_the_facet_says_nothing(
    owners: object, team: str | None
) -> None:
    assert decode(changed("job.facets.ownership", {"owners": owners})).team == team


@pytest.mark.parametrize(
    ("facet", "integration"),
    [
        ({"integration": "SPARK"}, "spark"),
        ({"integration": ""}, "unknown"),
        ({"integration": 5}, "unknown"),
        ({}, "unknown"),
        (None, "unknown"),
        ("SPARK", "unknown"),
    ],
)
def test_the_integration_is_lower_case_and_unknown_where_the_facet_says_nothing(
    facet: object, integration: str
) -> None:
    assert decode(changed("job.facets.jobType", facet)).integration == integration


def test_unknown_facets_and_fields_are_fine() -> None:
    event = valid()
    event["run"]["facets"] = {"acme_cost": {"currency": "EUR", "amount": [1.5, None, {"a": {}}]}}
    event["job"]["facets"] = {"acme_tier": 7, "sql": {"query": "select 1"}}
    event |= {"inputs": None, "outputs": [1], "producer": None, "surprise": {}}
    assert decode(event) == decode(valid())


def test_facets_may_be_null() -> None:
    assert decode(changed("job.facets", None)) == decode(valid())


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        ("run.runId", "a non-empty string"),
        ("job", "an object"),
        ("job.namespace", "a non-empty string"),
        ("job.name", "a non-empty string"),
        ("eventTime", "an ISO 8601 date-time with offset"),
    ],
)
def test_what_is_missing_is_named_with_what_was_expected(place: str, expected: str) -> None:
    assert complaint_about(without(place)).startswith(f"{place}: expected {expected}, got nothing")
    assert complaint_about(changed(place, None)).startswith(f"{place}: expected {expected}, got null")


@pytest.mark.parametrize("place", ["run.runId", "job.namespace", "job.name", "eventTime"])
@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("", '""'),
        (5, "a number"),
        (1.5, "a number"),
        (True, "a boolean"),
        (["x"], "an array"),
        ({"x": 1}, "an object"),
    ],
)
def test_what_is_empty_or_of_the_wrong_type_is_named(place: str, value: object, shown: str) -> None:
    message = complaint_about(changed(place, value))
    assert message.startswith(f"{place}: expected ")
    assert message.endswith(f", got {shown}")


@pytest.mark.parametrize(
    ("place", "value", "message"),
    [
        ("run.runId", "x" * 513, "run.runId: expected at most 512 characters, got 513"),
        ("eventTime", "yesterday", 'eventTime: expected an ISO 8601 date-time with offset, got "yesterday"'),
        (
            "eventTime",
            "2026-11-21T00:44:25",
            'eventTime: expected an ISO 8601 date-time with offset, got "2026-11-21T00:44:25"',
        ),
        (
            "eventTime",
            "1969-12-31T23:59:59Z",
            'eventTime: expected a year from 1970 to 9998, got "1969-12-31T23:59:59Z"',
        ),
        (
            "eventTime",
            "9999-12-31T23:59:59-23:59",
            'eventTime: expected a year from 1970 to 9998, got "9999-12-31T23:59:59-23:59"',
        ),
        (
            "eventType",
            "complete",
            'eventType: expected one of START, RUNNING, COMPLETE, FAIL, ABORT, OTHER, got "complete"',
        ),
        (
            "eventType",
            ["START"],
            "eventType: expected one of START, RUNNING, COMPLETE, FAIL, ABORT, OTHER, got an array",
        ),
        ("job.name", " \t", 'job.name: expected a non-empty string, got " \\t"'),
        ("job.name", "a\x00b", 'job.name: expected no control characters, got "a\\u0000b"'),
        ("job.namespace", "a\nb", 'job.namespace: expected no control characters, got "a\\nb"'),
        ("job.namespace", "a\x85b", 'job.namespace: expected no control characters, got "a\\u0085b"'),
        ("job.name", "x" * 513, "job.name: expected at most 512 characters, got 513"),
        ("job.namespace", "x" * 513, "job.namespace: expected at most 512 characters, got 513"),
        ("run", 5, "run: expected an object, got a number"),
        ("run", "x", "run: expected an object, got a string"),
        ("job", [], "job: expected an object, got an array"),
        ("job.facets", [], "job.facets: expected an object, got an array"),
    ],
)
def test_a_wrong_value_is_shown_with_its_place(place: str, value: object, message: str) -> None:
    assert complaint_about(changed(place, value)) == message


def test_a_long_wrong_value_is_cut_in_the_message() -> None:
    message = complaint_about(changed("eventTime", "x" * 10_000))
    assert message.endswith(', got "' + "x" * 60 + '..."')


def test_the_longest_names_are_taken() -> None:
    assert decode(changed("job.name", "x" * 512)).name == "x" * 512


def test_an_event_of_nothing_is_refused() -> None:
    assert complaint_about(changed("run", None)) == "run: expected an object, got null"
    assert complaint_about({"eventTime": "2026-11-21T00:44:25Z"}) == "run: expected an object, got nothing"


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", "body: not JSON: ends too early near byte 0"),
        (b'{"run": {', "body: not JSON: ends too early near byte 9"),
        (b'{"run": }', "body: not JSON: invalid character near byte 8"),
        (b"{} {}", "body: not JSON: trailing characters near byte 4"),
        (b"\xff\xfe", "body: not JSON: invalid character near byte 0"),
        (b'{"eventTime": "\xff"}', "body: not JSON: a string is not UTF-8"),
        (b'{"eventTime": 1e999}', "eventTime: number out of range"),
        (b"[]", "body: expected an object, got an array"),
        (b"null", "body: expected an object, got null"),
        (b'"run"', "body: expected an object, got a string"),
        (b'{"inputs":' + b"[" * 100_000, "body: nested too deeply"),
    ],
)
def test_a_body_that_is_no_json_object_is_said_to_be_none(body: bytes, message: str) -> None:
    assert complaint(body) == message


def only_an_event_or_a_refusal(body: bytes) -> None:
    try:
        event = decode_any(body)
    except InvalidBodyError as error:
        str(error).encode()
    else:
        msgspec.json.encode(event)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.binary())
def test_any_bytes_give_an_event_or_a_refusal(body: bytes) -> None:
    only_an_event_or_a_refusal(body)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(JSON)
def test_any_json_gives_an_event_or_a_refusal(value: object) -> None:
    only_an_event_or_a_refusal(json.dumps(value).encode())


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.sampled_from(
        [
            *("eventType", "eventTime", "run", "run.runId", "job", "job.namespace", "job.name", "job.facets"),
            *("job.facets.ownership", "job.facets.ownership.owners", "job.facets.jobType", "anything"),
        ]
    ),
    JSON,
)
def test_any_json_in_any_place_gives_an_event_or_a_refusal(place: str, value: object) -> None:
    only_an_event_or_a_refusal(json.dumps(changed(place, value)).encode())


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.datetimes(), st.sampled_from(["Z", "+23:59", "-23:59", "+02:00", ""]))
def test_any_date_time_gives_an_event_or_a_refusal(moment: object, offset: str) -> None:
    only_an_event_or_a_refusal(json.dumps(changed("eventTime", str(moment) + offset)).encode())


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_a_damaged_recording_gives_an_event_or_a_refusal(data: st.DataObject) -> None:
    recorded = (RECORDINGS / "af_scheduler.jsonl").read_text().splitlines()
    body = bytearray(json.dumps(json.loads(recorded[0])["event"]).encode())
    for _ in range(data.draw(st.integers(1, 3))):
        body[data.draw(st.integers(0, len(body) - 1))] = data.draw(st.integers(0, 255))
    only_an_event_or_a_refusal(bytes(body[: data.draw(st.integers(1, len(body)))]))
