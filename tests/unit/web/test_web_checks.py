"""Reports of checks are pushed by whose they are, kept before the answer, and read back by who may."""

import asyncio
import gzip
import json
from pathlib import Path

import httpx
import pytest

from exporter.web import checks as door
from tests.unit.reports.told_reports import DRIFT, NULLS, ROWS, SICK, Json, dataset, report
from tests.unit.web.guarded import OURS, THEIRS, bearer, guarded, tokens, two_teams
from tests.unit.web.pipelines import EPOCH, JSON_TYPE, Web, calm, error_of, web_of

CHECKS = "/api/v1/checks"


@pytest.fixture
def web(tmp_path: Path) -> Web:
    """An exporter that lets everybody in."""
    return web_of(calm(), tmp_path)


def push(web: Web, *datasets: Json, who: str | None = None) -> httpx.Response:
    headers = {"Authorization": bearer(who)} if who else {}
    return web.request("POST", CHECKS, json=report(*datasets), headers=headers)


def read(web: Web, path: str = CHECKS, who: str | None = None) -> httpx.Response:
    return web.get(path, **({"Authorization": bearer(who)} if who else {}))


def names(answer: httpx.Response) -> list[str]:
    return [one["dataset"] for one in answer.json()["datasets"]]


def test_a_report_is_taken_read_back_and_on_the_metrics(web: Web) -> None:
    answer = push(web, SICK, dataset("shop/visits", ROWS))
    assert (answer.status_code, answer.json()) == (
        201,
        {"taken": ["shop/orders", "shop/visits"], "older": []},
    )
    assert names(read(web)) == ["shop/orders", "shop/visits"]
    alone = read(web, f"{CHECKS}/shop/orders").json()
    assert (alone["status"], alone["date"], names(read(web, f"{CHECKS}/shop/orders"))) == (
        "FAIL", "2027-01-14", ["shop/orders"],
    )  # fmt: skip
    [told] = alone["datasets"]
    assert {key: told[key] for key in ("dataset", "team", "rows", "measures")} == {
        key: SICK[key] for key in ("dataset", "team", "rows", "measures")
    }
    assert web.sample("pipeline_check_status", dataset="shop/orders", check="drift", subject="revenue") == 2
    assert (
        web.sample("pipeline_intake_events_total", integration="other", type="checks", outcome="taken") == 2
    )


def test_lists_are_by_team_and_status(web: Web) -> None:
    push(web, SICK, dataset("visits", ROWS), dataset("mails", NULLS, status="WARN", team="crm"))
    assert names(read(web, f"{CHECKS}?team=shop")) == ["shop/orders", "visits"]
    assert names(read(web, f"{CHECKS}?status=WARN&status=FAIL")) == ["shop/orders", "mails"]
    assert error_of(read(web, f"{CHECKS}?status=red"), 400) == (
        "status: expected one of ['FAIL', 'WARN', 'PASS'], got 'red'"
    )
    assert error_of(read(web, f"{CHECKS}/gone"), 404) == "no report on 'gone' is known"


def test_what_was_judged_earlier_changes_nothing_and_says_so(web: Web) -> None:
    push(web, dataset("a", ROWS))
    earlier = dataset("a", DRIFT, status="FAIL", checked="2027-01-15T06:59:59Z")
    assert push(web, earlier, dataset("b")).json() == {"taken": ["b"], "older": ["a"]}
    assert read(web).json()["status"] == "PASS"
    assert push(web, dataset("a", ROWS)).json() == {"taken": ["a"], "older": []}


def test_a_clock_that_is_ahead_keeps_nobody_out(web: Web) -> None:
    push(web, dataset("a", checked="2027-01-15T20:00:00Z"))
    assert web.sample("pipeline_check_last_run_timestamp_seconds", dataset="a") == EPOCH
    web.clock.seconds += 1
    assert push(web, dataset("a", checked="2027-01-15T08:00:01Z")).json()["taken"] == ["a"]
    refused = push(web, dataset("b"), dataset("a", checked="2027-01-17T00:00:00Z"))
    assert error_of(refused, 400) == (
        "datasets[1].checked: expected 86400 s from now at most, got 143999 s from now"
    )
    assert names(read(web)) == ["a"]


def test_of_a_report_with_a_mistake_nothing_is_taken(web: Web) -> None:
    answer = push(web, dataset("a", ROWS), dataset("b", ROWS, status="FAIL"))
    assert error_of(answer, 400) == "datasets[1].status: expected PASS by its checks, got FAIL"
    assert names(read(web)) == []
    assert web.sample("pipeline_intake_events_total", outcome="invalid") == 1


def test_beyond_the_room_there_is_the_others_are_taken(tmp_path: Path) -> None:
    web = web_of({**calm(), "runs": {"max_datasets": 1}}, tmp_path)
    answer = push(web, dataset("a"), dataset("b"), dataset("c"))
    assert error_of(answer, 429) == "no room for the checks of b, c: expected at most 1 datasets"
    assert names(read(web)) == ["a"]
    assert web.refusals("too_many_checks") == 1
    assert web.sample("pipeline_check_reports_refused_total") == 2
    assert (
        web.sample("pipeline_intake_events_total", integration="other", type="checks", outcome="no_room") == 2
    )


