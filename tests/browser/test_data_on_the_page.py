"""The live page tells of broken data: in its light and sentence, among the troubles, dataset by dataset."""

import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import SPEED, OpenPage
from tests.browser.test_live_page import CONTRAST, LAPTOP, OVERFLOW, PHONE, READABLE, lineage, part
from tests.servers import Server, free_port, serving
from tests.unit.checks.asking_checks import configured
from tests.unit.client.jobs import environment
from tests.unit.reports.told_reports import NULLS, ROWS, Json, dataset, outcome, report
from tests.unit.web.pipelines import calm, written
from tools import programs

LIMITS = ("    date: ts", "    checks: {range: [{column: amount, high: 10, severity: critical}]}")
DAY = "id,ts,amount\n1,2026-11-20 10:00:00,5\n2,2026-11-20 11:00:00,{amount}\n"
DROP = "Revenue drop detected: 2221 vs baseline 3856"
BROKEN = dataset("shop/clickstream", ROWS, NULLS, outcome("drift", "revenue", "CRITICAL", 3, message=DROP),
                 status="FAIL")  # fmt: skip
WARNS = dataset("shop/mails", NULLS, status="WARN")
HOSTILE = "<img src=x onerror=alert(1)>"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """A calm stream, and nothing known of data."""
    calmly = ("--speed", str(SPEED), "--config", str(written(calm(), tmp_path)))
    with serving(programs.exporter(free_port(), *calmly, log=tmp_path / "exporter.log")) as one:
        yield one


def tell(server: Server, *datasets: Json) -> None:
    """What was checked just now."""
    checked = datetime.now(UTC).isoformat()
    body: Any = report(*({**one, "checked": checked} for one in datasets))
    httpx.post(f"{server.url}/api/v1/checks", json=body).raise_for_status()


def expect_light(page: Page, health: str) -> None:
    expect(part(page, "overall-light")).to_have_attribute("data-health", health)


def lights(page: Page, row: int = 0) -> list[str]:
    return part(page, "dataset-list").locator("tr").nth(row).locator("td > .light").all_inner_texts()


def test_a_check_that_is_pushed_turns_the_page_red_and_green_again(
    visit: OpenPage, server: Server, tmp_path: Path
) -> None:
    page = visit(server).page
    expect_light(page, "healthy")
    expect(part(page, "data")).to_be_hidden()
    checks = configured(tmp_path, *LIMITS)
    command = [sys.executable, "-m", "exporter", "check", str(checks), "--push", server.url]
    for amount, code, light, words in ((99, 1, "critical", "Broken"), (6, 0, "healthy", "Passes")):
        (tmp_path / "day.csv").write_text(DAY.format(amount=amount))
        done = subprocess.run(command, env=environment(), capture_output=True, check=False, timeout=60)
        assert done.returncode == code
        expect_light(page, light)
        expect(part(page, "dataset-list")).to_contain_text(words)
        if code:
            expect(part(page, "sentence")).to_have_text(
                re.compile("^The only pipeline is healthy; sales is broken: .*amount.*50.00%")
            )
    expect(part(page, "sentence")).to_contain_text("All stages keep up")
    expect(part(page, "dataset-list")).to_contain_text("2026-11-20")
    expect(part(page, "dataset-list")).to_contain_text("Nothing fails")


def test_data_that_the_exporter_can_not_read_is_orange_and_said_in_words(
    visit: OpenPage, tmp_path: Path
) -> None:
    configured(tmp_path, *LIMITS)
    config = {**calm(), "datasets": [{"checks": "checks.yml", "every": "1s"}]}
    arguments = ("--speed", str(SPEED), "--config", str(written(config, tmp_path)))
    with serving(programs.exporter(free_port(), *arguments, log=tmp_path / "exporter.log")) as server:
        page = visit(server).page
        expect_light(page, "degraded")
        expect(part(page, "sentence")).to_have_text(
            "The only pipeline is healthy; sales could not be checked the last time"
        )
        expect(part(page, "dataset-list")).to_contain_text("Could not be checked: sales: day.csv: no")
        assert lights(page) == ["No verdict"] * 3
        (tmp_path / "day.csv").write_text(DAY.format(amount=6))
        expect_light(page, "healthy")
        expect(part(page, "dataset-list")).to_contain_text("Nothing fails")
        (tmp_path / "day.csv").unlink()
        expect_light(page, "degraded")
        expect(part(page, "dataset-list")).to_contain_text("verdicts are older: sales: day.csv: no such file")


