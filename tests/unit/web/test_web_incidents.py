"""Incidents over HTTP: Alertmanager tells, people read and acknowledge, and the metrics count."""

from pathlib import Path
from typing import Any

import pytest

from tests.unit.incidents.notifications import T0, alert, notification, told
from tests.unit.web.guarded import MINE, OURS, bearer, guarded, tokens
from tests.unit.web.pipelines import EPOCH, Json, Web, calm, error_of, web_of

INCIDENT = {
    *("id", "pipeline", "dataset", "team", "severity", "stage", "started", "ended", "resolution"),
    *("duration_seconds", "summary", "acknowledged", "acknowledged_by", "note", "escalated", "alerts"),
    "runbook_url",
}
ALERT = {"status", "labels", "annotations", "startsAt", "endsAt", "fingerprint"}
PAGE: Json = {
    "severity": "critical",
    "stage": "enrich",
    "pipeline": "business-signals",
    "team": "commercial-analytics",
}


def tell(web: Web, *alerts: Any) -> Any:
    answer = web.post("/api/v1/alerts", notification(*alerts))
    assert answer.status_code == 200
    return answer.json()


def listed(web: Web, query: str = "") -> Any:
    answer = web.get(f"/api/v1/incidents{query}")
    assert answer.status_code == 200
    return answer.json()


def acknowledge(web: Web, content: Json, name: str = "1") -> Any:
    answer = web.post(f"/api/v1/incidents/{name}", content)
    assert answer.status_code == 200
    return answer.json()


def test_a_notification_is_answered_with_the_incidents_that_it_is_about(web: Web) -> None:
    assert tell(web) == {"incidents": []}
    assert tell(web, alert(), alert(fingerprint="b2", pipeline="refunds")) == {"incidents": ["1", "2"]}
    assert tell(web, alert()) == {"incidents": ["1"]}


def test_before_anything_was_told_the_list_is_empty(web: Web) -> None:
    assert listed(web) == []
    assert (web.status()["incidents"], web.status()["alerting_last_heard"]) == ([], None)


def test_an_incident_tells_everything(web: Web) -> None:
    web.service.advance(90)
    first = alert(**PAGE)
    first.annotations["runbook_url"] = "http://127.0.0.1:9888/runbooks#pipelinestagecritical"
    tell(web, first)
    web.clock.seconds = EPOCH + 30
    [incident] = listed(web)
    assert incident.keys() == INCIDENT | {"state", "facts"}
    assert incident["summary"].startswith("PipelineStageCritical of business-signals. All stages keep up")
    assert incident["facts"]["kind"] == "stream"
    known = {
        **PAGE,
        "id": "1",
        "state": "open",
        "started": "2027-01-15T08:00:00.000Z",
        "ended": None,
        "resolution": None,
        "duration_seconds": 30.0,
        "escalated": False,
        "acknowledged": None,
        "acknowledged_by": "",
        "note": "",
        "runbook_url": first.annotations["runbook_url"],
    }
    assert {key: incident[key] for key in known} == known
    [shown] = incident["alerts"]
    assert shown == {
        **{key: told(first)[key] for key in ("status", "labels", "annotations", "fingerprint")},
        "startsAt": "2027-01-15T08:00:00.000Z",
        "endsAt": None,
    }


def test_a_resolved_incident_has_its_end_and_so_have_its_alerts(web: Web) -> None:
    tell(web, alert())
    tell(web, alert(ends=T0 + 60))
    [incident] = listed(web)
    assert (incident["state"], incident["resolution"], incident["ended"]) == (
        *("resolved", "resolved"),
        "2027-01-15T08:01:00.000Z",
    )
    assert (incident["duration_seconds"], incident["alerts"][0]["status"]) == (60, "resolved")


def test_open_or_resolved_ones_and_how_many_can_be_asked_for(web: Web) -> None:
    for number in range(5):
        ends = T0 + 99 if number % 2 else None
        tell(web, alert(fingerprint=str(number), pipeline=f"p{number}", starts=T0 + number, ends=ends))

    def pipelines(query: str) -> list[str]:
        return [one["pipeline"] for one in listed(web, query)]

    assert pipelines("") == ["p4", "p2", "p0", "p3", "p1"]
    assert pipelines("?limit=2") == ["p4", "p2"]
    assert pipelines("?state=open") == ["p4", "p2", "p0"]
    assert pipelines("?state=resolved&limit=1") == ["p3"]


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("?state=over", "state: expected one of ['open', 'resolved'], got 'over'"),
        ("?state=", "state: expected one of ['open', 'resolved'], got ''"),
        ("?limit=0", "limit: expected 1 to 200, got '0'"),
        ("?limit=201", "limit: expected 1 to 200, got '201'"),
    ],
)
def test_a_question_that_makes_no_sense_is_400(web: Web, query: str, message: str) -> None:
    assert error_of(web.get(f"/api/v1/incidents{query}"), 400) == message


