"""Whose a dataset is: of the team that writes it first, which no other team's token can touch."""

from pathlib import Path

import httpx
import pytest

from tests.unit.web.guarded import OURS, bearer, guarded, tokens, two_teams
from tests.unit.web.pipelines import Json, Web

RUNS, DATASETS, LINEAGE = "/api/v1/runs", "/api/v1/datasets", "/api/v1/lineage"


@pytest.fixture
def web(tmp_path: Path) -> Web:
    """An exporter with a token for each of two teams."""
    return guarded(tmp_path, tokens())


def tell(web: Web, who: str, content: object, path: str = RUNS) -> httpx.Response:
    return web.request("POST", path, json=content, headers={"Authorization": bearer(who)})


def run(pipeline: str, state: str = "succeeded", **said: object) -> Json:
    return {"pipeline": pipeline, "state": state, **said}


def refused(web: Web) -> dict[str, int]:
    return {reason: count for reason, count in web.service.state.datasets.refused.items() if count}


def test_a_dataset_is_of_the_team_that_writes_it(web: Web) -> None:
    tell(web, "ours", run("load", outputs=["orders"]))
    assert tell(web, "ours", {"dataset": "orders", "rows": 1}, DATASETS).status_code == 201
    refused = tell(web, "theirs", {"dataset": "orders", "rows": 2}, DATASETS)
    assert refused.status_code == 403
    assert "orders is written by load" in refused.json()["error"]


def test_a_second_team_that_writes_a_dataset_takes_it_from_nobody(web: Web) -> None:
    tell(web, "ours", run("load", outputs=["orders"]))
    assert tell(web, "theirs", run("copy", outputs=["orders"])).status_code == 201
    assert tell(web, "ours", {"dataset": "orders", "rows": 1}, DATASETS).status_code == 201
    assert tell(web, "theirs", {"dataset": "orders", "rows": 2}, DATASETS).status_code == 403


def test_a_dataset_that_nobody_writes_is_of_the_team_that_spoke_of_it_first(web: Web) -> None:
    assert tell(web, "ours", {"dataset": "bought", "rows": 1}, DATASETS).status_code == 201
    assert tell(web, "ours", {"dataset": "bought", "rows": 2}, DATASETS).status_code == 201
    assert tell(web, "theirs", {"dataset": "bought", "rows": 3}, DATASETS).status_code == 403
    assert web.service.state.datasets["bought"].team == OURS


def test_nobody_speaks_of_a_dataset_in_another_teams_name(web: Web) -> None:
    refused = tell(web, "theirs", {"dataset": "bought", "rows": 1, "team": OURS}, DATASETS)
    assert (refused.status_code, refused.json()["error"][:5]) == (403, "team:")
    assert tell(web, "admin", {"dataset": "bought", "rows": 1, "team": OURS}, DATASETS).status_code == 201
    assert web.service.state.datasets["bought"].team == OURS


EARLY, LATE = "2026-11-20T00:00:00Z", "2026-11-21T00:00:00Z"


def test_a_run_that_names_anothers_dataset_as_output_counts_and_changes_nothing_of_it(web: Web) -> None:
    tell(web, "ours", run("load", ended=EARLY, outputs=[{"name": "orders", "rows": 5}]))
    before = web.service.state.datasets["orders"]
    known = (before.updated, before.rows, before.stale_after, [*before.producers])
    said = {"name": "orders", "rows": 7, "stale_after_seconds": 1e8}
    answer = tell(web, "theirs", run("copy", ended=LATE, outputs=[said, "copied"]))
    assert answer.status_code == 201
    copy, orders = web.service.state.jobs["copy"], web.service.state.datasets["orders"]
    assert (copy.runs["succeeded"], copy.last_rows) == (1, 7)
    assert (orders.updated, orders.rows, orders.stale_after, [*orders.producers]) == known
    assert refused(web) == {"not_yours": 1}
    assert [*web.service.state.datasets["copied"].producers] == ["copy"]


def test_what_a_task_may_have_written_is_no_ones_elses_either(web: Web) -> None:
    """Airflow's tasks wait for the end of their DAG's run; what they wrote shows before."""
    tell(web, "ours", run("load", ended=EARLY, outputs=["shop/orders"]))
    dag = {
        "eventType": "START",
        "eventTime": LATE,
        "run": {"runId": "dag"},
        "job": {"namespace": "n", "name": "dag"},
    }
    task = {
        "eventType": "COMPLETE",
        "eventTime": LATE,
        "run": {"runId": "task", "facets": {"parent": {"run": {"runId": "dag"}}}},
        "job": {
            "namespace": "n",
            "name": "dag.task",
            "facets": {"jobType": {"integration": "AIRFLOW", "jobType": "TASK"}},
        },
        "outputs": [{"namespace": "shop", "name": "orders"}],
    }
    for event in (dag, task):
        assert tell(web, "theirs", event, LINEAGE).status_code == 201
    assert web.service.state.datasets["shop/orders"].unsure == {}
    assert refused(web) == {"not_yours": 1}


def test_of_anothers_dataset_a_run_says_only_that_it_reads_it(web: Web) -> None:
    tell(web, "ours", run("load", outputs=["orders"]))
    said = {"name": "orders", "stale_after_seconds": 1}
    assert tell(web, "theirs", run("report", inputs=[said])).status_code == 201
    orders = web.service.state.datasets["orders"]
    assert ([*orders.consumers], orders.stale_after) == (["report"], None)


def test_an_admin_tells_of_every_dataset(web: Web) -> None:
    tell(web, "ours", run("load", ended=EARLY, outputs=["orders"]))
    tell(web, "admin", run("copy", ended=LATE, outputs=[{"name": "orders", "rows": 9}]))
    orders = web.service.state.datasets["orders"]
    assert ([*orders.producers], orders.rows, refused(web)) == (["load", "copy"], 9, {})


def test_who_writes_it_has_it_from_who_only_spoke_of_it(web: Web) -> None:
    tell(web, "ours", {"dataset": "bought", "rows": 1}, DATASETS)
    tell(web, "theirs", run("buy", outputs=[{"name": "bought", "rows": 2}]))
    assert web.service.state.datasets["bought"].rows == 2
    assert tell(web, "ours", {"dataset": "bought", "rows": 3}, DATASETS).status_code == 403


def test_a_dataset_is_free_when_the_pipeline_that_wrote_it_is_no_more(web: Web) -> None:
    tell(web, "ours", run("load", outputs=["orders"]))
    gone = web.request("DELETE", "/api/v1/pipelines/load", headers={"Authorization": bearer("ours")})
    assert gone.status_code == 204
    tell(web, "theirs", run("copy", outputs=[{"name": "orders", "rows": 2}]))
    assert web.service.state.datasets["orders"].rows == 2


def test_a_teams_token_gets_its_share_of_the_datasets(tmp_path: Path) -> None:
    web = guarded(tmp_path, tokens(), config={**two_teams(), "runs": {"max_datasets": 4}})
    assert tell(web, "ours", run("load", outputs=[*"abc"], inputs=[*"def"])).status_code == 201
    assert ([one.name for one in web.service.state.datasets], refused(web)) == (["d", "e"], {"team_share": 4})
    tell(web, "theirs", run("copy", outputs=["x"]))
    assert len(web.service.state.datasets) == 3
    tell(web, "admin", run("all", outputs=["y", "z"]))
    assert refused(web) == {"team_share": 4, "no_room": 1}
