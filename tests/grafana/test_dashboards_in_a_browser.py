"""A Grafana's dashboards in a browser: ``GRAFANA_URL=http://127.0.0.1:3000 make test-grafana``.

It has this repository's provisioning and dashboards, and some minutes of data. With GRAFANA_SCREENSHOTS=...
there is a picture of each dashboard and width in that folder afterwards.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import launched
from tests.grafana_pages import HOME, WIDTHS, Dashboard, dashboards, faults, visiting

DASHBOARDS = dashboards()
CHOSEN = {"var-pipeline": "business-signals", "from": "now-1h", "to": "now"}


@pytest.fixture(scope="module")
def grafana() -> str:
    url = os.environ.get("GRAFANA_URL", "")
    assert url, (
        "GRAFANA_URL is not set: start a Grafana with this repository's provisioning and say where it is"
    )
    return url.rstrip("/")


@pytest.fixture(scope="module")
def browser(chromium: Path) -> Iterator[Browser]:
    with launched(chromium) as one:
        yield one


@pytest.fixture(scope="module")
def pictures() -> Path | None:
    """Where they are wanted."""
    if folder := os.environ.get("GRAFANA_SCREENSHOTS"):
        Path(folder).mkdir(parents=True, exist_ok=True)
        return Path(folder)
    return None


@pytest.fixture(scope="module")
def home() -> Dashboard:
    [found] = [board for board in DASHBOARDS if board.uid == HOME]
    return found


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("board", DASHBOARDS, ids=lambda board: board.uid)
def test_a_dashboard_shows_what_it_is_to_show(
    grafana: str, browser: Browser, board: Dashboard, width: int, pictures: Path | None
) -> None:
    with visiting(browser, f"{grafana}/d/{board.uid}", width) as visit:
        found = faults(visit, board, width, pictures)
    assert not found, "\n".join(found)


@pytest.mark.parametrize("width", WIDTHS)
def test_the_first_page_is_the_health_of_the_pipelines(
    grafana: str, browser: Browser, home: Dashboard, width: int
) -> None:
    with visiting(browser, f"{grafana}/", width) as visit:
        found = faults(visit, home, width)
    assert not found, "\n".join(found)


def test_an_error_would_be_found(grafana: str, browser: Browser, home: Dashboard) -> None:
    with visiting(browser, f"{grafana}/", WIDTHS[0], refused="**/api/ds/query**") as visit:
        found = "\n".join(faults(visit, home, WIDTHS[0]))
    assert "500 from " in found
    assert f"panel {home.panels[0].title!r} has an error: refused" in found


def test_a_missing_dashboard_would_be_found(grafana: str, browser: Browser, home: Dashboard) -> None:
    with visiting(browser, f"{grafana}/d/no-such-dashboard", WIDTHS[0]) as visit:
        assert "Grafana knows no such dashboard" in faults(visit, home, WIDTHS[0])


def test_what_is_chosen_goes_along_to_another_dashboard(grafana: str, browser: Browser) -> None:
    other = next(board for board in DASHBOARDS if "pipeline" in board.variables and board.uid != HOME)
    with visiting(browser, f"{grafana}/?{urlencode(CHOSEN)}", WIDTHS[0]) as visit:
        page = visit.page
        page.get_by_test_id("data-testid Dashboard link").filter(has_text=other.title).click()
        page.wait_for_url(f"**/d/{other.uid}**")
        expect(page.locator(f'[data-viz-panel-key="{other.panels[0].key}"]')).to_be_visible()
        expect(page.get_by_role("button", name="Time range selected: Last 1 hour")).to_be_visible()
        assert CHOSEN.items() <= dict(parse_qsl(urlsplit(page.url).query)).items()
        assert visit.complaints == []
