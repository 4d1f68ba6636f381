"""The page of one pipeline: healthy and in trouble, a stream, an unknown name, small and dark screens."""

import re
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import expect

from tests.browser.conftest import OpenPage
from tests.browser.test_live_page import CONTRAST, LAPTOP, OVERFLOW, PHONE, READABLE, calm_exporter, part
from tests.servers import Server, free_port
from tests.unit.incidents.notifications import alert, notification

USUAL = ("COMPLETE",) * 20
HOUR = 3600
NIGHTLY = "shop/nightly/load & check"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One job that is as usual, one that fails and one that reads what both write."""
    with calm_exporter(tmp_path_factory.mktemp("pipeline"), free_port()) as started:
        tell(started, "good", USUAL)
        tell(started, "nightly/load & check", (*USUAL, "ABORT", *("FAIL",) * 5))
        tell(started, "report", USUAL, reads=("good", "nightly/load & check"))
        yield started


def tell(server: Server, name: str, states: Sequence[str], reads: Sequence[str] = ()) -> None:
    """Hourly runs of a minute, the last one just now."""
    first = time.time() - HOUR * (len(states) - 1) - 70
    for number, state in enumerate(states):
        for kind, seconds in (("START", 0), (state, 60)):
            event = told(name, f"{name}-{number}", kind, first + number * HOUR + seconds)
            event["inputs"] = [{"namespace": "shop", "name": f"{one}-data"} for one in reads]
            assert httpx.post(f"{server.url}/api/v1/lineage", json=event).status_code == 201


def told(name: str, run: str, kind: str, seconds: float) -> dict[str, Any]:
    facets = {"ownership": {"owners": [{"name": "team:shop"}]}}
    rows = {"outputFacets": {"outputStatistics": {"rowCount": 1000}}} if kind == "COMPLETE" else {}
    return {
        "eventType": kind,
        "eventTime": datetime.fromtimestamp(seconds, UTC).isoformat(),
        "run": {"runId": run},
        "job": {"namespace": "shop", "name": name, "facets": facets},
        "outputs": [{"namespace": "shop", "name": f"{name}-data", **rows}],
    }


def test_of_a_healthy_job_nothing_is_unusual(visit: OpenPage, server: Server) -> None:
    page = visit(server, "/pipelines/shop/good").page
    expect(part(page, "sentence")).to_have_text("Nothing is unusual")
    expect(part(page, "headline")).to_have_attribute("data-health", "healthy")
    expect(page).to_have_title("● Healthy · shop/good · Pipeline health")
    expect(part(page, "facts")).to_have_text("team shop · batch · live")
    expect(part(page, "run-list").locator("tr")).to_have_count(20)
    expect(part(page, "durations")).to_contain_text("Usual 1 min")
    expect(part(page, "rows")).to_contain_text("Usual 1,000")
    expect(part(page, "limits")).to_contain_text("Failures in a row")
    expect(part(page, "limits")).not_to_contain_text("reached")
    expect(part(page, "incidents")).to_be_hidden()
    expect(part(page, "unknown")).to_be_hidden()


def test_a_failing_job_says_so_in_words_and_shapes(visit: OpenPage, server: Server) -> None:
    page = visit(server, "/pipelines/shop/nightly/load%20%26%20check").page
    expect(part(page, "name")).to_have_text(NIGHTLY)
    expect(part(page, "headline")).to_have_attribute("data-health", "critical")
    expect(part(page, "headline")).to_contain_text(re.compile("failed 5 times in a row", re.IGNORECASE))
    bars = part(page, "durations").locator(".run-bar")
    expect(bars).to_have_count(20)
    failed = bars.locator("visible=true").filter(has_text="failed")
    expect(failed).to_have_count(5)
    expect(bars.filter(has_text="aborted")).to_have_count(1)
    expect(failed.first.locator("svg.run-mark path")).to_have_attribute("d", re.compile("M.+"))
    expect(part(page, "durations").get_by_role("img")).to_have_attribute("aria-label", re.compile("5 failed"))
    expect(part(page, "run-list").locator("tr").first).to_contain_text("Failed")
    expect(part(page, "limits").locator("tr").first).to_contain_text("from 5: reached")


def test_further_links_lead_to_the_runbook_and_to_the_dashboard(visit: OpenPage, server: Server) -> None:
    page = visit(server, "/pipelines/shop/nightly/load%20%26%20check").page
    expect(part(page, "dashboard")).to_have_attribute(
        "href",
        "http://127.0.0.1:3000/d/pipeline-runs?var-pipeline=shop%2Fnightly%2Fload%20%26%20check",
    )
    part(page, "runbook").click()
    expect(page).to_have_url(f"{server.url}/runbooks#pipelinerunfailing")
    expect(page.locator("#pipelinerunfailing")).to_be_in_viewport()


def test_neighbours_have_lights_and_are_links(visit: OpenPage, server: Server) -> None:
    page = visit(server, "/pipelines/shop%2Freport").page
    upstream = part(page, "upstream").locator("li")
    expect(upstream).to_have_text([re.compile(rf"Critical\s+{NIGHTLY}"), re.compile(r"Healthy\s+shop/good")])
    expect(part(page, "downstream")).to_contain_text("None is known.")
    upstream.first.get_by_role("link").click()
    expect(page).to_have_url(f"{server.url}/pipelines/shop/nightly/load%20%26%20check")
    part(page, "downstream").get_by_role("link", name="shop/report").click()
    expect(part(page, "name")).to_have_text("shop/report")


def test_an_open_incident_is_shown_and_goes_when_it_is_over(visit: OpenPage, tmp_path: Path) -> None:
    with calm_exporter(tmp_path, free_port()) as server:
        page = visit(server, "/pipelines/business-signals").page
        incidents = part(page, "incidents")
        expect(part(page, "headline")).to_have_attribute("data-health", "healthy")
        expect(incidents).to_be_hidden()
        mine, other = alert(pipeline="business-signals"), alert(fingerprint="b", pipeline="refunds")
        httpx.post(f"{server.url}/api/v1/alerts", json=notification(mine, other))
        expect(incidents.locator("li")).to_have_count(1)
        expect(incidents).to_contain_text("PipelineStageCritical of business-signals")
        expect(incidents).to_contain_text("nobody has said that they are on it")
        over = alert(pipeline="business-signals", ends=time.time())
        httpx.post(f"{server.url}/api/v1/alerts", json=notification(over))
        expect(incidents).to_be_hidden()


def test_a_stream_leads_to_its_stages(visit: OpenPage, server: Server) -> None:
    page = visit(server, "/pipelines/business-signals").page
    expect(part(page, "sentence")).to_have_text(re.compile("All stages keep up"))
    for absent in ("runs", "judgement", "upstream"):
        expect(part(page, absent)).to_be_hidden()
    part(page, "live").click()
    expect(page).to_have_url(f"{server.url}/#pipeline=business-signals")
    expect(part(page, "pipeline-name")).to_have_text("business-signals")


def test_an_unknown_name_is_a_clear_page_until_it_reports(visit: OpenPage, tmp_path: Path) -> None:
    with calm_exporter(tmp_path, free_port()) as server:
        one = visit(server, "/pipelines/shop/%3Cimg%20src=x%3E")
        expect(part(one.page, "sentence")).to_have_text("No pipeline 'shop/<img src=x>' is known.")
        expect(part(one.page, "unknown")).to_contain_text("When it reports, it appears here.")
        expect(part(one.page, "search-for-it")).to_have_attribute(
            "href", re.compile("/pipelines\\?search=shop")
        )
        for absent in ("runs", "judgement", "upstream", "incidents", "runbook"):
            expect(part(one.page, absent)).to_be_hidden()
        assert one.page.locator("main img").count() == 0
        tell(server, "<img src=x>", ["FAIL"])
        expect(part(one.page, "sentence")).to_have_text("The last run failed")
        expect(part(one.page, "unknown")).to_be_hidden()
        assert all("404" in complaint for complaint in one.complaints)
        one.complaints.clear()


@pytest.mark.parametrize("viewport", [PHONE, LAPTOP], ids=["phone", "laptop"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_of_one_fits_and_is_readable(
    visit: OpenPage, server: Server, viewport: dict[str, int], scheme: str
) -> None:
    path = "/pipelines/shop/nightly/load%20%26%20check"
    page = visit(server, path, viewport=viewport, color_scheme=scheme).page
    expect(part(page, "run-list").locator("tr")).to_have_count(20)
    assert page.evaluate(OVERFLOW) <= 0
    words = [
        page.locator(one).first for one in ("h1", "h2", "figcaption", ".legend", ".run-word >> visible=true")
    ]
    words += [part(page, one) for one in ("facts", "sentence", "runbook")]
    words += [part(page, "run-list").locator(".light").first, part(page, "limits").locator("th").first]
    for word in words:
        assert word.evaluate(CONTRAST) >= READABLE, word
