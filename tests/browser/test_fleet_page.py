"""All pipelines on one page: a thousand of them, searched, filtered, and no more rows than are shown."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenPage
from tests.browser.test_live_page import CONTRAST, LAPTOP, OVERFLOW, PHONE, READABLE, part
from tests.servers import Server, free_port, serving, wait_until
from tools import programs

JOBS, TEAMS, FIRST = 1000, 20, 50
BROKEN, SICK = "finance-orders-ingest-1", "marketing-orders-ingest-2"
# At sixty times its speed, an hour of its schedules is a second.
FLEET = {
    "jobs": JOBS,
    "teams": TEAMS,
    "hour": "1m",
    "fails": 0,
    "faults": [
        {"job": 1, "kind": "failing", "at": "1s", "for": "30d"},
        {"job": 2, "kind": "failing", "at": "1s", "for": "30d"},
    ],
}
# The sick one is judged mildly: it never becomes critical.
MILDLY = {"pipeline": SICK, "failures": {"medium": 1, "high": 2, "critical": 1_000_000}}
# What has its days and nights must not turn a light while the tests look.
RUNS = {
    "exceptions": [MILDLY],
    "rows": {"high": 0.01},
    "throughput": {"high": 0.01},
    "duration": {"medium": 500, "high": 999},
}
WATCH = """() => {
  window.work = { requests: 0, added: 0 };
  const ask = window.fetch;
  window.fetch = (...given) => { window.work.requests += 1; return ask(...given); };
  new MutationObserver((changes) => {
    for (const { addedNodes } of changes) window.work.added += addedNodes.length;
  }).observe(document.body, { childList: true, subtree: true });
}"""


def counted(server: Server, query: str = "?limit=1") -> Any:
    return httpx.get(f"{server.url}/api/v1/pipelines{query}").json()


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A thousand jobs, of which two fail."""
    folder: Path = tmp_path_factory.mktemp("fleet")
    path = folder / "fleet.yml"
    path.write_text(json.dumps({"fleet": FLEET, "runs": RUNS}))
    arguments = ("--speed", "60", "--config", str(path))
    with serving(programs.exporter(free_port(), *arguments, log=folder / "exporter.log")) as server:
        wait_until(lambda: counted(server)["total"] == JOBS, 90)
        wait_until(lambda: counted(server)["lights"] == {"healthy": 998, "degraded": 1, "critical": 1}, 90)
        yield server


def names(page: Page) -> list[str]:
    return part(page, "rows").locator("tr a").all_inner_texts()


def expect_rows(page: Page, count: int) -> None:
    expect(part(page, "rows").locator("tr")).to_have_count(count)


def test_the_worst_come_first_and_say_what_is_unusual(visit: OpenPage, fleet: Server) -> None:
    page = visit(fleet, "/pipelines").page
    expect(part(page, "total")).to_have_text("The worst 50 of 1,000 pipelines")
    for light, number in (("critical", "1"), ("degraded", "1"), ("healthy", "998")):
        expect(part(page, f"light-{light}")).to_contain_text(number)
    assert names(page)[:2] == [BROKEN, SICK]
    rows = part(page, "rows").locator("tr")
    expect(rows.first).to_contain_text(re.compile(r"Critical\s+for \d+ s"))
    expect(rows.first).to_contain_text(re.compile(r"Failed \d+ times in a row"))
    expect(rows.first).to_contain_text("team finance")
    expect(rows.nth(1)).to_contain_text("Degraded")
    expect(rows.nth(2)).to_contain_text("Nothing is unusual")
    expect(rows.nth(2)).to_contain_text("100 %")
    expect(part(page, "connection")).to_have_attribute("data-state", "live")


def test_a_search_narrows_and_its_address_can_be_shared(visit: OpenPage, fleet: Server) -> None:
    page = visit(fleet, "/pipelines").page
    part(page, "search").fill("team-13 invoices")
    expect(part(page, "total")).to_have_text(re.compile(r"^\d pipelines$"))
    assert all(name.startswith("team-13-invoices-") for name in names(page))
    expect(page).to_have_url(re.compile(r"/pipelines\?search=team-13\+invoices$"))
    found = names(page)
    other = visit(fleet, page.url.removeprefix(fleet.url)).page
    expect(part(other, "search")).to_have_value("team-13 invoices")
    expect_rows(other, len(found))
    assert names(other) == found


def test_lights_and_teams_filter_and_can_be_taken_back(visit: OpenPage, fleet: Server) -> None:
    page = visit(fleet, "/pipelines").page
    part(page, "light-degraded").click()
    expect(part(page, "light-degraded")).to_have_attribute("aria-pressed", "true")
    expect_rows(page, 1)
    part(page, "light-critical").click()
    expect_rows(page, 2)
    part(page, "team").select_option("marketing")
    expect_rows(page, 1)
    expect(page).to_have_url(re.compile(r"\?team=marketing&health=critical&health=degraded$"))
    part(page, "team").select_option("finance")
    part(page, "light-critical").click()
    expect(part(page, "empty")).to_contain_text("No pipeline fits the filter.")
    expect(page.locator("#announcer")).to_have_text("0 pipelines")
    page.get_by_role("button", name="Clear the filter").click()
    expect_rows(page, FIRST)
    expect(part(page, "search")).to_be_focused()
    expect(page).to_have_url(f"{fleet.url}/pipelines")