def test_a_malformed_notification_is_400_with_its_place_and_counted(web: Web) -> None:
    content = notification(alert(), alert())
    content["alerts"][1]["startsAt"] = "now"
    message = error_of(web.post("/api/v1/alerts", content), 400)
    assert message == 'alerts[1].startsAt: expected an ISO 8601 date-time with offset, got "now"'
    assert web.refusals("invalid") == 1
    assert listed(web) == []


def test_a_notification_that_is_too_large_is_413(web: Web) -> None:
    error_of(web.post("/api/v1/alerts", notification(padding="x" * (1 << 20))), 413)


def test_an_alert_from_another_sites_page_is_403(web: Web) -> None:
    headers = {"Origin": "http://evil.example"}
    error_of(web.request("POST", "/api/v1/alerts", json=notification(), headers=headers), 403)


def test_too_many_open_incidents_are_429(web: Web) -> None:
    many = [alert(fingerprint=str(number), pipeline=f"p{number}") for number in range(1001)]
    message = error_of(web.post("/api/v1/alerts", notification(*many)), 429)
    assert message == "expected at most 1000 open incidents"
    assert web.refusals("too_many_incidents") == 1


def test_what_can_not_be_kept_is_503_so_that_it_is_told_again(web: Web) -> None:
    tell(web, alert())
    web.service.incidents.store.connection.execute("PRAGMA max_page_count = 1")
    many = [alert(fingerprint=str(number), pipeline=f"p{number}") for number in range(500)]
    message = error_of(web.post("/api/v1/alerts", notification(*many)), 503)
    assert message == "can't keep incidents in :memory:: database or disk is full"
    assert web.refusals("not_kept") == 1
    assert [one["id"] for one in listed(web)] == ["1"]
    web.service.incidents.store.close()
    error_of(web.post("/api/v1/incidents/1", {"acknowledged": True}), 503)


@pytest.mark.parametrize(
    ("path", "told"),
    [
        (
            "/api/v1/incidents",
            "try again later: can't keep incidents in :memory:: Cannot operate on a closed",
        ),
        ("/api/v1/alerts", "try again later: can't keep incidents"),
    ],
)
def test_what_can_not_be_read_is_503_in_words(web: Web, path: str, told: str) -> None:
    tell(web, alert())
    web.service.incidents.store.close()
    answer = web.get(path)
    assert error_of(answer, 503).startswith(told)
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert web.refusals("not_read") == 1
    assert [one["id"] for one in web.status()["incidents"]] == ["1"]


def test_a_team_sees_its_own_newest_incidents_as_they_change(tmp_path: Path) -> None:
    web = guarded(tmp_path, tokens())

    def notify(*alerts: Any) -> None:
        headers = {"Authorization": bearer("alertmanager")}
        answer = web.request("POST", "/api/v1/alerts", json=notification(*alerts), headers=headers)
        assert answer.status_code == 200

    def shown() -> list[tuple[str, str | None]]:
        web.clock.seconds += 1
        page = web.get("/api/v1/status", Authorization=bearer("ours")).json()
        return [(one["pipeline"], one["ended"]) for one in page["incidents"]]

    assert shown() == []
    notify(alert(team=OURS, pipeline=MINE), alert(fingerprint="b2", team="others", pipeline="other"))
    assert shown() == [(MINE, None)]
    notify(alert(team=OURS, pipeline=MINE, ends=T0 + 60))
    assert shown() == [(MINE, "2027-01-15T08:01:00.000Z")]


def test_somebody_is_on_it(web: Web) -> None:
    tell(web, alert())
    web.clock.seconds = EPOCH + 90
    incident = acknowledge(web, {"acknowledged": True, "by": "Ada", "note": "looking"})
    assert incident == listed(web)[0]
    said = incident["acknowledged"], incident["acknowledged_by"], incident["note"]
    assert said == ("2027-01-15T08:01:30.000Z", "Ada", "looking")
    web.clock.seconds = EPOCH + 900
    again = acknowledge(web, {"acknowledged": True, "by": "Grace"})
    assert (again["acknowledged"], again["acknowledged_by"]) == said[:2]
    assert web.sample("pipeline_incident_time_to_acknowledge_seconds_sum", team="shop") == 90


