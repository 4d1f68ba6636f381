"""One pipeline over HTTP: a job in full, a stream, the neighbours, and where to read on."""

from pathlib import Path

import pytest

from exporter.state.job import KEPT_RUNS
from tests.unit.web.pipelines import Web, calm, error_of, web_of
from tests.unit.web.telling import ANOMALY, HOUR, ROW, asked, fail, run

LINKS = {"now", "dashboard_url", "runbook"}
FULL = {
    *ROW,
    *LINKS,
    *("runs", "reasons", "oldest_start", "judgement", "measured", "baselines", "last_runs"),
    *("upstream", "downstream"),
}
RUN = {"run_id", "state", "ended", "duration_seconds", "rows", "reason"}
PAGE = Path(__file__).parents[3] / "exporter/web/page"


def test_a_job_in_full(jobs: Web) -> None:
    shown = asked(jobs, "/api/v1/pipelines/shop/broken")
    assert shown.keys() == FULL
    assert {frozenset(one) for one in shown["last_runs"]} == {frozenset(RUN)}
    assert [one["run_id"] for one in shown["last_runs"]] == [f"broken-{n}" for n in (5, 4, 3, 2, 1)]
    [anomaly] = shown["anomalies"]
    assert {**anomaly, "pipeline": "", "team": ""}.keys() == ANOMALY
    assert (anomaly["kind"], anomaly["observed"], anomaly["limit"]) == ("failing", 5, 5)
    assert shown["judgement"]["failures"] == {"medium": 2, "high": 3, "critical": 5}
    assert shown["measured"]["failures"] == 5
    assert shown["baselines"] == {"duration_seconds": None, "rows": None, "rows_per_second": None}
    assert shown["runs"]["failed"] == 5


def test_what_is_usual_is_told_with_its_band_once_it_is_known(web: Web) -> None:
    for number in range(1, 31):
        run(web, number=number, rows=1000 + number)
    shown = asked(web, "/api/v1/pipelines/shop/load")
    band = shown["baselines"]["rows"]
    assert band["low"] < band["usual"] < band["high"]
    assert 1000 < band["usual"] < 1030
    assert shown["baselines"]["duration_seconds"]["usual"] == pytest.approx(60)
    assert shown["usual_duration_seconds"] == pytest.approx(60)
    assert len(shown["last_runs"]) == KEPT_RUNS
    assert shown["measured"]["silent_after_seconds"] == 2 * HOUR


def test_neighbours_are_told_with_their_lights_the_worst_first(web: Web) -> None:
    fail(web, "zeta", 1)
    run(web, "alpha", 2)
    run(web, "zeta", 2)
    run(web, "zeta", 3, "FAIL")
    run(web, "report", 4, reads=["alpha", "zeta"])
    upstream = [
        {"pipeline": "shop/zeta", "health": "degraded"},
        {"pipeline": "shop/alpha", "health": "healthy"},
    ]
    assert asked(web, "/api/v1/pipelines/shop/report")["upstream"] == upstream
    assert asked(web, "/api/v1/lineage?pipeline=shop/report") == {
        "pipeline": "shop/report",
        "upstream": upstream,
        "downstream": [],
    }
    [after] = asked(web, "/api/v1/pipelines/shop/alpha")["downstream"]
    assert after["pipeline"] == "shop/report"


def test_a_stream_in_full_is_its_row_with_links(web: Web) -> None:
    web.service.advance(30)
    shown = asked(web, "/api/v1/pipelines/business-signals")
    assert shown.keys() == ROW | LINKS
    assert shown["kind"] == "stream"
    assert asked(web, "/api/v1/lineage?pipeline=business-signals")["upstream"] == []


def test_links_lead_to_grafana_and_to_a_runbook_that_exists(tmp_path: Path) -> None:
    web = web_of({**calm(), "web": {"grafana": "https://grafana.example.com/"}}, tmp_path)
    fail(web, "lo ad/&x", 5)
    shown = asked(web, "/api/v1/pipelines/shop/lo%20ad%2F%26x")
    assert shown["dashboard_url"] == (
        "https://grafana.example.com/d/pipeline-runs?var-pipeline=shop%2Flo%20ad%2F%26x"
    )
    stream = asked(web, "/api/v1/pipelines/business-signals")
    assert stream["dashboard_url"].startswith("https://grafana.example.com/d/pipeline-health?")
    runbooks = (PAGE / "runbooks.html").read_text(encoding="utf-8")
    for link in (shown["runbook"], stream["runbook"], "runbooks#pipelinerunstale"):
        assert f'id="{link.partition("#")[2]}"' in runbooks


@pytest.mark.parametrize("path", ["/api/v1/pipelines/shop/none", "/api/v1/lineage?pipeline=shop/none"])
def test_an_unknown_pipeline_is_404_naming_it(web: Web, path: str) -> None:
    assert error_of(web.get(path), 404) == "no pipeline 'shop/none' is known"
    assert web.refusals("not_found") == 1
