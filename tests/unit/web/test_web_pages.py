"""The pages: each is there, finds its files, and tells nobody what they may not know."""

import re
from pathlib import Path

import pytest

from tests.unit.web.guarded import MINE, guarded, tokens
from tests.unit.web.pipelines import Web
from tests.unit.web.telling import run


def test_to_nobody_the_page_does_not_tell_which_pipelines_there_are(tmp_path: Path) -> None:
    web = guarded(tmp_path, tokens())
    known, unknown = web.get(f"/pipelines/{MINE}"), web.get("/pipelines/some-signals")
    assert (known.status_code, known.text) == (unknown.status_code, unknown.text)


@pytest.mark.parametrize("path", ["/", "/pipelines", "/pipelines/business-signals"])
@pytest.mark.parametrize(
    "part",
    ["<meta charset=", "<svg viewBox", '<form class="token"', 'id="announcer"', "</header>"],
)
def test_each_page_has_what_all_have_in_common_once(web: Web, path: str, part: str) -> None:
    text = web.get(path).text
    assert text.count(part) == 1
    assert not re.search(r"\{[a-z]+\}", text)


def test_the_page_of_all_pipelines_is_there(web: Web) -> None:
    answer = web.get("/pipelines?health=critical&search=x")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")


@pytest.mark.parametrize(
    ("path", "up"),
    [
        ("business-signals", "../"),
        ("shop/load", "../../"),
        ("shop%2Fload", "../"),
        ("shop/a/b%20c/d", "../../../../"),
        ("%3Cscript%3Ealert(1)%3C%2Fscript%3E", "../"),
    ],
)
def test_the_page_of_a_pipeline_finds_its_files_however_deep_it_is(web: Web, path: str, up: str) -> None:
    answer = web.get(f"/pipelines/{path}")
    assert f'src="{up}page/pipeline.js"' in answer.text
    assert "{up}page" not in answer.text
    assert "alert(1)" not in answer.text
    assert "default-src 'self'" in answer.headers["content-security-policy"]


def test_the_page_of_an_unknown_pipeline_is_404_and_still_a_page(web: Web) -> None:
    run(web)
    assert web.get("/pipelines/shop/load").status_code == 200
    answer = web.get("/pipelines/shop/none")
    assert (answer.status_code, answer.headers["content-type"]) == (404, "text/html; charset=utf-8")
