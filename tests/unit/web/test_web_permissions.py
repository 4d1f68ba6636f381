"""Who may do what: each door of the exporter, asked by each kind of visitor."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.routing import Route

from exporter.web.access import EVERYBODY, NOBODY, Access
from exporter.web.app import ROUTES
from exporter.web.permissions import ASKING, DOORS, OPEN, SAFE_METHODS
from tests.unit.web.guarded import FOREIGN, MINE, OURS, THEIRS, TOKENS, bearer, guarded, tokens, two_teams
from tests.unit.web.pipelines import JSON_TYPE, Web, error_of

FAULT = {"pipeline": MINE, "stage": "enrich", "kind": "stall", "for": "30s"}
READS = [
    *("/api/v1/status", "/api/v1/faults", "/api/v1/review", "/api/v1/incidents", "/api/v1/pipelines"),
    *("/api/v1/anomalies", "/api/v1/alerts", "/api/v1/checks", "/api/v1/openapi.json"),
]
READS_OF_ONE = ["/api/v1/review/x", "/api/v1/pipelines/x", "/api/v1/checks/x", "/api/v1/lineage"]
INTAKE = ["/api/v1/lineage", "/api/v1/lineage/batch", "/api/v1/runs", "/api/v1/datasets", "/api/v1/checks"]
# Some of them are without their body, or about what isn't there: what matters is that they got that far.
PASSED = {200, 201, 400, 404}
BODIES = {"/api/v1/faults": FAULT}
VISITORS = [*TOKENS, "nobody"]

# Door by door, who gets through while reads are protected.
PROTECTED: dict[tuple[str, str], set[str]] = {
    ("GET", "/-/healthy"): {*VISITORS},
    ("GET", "/-/ready"): {*VISITORS},
    ("GET", "/"): {*VISITORS},
    ("GET", "/runbooks"): {*VISITORS},
    ("GET", "/page/page.js"): {*VISITORS},
    ("GET", "/pipelines"): {*VISITORS},
    ("GET", "/pipelines/x"): {*VISITORS},
    ("GET", "/metrics"): {"admin", "reader"},
    ("GET", "/config"): {"admin"},
    ("POST", "/-/reload"): {"admin"},
    ("PUT", "/-/reload"): {"admin"},
    **{("GET", path): {"admin", "reader", "ours", "theirs"} for path in [*READS, *READS_OF_ONE]},
    **{("POST", path): {"admin", "ours", "theirs"} for path in INTAKE},
    ("POST", "/api/v1/faults"): {"admin"},
    ("POST", "/api/v1/alerts"): {"admin", "alertmanager"},
    ("POST", "/api/v1/review/x"): {"admin", "ours", "theirs"},
    ("POST", "/api/v1/incidents/1"): {"admin", "ours", "theirs"},
    # What is new and forgot to ask for the team is closed to teams.
    ("GET", "/nothing"): {"admin", "reader"},
    ("POST", "/nothing"): {"admin"},
    ("POST", "/api/v1/review"): {"admin"},
    ("GET", "/api/v1/incidents/1"): {"admin", "reader"},
}


def ask(web: Web, method: str, path: str, visitor: str) -> int:
    headers = {**JSON_TYPE, **({"Authorization": bearer(visitor)} if visitor in TOKENS else {})}
    content = None if method == "GET" else BODIES.get(path, {})
    return web.request(method, path, json=content, headers=headers).status_code


@pytest.mark.parametrize(("method", "path"), PROTECTED, ids=str)
def test_with_protected_reads_each_door_opens_for_those_it_names_only(
    tmp_path: Path, method: str, path: str
) -> None:
    web = guarded(tmp_path, tokens())
    answers = {visitor: ask(web, method, path, visitor) for visitor in VISITORS}
    passed = {visitor for visitor, status in answers.items() if status not in (401, 403)}
    assert passed == PROTECTED[method, path]
    assert answers["nobody"] == 401 or "nobody" in passed
    assert {answers[visitor] for visitor in TOKENS if visitor not in passed} <= {403}


@pytest.mark.parametrize("path", [*READS, *READS_OF_ONE, "/metrics"])
@pytest.mark.parametrize("visitor", VISITORS)
def test_without_protected_reads_everybody_reads(tmp_path: Path, path: str, visitor: str) -> None:
    web = guarded(tmp_path, tokens(protect_reads=False))
    assert ask(web, "GET", path, visitor) in (200, 404)


@pytest.mark.parametrize(
    ("method", "path"), [key for key in PROTECTED if key[0] != "GET" or key[1] == "/config"], ids=str
)
def test_without_protected_reads_writing_is_as_protected_as_with_them(
    tmp_path: Path, method: str, path: str
) -> None:
    web = guarded(tmp_path, tokens(protect_reads=False))
    passed = {visitor for visitor in VISITORS if ask(web, method, path, visitor) not in (401, 403)}
    assert passed == PROTECTED[method, path]


@pytest.mark.parametrize(("method", "path"), [key for key in PROTECTED if key[1] != "/nothing"], ids=str)
def test_without_tokens_everybody_may_do_everything(web: Web, method: str, path: str) -> None:
    assert ask(web, method, path, "nobody") not in (401, 403)


def test_every_route_and_every_door_is_asked_here() -> None:
    asked = {path for _, path in PROTECTED} | {"/api/v1/stream"}
    routes = {route.path.partition("{")[0] for route in ROUTES if isinstance(route, Route)}
    doors = {path for path, _ in DOORS} | OPEN | {*ASKING[True], *ASKING[False]}
    for path in routes | doors:
        assert path in asked or any(one.startswith(path) for one in asked if path.endswith("/"))


def test_who_has_not_said_who_they_are_is_told_how(tmp_path: Path) -> None:
    web = guarded(tmp_path, tokens())
    answer = web.get("/metrics")
    assert error_of(answer, 401) == "Authorization: expected somebody who may read everything"
    assert answer.headers["www-authenticate"] == 'Bearer realm="pipeline-health"'


def test_who_may_not_is_told_who_may_and_counted(tmp_path: Path) -> None:
    web = guarded(tmp_path, tokens(protect_reads=False))
    answer = web.request("POST", "/-/reload", headers={"Authorization": bearer("ours")})
    message = error_of(answer, 403)
    assert message.startswith(f"Authorization: expected an admin, got team {OURS} with token ")
    assert TOKENS["ours"] not in message
    assert "www-authenticate" not in answer.headers
    assert web.refusals("forbidden") == 1


def read(web: Web, path: str, visitor: str) -> Any:
    web.clock.seconds += 1
    return web.get(path, Authorization=bearer(visitor)).json()


@pytest.mark.parametrize(
    ("visitor", "pipelines"),
    [
        ("ours", {MINE}),
        ("theirs", {FOREIGN}),
        ("reader", {MINE, FOREIGN}),
        ("admin", {MINE, FOREIGN}),
    ],
)
def test_the_status_has_the_pipelines_that_may_be_seen(
    tmp_path: Path, visitor: str, pipelines: set[str]
) -> None:
    web = guarded(tmp_path, tokens())
    web.service.advance(60)
    shown = read(web, "/api/v1/status", visitor)
    assert {one["name"] for one in shown["pipelines"]} == pipelines
    assert shown["pipelines_total"] == len(pipelines)
    assert {one["pipeline"] for one in shown["review"]} == pipelines


def test_of_two_teams_each_gets_its_own_in_the_same_half_second(tmp_path: Path) -> None:
    web = guarded(tmp_path, tokens())
    for visitor, name in [("ours", MINE), ("theirs", FOREIGN), ("ours", MINE)]:
        shown = web.get("/api/v1/status", Authorization=bearer(visitor)).json()
        assert [one["name"] for one in shown["pipelines"]] == [name]


def test_the_overall_light_is_that_of_what_may_be_seen(tmp_path: Path) -> None:
    web = guarded(tmp_path, tokens())
    stall = {**FAULT, "for": "10m"}
    web.request("POST", "/api/v1/faults", json=stall, headers={"Authorization": bearer("admin")})
    web.service.advance(300)
    lights = {name: read(web, "/api/v1/status", name)["health"] for name in ("admin", "ours", "theirs")}
    assert lights == {"admin": "critical", "ours": "critical", "theirs": "healthy"}
    struck = {name: len(read(web, "/api/v1/faults", name)) for name in ("admin", "ours", "theirs")}
    assert struck == {"admin": 1, "ours": 1, "theirs": 0}


def test_events_of_others_are_not_there_to_be_seen_or_judged(tmp_path: Path) -> None:
    web = guarded(tmp_path, tokens())
    web.service.advance(60)
    own = read(web, "/api/v1/review?limit=5", "ours")
    assert len(own) == 5
    assert {event["pipeline"] for event in own} == {MINE}
    [name] = [event["id"] for event in read(web, "/api/v1/review?limit=1", "theirs")]
    for method in ("GET", "POST"):
        headers = {"Authorization": bearer("ours")}
        answer = web.request(method, f"/api/v1/review/{name}", json={"verdict": "wrong"}, headers=headers)
        assert error_of(answer, 404) == f"no event {name!r} is kept for review"
    assert read(web, f"/api/v1/review/{name}", "theirs")["verdict"] is None


def test_events_that_everybody_sees_are_judged_by_their_team(tmp_path: Path) -> None:
    web = guarded(tmp_path, tokens(protect_reads=False))
    web.service.advance(60)
    name = next(one["id"] for one in web.get("/api/v1/review").json() if one["pipeline"] == FOREIGN)

    def judge(visitor: str) -> int:
        headers = {"Authorization": bearer(visitor)}
        answer = web.request("POST", f"/api/v1/review/{name}", json={"verdict": "wrong"}, headers=headers)
        return answer.status_code

    assert (judge("ours"), judge("theirs"), judge("admin")) == (403, 200, 200)


def notify(web: Web, *teams: str) -> None:
    """Alertmanager tells of an alert for each team."""
    alerts = [
        {
            "status": "firing",
            "labels": {"alertname": "PipelineRunFailing", "team": team, "pipeline": team, "severity": "high"},
            "annotations": {},
            "startsAt": "2027-01-15T08:00:00Z",
            "endsAt": "0001-01-01T00:00:00Z",
            "fingerprint": f"{team:0>16}"[:16],
        }
        for team in teams
    ]
    content = {"version": "4", "status": "firing", "alerts": alerts}
    headers = {"Authorization": bearer("alertmanager")}
    answer = web.request("POST", "/api/v1/alerts", json=content, headers=headers)
    assert answer.status_code == 200, answer.text


def test_incidents_are_those_of_who_asks_however_many_others_there_are(tmp_path: Path) -> None:
    web = guarded(tmp_path, tokens())
    notify(web, OURS)
    for number in range(30):
        notify(web, f"team-{number}")
    for shown in (read(web, "/api/v1/incidents", "ours"), read(web, "/api/v1/status", "ours")["incidents"]):
        assert [one["team"] for one in shown] == [OURS]
    assert read(web, "/api/v1/incidents", "theirs") == []
    assert len(read(web, "/api/v1/incidents", "reader")) == 31


@pytest.mark.parametrize(
    ("protect_reads", "statuses"),
    [
        (True, {"theirs": 404, "reader": 403, "ours": 200, "admin": 200}),
        (False, {"theirs": 403, "ours": 200}),
    ],
)
def test_an_incident_is_answered_by_its_team(
    tmp_path: Path, protect_reads: bool, statuses: dict[str, int]
) -> None:
    web = guarded(tmp_path, tokens(protect_reads))
    notify(web, OURS)
    for visitor, status in statuses.items():
        headers = {"Authorization": bearer(visitor)}
        answer = web.request("POST", "/api/v1/incidents/1", json={"note": visitor}, headers=headers)
        assert answer.status_code == status
        kept = read(web, "/api/v1/incidents", "admin")[0]["note"]
        assert (kept == visitor) == (status == 200)


def names(rows: Any) -> set[str]:
    return {row["pipeline"] for row in rows}


def test_pipelines_and_what_is_said_of_them_are_those_of_who_asks(tmp_path: Path) -> None:
    web = guarded(tmp_path, tokens())
    notify(web, OURS, THEIRS)
    for visitor, own in [("ours", {MINE}), ("theirs", {FOREIGN}), ("reader", {MINE, FOREIGN})]:
        assert names(read(web, "/api/v1/pipelines", visitor)["pipelines"]) == own
        statuses = {name: web.get(f"/api/v1/pipelines/{name}", Authorization=bearer(visitor)).status_code
                    for name in (MINE, FOREIGN)}  # fmt: skip
        assert statuses == {name: 200 if name in own else 404 for name in (MINE, FOREIGN)}
        teams = {alert["labels"]["team"] for alert in read(web, "/api/v1/alerts", visitor)}
        assert len(teams) == len(own)


NAMES = st.sampled_from(["a", "b", "c"])


@given(NAMES, st.none() | NAMES)
def test_a_team_may_write_and_read_what_is_its_own_and_nothing_else(team: str, asked: str | None) -> None:
    access = Access("x", team=team)
    assert access.may_write(asked) == access.may_read(asked) == (asked == team)
    assert access.only_team == team


@given(st.none() | NAMES)
def test_nobody_may_nothing_readers_read_and_admins_may_everything(asked: str | None) -> None:
    reader = Access("x", reads_all=True)
    assert [one.may_write(asked) for one in (NOBODY, reader, EVERYBODY)] == [False, False, True]
    assert [one.may_read(asked) for one in (NOBODY, reader, EVERYBODY)] == [False, True, True]
    assert (reader.only_team, EVERYBODY.only_team) == (None, None)


@given(st.builds(Access, st.text(), st.booleans(), st.none() | NAMES, st.booleans(), st.booleans()), NAMES)
def test_who_may_write_may_read(access: Access, team: str) -> None:
    assert access.may_read(team) or not access.may_write(team)
    assert access.writes_something or not access.may_write(team)
    assert access.reads_something or not access.may_read(team)


def test_what_changes_nothing_is_what_the_guard_lets_pass_too() -> None:
    assert {"GET", "HEAD", "OPTIONS"} == SAFE_METHODS


def test_the_configuration_of_two_teams_is_one_of_two_teams() -> None:
    assert [one["team"] for one in two_teams()["pipelines"]] == [OURS, THEIRS]
