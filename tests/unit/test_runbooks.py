"""Every alert has a runbook of the same shape, and the page of them is the one that make docs writes."""

import re
from itertools import pairwise

import pytest

from exporter.web.app import ROUTES
from tools.runbooks import PAGE, SOURCE, Section, page, sections, severities

TEXT = SOURCE.read_text(encoding="utf-8")
SECTIONS = list(sections(TEXT))
RUNBOOKS = [section for section in SECTIONS if section.level == 3]
PARTS = ["What it means.", "What users notice.", "First checks", "Mitigate.", "Escalate."]

each_runbook = pytest.mark.parametrize("runbook", RUNBOOKS, ids=lambda runbook: runbook.title)


def words(runbook: Section) -> str:
    return "\n".join(token.content for token in runbook.body if token.type == "inline")


def test_the_page_is_the_one_that_make_docs_writes() -> None:
    assert page(TEXT) == PAGE.read_text(encoding="utf-8"), "run make docs"


def test_every_alert_has_a_runbook_and_every_runbook_an_alert() -> None:
    assert sorted(runbook.title for runbook in RUNBOOKS) == sorted(severities())


@each_runbook
def test_a_runbook_is_found_by_the_link_of_its_alert(runbook: Section) -> None:
    assert runbook.anchor == runbook.title.lower()
    assert f'<h3 id="{runbook.anchor}">' in page(TEXT)


def test_every_alert_is_found_by_its_name_as_it_is_and_in_lower_case_and_no_id_is_there_twice() -> None:
    ids = re.findall(r'\sid="([^"]*)"', page(TEXT))
    names = severities()
    assert {*names, *map(str.lower, names)} <= set(ids)
    assert len(ids) == len(set(ids))


@each_runbook
def test_a_runbook_has_the_parts_that_one_looks_for(runbook: Section) -> None:
    assert re.findall(r"(?m)^\*\*(.+?)\*\*", words(runbook)) == PARTS


@each_runbook
def test_the_first_three_checks_each_have_something_to_paste(runbook: Section) -> None:
    kinds = [token.type for token in runbook.body]
    assert kinds.count("list_item_open") == 3
    starts = [index for index, kind in enumerate(kinds) if kind == "list_item_open"]
    for start, end in pairwise([*starts, kinds.index("ordered_list_close")]):
        assert kinds[start:end].count("fence") == 1
    assert {token.info for token in runbook.body if token.type == "fence"} <= {"promql", "sh"}


def test_links_between_runbooks_lead_somewhere() -> None:
    anchors = {section.anchor for section in SECTIONS}
    assert set(re.findall(r"\]\(#([\w-]+)\)", TEXT)) <= anchors
    assert re.findall(r"\]\((?!#)", TEXT) == []


def test_anchors_are_unique() -> None:
    anchors = [section.anchor for section in SECTIONS]
    assert len(anchors) == len(set(anchors))


def test_the_page_has_no_script_and_no_style_of_its_own() -> None:
    html = page(TEXT)
    assert not re.search(r"<script|<style|\sstyle=|\son\w+=", html)


def test_the_page_asks_the_exporter_only_for_what_it_serves() -> None:
    files = re.findall(r'(?:href|src)="page/([^"]+)"', page(TEXT))
    assert files
    assert all((PAGE.parent / file).is_file() for file in files)


def test_commands_ask_the_exporter_for_endpoints_that_it_has() -> None:
    asked = set(re.findall(r"http://127\.0\.0\.1:9888(/[\w/.-]*)", TEXT))
    served = {str(getattr(route, "path", "")).replace("{name:path}", "NAME") for route in ROUTES}
    assert asked <= served