def test_a_large_report_is_taken_and_one_that_is_too_large_is_not(
    web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    large = json.dumps(report(dataset("a", {**ROWS, "message": "x" * (2 << 20)}))).encode()
    headers = {**JSON_TYPE, "Content-Encoding": "gzip"}
    assert web.request("POST", CHECKS, content=gzip.compress(large), headers=headers).status_code == 201
    monkeypatch.setattr(door, "MAX_REPORT", 1 << 20)
    for content, kind in ((large, JSON_TYPE), (gzip.compress(large), headers)):
        refused = web.request("POST", CHECKS, content=content, headers=kind)
        assert error_of(refused, 413) == "body: expected at most 1048576 bytes after decompression"


def test_a_dataset_that_is_checked_no_more_is_forgotten(web: Web) -> None:
    push(web, SICK)
    assert web.request("DELETE", f"{CHECKS}/shop/orders").status_code == 204
    assert 'dataset="shop/orders"' not in web.get("/metrics").text
    assert web.request("DELETE", f"{CHECKS}/shop/orders").status_code == 404


def test_a_team_pushes_what_is_its_own(tmp_path: Path) -> None:
    web = guarded(tmp_path, tokens())
    assert push(web, dataset("a", team=OURS), who="ours").status_code == 201
    foreign = push(web, dataset("b", team=OURS), dataset("c", team=THEIRS), who="ours")
    assert error_of(foreign, 403) == f"datasets[1].team: expected {OURS}, got {THEIRS}"
    taken = push(web, dataset("a", team=THEIRS), who="theirs")
    assert error_of(taken, 403) == "datasets[0].dataset: a is another's"
    assert names(read(web, who="admin")) == ["a"]
    assert push(web, dataset("c", team=THEIRS), who="admin").status_code == 201


def test_of_two_teams_that_are_the_first_to_check_a_dataset_at_once_one_is(tmp_path: Path) -> None:
    web = guarded(tmp_path, tokens(protect_reads=False))

    async def ask() -> list[httpx.Response]:
        async with web.client() as client:
            return await asyncio.gather(
                *(
                    client.post(
                        CHECKS,
                        json=report(dataset("a", team=team)),
                        headers={"Authorization": bearer(who)},
                    )
                    for who, team in (("ours", OURS), ("theirs", THEIRS))
                )
            )

    answers = asyncio.run(ask())
    assert sorted(answer.status_code for answer in answers) == [201, 403]
    taken = next(who for who, answer in zip(("ours", "theirs"), answers, strict=True) if answer.is_success)
    assert names(read(web, who=taken)) == ["a"]
    assert web.sample("pipeline_intake_events_total", outcome="invalid") == 1
    assert web.sample("pipeline_check_reports_refused_total") == 0


def test_whoever_writes_a_dataset_checks_it_whoever_did_before(tmp_path: Path) -> None:
    web = guarded(tmp_path, tokens())
    push(web, dataset("raw", team=THEIRS), who="theirs")
    run = {"pipeline": "load", "state": "succeeded", "outputs": ["raw"]}
    web.request("POST", "/api/v1/runs", json=run, headers={"Authorization": bearer("ours")})
    assert push(web, dataset("raw", team=OURS), who="ours").status_code == 201
    assert names(read(web, who="ours")) == ["raw"]
    assert push(web, dataset("raw", team=THEIRS), who="theirs").status_code == 403


def test_one_team_does_not_use_up_the_room_of_the_others(tmp_path: Path) -> None:
    web = guarded(tmp_path, tokens(protect_reads=False), config={**two_teams(), "runs": {"max_datasets": 2}})
    refused = push(web, dataset("a", team=OURS), dataset("b", team=OURS), who="ours")
    assert error_of(refused, 429) == f"no room for the checks of b: expected at most 1 datasets of {OURS}"
    assert web.refusals("too_many_of_team") == 1
    assert push(web, dataset("c", team=THEIRS), who="theirs").status_code == 201


def test_a_dataset_that_another_teams_pipeline_writes_is_not_ones_own(tmp_path: Path) -> None:
    web = guarded(tmp_path, tokens())
    run = {"pipeline": "load", "state": "succeeded", "outputs": ["raw"]}
    web.request("POST", "/api/v1/runs", json=run, headers={"Authorization": bearer("ours")})
    refused = push(web, dataset("raw", team=THEIRS), who="theirs")
    assert error_of(refused, 403) == "datasets[0].dataset: raw is written by load, which is another's"
    assert push(web, dataset("raw", team=OURS), who="ours").status_code == 201


def test_each_team_reads_and_forgets_its_own(tmp_path: Path) -> None:
    web = guarded(tmp_path, tokens())
    push(web, dataset("a", team=OURS), dataset("b", team=THEIRS), who="admin")
    found = {who: names(read(web, who=who)) for who in ("ours", "theirs", "reader")}
    assert found == {"ours": ["a"], "theirs": ["b"], "reader": ["a", "b"]}
    assert [read(web, f"{CHECKS}/a", who=who).status_code for who in ("ours", "theirs", "reader")] == [
        200, 404, 200,
    ]  # fmt: skip
    statuses = {}
    for who in ("theirs", "reader", "ours"):
        headers = {"Authorization": bearer(who)}
        statuses[who] = web.request("DELETE", f"{CHECKS}/a", headers=headers).status_code
    assert statuses == {"theirs": 404, "reader": 403, "ours": 204}
