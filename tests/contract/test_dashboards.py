"""The dashboards as they lie in their files: fresh, complete, and about what there is.

What each has to be like is in ``tests/*_rules.py``. The rules of Grafana's linter on a job and an instance
variable are left out: the unit here is a pipeline, whichever target tells of it.
"""

import ast
import json
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TypeVar

import pytest

from grafana.board import TITLES
from grafana.files import dashboard_files
from grafana.words import ALERTS
from tests import dashboard_rules, panel_rules, query_rules
from tests.conftest import StartAlertmanager, StartPrometheus
from tests.contract.test_rule_metrics import OF_SERVERS, PROMETHEUS_OWN, exported, recorded, scraped
from tests.contract.test_rules import accepts
from tests.dashboards import FOLDER, Dashboard, Panel, Query, dashboards, references
from tests.panel_rules import coloured, leads_astray, links_of
from tests.promql import without_macros
from tests.query_rules import alone_in_its_profile
from tests.rules import metrics_of, rules_of
from tests.servers import wait_until
from tools.rules.profile import PROFILES, Profile

DASHBOARDS = dashboards()
SOURCE = FOLDER.parent
UIDS = {"pipeline-health", "pipeline-slo", "pipeline-stage", "pipeline-incidents"}
UIDS |= {"pipeline-runs", "pipeline-data", "pipeline-exporter"}
PANELS = [panel for dashboard in DASHBOARDS for panel in dashboard.panels]
QUERIES = [query for dashboard in DASHBOARDS for query in dashboard.queries]
# Prometheus adds them to what it scrapes.
OF_SCRAPES = {"scrape_duration_seconds", "scrape_samples_scraped", "scrape_series_added"}
NAMED_IN_A_MATCHER = re.compile(r'__name__=~?"([\w:|]+)"')
RECORDED = {profile.name: recorded(profile.name) for profile in PROFILES}
CHOICES = {one.uid: {variable.name for variable in one.variables} for one in DASHBOARDS}

Checked = TypeVar("Checked")

each_dashboard = pytest.mark.parametrize("dashboard", DASHBOARDS, ids=str)
each_panel = pytest.mark.parametrize("panel", PANELS, ids=str)
each_query = pytest.mark.parametrize("query", QUERIES, ids=str)


def complaints(one: Checked, rules: Sequence[Callable[[Checked], Iterator[str]]]) -> list[str]:
    """What the rules say, each with its name."""
    return [f"{rule.__name__}: {complaint}" for rule in rules for complaint in rule(one)]


def known() -> set[str]:
    """What is there in one of the profiles at least."""
    return exported().keys() | PROMETHEUS_OWN | OF_SCRAPES | RECORDED["demo"] | RECORDED["prod"]


def asked(dashboard: Dashboard) -> Iterator[str]:
    """All PromQL in it, that of variables too."""
    yield from (query.expr for query in dashboard.queries)
    for variable in dashboard.variables:
        if variable.kind == "query":
            yield re.sub(r"^\w+\((.*?)(?:,\s*\w+)?\)$", r"\1", variable.query)


def named(dashboard: Dashboard) -> set[str]:
    """All metrics in it."""
    exprs = [without_macros(expr) for expr in asked(dashboard)]
    listed = {
        name for expr in exprs for found in NAMED_IN_A_MATCHER.findall(expr) for name in found.split("|")
    }
    return listed | {name for expr in exprs for name in metrics_of(expr)}


def test_the_files_are_what_their_source_says() -> None:
    written = {path: path.read_text(encoding="utf-8") for path in FOLDER.rglob("*") if path.is_file()}
    assert written == dashboard_files(), "make dashboards"


def test_there_is_a_dashboard_for_every_question() -> None:
    assert {dashboard.uid for dashboard in DASHBOARDS} == UIDS


@each_dashboard
def test_a_dashboard_keeps_the_rules(dashboard: Dashboard) -> None:
    found = complaints(dashboard, dashboard_rules.RULES)
    assert not found, "\n".join(found)


@each_panel
def test_a_panel_keeps_the_rules(panel: Panel) -> None:
    found = complaints(panel, panel_rules.RULES)
    assert not found, "\n".join(found)


@each_query
def test_a_query_keeps_the_rules(query: Query) -> None:
    found = complaints(query, query_rules.RULES)
    assert not found, "\n".join((*found, query.expr))