def test_more_are_shown_on_demand_and_stay_when_the_rows_are_refreshed(
    visit: OpenPage, fleet: Server
) -> None:
    page = visit(fleet, "/pipelines").page
    expect_rows(page, FIRST)
    more = part(page, "more")
    more.click()
    expect_rows(page, FIRST + 100)
    expect(more).to_be_focused()
    row = part(page, "rows").locator("tr").nth(120)
    row.evaluate("row => { row.scrollIntoView({block: 'center'}); row.querySelector('a').focus(); }")
    name, place = row.locator("a").inner_text(), row.bounding_box()
    with page.expect_response(lambda answer: "limit=150" in answer.url):
        pass
    with page.expect_response(lambda answer: "limit=150" in answer.url):
        pass
    expect_rows(page, FIRST + 100)
    again = part(page, "rows").locator("tr").filter(has=page.get_by_title(name, exact=True))
    expect(again.locator("a")).to_be_focused()
    after = again.bounding_box()
    assert place is not None
    assert after is not None
    assert after["y"] == pytest.approx(place["y"], abs=2)


def test_a_pipeline_is_opened_by_keyboard_and_the_way_back_finds_the_filter(
    visit: OpenPage, fleet: Server
) -> None:
    page = visit(fleet, "/pipelines").page
    expect_rows(page, FIRST)
    for _ in range(3):
        page.keyboard.press("Tab")
    expect(part(page, "search")).to_be_focused()
    page.keyboard.type("orders-ingest-2")
    expect(part(page, "total")).to_have_text(re.compile(r"^\d+ pipelines$"))
    while not page.evaluate("document.activeElement.closest('tbody') !== null"):
        page.keyboard.press("Tab")
    name = str(page.evaluate("document.activeElement.title"))
    assert name == SICK
    page.keyboard.press("Enter")
    expect(part(page, "name")).to_have_text(name)
    page.go_back()
    expect(part(page, "search")).to_have_value("orders-ingest-2")
    assert name in names(page)


def test_typing_costs_a_few_questions_and_no_more_nodes_than_are_shown(
    visit: OpenPage, fleet: Server
) -> None:
    page = visit(fleet, "/pipelines").page
    expect_rows(page, FIRST)
    whole = page.evaluate("document.querySelectorAll('*').length")
    page.evaluate(WATCH)
    words = "team-1 orders ingest"
    part(page, "search").press_sequentially(words, delay=20)
    expect(part(page, "total")).to_have_text(re.compile(r"^\d+ pipelines$"))
    work = page.evaluate("window.work")
    assert work["requests"] < len(words) / 2
    assert work["added"] < 10 * FIRST
    assert page.evaluate("document.querySelectorAll('*').length") <= whole
    assert whole < 30 * FIRST


def test_the_live_page_counts_the_same_and_leads_there(visit: OpenPage, fleet: Server) -> None:
    page = visit(fleet).page
    expect(part(page, "overall-light")).to_have_attribute("data-health", "critical")
    expect(part(page, "sentence")).to_have_text(re.compile(rf"^{BROKEN}: failed \d+ times in a row$"))
    expect(part(page, "troubles")).to_contain_text(SICK)
    expect(part(page, "fleet-total")).to_have_text("1,000 pipelines")
    page.get_by_role("searchbox", name="Name").fill("finance")
    page.get_by_role("button", name="Find a pipeline").click()
    expect(part(page, "search")).to_have_value("finance")
    expect(part(page, "total")).to_contain_text("50 pipelines")
    page.get_by_role("link", name="Live page").click()
    part(page, "fleet-degraded").get_by_role("link").click()
    expect_rows(page, 1)


def test_a_refused_filter_is_explained(visit: OpenPage, fleet: Server) -> None:
    one = visit(fleet, "/pipelines?search=" + "x" * 40)
    expect(part(one.page, "empty")).to_be_visible()
    one.page.get_by_role("button", name="Clear the filter").click()
    expect_rows(one.page, FIRST)


@pytest.mark.parametrize("viewport", [PHONE, LAPTOP], ids=["phone", "laptop"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_of_all_fits_and_is_readable(
    visit: OpenPage, fleet: Server, viewport: dict[str, int], scheme: str
) -> None:
    page = visit(fleet, "/pipelines", viewport=viewport, color_scheme=scheme).page
    expect_rows(page, FIRST)
    assert page.evaluate(OVERFLOW) <= 0
    row = part(page, "rows").locator("tr")
    words = [page.locator("h1"), part(page, "total"), part(page, "light-critical").locator(".light")]
    words += [
        row.first.locator(one) for one in (".light", ".fleet-name a", ".quiet >> nth=0", ".clamp >> nth=1")
    ]
    words += [row.nth(1).locator(".light")]
    for word in words:
        assert word.evaluate(CONTRAST) >= READABLE, word


def test_a_lost_connection_is_shown_on_the_page_of_all(visit: OpenPage, tmp_path: Path) -> None:
    path = tmp_path / "none.yml"
    path.write_text("fleet: {jobs: 2, hour: 10s}\n")
    with serving(programs.exporter(free_port(), "--config", str(path), log=tmp_path / "log")) as server:
        one = visit(server, "/pipelines")
        expect(part(one.page, "connection")).to_have_attribute("data-state", "live")
    expect(part(one.page, "connection")).to_have_attribute("data-state", "lost")
    expect(one.page.locator(".lost")).to_contain_text("what you see is old")
    assert all("ERR_" in complaint for complaint in one.complaints)
    one.complaints.clear()
