"""The report of checks as a web page, opened from a folder: readable, whole; it fetches and runs nothing."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from exporter.checks.html import html
from tests.browser.conftest import Visit
from tests.browser.test_live_page import CONTRAST, OVERFLOW, PHONE, READABLE
from tests.unit.checks.clickstreams import CHECKS, NOW, judged, written

DEFECTS = """
UPDATE events SET client_id = NULL WHERE event_id % 3 = 0;
UPDATE events SET amount = amount * 0.4 WHERE {last};
UPDATE events SET event = '<img src="http://127.0.0.1:1/x" onerror="alert(1)">' WHERE event_id % 50 = 0;
"""
DESK = {"width": 1440, "height": 900}
WORDS = ("h1", "h2", "h3", "p", ".light", "figcaption span", "td", ".tiers span")


@pytest.fixture(scope="module")
def page_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A report of two datasets: one with much to say, one without."""
    ill, well = tmp_path_factory.mktemp("ill"), tmp_path_factory.mktemp("well")
    other = CHECKS.replace("shop/clickstream", "shop/" + "a_very_long_name_" * 8)
    results = [judged(written(ill, 1, DEFECTS)), judged(written(well, 2, checks=other))]
    (ill / "report.html").write_text(html(results, NOW), encoding="utf-8")
    return ill / "report.html"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_the_report_is_readable_and_whole(browser: Browser, page_file: Path, size: Any, scheme: Any) -> None:
    with browser.new_context(viewport=size, color_scheme=scheme) as context:
        visit = Visit(context.new_page())
        page = visit.page
        page.goto(page_file.as_uri())
        expect(page).to_have_title("Data checks: 1 critical, 2 warnings, 37 pass")
        expect(page.get_by_text("Revenue drop detected: ")).to_be_visible()
        expect(page.get_by_text('<img src="http://127.0.0.1:1/x"')).to_be_visible()
        expect(page.get_by_role("img")).to_have_count(6)
        assert page.evaluate(OVERFLOW) == 0
        for words in WORDS:
            for found in page.locator(f"{words}:visible").all()[:20]:
                assert found.evaluate(CONTRAST) >= READABLE, (words, found.text_content())
        assert (visit.complaints, visit.hosts) == ([], {""})
