"""The live page as people use it: lights, faults, jobs, review, a lost connection, small and dark screens."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import SPEED, OpenPage
from tests.servers import Server, free_port, serving, wait_until
from tests.unit.web.pipelines import calm, written
from tools import programs

STAGES = ("ingest", "normalize", "enrich", "store")
PHONE = {"width": 390, "height": 844}
LAPTOP = {"width": 1280, "height": 800}
READABLE = 4.5
TIMES, DASH = "\N{MULTIPLICATION SIGN}", "\N{EN DASH}"

LUMINANCE = """
  const context = document.createElement('canvas').getContext('2d', {willReadFrequently: true});
  const rgba = (colour) => {
    context.clearRect(0, 0, 1, 1);
    context.fillStyle = colour;
    context.fillRect(0, 0, 1, 1);
    return [...context.getImageData(0, 0, 1, 1).data];
  };
  const luminance = (colour) => {
    const [red, green, blue] = rgba(colour).slice(0, 3).map((part) => part / 255)
      .map((part) => (part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
"""
PAPER = f"() => {{{LUMINANCE} return luminance(getComputedStyle(document.body).backgroundColor); }}"
CONTRAST = f"""element => {{{LUMINANCE}
  let behind = element;
  while (behind.parentElement && rgba(getComputedStyle(behind).backgroundColor)[3] < 255) {{
    behind = behind.parentElement;
  }}
  const paper = luminance(getComputedStyle(behind).backgroundColor);
  const ink = luminance(getComputedStyle(element).color);
  return (Math.max(ink, paper) + 0.05) / (Math.min(ink, paper) + 0.05);
}}"""
OVERFLOW = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"


def part(page: Page, name: str) -> Locator:
    return page.get_by_test_id(name)


def expect_health(page: Page, health: str, *names: str) -> None:
    for name in names:
        expect(part(page, name)).to_have_attribute("data-health", health)


def expect_all_healthy(page: Page) -> None:
    expect_health(page, "healthy", "overall-light", *(f"stage-{stage}" for stage in STAGES))


def inject(page: Page, **fields: str) -> None:
    """Fill in the page's form and send it."""
    for name, value in fields.items():
        field = part(page, f"fault-{name}")
        if name in ("stage", "kind"):
            field.select_option(value)
        else:
            field.fill(value)
    part(page, "fault-submit").click()


def test_a_healthy_pipeline_is_shown_stage_by_stage(visit: OpenPage, live: Server) -> None:
    page = visit(live).page
    expect_all_healthy(page)
    expect(page).to_have_title("● Healthy · Pipeline health")
    expect(part(page, "stages").locator("h3")).to_have_text(list(STAGES))
    expect(part(page, "sentence")).to_have_text(re.compile(r"All stages keep up; events arrive within \d+ s"))
    expect(part(page, "pipeline-name")).to_have_text("business-signals")
    expect(part(page, "pipeline-facts")).to_contain_text("commercial-analytics")
    expect(part(page, "speed")).to_have_text(f"{SPEED}{TIMES} speed")
    expect(part(page, "traffic-regime")).to_have_text("steady")
    expect(part(page, "connection")).to_have_attribute("data-state", "live")
    expect(part(page, "signals").locator("tbody tr")).to_have_count(3)
    expect(part(page, "slo-latency")).to_have_attribute("data-passing", "true")
    for stage in STAGES:
        expect(part(page, f"stage-{stage}-backlog")).to_have_text(re.compile(r"\d+"))


def test_every_light_says_its_health_in_a_word_and_a_shape(visit: OpenPage, live: Server) -> None:
    page = visit(live).page
    expect_all_healthy(page)
    for name in ("overall-light", *(f"stage-{stage}" for stage in STAGES)):
        expect(part(page, name)).to_contain_text("Healthy")
        expect(part(page, name).locator("svg.shape path").first).to_have_attribute("d", re.compile("M.+"))


def test_numbers_change_without_a_reload(visit: OpenPage, live: Server) -> None:
    page = visit(live).page
    expect(part(page, "pipeline-time")).to_have_text(re.compile(r"\d:\d\d:\d\d"))
    page.evaluate("window.sameDocument = true")
    for _ in range(2):
        before = part(page, "pipeline-time").inner_text()
        expect(part(page, "pipeline-time")).not_to_have_text(before)
    assert page.evaluate("window.sameDocument")


def test_a_fault_injected_on_the_page_turns_it_red_and_passes(visit: OpenPage, live: Server) -> None:
    page = visit(live).page
    expect_all_healthy(page)
    inject(page, stage="enrich", kind="slowdown", strength="3", duration="60s")
    expect(part(page, "fault-message")).to_have_text("Slowdown injected into enrich for 60s.")
    expect(part(page, "active-faults")).to_contain_text(re.compile(rf"Slowdown {TIMES}3\s+on enrich"))
    expect_health(page, "critical", "stage-enrich", "overall-light")
    expect(part(page, "stage-enrich")).to_contain_text("Critical")
    expect(part(page, "sentence")).to_contain_text(re.compile(r"^enrich can't keep up: \d+ events waiting"))
    expect(page).to_have_title("◆ Critical · Pipeline health")
    expect_all_healthy(page)
    expect(part(page, "active-faults")).to_be_empty()


def test_a_mistake_in_the_form_is_explained_before_it_is_sent(visit: OpenPage, live: Server) -> None:
    page = visit(live).page
    expect_all_healthy(page)
    inject(page, stage="enrich", kind="slowdown", strength="0.5")
    expect(part(page, "fault-message")).to_have_text("Times slower: expected a number above 1, at most 1000.")
    inject(page, strength="3", duration="a while")
    expect(part(page, "fault-message")).to_have_text("Duration: expected something like 90s, 5m or 1h.")


def test_a_verdict_is_given_with_a_click(visit: OpenPage, live: Server) -> None:
    page = visit(live).page
    events = part(page, "review").locator("li.review-item")
    expect(events.first).to_be_visible()
    events.first.hover()
    name = events.first.locator("code").inner_text()
    event = part(page, f"review-{name}")
    event.get_by_role("button", name="Wrong").click()
    expect(event).to_contain_text("Judged wrong")
    expect(event.get_by_role("button", name="Wrong")).to_have_attribute("aria-pressed", "true")
    kept = {one["id"]: one["verdict"] for one in httpx.get(f"{live.url}/api/v1/review").json()}
    assert kept[name] == "wrong"


def lineage(kind: str, name: str, seconds: int = 0) -> dict[str, Any]:
    return {
        "eventType": kind,
        "eventTime": f"2026-11-21T00:00:{seconds:02}Z",
        "run": {"runId": "01a1fb67-1800-7546-a491-5f30a417dd78"},
        "job": {"namespace": "shop", "name": name},
    }


@contextmanager
def calm_exporter(folder: Path, port: int) -> Iterator[Server]:
    calmly = ("--speed", str(SPEED), "--config", str(written(calm(), folder)))
    with serving(programs.exporter(port, *calmly, log=folder / "exporter.log")) as server:
        yield server


def test_a_real_run_counts_beside_the_stream_without_a_reload(visit: OpenPage, tmp_path: Path) -> None:
    with calm_exporter(tmp_path, free_port()) as server:
        page = visit(server).page
        expect(part(page, "no-jobs")).to_contain_text(f"OPENLINEAGE_URL={server.url}")
        expect_all_healthy(page)
        expect(part(page, "fleet-total")).to_have_text("1 pipeline")
        name = "load <img src=x onerror=alert(1)>"
        httpx.post(f"{server.url}/api/v1/lineage", json=lineage("START", name))
        expect(part(page, "fleet-healthy")).to_have_text(re.compile(r"Healthy\s+2"))
        expect(part(page, "no-jobs")).to_be_hidden()
        httpx.post(f"{server.url}/api/v1/lineage", json=lineage("FAIL", name, 17))
        expect(part(page, "fleet-degraded")).to_have_text(re.compile(r"Degraded\s+1"))
        expect(part(page, "sentence")).to_have_text(f"shop/{name}: the last run failed")
        expect(part(page, "overall-light")).to_have_attribute("data-health", "degraded")
        assert page.locator("main img").count() == 0


def test_jobs_in_trouble_are_named_and_lead_to_their_pages(visit: OpenPage, tmp_path: Path) -> None:
    with calm_exporter(tmp_path, free_port()) as server:
        for number in range(9):
            event = lineage("FAIL", f"load-{number}", number)
            event["run"]["runId"] = f"run-{number}"
            httpx.post(f"{server.url}/api/v1/lineage", json=event)
        page = visit(server).page
        troubles = part(page, "troubles").locator("li")
        expect(troubles).to_have_count(5)
        expect(part(page, "more-troubles")).to_have_text("and 3 more pipelines in trouble")
        name = troubles.first.get_by_role("link").inner_text()
        troubles.first.get_by_role("link").click()
        expect(part(page, "name")).to_have_text(name)
        page.go_back()
        part(page, "more-troubles").get_by_role("link").click()
        expect(part(page, "total")).to_have_text("9 pipelines")


def test_a_lost_connection_is_shown_and_found_again(visit: OpenPage, tmp_path: Path) -> None:
    port = free_port()
    with calm_exporter(tmp_path, port) as server:
        one = visit(server)
        connection = part(one.page, "connection")
        expect(connection).to_have_attribute("data-state", "live")
        expect_all_healthy(one.page)
    expect(connection).to_have_attribute("data-state", "lost")
    expect(one.page.locator(".lost")).to_contain_text("what you see is old")
    expect(one.page).to_have_title(f"{DASH} Connection lost · Pipeline health")
    with calm_exporter(tmp_path, port):
        expect(connection).to_have_attribute("data-state", "live")
        expect(one.page.locator(".lost")).to_be_hidden()
        expect_all_healthy(one.page)
    assert all("ERR_" in complaint for complaint in one.complaints)
    one.complaints.clear()


@pytest.mark.parametrize("viewport", [PHONE, LAPTOP], ids=["phone", "laptop"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_fits_and_is_readable(
    visit: OpenPage, live: Server, viewport: dict[str, int], scheme: str
) -> None:
    page = visit(live, viewport=viewport, color_scheme=scheme).page
    expect_all_healthy(page)
    assert page.evaluate(OVERFLOW) <= 0
    words = [part(page, "sentence"), part(page, "overall-light"), part(page, "pipeline-facts")]
    words += [part(page, f"stage-{stage}").locator("h3") for stage in STAGES]
    words += [page.locator("h2").first, page.locator(".caption").first, part(page, "fault-submit")]
    for word in words:
        assert word.evaluate(CONTRAST) >= READABLE, word


def test_dark_is_dark_and_light_is_light(visit: OpenPage, live: Server) -> None:
    papers = {scheme: visit(live, color_scheme=scheme).page.evaluate(PAPER) for scheme in ("light", "dark")}
    assert papers["dark"] < 0.1 < 0.7 < papers["light"]


def test_a_long_name_does_not_break_a_small_screen(visit: OpenPage, tmp_path: Path) -> None:
    config = calm()
    config["pipelines"][0] |= {"name": "business_signals" * 3, "team": "commercial.analytics" * 3}
    config["pipelines"][0]["stages"][2]["name"] = "enrich-with-everything-we-know-about-this-customer"
    path = str(written(config, tmp_path))
    with serving(programs.exporter(free_port(), "--config", path, log=tmp_path / "exporter.log")) as server:
        name = "https://orchestrator.example.com/" + "a_very_long_name." * 20
        httpx.post(f"{server.url}/api/v1/lineage", json=lineage("FAIL", name))
        page = visit(server, viewport=PHONE).page
        expect(part(page, "sentence")).to_contain_text("a_very_long_name")
        assert page.evaluate(OVERFLOW) <= 0


def test_without_scripts_the_page_says_where_the_facts_are(visit: OpenPage, live: Server) -> None:
    page = visit(live, java_script_enabled=False).page
    expect(page.locator("noscript a")).to_have_text(["api/v1/status", "metrics"])


def test_what_the_form_sends_is_what_the_exporter_lists(visit: OpenPage, live: Server) -> None:
    page = visit(live).page
    expect_all_healthy(page)
    inject(page, stage="store", kind="errors", strength="5", duration="20s")

    def struck() -> Any:
        faults = httpx.get(f"{live.url}/api/v1/faults").json()
        return [fault for fault in faults if fault["stage"] == "store"]

    [fault] = wait_until(struck)
    assert (fault["kind"], fault["strength"], fault["origin"]) == ("errors", "5% fail, 2 retries", "injected")
    expect(part(page, "active-faults")).to_be_empty()
