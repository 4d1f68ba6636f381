"""Pipelines over HTTP: which there are, the worst first, whose; and the overall light, which agrees."""

from pathlib import Path
from typing import Any

import pytest

from exporter.state.lights import JobLight
from exporter.web import rows
from tests.unit.incidents.notifications import alert, notification
from tests.unit.web.guarded import MINE, OURS, THEIRS, bearer, guarded, tokens
from tests.unit.web.pipelines import EPOCH, Json, Web, calm, error_of, web_of
from tests.unit.web.telling import ANOMALY, ROW, asked, events, fail, owned, part_of, run

LIST = {"now", "total", "lights", "teams", "parts", "pipelines"}


def listed(web: Web, query: str = "") -> list[str]:
    return [row["pipeline"] for row in asked(web, f"/api/v1/pipelines{query}")["pipelines"]]


def test_all_pipelines_are_listed_the_worst_first(jobs: Web) -> None:
    answer = asked(jobs, "/api/v1/pipelines")
    assert answer.keys() == LIST
    assert {frozenset(row) for row in answer["pipelines"]} == {frozenset(ROW)}
    assert [(row["pipeline"], row["health"]) for row in answer["pipelines"]] == [
        ("shop/broken", "critical"),
        ("shop/shaky", "degraded"),
        ("business-signals", "healthy"),
        ("shop/good", "healthy"),
    ]
    assert (answer["total"], answer["parts"]) == (4, 0)
    assert answer["lights"] == {"healthy": 2, "degraded": 1, "critical": 1}
    assert answer["teams"] == ["commercial-analytics", "finance", "risk"]


def test_each_says_in_words_what_is_unusual(jobs: Web) -> None:
    found = {row["pipeline"]: row for row in asked(jobs, "/api/v1/pipelines")["pipelines"]}
    assert found["shop/broken"]["sentence"] == "Failed 5 times in a row"
    assert found["shop/broken"]["anomalies"] == ["failed 5 times in a row"]
    assert (found["shop/shaky"]["sentence"], found["shop/shaky"]["anomalies"]) == ("The last run failed", [])
    assert found["shop/good"]["sentence"] == "Nothing is unusual"
    assert found["business-signals"]["sentence"].startswith("All stages keep up")


def test_a_light_says_since_when(jobs: Web) -> None:
    found = {row["pipeline"]: row for row in asked(jobs, "/api/v1/pipelines")["pipelines"]}
    assert found["shop/broken"]["since"] == "2026-11-01T01:01:00.000Z"
    assert found["shop/shaky"]["since"] == "2026-11-01T02:01:00.000Z"
    assert found["business-signals"]["since"] == "2027-01-15T08:00:00.000Z"


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("?team=finance", ["shop/shaky", "shop/good"]),
        ("?team=nobody", []),
        ("?health=critical", ["shop/broken"]),
        ("?health=critical&health=degraded", ["shop/broken", "shop/shaky"]),
        ("?search=SHOP", ["shop/broken", "shop/shaky", "shop/good"]),
        ("?search=go%20shop", ["shop/good"]),
        ("?search=%20", ["shop/broken", "shop/shaky", "business-signals", "shop/good"]),
        ("?search=o&team=finance&health=healthy", ["shop/good"]),
        ("?search=nothing-of-this-name", []),
        ("?limit=2", ["shop/broken", "shop/shaky"]),
    ],
)
def test_a_filter_leaves_what_fits(jobs: Web, query: str, names: list[str]) -> None:
    assert listed(jobs, query) == names


def test_a_limit_cuts_the_rows_and_not_the_counts(jobs: Web) -> None:
    answer = asked(jobs, "/api/v1/pipelines?limit=1&search=shop")
    assert (len(answer["pipelines"]), answer["total"]) == (1, 3)


def test_lights_are_counted_as_if_none_were_filtered_by(jobs: Web) -> None:
    answer = asked(jobs, "/api/v1/pipelines?health=critical&team=finance")
    assert (answer["total"], answer["lights"]) == (0, {"healthy": 1, "degraded": 1, "critical": 0})


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("?health=red", "health: expected one of ['healthy', 'degraded', 'critical'], got 'red'"),
        ("?health=", "health: expected one of ['healthy', 'degraded', 'critical'], got ''"),
        ("?limit=0", "limit: expected 1 to 10000, got '0'"),
        ("?parts=maybe", "parts: expected yes or no, got 'maybe'"),
    ],
)
def test_a_mistake_in_the_query_is_400_naming_it(web: Web, query: str, message: str) -> None:
    assert error_of(web.get(f"/api/v1/pipelines{query}"), 400) == message


def test_parts_are_listed_when_they_are_wanted_and_never_count(tmp_path: Path) -> None:
    web = web_of({}, tmp_path)
    run(web, "dag")
    fail(web, "dag.task", 9, **part_of("dag"))
    answer = asked(web, "/api/v1/pipelines")
    assert ([row["pipeline"] for row in answer["pipelines"]], answer["parts"]) == (["shop/dag"], 1)
    assert listed(web, "?parts=yes") == ["shop/dag.task", "shop/dag"]
    assert (web.status()["health"], web.status()["lights"]["healthy"]) == ("healthy", 1)
    assert asked(web, "/api/v1/anomalies") == []


def worst(web: Web) -> str:
    return str(asked(web, "/api/v1/pipelines?limit=1")["pipelines"][0]["health"])


