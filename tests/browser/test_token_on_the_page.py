"""Where reading needs a token, the page asks for one, keeps it for its tab, and shows what it is for."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import OpenPage, Visit
from tests.servers import Server, free_port, serving
from tests.unit.web.guarded import FOREIGN, MINE, TOKENS, tokens, two_teams, write
from tests.unit.web.pipelines import written
from tools import programs

FORM = "token"
REFUSED = re.compile(r"status of 40[13]")


@pytest.fixture(params=[True, False], ids=["protected reads", "open reads"])
def protect_reads(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


@pytest.fixture
def server(tmp_path: Path, protect_reads: bool) -> Iterator[Server]:
    paths = ("--config", written(two_teams(), tmp_path))
    more = ("--tokens", write(tokens(protect_reads), tmp_path / "tokens.yml"), "--speed", "10")
    arguments = [str(word) for word in (*paths, *more)]
    with serving(programs.exporter(free_port(), *arguments, log=tmp_path / "exporter.log")) as one:
        yield one


def forgive_refusals(visit: Visit) -> None:
    """The browser itself says in the console that it was refused."""
    visit.complaints[:] = [one for one in visit.complaints if not REFUSED.search(one)]


def form(page: Page) -> Locator:
    return page.get_by_test_id(FORM)


def enter(page: Page, token: str) -> None:
    form(page).get_by_label("Token").fill(token)
    form(page).get_by_role("button").click()


@pytest.mark.parametrize("protect_reads", [True], indirect=True, ids=["protected reads"])
def test_a_team_enters_its_token_once_and_sees_its_own(server: Server, visit: OpenPage) -> None:
    one = visit(server)
    expect(form(one.page)).to_be_visible()
    enter(one.page, "phtk_wrong")
    expect(form(one.page)).to_contain_text("This token is not known")
    enter(one.page, TOKENS["ours"])
    expect(form(one.page)).to_be_hidden()
    expect(one.page.get_by_test_id("connection")).to_have_text("Live")
    expect(one.page.get_by_test_id("pipeline-name")).to_have_text(MINE)
    expect(one.page.locator("body")).not_to_contain_text(FOREIGN)
    forgive_refusals(one)
    one.page.reload()
    expect(one.page.get_by_test_id("pipeline-name")).to_have_text(MINE)
    expect(form(one.page)).to_be_hidden()
    assert TOKENS["ours"] not in one.page.url


@pytest.mark.parametrize("protect_reads", [False], indirect=True, ids=["open reads"])
def test_a_reader_is_asked_only_when_something_is_to_change(server: Server, visit: OpenPage) -> None:
    one = visit(server)
    expect(one.page.get_by_test_id("connection")).to_have_text("Live")
    expect(form(one.page)).to_be_hidden()
    one.page.get_by_test_id("fault-submit").click()
    expect(form(one.page)).to_be_visible()
    enter(one.page, TOKENS["admin"])
    expect(form(one.page)).to_be_hidden()
    one.page.get_by_test_id("fault-submit").click()
    expect(one.page.get_by_text(re.compile("injected into"))).to_be_visible()
    forgive_refusals(one)


@pytest.mark.parametrize("protect_reads", [True], indirect=True, ids=["protected reads"])
@pytest.mark.parametrize("path", ["/pipelines", f"/pipelines/{MINE}"])
def test_the_pages_of_pipelines_ask_for_a_token_and_go_on_with_it(
    server: Server, visit: OpenPage, path: str
) -> None:
    one = visit(server, path)
    expect(form(one.page)).to_be_visible()
    expect(one.page.locator("main")).not_to_contain_text(re.compile("stages keep up", re.IGNORECASE))
    enter(one.page, TOKENS["ours"])
    expect(form(one.page)).to_be_hidden()
    expect(one.page.locator("main")).to_contain_text(re.compile("stages keep up", re.IGNORECASE))
    expect(one.page.locator("body")).not_to_contain_text(FOREIGN)
    forgive_refusals(one)


@pytest.mark.parametrize("protect_reads", [True], indirect=True, ids=["protected reads"])
def test_the_page_of_anothers_pipeline_says_that_it_is_not_known(server: Server, visit: OpenPage) -> None:
    one = visit(server, f"/pipelines/{FOREIGN}")
    enter(one.page, TOKENS["ours"])
    expect(one.page.get_by_test_id("sentence")).to_have_text(f"No pipeline '{FOREIGN}' is known.")
    one.complaints[:] = [each for each in one.complaints if "status of 40" not in each]
