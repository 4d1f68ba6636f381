"""Datasets in the status: the worst first, with what fails, for who may read them; and the overall light."""

from pathlib import Path

import pytest

from exporter.service import Service
from exporter.state.checks import Scheduled
from tests.unit.reports.told_reports import DRIFT, NULLS, QUIET, ROWS, SICK, Json, dataset, outcome, report
from tests.unit.web.guarded import OURS, THEIRS, bearer, guarded, tokens
from tests.unit.web.pipelines import Web, calm, web_of

FIELDS = {
    *("name", "team", "owner", "health", "date", "checked", "status", "unreadable", "tiers"),
    *("problems", "problems_total"),
}
BROKEN = dataset("broken", DRIFT, status="FAIL")
WARNS = dataset("warns", NULLS, status="WARN")
PASSES = dataset("passes", ROWS)


@pytest.fixture
def web(tmp_path: Path) -> Web:
    return web_of(calm(), tmp_path)


def pushed(web: Web, *datasets: Json) -> Json:
    """The status after a report."""
    assert web.post("/api/v1/checks", report(*datasets)).status_code == 201
    status: Json = web.status()
    return status


def scheduled(service: Service, name: str, unreadable: str = "", team: str = "shop") -> None:
    service.state.scheduled[name] = Scheduled(name, team, 60, unreadable)


def names(status: Json) -> list[str]:
    return [one["name"] for one in status["datasets"]]


def test_a_dataset_is_there_with_its_tiers_and_what_fails_in_its_own_words(web: Web) -> None:
    status = pushed(web, {**SICK, "owner": "analytics"})
    [found] = status["datasets"]
    assert found == {
        "name": "shop/orders",
        "team": "shop",
        "owner": "analytics",
        "health": "critical",
        "date": "2027-01-14",
        "checked": "2027-01-15T07:00:00.000Z",
        "status": "FAIL",
        "unreadable": None,
        "tiers": {"1": "PASS", "2": "WARN", "3": "FAIL"},
        "problems": [
            {"severity": "CRITICAL", "tier": 3, "message": "said"},
            {"severity": "WARN", "tier": 2, "message": "said"},
        ],
        "problems_total": 2,
    }


@pytest.mark.parametrize(
    ("datasets", "health"),
    [
        ([PASSES], "healthy"),
        ([dataset("quiet", QUIET)], "healthy"),
        ([PASSES, WARNS], "degraded"),
        ([PASSES, WARNS, BROKEN], "critical"),
    ],
)
def test_the_overall_light_takes_the_worst_dataset_in(web: Web, datasets: list[Json], health: str) -> None:
    status = pushed(web, *datasets)
    assert (status["health"], status["lights"]) == (health, {"healthy": 1, "degraded": 0, "critical": 0})


def test_a_verdict_that_is_good_again_turns_the_light_back(web: Web) -> None:
    assert pushed(web, BROKEN)["health"] == "critical"
    assert pushed(web, dataset("broken", ROWS))["health"] == "healthy"
    pushed(web, {**BROKEN, "dataset": "gone"})
    web.request("DELETE", "/api/v1/checks/gone")
    status = web.status()
    assert (status["health"], names(status)) == ("healthy", ["broken"])


def test_a_tier_without_a_verdict_has_none_and_passes_with_one(web: Web) -> None:
    fine = outcome("drift", "revenue", tier=3)
    quiet, both = pushed(web, dataset("a", QUIET), dataset("b", QUIET, fine))["datasets"]
    assert quiet["tiers"] == {"1": None, "2": None, "3": None}
    assert both["tiers"] == {"1": None, "2": None, "3": "PASS"}


def test_the_worst_come_first_and_by_name_fifty_of_them(web: Web) -> None:
    many = [dataset(f"fine-{number:02}", ROWS) for number in range(60)]
    status = pushed(web, *many, WARNS, {**BROKEN, "dataset": "z"}, BROKEN)
    assert names(status)[:5] == ["broken", "z", "warns", "fine-00", "fine-01"]
    assert (len(names(status)), status["datasets_total"]) == (50, 63)
    assert status["dataset_lights"] == {"healthy": 60, "degraded": 1, "critical": 2}


def test_of_what_fails_the_gravest_few_are_shown_and_all_are_counted(web: Web) -> None:
    warnings = [outcome("nulls", str(number), "WARN", 2) for number in range(9)]
    grave = outcome("drift", "revenue", "CRITICAL", 3, message="x" * 500)
    [found] = pushed(web, dataset("a", *warnings, grave, status="FAIL"))["datasets"]
    assert [one["severity"] for one in found["problems"]] == ["CRITICAL", "WARN", "WARN"]
    assert found["problems"][0]["message"] == "x" * 199 + "\N{HORIZONTAL ELLIPSIS}"
    assert found["problems_total"] == 10


def test_what_the_exporter_could_not_read_is_degraded_whatever_it_passed_before(web: Web) -> None:
    scheduled(web.service, "passes", unreadable="no file")
    scheduled(web.service, "broken", unreadable="no file")
    scheduled(web.service, "never", unreadable="no file")
    scheduled(web.service, "new")
    status = pushed(web, PASSES, BROKEN)
    assert [(one["name"], one["health"], one["status"], one["unreadable"]) for one in status["datasets"]] == [
        ("broken", "critical", "FAIL", "no file"),
        ("never", "degraded", None, "no file"),
        ("passes", "degraded", "PASS", "no file"),
        ("new", "healthy", None, None),
    ]
    assert {frozenset(one) for one in status["datasets"]} == {frozenset(FIELDS)}


def test_data_that_can_not_be_read_alone_makes_the_overall_light_orange(web: Web) -> None:
    scheduled(web.service, "never", unreadable="no file")
    assert web.status()["health"] == "degraded"


def test_a_team_sees_its_own_datasets_and_is_not_alarmed_by_others(tmp_path: Path) -> None:
    web = guarded(tmp_path, tokens())
    scheduled(web.service, "theirs-too", unreadable="no file", team=THEIRS)
    for name, team, checks, status in (("a", OURS, DRIFT, "FAIL"), ("b", THEIRS, ROWS, "PASS")):
        told = report(dataset(name, checks, status=status, team=team))
        headers = {"Authorization": bearer("admin")}
        assert web.request("POST", "/api/v1/checks", json=told, headers=headers).status_code == 201
    seen = {}
    for who in ("ours", "theirs", "reader"):
        status = web.get("/api/v1/status", Authorization=bearer(who)).json()
        seen[who] = names(status), status["datasets_total"], status["health"]
    assert seen == {
        "ours": (["a"], 1, "critical"),
        "theirs": (["theirs-too", "b"], 2, "degraded"),
        "reader": (["a", "theirs-too", "b"], 3, "critical"),
    }