def test_the_overall_light_is_that_of_the_worst_pipeline(tmp_path: Path) -> None:
    web = web_of(calm({"at": 200, "for": 300, "stage": "enrich", "kind": "stall"}), tmp_path)
    web.service.advance(30)
    assert (web.status()["health"], worst(web)) == ("healthy", "healthy")
    run(web, "load", 1, "FAIL")
    assert (web.status()["health"], worst(web)) == ("degraded", "degraded")
    fail(web, "broken", 5)
    assert (web.status()["health"], worst(web)) == ("critical", "critical")
    run(web, "load", 9)
    run(web, "broken", 9)
    assert (web.status()["health"], worst(web)) == ("healthy", "healthy")
    web.service.advance(300)
    assert (web.status()["health"], worst(web)) == ("critical", "critical")


def test_a_fleet_and_the_status_count_the_same(tmp_path: Path) -> None:
    fleet = {"jobs": 60, "teams": 5, "hour": "2m", "trouble_every": "1h"}
    web = web_of({"fleet": fleet, "pipelines": calm()["pipelines"]}, tmp_path)
    for ticks in (1, 600, 3600, 3600):
        web.service.advance(ticks)
        web.clock.seconds = EPOCH + web.service.simulation.tick
        status, answer = web.status(), asked(web, "/api/v1/pipelines")
        assert (status["lights"], status["health"]) == (answer["lights"], answer["pipelines"][0]["health"])
        assert sum(answer["lights"].values()) == answer["total"]
    assert answer["total"] > 50
    assert answer["lights"]["healthy"] < answer["total"]


def test_rows_are_made_only_of_what_is_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    web = web_of({"fleet": {"jobs": 300, "hour": "1m"}}, tmp_path)
    web.service.advance(60)
    made: list[str] = []
    original = rows.job_row

    def job_row(light: JobLight, now: float) -> Json:
        made.append(light.job.pipeline)
        return original(light, now)

    monkeypatch.setattr(rows, "job_row", job_row)
    assert len(listed(web, "?limit=20")) == 20
    assert len(made) == 20


def test_anomalies_are_listed_the_gravest_first_and_by_team(jobs: Web) -> None:
    fail(jobs, "weak", 2, **owned("finance"))
    found = asked(jobs, "/api/v1/anomalies")
    assert {frozenset(one) for one in found} == {frozenset(ANOMALY)}
    assert [(one["pipeline"], one["severity"]) for one in found] == [
        ("shop/broken", "critical"),
        ("shop/weak", "medium"),
    ]
    assert [one["pipeline"] for one in asked(jobs, "/api/v1/anomalies?team=finance")] == ["shop/weak"]


def test_the_jobs_of_the_status_are_the_worst_with_their_lights(jobs: Web) -> None:
    shown = jobs.status()["jobs"]
    assert [(one["pipeline"], one["health"]) for one in shown] == [
        ("shop/broken", "critical"),
        ("shop/shaky", "degraded"),
        ("shop/good", "healthy"),
    ]
    assert shown[0]["sentence"] == "Failed 5 times in a row"


def test_alerts_that_fire_are_listed_by_team(web: Web) -> None:
    told = [alert(fingerprint="a"), alert(fingerprint="b", pipeline="refunds", ends=1_800_000_060.0)]
    web.post("/api/v1/alerts", notification(*told))
    [firing] = asked(web, "/api/v1/alerts")
    assert (firing["fingerprint"], firing["status"]) == ("a", "firing")
    assert asked(web, f"/api/v1/alerts?team={firing['labels']['team']}") == [firing]
    assert asked(web, "/api/v1/alerts?team=nobody") == []


def test_incidents_of_one_pipeline_can_be_asked_for(web: Web) -> None:
    web.post("/api/v1/alerts", notification(alert(), alert(fingerprint="b2", pipeline="refunds")))
    assert [one["pipeline"] for one in asked(web, "/api/v1/incidents?pipeline=refunds")] == ["refunds"]
    assert asked(web, "/api/v1/incidents?pipeline=none&state=open") == []


def test_a_team_sees_and_counts_its_own_and_of_others_not_even_a_light(tmp_path: Path) -> None:
    web = guarded(tmp_path, tokens())
    web.service.advance(30)
    admin = {"Authorization": bearer("admin")}

    def tell(name: str, team: str, state: str, **more: Any) -> None:
        steps = events(name, 1, state, **owned(team), **more)
        answers = [web.request("POST", "/api/v1/lineage", json=one, headers=admin) for one in steps]
        assert {answer.status_code for answer in answers} == {201}

    tell("foreign", THEIRS, "FAIL")
    tell("foreign", THEIRS, "COMPLETE")
    tell("mine", OURS, "COMPLETE", reads=["foreign"])

    def mine(path: str) -> Any:
        return web.get(path, Authorization=bearer("ours")).json()

    answer = mine("/api/v1/pipelines")
    assert {row["pipeline"] for row in answer["pipelines"]} == {MINE, "shop/mine"}
    assert (answer["teams"], answer["lights"]) == ([OURS], {"healthy": 2, "degraded": 0, "critical": 0})
    web.clock.seconds += 1
    assert mine("/api/v1/status")["lights"] == answer["lights"]
    assert mine("/api/v1/status")["health"] == "healthy"
    assert mine(f"/api/v1/pipelines?team={THEIRS}")["total"] == 0
    assert web.get("/api/v1/pipelines/shop/foreign", Authorization=bearer("ours")).status_code == 404
    upstream = [{"pipeline": "shop/foreign", "health": None}]
    assert mine("/api/v1/pipelines/shop/mine")["upstream"] == upstream
    assert mine("/api/v1/lineage?pipeline=shop/mine")["upstream"] == upstream
