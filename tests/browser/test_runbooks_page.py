"""The runbooks' page: an alert's link opens at its runbook, readable on a phone, and without a script."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import OpenPage
from tests.browser.test_live_page import CONTRAST, OVERFLOW, PHONE, READABLE
from tests.servers import Server

WORDS = ("h3", ".badge", "p", "pre", "code", "nav a")


@pytest.mark.parametrize("anchor", ["pipelinestagecritical", "PipelineStageCritical"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [PHONE, {"width": 1440, "height": 900}], ids=["phone", "desk"])
def test_the_link_of_an_alert_opens_at_its_runbook(
    visit: OpenPage, live: Server, size: dict[str, int], scheme: str, anchor: str
) -> None:
    page = visit(live, viewport=size, color_scheme=scheme).page
    page.goto(f"{live.url}/runbooks#{anchor}")
    heading = page.get_by_role("heading", name="PipelineStageCritical")
    expect(heading).to_be_in_viewport()
    card = page.locator(".card", has=heading)
    expect(card).to_contain_text("What users notice.")
    expect(card).to_have_css("box-shadow", re.compile("inset"))
    below = page.locator(".top").evaluate("top => top.getBoundingClientRect().bottom")
    assert heading.evaluate("one => one.getBoundingClientRect().top") >= below
    for words in WORDS:
        assert page.locator(words).first.evaluate(CONTRAST) >= READABLE, words
    assert page.evaluate(OVERFLOW) <= 0


def test_the_list_of_alerts_leads_to_each_and_the_page_back(visit: OpenPage, live: Server) -> None:
    page = visit(live).page
    page.goto(f"{live.url}/runbooks")
    page.get_by_role("navigation", name="Alerts").get_by_role("link", name="Watchdog").click()
    expect(page.get_by_role("heading", name="Watchdog")).to_be_in_viewport()
    page.get_by_role("link", name="Live page").click()
    expect(page).to_have_url(f"{live.url}/")
