"""Notifications: what is read, and the exact words for what is wrong with one."""

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.decoding import InvalidBodyError
from exporter.incidents.webhook import Alert, decode_notification
from tests.unit.incidents.notifications import T0, Json, alert, notification, told

MISSING = object()
TIME = "expected an ISO 8601 date-time with offset"


def decoded(content: object) -> list[Alert]:
    return decode_notification(json.dumps(content).encode())


def complaint(content: object) -> str:
    with pytest.raises(InvalidBodyError) as caught:
        decoded(content)
    return str(caught.value)


def changed(key: str, value: object, one: Alert | None = None) -> Json:
    """A notification of three alerts with another `key` (or without it) in the last one."""
    last = told(one or alert())
    holder = last
    *parents, name = key.split(".")
    for parent in parents:
        holder[parent] = dict(holder[parent])
        holder = holder[parent]
    if value is MISSING:
        del holder[name]
    else:
        holder[name] = value
    content = notification(alert(), alert())
    return {**content, "alerts": [*content["alerts"], last]}


def test_an_alert_comes_with_what_incidents_are_made_of() -> None:
    firing, resolved = alert(stage="enrich"), alert(fingerprint="b2", starts=T0 + 0.123, ends=T0 + 60.5)
    assert decoded(notification(firing, resolved)) == [firing, resolved]


def test_a_notification_without_alerts_is_one_too() -> None:
    assert decoded(notification()) == []


def test_what_is_not_read_may_be_missing_or_strange() -> None:
    content: Json = {"version": "4", "alerts": [told(alert())], "receiver": 3, "brandNew": {"x": [1]}}
    content["alerts"][0] |= {"generatorURL": None, "more": True}
    assert decoded(content) == [alert()]


def test_nanoseconds_are_read_and_another_offset_is_the_same_moment() -> None:
    [one] = decoded(changed("startsAt", "2027-01-15T08:00:00.123456789Z"))[2:]
    [other] = decoded(changed("startsAt", "2027-01-15T10:00:00.123456789+02:00"))[2:]
    assert one.starts == other.starts == T0 + 0.123457


def test_the_end_of_a_firing_alert_is_a_guess_and_not_read() -> None:
    [one] = decoded(changed("endsAt", "2027-01-15T09:00:00Z"))[2:]
    assert one.ends is None


def test_an_end_before_the_start_is_an_end_at_the_start() -> None:
    [one] = decoded(notification(alert(ends=T0 - 5)))
    assert (one.starts, one.ends) == (T0, T0)


@pytest.mark.parametrize(
    ("given", "severity"), [("critical", "critical"), ("page", "medium"), ("", "medium")]
)
def test_a_severity_of_somebodys_own_is_medium(given: str, severity: str) -> None:
    assert alert(severity=given).severity == severity


def test_who_has_no_team_belongs_to_the_platform() -> None:
    one = alert(team="", pipeline="")
    assert (one.team, one.pipeline) == ("platform", None)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"version": "3"}, 'version: expected "4", got "3"'),
        ({"version": 4}, 'version: expected "4", got a number'),
        ({"version": None}, 'version: expected "4", got null'),
        ({"alerts": None}, "alerts: expected an array, got null"),
        ({"alerts": {}}, "alerts: expected an array, got an object"),
        ({"alerts": "none"}, 'alerts: expected an array, got "none"'),
        ({"alerts": [3]}, "alerts[0]: expected an object, got a number"),
        ({"alerts": [told(alert()), []]}, "alerts[1]: expected an object, got an array"),
    ],
)
def test_a_notification_of_another_shape_is_refused_in_words(changes: Json, message: str) -> None:
    assert complaint(notification(**changes)) == message


@pytest.mark.parametrize("key", ["version", "alerts"])
def test_what_a_notification_lacks_is_named(key: str) -> None:
    content = notification()
    del content[key]
    assert complaint(content).endswith(", got nothing")
    assert complaint(content).startswith(f"{key}: expected ")


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("status", MISSING, "status: expected firing or resolved, got nothing"),
        ("status", "open", 'status: expected firing or resolved, got "open"'),
        ("status", ["firing"], "status: expected firing or resolved, got an array"),
        ("labels", MISSING, "labels: expected an object, got nothing"),
        ("labels", [], "labels: expected an object, got an array"),
        ("labels.team", 3, "labels.team: expected a string, got a number"),
        ("labels.alertname", MISSING, "labels.alertname: expected a non-empty string, got nothing"),
        ("labels.alertname", " ", 'labels.alertname: expected a non-empty string, got " "'),
        ("labels.pipeline", "x" * 513, "labels.pipeline: expected at most 512 characters, got 513"),
        ("labels.team", "a\nb", 'labels.team: expected no control characters, got "a\\nb"'),
        ("annotations", MISSING, "annotations: expected an object, got nothing"),
        ("annotations.summary", None, "annotations.summary: expected a string, got null"),
        ("startsAt", MISSING, f"startsAt: {TIME}, got nothing"),
        ("startsAt", "yesterday", f'startsAt: {TIME}, got "yesterday"'),
        ("startsAt", "2027-01-15T08:00:00", f'startsAt: {TIME}, got "2027-01-15T08:00:00"'),
        ("startsAt", 1_800_000_000, f"startsAt: {TIME}, got a number"),
        (
            "startsAt",
            "0001-01-01T00:00:00Z",
            'startsAt: expected a year from 1970 to 9998, got "0001-01-01T00:00:00Z"',
        ),
        ("fingerprint", MISSING, "fingerprint: expected a non-empty string, got nothing"),
        ("fingerprint", "", 'fingerprint: expected a non-empty string, got ""'),
        ("fingerprint", 7, "fingerprint: expected a non-empty string, got a number"),
    ],
)
def test_what_is_wrong_with_an_alert_is_named_with_its_place(key: str, value: object, message: str) -> None:
    assert complaint(changed(key, value)) == f"alerts[2].{message}"


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (MISSING, f"{TIME}, got nothing"),
        ("later", f'{TIME}, got "later"'),
        ("0001-01-01T00:00:00Z", 'expected the end of a resolved alert, got "0001-01-01T00:00:00Z"'),
    ],
)
def test_a_resolved_alert_needs_its_end(value: object, message: str) -> None:
    assert complaint(changed("endsAt", value, alert(ends=T0 + 60))) == f"alerts[2].endsAt: {message}"


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", "body: not JSON: ends too early near byte 0"),
        (b"{", "body: not JSON: ends too early near byte 1"),
        (b"nonsense", "body: not JSON: invalid character near byte 4"),
        (b"[]", "body: expected an object, got an array"),
        (b'"4"', "body: expected an object, got a string"),
        (b'{"version": "\xff"}', "body: not JSON: a string is not UTF-8"),
        (b'{"x": ' + b"[" * 100_000, "body: nested too deeply"),
    ],
)
def test_a_body_that_is_no_json_object_is_said_to_be_none(body: bytes, message: str) -> None:
    with pytest.raises(InvalidBodyError) as caught:
        decode_notification(body)
    assert str(caught.value) == message


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
)
places = ("status", "labels", "labels.team", "annotations", "startsAt", "endsAt", "fingerprint")


@given(st.sampled_from(places), anything)
def test_any_json_in_any_place_gives_alerts_or_a_refusal(key: str, value: Any) -> None:
    with suppress(InvalidBodyError):
        assert len(decoded(changed(key, value, alert(ends=T0 + 60)))) == 3


@given(st.binary())
def test_any_bytes_give_alerts_or_a_refusal(body: bytes) -> None:
    with pytest.raises(InvalidBodyError):
        decode_notification(body)