def test_the_worst_dataset_speaks_and_others_are_listed_and_lead_to_the_data(
    visit: OpenPage, server: Server
) -> None:
    tell(server, WARNS, dataset("shop/fine", ROWS), BROKEN)
    httpx.post(f"{server.url}/api/v1/lineage", json=lineage("FAIL", "load"))
    page = visit(server).page
    expect(part(page, "sentence")).to_have_text(f"shop/clickstream is broken: {DROP}")
    troubles = part(page, "troubles").locator("li")
    expect(troubles).to_have_count(2)
    expect(troubles.nth(0)).to_contain_text("shop/load")
    expect(troubles.nth(1)).to_have_text(re.compile(r"Degraded\s+shop/mails\s+warns: said"))
    expect(part(page, "data-facts")).to_have_text("3 datasets · 1 critical · 1 degraded")
    assert lights(page) == ["Passes", "Warns", "Broken"]
    assert lights(page, 2) == ["Passes", "No verdict", "No verdict"]
    part(page, "its-checks").get_by_role("link").focus()
    page.keyboard.press("Enter")
    expect(part(page, "data")).to_be_focused()
    expect(part(page, "data")).to_be_in_viewport()
    page.get_by_role("link", name="shop/mails").click()
    expect(part(page, "data")).to_be_focused()


def test_a_reader_of_the_table_hears_each_cells_column_and_how_grave_a_message_is(
    visit: OpenPage, server: Server
) -> None:
    tell(server, BROKEN)
    page = visit(server, viewport=PHONE).page
    table = page.get_by_role("table", name="Data")
    expect(table.get_by_role("columnheader")).to_have_count(7)
    expect(table.get_by_role("rowheader", name="shop/clickstream")).to_be_visible()
    expect(table.get_by_role("listitem").first).to_have_text(re.compile(rf"Critical:\s+{DROP}"))
    expect(page.locator("#announcer")).to_have_text(
        re.compile("^Critical: The only pipeline is healthy; shop")
    )


def test_a_healthy_pipeline_of_the_same_name_does_not_hide_a_dataset(visit: OpenPage, server: Server) -> None:
    tell(server, {**BROKEN, "dataset": "shop/load"}, {**BROKEN, "dataset": "a"})
    httpx.post(f"{server.url}/api/v1/lineage", json=lineage("FAIL", "load"))
    page = visit(server).page
    expect(part(page, "troubles").get_by_role("link", name="shop/load")).to_have_count(2)


def test_of_a_thousand_datasets_the_worst_are_shown_and_the_others_counted(
    visit: OpenPage, server: Server
) -> None:
    fine = [dataset(f"team/table-{number:04}", ROWS) for number in range(990)]
    sick = [{**BROKEN, "dataset": f"sick-{number}"} for number in range(9)]
    tell(server, *fine, *sick, WARNS)
    page = visit(server).page
    rows = part(page, "dataset-list").locator("tr")
    expect(rows).to_have_count(10)
    expect(rows.first).to_contain_text("sick-0")
    expect(part(page, "more-troubles")).to_have_text("and 4 more datasets in trouble")
    part(page, "data").get_by_role("button", name="Show all 50").click()
    expect(rows).to_have_count(50)
    expect(part(page, "datasets-rest")).to_have_text("Only the worst 50 are listed; there are 950 more.")


@pytest.mark.parametrize("viewport", [PHONE, LAPTOP], ids=["phone", "laptop"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_hostile_and_endless_names_are_text_and_fit(
    visit: OpenPage, server: Server, viewport: dict[str, int], scheme: str
) -> None:
    endless = outcome("rows", "", "CRITICAL", message=HOSTILE + "W" * 400)
    tell(server, dataset(f"shop/{HOSTILE}{'x' * 300}", endless, status="FAIL", team=HOSTILE, owner=HOSTILE))
    page = visit(server, viewport=viewport, color_scheme=scheme).page
    expect(part(page, "sentence")).to_contain_text(f"shop/{HOSTILE}")
    expect(part(page, "dataset-list")).to_contain_text(f"team {HOSTILE}")
    assert page.locator("main img").count() == 0
    assert page.evaluate(OVERFLOW) <= 0
    row = part(page, "dataset-list")
    for word in (row.locator("th span").first, row.locator(".dataset-team"), row.locator("td > .light").first,
                 row.locator(".problems li").first, part(page, "data-facts")):  # fmt: skip
        assert word.evaluate(CONTRAST) >= READABLE, word
