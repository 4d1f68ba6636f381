"""A job that is no more is forgotten by who may, for good, and nothing else is."""

from pathlib import Path
from typing import Any

import pytest

from tests.unit.web.guarded import OURS, THEIRS, bearer, guarded, tokens
from tests.unit.web.pipelines import Json, Web, calm, web_of

FLEET = {"jobs": 1, "teams": 1, "hour": "10s"}


def told(web: Web, name: str, team: str, **headers: str) -> None:
    said = {"pipeline": name, "team": team, "state": "failed", "run_id": "r1"}
    assert web.request("POST", "/api/v1/runs", json=said, headers=headers).status_code == 201


def forgotten(web: Web, name: str, **headers: str) -> int:
    return web.request("DELETE", f"/api/v1/pipelines/{name}", headers=headers).status_code


def known(web: Web) -> set[str]:
    answer: Any = web.get("/api/v1/pipelines").json()
    return {row["pipeline"] for row in answer["pipelines"]}


def test_a_job_that_is_no_more_is_forgotten_and_may_begin_anew(tmp_path: Path) -> None:
    web = web_of(calm(), tmp_path)
    told(web, "shop/load", "shop")
    assert forgotten(web, "shop/load") == 204
    assert "shop/load" not in known(web)
    assert 'pipeline="shop/load"' not in web.get("/metrics").text
    assert forgotten(web, "shop/load") == 404
    told(web, "shop/load", "shop")
    assert web.sample("pipeline_runs_total", pipeline="shop/load", state="failed") == 1


def test_what_is_simulated_is_not_forgotten(tmp_path: Path) -> None:
    config: Json = {**calm(), "fleet": FLEET}
    web = web_of(config, tmp_path)
    web.service.advance(60)
    simulated = known(web)
    assert len(simulated) == 2
    assert {forgotten(web, name) for name in simulated} == {404}
    assert known(web) == simulated


@pytest.mark.parametrize(
    ("protect_reads", "who", "status"),
    [
        (True, "theirs", 404),
        (False, "theirs", 403),
        (True, "reader", 403),
        (True, "ours", 204),
        (True, "admin", 204),
    ],
)
def test_a_team_forgets_its_own_jobs_alone(
    tmp_path: Path, protect_reads: bool, who: str, status: int
) -> None:
    web = guarded(tmp_path, tokens(protect_reads))
    told(web, "load", OURS, Authorization=bearer("ours"))
    told(web, "report", THEIRS, Authorization=bearer("theirs"))
    assert forgotten(web, "load", Authorization=bearer(who)) == status


def test_on_a_full_disk_nothing_is_forgotten(tmp_path: Path) -> None:
    web = web_of(calm(), tmp_path)
    told(web, "shop/load", "shop")
    web.service.intake.journal.close()
    assert forgotten(web, "shop/load") == 503
    assert "shop/load" in known(web)