def test_a_note_alone_is_fine_and_the_page_shows_it(web: Web) -> None:
    tell(web, alert())
    acknowledge(web, {"note": "<b>bold</b>"})
    [shown] = web.status()["incidents"]
    assert (shown["note"], shown["acknowledged"]) == ("<b>bold</b>", None)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({}, "body: expected at least one of acknowledged, by, note"),
        ({"acknowledged": False}, "body: acknowledged: expected True, got false"),
        ({"acknowledged": "yes"}, "body: acknowledged: expected True, got 'yes'"),
        ({"by": ""}, "body: by: expected at least 1 characters, got ''"),
        ({"by": "x" * 101}, "body: by: expected at most 100 characters, got "),
        ({"note": "x" * 1001}, "body: note: expected at most 1000 characters, got "),
        ({"note": 3}, "body: note: expected text, got 3"),
        ({"noted": "x"}, "body: noted: "),
    ],
)
def test_an_acknowledgement_that_makes_no_sense_is_400(web: Web, content: Json, message: str) -> None:
    tell(web, alert())
    assert error_of(web.post("/api/v1/incidents/1", content), 400).startswith(message)


@pytest.mark.parametrize("name", ["2", "x", "01", "%00"])
def test_an_incident_that_is_not_kept_is_404(web: Web, name: str) -> None:
    tell(web, alert())
    error_of(web.post(f"/api/v1/incidents/{name}", {"acknowledged": True}), 404)
    assert web.refusals("not_found") == 1


def test_the_page_shows_the_newest_twenty_open_ones_first(web: Web) -> None:
    for number in range(30):
        ends = T0 + 99 if number < 25 else None
        tell(web, alert(fingerprint=str(number), pipeline=f"p{number}", starts=T0 + number, ends=ends))
    shown = web.status()["incidents"]
    assert [one["pipeline"] for one in shown] == [
        *(f"p{number}" for number in (29, 28, 27, 26, 25)),
        *(f"p{number}" for number in range(24, 9, -1)),
    ]


def test_the_page_knows_when_alertmanager_was_last_heard(web: Web) -> None:
    tell(web, alert("Watchdog", "w"))
    web.clock.seconds = EPOCH + 90
    assert web.status()["alerting_last_heard"] == "2027-01-15T08:00:00.000Z"
    assert web.sample("pipeline_alerting_last_heard_timestamp_seconds") == EPOCH


def test_incidents_are_counted_by_team_and_severity(web: Web) -> None:
    tell(web, alert(**PAGE))
    team = PAGE["team"]
    assert web.sample("pipeline_incidents_total", team=team, severity="critical") == 1
    assert web.sample("pipeline_incidents_total", team=team, severity="low") == 0
    assert web.sample("pipeline_incidents_open", team=team, severity="critical") == 1
    tell(web, alert(**PAGE, ends=T0 + 60))
    assert web.sample("pipeline_incidents_total", team=team, severity="critical") == 1
    assert web.sample("pipeline_incidents_open", team=team, severity="critical") == 0
    assert web.sample("pipeline_incident_time_to_resolve_seconds_sum", team=team) == 60


def test_the_teams_of_the_configuration_and_the_platform_are_there_from_the_start(tmp_path: Path) -> None:
    jobs = {"expected": [{"pipeline": "nightly/load", "team": "warehouse", "stale_after": "1d"}]}
    web = web_of({**calm(), "runs": jobs}, tmp_path)
    for team in ("commercial-analytics", "warehouse", "platform"):
        for severity in ("critical", "high", "medium", "low"):
            assert web.sample("pipeline_incidents_total", team=team, severity=severity) == 0
            assert web.sample("pipeline_incidents_open", team=team, severity=severity) == 0
        assert web.sample("pipeline_incident_time_to_detect_seconds_count", team=team) == 0


def test_incidents_survive_a_restart_of_the_streams(web: Web) -> None:
    tell(web, alert())
    web.service.start_streams()
    assert [one["id"] for one in listed(web)] == ["1"]
    assert web.sample("pipeline_incidents_total", team="shop", severity="high") == 1
