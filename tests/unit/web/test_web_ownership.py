"""Whose runs a team's token may tell of: its own pipelines', and new ones, which are its own from then on."""

import asyncio
from pathlib import Path

import httpx
import pytest

from tests.unit.web.guarded import MINE, OURS, THEIRS, bearer, guarded, tokens, two_teams
from tests.unit.web.pipelines import Json, Web

RUNS, DATASETS, LINEAGE = "/api/v1/runs", "/api/v1/datasets", "/api/v1/lineage"


@pytest.fixture
def web(tmp_path: Path) -> Web:
    """An exporter with a token for each of two teams."""
    return guarded(tmp_path, tokens())


def tell(web: Web, who: str, content: object, path: str = RUNS) -> httpx.Response:
    return web.request("POST", path, json=content, headers={"Authorization": bearer(who)})


def at_once(
    web: Web, told: list[tuple[str, Json | bytes]], kind: dict[str, str] | None = None
) -> list[httpx.Response]:
    """Tell all of it before anything of it is written down."""

    async def ask() -> list[httpx.Response]:
        async with web.client() as client:
            asked = [
                client.post(RUNS, content=said, headers={**(kind or {}), "Authorization": bearer(who)})
                if isinstance(said, bytes)
                else client.post(RUNS, json=said, headers={"Authorization": bearer(who)})
                for who, said in told
            ]
            return await asyncio.gather(*asked)

    return asyncio.run(ask())


def run(pipeline: str, state: str = "succeeded", **said: object) -> Json:
    return {"pipeline": pipeline, "state": state, **said}


def event(name: str, kind: str = "COMPLETE") -> Json:
    return {
        "eventType": kind,
        "eventTime": "2026-11-21T00:00:00Z",
        "run": {"runId": "r1"},
        "job": {"namespace": "shop", "name": name},
    }


def team_of(web: Web, pipeline: str) -> str:
    return web.service.state.jobs[pipeline].team


def test_a_new_pipeline_is_of_the_team_that_tells_of_it(web: Web) -> None:
    assert tell(web, "ours", run("load")).status_code == 201
    assert team_of(web, "load") == OURS


def test_another_team_may_not_tell_of_it(web: Web) -> None:
    tell(web, "ours", run("load"))
    refused = tell(web, "theirs", run("load", "failed"))
    assert refused.status_code == 403
    assert "load, which is another's" in refused.json()["error"]
    assert web.service.state.jobs["load"].runs["failed"] == 0


def test_nobody_may_claim_to_be_another_team(web: Web) -> None:
    refused = tell(web, "ours", run("load", team=THEIRS))
    assert refused.status_code == 403
    assert f"team: expected {OURS}, got {THEIRS}" in refused.json()["error"]
    assert web.service.state.jobs.get("load") is None


@pytest.mark.parametrize("who", ["ours", "admin"])
def test_nobody_tells_of_a_stream_that_the_exporter_simulates(web: Web, who: str) -> None:
    refused = tell(web, who, run(MINE))
    assert refused.status_code == 403
    assert f"got {MINE}, which is simulated" in refused.json()["error"]
    assert web.service.state.jobs.get(MINE) is None


def test_nobody_tells_of_a_job_of_the_simulated_fleet(tmp_path: Path) -> None:
    web = guarded(tmp_path, tokens(), config={**two_teams(), "fleet": {"jobs": 4, "teams": 2}})
    web.service.advance(7200)
    [job, *_] = web.service.state.jobs
    assert tell(web, "admin", run(job.pipeline, "failed")).status_code == 403
    assert web.service.state.jobs[job.pipeline].mode == "simulated"


def test_a_run_of_another_can_not_be_ended_by_its_id(web: Web) -> None:
    tell(web, "ours", event("load", "START"), LINEAGE)
    assert tell(web, "theirs", event("copy", "FAIL"), LINEAGE).status_code == 403
    assert web.service.state.jobs["shop/load"].in_progress == 1


def test_two_teams_may_use_the_same_id_for_plain_runs(web: Web) -> None:
    assert tell(web, "ours", run("load", run_id="2026-11-21")).status_code == 201
    assert tell(web, "theirs", run("copy", run_id="2026-11-21")).status_code == 201
    assert [job.runs["succeeded"] for job in web.service.state.jobs] == [1, 1]


def test_an_admin_may_tell_of_everything_and_give_a_pipeline_away(web: Web) -> None:
    tell(web, "ours", run("load"))
    assert tell(web, "admin", run("load", team=THEIRS)).status_code == 201
    assert team_of(web, "load") == THEIRS
    assert tell(web, "ours", run("load")).status_code == 403


def test_of_several_runs_only_the_own_ones_are_taken(web: Web) -> None:
    tell(web, "theirs", run("copy"))
    lines = b'{"pipeline":"load","state":"succeeded"}\n{"pipeline":"copy","state":"succeeded"}\n'
    headers = {"Authorization": bearer("ours"), "Content-Type": "application/x-ndjson"}
    report = web.request("POST", RUNS, content=lines, headers=headers).json()
    assert report["summary"]["successful"] == 1
    [failed] = report["failed_events"]
    assert (failed["index"], failed["retriable"]) == (1, False)
    assert "copy, which is another's" in failed["reason"]


def test_openlineage_events_are_owned_alike(web: Web) -> None:
    assert tell(web, "ours", event("load"), LINEAGE).status_code == 201
    assert team_of(web, "shop/load") == OURS
    assert tell(web, "theirs", event("load"), LINEAGE).status_code == 403


def test_an_owner_that_openlineage_names_claims_nothing(web: Web) -> None:
    told = event("load")
    told["job"]["facets"] = {"ownership": {"owners": [{"name": "airflow"}]}}
    assert tell(web, "ours", told, LINEAGE).status_code == 201
    assert team_of(web, "shop/load") == OURS
    assert tell(web, "theirs", told, LINEAGE).status_code == 403


def test_of_two_teams_that_claim_a_new_pipeline_at_once_one_has_it(web: Web) -> None:
    """Both are asked before either is written down."""
    answers = at_once(web, [("ours", run("load")), ("theirs", run("load", "failed"))])
    assert [answer.status_code for answer in answers] == [201, 403]
    assert "load, which is another's" in answers[1].json()["error"]
    load = web.service.state.jobs["load"]
    assert (load.team, load.runs["succeeded"], load.runs["failed"]) == (OURS, 1, 0)


def test_of_several_claims_at_once_those_that_come_second_are_never_taken(web: Web) -> None:
    lines = b'{"pipeline":"load","state":"failed"}\n{"pipeline":"copy","state":"succeeded"}\n'
    kind = {"Content-Type": "application/x-ndjson"}
    _, report = at_once(web, [("ours", run("load")), ("theirs", lines)], kind)
    [failed] = report.json()["failed_events"]
    assert (failed["index"], failed["retriable"]) == (0, False)
    assert (team_of(web, "load"), team_of(web, "copy")) == (OURS, THEIRS)


def test_a_teams_token_gets_its_share_of_the_jobs(tmp_path: Path) -> None:
    web = guarded(tmp_path, tokens(), config={**two_teams(), "runs": {"max_jobs": 4}})
    assert [tell(web, "ours", run(name)).status_code for name in "abc"] == [201, 201, 429]
    assert web.request("GET", "/metrics", headers={"Authorization": bearer("reader")}).text.count(
        'requests_rejected_total{reason="too_many_of_team"} 1.0'
    )
    assert tell(web, "theirs", run("c")).status_code == 201