def test_every_query_is_on_a_dashboard() -> None:
    trees = {path: ast.parse(path.read_text(encoding="utf-8")) for path in SOURCE.rglob("*.py")}
    queries = set(SOURCE.glob("queries/*.py"))
    defined = {(path.stem, one.name) for path in queries for one in functions(trees[path])}
    used = {
        found
        for path, tree in trees.items()
        for found in mentioned(path.stem if path in queries else "", tree)
    }
    assert len(defined) > len(queries)
    assert defined - used == set()


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


def mentioned(module: str, tree: ast.AST) -> Iterator[tuple[str, str]]:
    """Names in a file, each with the module that it is of: `module` for those without one."""
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(value=ast.Name(id=other), attr=name):
                yield other, name
            case ast.ImportFrom(module=str(other)):
                yield from ((other.rpartition(".")[2], one.name) for one in node.names)
            case ast.Name(id=name):
                yield module, name


@each_dashboard
def test_a_dashboard_links_to_all_others(dashboard: Dashboard) -> None:
    links = {link["url"] for link in dashboard.content["links"]}
    assert links == {f"/d/{uid}" for uid in UIDS - {dashboard.uid}}


@pytest.mark.parametrize(
    ("document", "heading"), [("README.md", r"\*\*\*(.+?)\*\*\*"), ("docs/docker.md", r"(?m)^\| (.+?) \|")]
)
def test_dashboards_are_told_of_in_the_order_of_their_buttons(document: str, heading: str) -> None:
    listed = re.findall(heading, (SOURCE.parent / document).read_text(encoding="utf-8"))
    told = [title for title in listed if title in TITLES.values()]
    assert told == [title for title in TITLES.values() if title in told]
    assert len(told) >= len(TITLES) - 1


@each_panel
def test_links_lead_to_dashboards_that_have_what_they_choose(panel: Panel) -> None:
    assert [complaint for url in links_of(panel) for complaint in leads_astray(url, CHOICES)] == []


@each_panel
def test_links_to_dashboards_keep_the_time_and_the_data_source(panel: Panel) -> None:
    inside = [url for url in links_of(panel) if url.startswith("/d/")]
    assert [url for url in inside if "${__url_time_range}" not in url] == []
    assert [url for url in inside if "datasource" not in references(url)] == []


@pytest.mark.parametrize("profile", PROFILES, ids=lambda profile: profile.name)
def test_alerts_lead_to_dashboards_that_have_what_they_choose(profile: Profile) -> None:
    rules = rules_of(profile.name)
    urls = {rule["annotations"]["dashboard_url"] for rule in rules if "alert" in rule}
    assert urls
    assert [complaint for url in urls for complaint in leads_astray(url, CHOICES)] == []


def test_a_word_has_one_colour_wherever_it_stands() -> None:
    colours: dict[str, dict[str, str]] = {}
    for panel in PANELS:
        for text, colour in coloured(panel):
            colours.setdefault(text, {})[colour] = str(panel)
    assert colours.keys() >= {"low", "failed", "dropped", "red", "met"}
    found = [f"{text!r}: {where}" for text, where in colours.items() if len(where) > 1]
    assert not found, "\n".join(found)


def test_promtool_understands_every_query(promtool: Path, tmp_path: Path) -> None:
    exprs = [without_macros(expr) for dashboard in DASHBOARDS for expr in asked(dashboard)]
    rules = [{"record": f"dashboards:query:n{number}", "expr": expr} for number, expr in enumerate(exprs)]
    path = tmp_path / "queries.yml"
    path.write_text(json.dumps({"groups": [{"name": "dashboards", "rules": rules}]}))
    accepts(promtool, "check", "rules", path)


@each_dashboard
def test_every_metric_is_exported_or_recorded(dashboard: Dashboard) -> None:
    assert {name for name in named(dashboard) - known() if not name.startswith(OF_SERVERS)} == set()


@each_query
def test_what_one_profile_records_is_asked_for_in_the_other_too(query: Query) -> None:
    assert alone_in_its_profile(metrics_of(without_macros(query.expr)), RECORDED) == set()


def test_the_servers_export_what_they_are_asked_for(
    prometheus: StartPrometheus, alertmanager: StartAlertmanager
) -> None:
    receiving = alertmanager(exporter=9)
    servers = (receiving, prometheus(alertmanager=receiving.port))
    wanted = {name for one in DASHBOARDS for name in named(one) if name.startswith(OF_SERVERS)}
    assert wanted
    wait_until(lambda: wanted <= scraped(servers[0]) | scraped(servers[1]))


def test_every_alert_has_its_words() -> None:
    alerts = {
        str(rule["alert"]) for profile in PROFILES for rule in rules_of(profile.name) if "alert" in rule
    }
    assert set(ALERTS) == alerts - {"Watchdog"}
