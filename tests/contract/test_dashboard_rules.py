"""The rules for dashboards accept a good one, and each sees what it is there for."""

import copy
from functools import reduce
from pathlib import Path

import pytest

from tests import dashboard_rules, panel_rules, query_rules
from tests.dashboards import SOURCE, Dashboard, Json, Panel, Query
from tests.panel_rules import coloured, leads_astray
from tests.promql import chooses
from tests.query_rules import alone_in_its_profile

HEALTH = {"0": "green", "1": "orange", "2": "red"}
WORDS = {"0": "healthy", "1": "degraded", "2": "critical"}
LIGHTS = {
    "type": "value",
    "options": {key: {"text": WORDS[key], "color": color} for key, color in HEALTH.items()},
}
NOBODY_KNOWS = {
    "type": "special",
    "options": {"match": "null+nan", "result": {"text": "no data", "color": "#808080"}},
}
TARGET = {
    "refId": "A",
    "datasource": SOURCE,
    "expr": 'sum by (stage) (rate(x_total{stage=~"$stage", job="prometheus"}[$__rate_interval]))',
    "legendFormat": "{{stage}}",
    "instant": False,
    "range": True,
}
PANEL: Json = {
    "id": 1,
    "type": "timeseries",
    "title": "What comes",
    "description": "Events a second, by stage. None: look upstream.",
    "datasource": SOURCE,
    "gridPos": {"x": 0, "y": 0, "w": 12, "h": 8},
    "repeatDirection": "h",
    "fieldConfig": {
        "defaults": {"unit": "evt/s", "decimals": 1, "noValue": "No stage is known."},
        "overrides": [],
    },
    "targets": [TARGET],
}
LIGHT: Json = {
    **PANEL,
    "id": 2,
    "type": "stat",
    "gridPos": {"x": 12, "y": 0, "w": 12, "h": 8},
    "fieldConfig": {"defaults": {"unit": "none", "mappings": [LIGHTS, NOBODY_KNOWS]}, "overrides": []},
    "targets": [{**TARGET, "expr": "max by (stage) (pipeline_stage_health)"}],
}
STAGE = {
    "type": "query",
    "name": "stage",
    "datasource": SOURCE,
    "query": "label_values(stage)",
    "multi": True,
    "includeAll": True,
}
GOOD: Json = {
    "uid": "good",
    "title": "Good",
    "description": "What is good.",
    "tags": ["all"],
    "schemaVersion": 41,
    "editable": False,
    "graphTooltip": 1,
    "timezone": "browser",
    "refresh": "5s",
    "time": {"from": "now-15m", "to": "now"},
    "timepicker": {"refresh_intervals": ["5s", "1m"]},
    "links": [{"title": "Other", "url": "/d/other", "includeVars": True, "keepTime": True}],
    "templating": {"list": [{"type": "datasource", "name": "datasource", "query": "prometheus"}, STAGE]},
    "annotations": {"list": [{"name": "Faults", "datasource": SOURCE, "expr": "x == 1", "titleFormat": "y"}]},
    "panels": [PANEL, LIGHT],
}
DEFAULTS = "fieldConfig.defaults"
# What is wrong, the place of it, and what the rule says.
BAD_DASHBOARDS = [
    ("uid", "better", "its uid is 'better', its file good.json"),
    ("title", "", "no title"),
    ("description", "what is good", "its description is no sentence: 'what is good'"),
    ("tags", [], "no tags"),
    ("editable", True, "somebody may edit it"),
    ("graphTooltip", 0, "no shared crosshair"),
    ("timezone", "", "no timezone"),
    ("refresh", "7s", "its refresh '7s' is none of those offered"),
    ("templating.list.0.type", "custom", "no variable datasource"),
    ("templating.list.1.datasource", {"uid": "abc"}, "stage has the data source {'uid': 'abc'}"),
    ("annotations.list.0.datasource", None, "Faults has the data source None"),
    ("panels.1.gridPos.x", 13, "'What comes' is beyond the right edge"),
    ("panels.1.gridPos.x", 11, "'What comes' and 'What comes' overlap"),
    ("panels.0.repeat", "stage", "'What comes' and 'What comes' overlap"),
    ("panels.1.id", 1, "id 1 is given 2 times"),
    ("panels.1.id", 0, "a panel has no id"),
    ("templating.list.1.name", "slo", "$slo is not used"),
    ("templating.list.1.name", "slo", "$stage is not defined"),
    ("templating.list.1.multi", False, "of $stage neither all nor several can be chosen"),
    ("links.0.keepTime", False, "the link 'Other' does not take variables and time along"),
]
BAD_PANELS = [
    ("title", "", "'' is neither a noun nor a question"),
    ("title", "What comes.", "'What comes.' is neither a noun nor a question"),
    ("description", "Events.", "its description is no sentence: 'Events.'"),
    ("targets", [], "it asks nothing"),
    ("datasource", {"uid": "abc"}, "it has the data source {'uid': 'abc'}"),
    ("targets.0.datasource", None, "A has the data source None"),
    ("targets.0.refId", "", "its queries are called ['']"),
    ("targets.0.expr", " ", "A asks nothing"),
    ("targets.0.range", False, "A is neither for now nor for a range"),
    ("targets.0.instant", True, "A asks for now and is shown over time"),
    ("targets.0.format", "table", "A has the format table, not time_series"),
    (f"{DEFAULTS}.unit", "", "A has no unit"),
    (f"{DEFAULTS}.decimals", None, "A has no decimals"),
    (f"{DEFAULTS}.noValue", "No data", "'No data' says nothing"),
    (f"{DEFAULTS}.noValue", "none", "'none' is no sentence"),
]
BAD_LIGHTS = [
    (f"{DEFAULTS}.mappings.0.options.1.color", "yellow", "health is {'0': ('healthy', 'green'), '1'"),
    (f"{DEFAULTS}.mappings.0.options.2.text", "bad", "health is {'0': ('healthy', 'green'), '1'"),
    (f"{DEFAULTS}.mappings", [], "A shows health without its words"),
    (f"{DEFAULTS}.mappings.1.options.result.color", "green", "no data is {'text': 'no data', 'color': "),
]
BAD_QUERIES = [
    ("sum(rate(x_total[5m]))", "rate over 5m"),
    ("sum(rate(x_total[$__interval]))", "rate over $__interval"),
    ("sum(increase(x_total[1h]))", "increase over 1h"),
    ("sum(irate(x_total[$__rate_interval]))", "irate sees two samples only"),
    ("sum by (le) (x_bucket)", "x_bucket is a counter"),
    ("min_over_time(x_total[$__range])", "x_total is a counter"),
    ('min_over_time(x_total[$__range]) unless x_total{a="b"} offset $__range', "x_total is a counter"),
    ("min_over_time(x_total[$__range]) unless x_total offset $__rate_interval", "x_total is a counter"),
    ("x_sum", "x_sum is a counter"),
    ("x_sum / y_count", "x_sum is a counter"),
    ("rate(x_total[$__rate_interval]) / on (a) (y_count > 0)", "y_count is a counter"),
    ('up{job="other"}', "job='other'"),
    ('up{job=~"prometheus"}', "job=~'prometheus'"),
    ('up{instance="here"}', "instance='here'"),
    ('x{stage="$stage"}', "stage='$stage' fits one value only"),
    ("max by (stage, slo) (x)", "'all' is the name of several series"),
]


def replaced(content: Json, place: str, value: object) -> Json:
    """A copy with another value at a place."""
    changed = copy.deepcopy(content)
    *way, last = place.split(".")
    target = reduce(lambda one, key: one[int(key)] if isinstance(one, list) else one[key], way, changed)
    target[int(last) if isinstance(target, list) else last] = value
    return changed


def of_dashboard(content: Json) -> list[str]:
    dashboard = Dashboard(Path("good.json"), content)
    return [complaint for rule in dashboard_rules.RULES for complaint in rule(dashboard)]


def of_panel(content: Json) -> list[str]:
    return [complaint for rule in panel_rules.RULES for complaint in rule(Panel("good", content))]


def of_query(expr: str, legend: str = "all") -> list[str]:
    query = Query("good", "A", expr, legend, instant=False)
    return [complaint for rule in query_rules.RULES for complaint in rule(query)]


def test_a_good_dashboard_is_good() -> None:
    assert of_dashboard(GOOD) == []
    assert of_panel(PANEL) == []
    assert of_panel(LIGHT) == []
    assert of_query(str(TARGET["expr"]), "{{stage}}") == []


@pytest.mark.parametrize(("place", "value", "complaint"), BAD_DASHBOARDS)
def test_what_is_wrong_with_a_dashboard_is_seen(place: str, value: object, complaint: str) -> None:
    assert complaint in of_dashboard(replaced(GOOD, place, value))


@pytest.mark.parametrize(("place", "value", "complaint"), BAD_PANELS)
def test_what_is_wrong_with_a_panel_is_seen(place: str, value: object, complaint: str) -> None:
    assert complaint in of_panel(replaced(PANEL, place, value))


@pytest.mark.parametrize(("place", "value", "complaint"), BAD_LIGHTS)
def test_what_is_wrong_with_a_light_is_seen(place: str, value: object, complaint: str) -> None:
    assert [one for one in of_panel(replaced(LIGHT, place, value)) if one.startswith(complaint)]


@pytest.mark.parametrize(("expr", "complaint"), BAD_QUERIES)
def test_what_is_wrong_with_a_query_is_seen(expr: str, complaint: str) -> None:
    assert complaint in of_query(expr)


@pytest.mark.parametrize(
    "expr",
    [
        "increase(x_total[1d]) + increase(x_total[$__range]) + changes(x_total[1h])",
        'max by (stage) (label_replace(max_over_time(x[5m]), "a", "b(", "c", "rate(y_total[5m])"))',
        "histogram_quantile(0.9, sum by (le) (rate(x_bucket[$__rate_interval])))",
        'sum(min_over_time(x_total{a="b"}[$__range]) unless x_total{a="b"} offset $__range)',
    ],
)
def test_what_is_right_with_a_query_is_let_pass(expr: str) -> None:
    assert of_query(expr, "{{stage}}") == []


def test_a_table_has_a_unit_for_each_of_its_columns() -> None:
    targets = [{**TARGET, "refId": ref, "format": "table"} for ref in "AB"]
    named: Json = {"id": "organize", "options": {"renameByName": {"Value #B": "Rate"}}}
    override = {
        "matcher": {"id": "byName", "options": "Rate"},
        "properties": [{"id": "unit", "value": "evt/s"}, {"id": "decimals", "value": 0}],
    }
    table = {**PANEL, "type": "table", "targets": targets, "transformations": [named]}
    assert "A has no unit" in of_panel({**table, "fieldConfig": {"defaults": {}, "overrides": [override]}})
    named["options"]["excludeByName"] = {"Value #A": True}
    assert of_panel({**table, "fieldConfig": {"defaults": {}, "overrides": [override]}}) == []


def test_the_axis_of_a_heatmap_has_a_unit_and_decimals() -> None:
    drawn = {**PANEL, "type": "heatmap", "targets": [{**TARGET, "format": "heatmap"}], "options": {}}
    assert of_panel(drawn) == ["its axis has no unit", "its axis has no decimals"]
    assert of_panel({**drawn, "options": {"yAxis": {"unit": "s", "decimals": 1}}}) == []


def test_words_are_found_with_their_colours_wherever_they_stand() -> None:
    red = {"id": "color", "value": {"mode": "fixed", "fixedColor": "red"}}
    steps = {"steps": [{"value": None, "color": "green"}, {"value": 1, "color": "orange"}]}
    overrides = [
        {"matcher": {"id": "byFrameRefID", "options": "A"}, "properties": [red]},
        {
            "matcher": {"id": "byName", "options": "high 6x"},
            "properties": [{"id": "thresholds", "value": steps}],
        },
    ]
    drawn = {**LIGHT, "targets": [{**TARGET, "legendFormat": "{{stage}} dropped"}]}
    drawn["fieldConfig"] = {**LIGHT["fieldConfig"], "overrides": overrides}
    found = list(coloured(Panel("good", drawn)))
    assert found[:2] == [("healthy", "green"), ("degraded", "orange")]
    assert found[-2:] == [("high", "orange"), ("dropped", "red")]


def test_a_link_leads_where_its_variables_are() -> None:
    known = {"stages": {"stage"}}
    assert (
        list(leads_astray("/d/stages?${datasource:queryparam}&var-stage=x&${__url_time_range}", known)) == []
    )
    assert list(leads_astray("http://here/d/stages?var-slo=y", known)) == [
        "http://here/d/stages?var-slo=y: stages has no $slo"
    ]
    assert list(leads_astray("/d/runs", known)) == ["/d/runs: there is no dashboard runs"]
    assert list(leads_astray("https://example.com/other", known)) == []


def test_a_window_of_one_profile_alone_is_seen() -> None:
    recorded = {"prod": {"a:b:rate1h", "a:b:ratio"}, "demo": {"a:b:rate1m", "a:b:ratio"}}
    assert alone_in_its_profile({"a:b:rate1h", "a:b:rate1m", "a:b:ratio"}, recorded) == set()
    assert alone_in_its_profile({"a:b:rate1m", "a:b:ratio", "up"}, recorded) == {"a:b:rate1m"}


def test_guards_against_division_by_zero_choose_nothing() -> None:
    assert not chooses("histogram_quantile(0.9, sum by (le) (rate(x_bucket[5m]))) >= 0")
    assert not chooses('a{b!="c"} / (sum by (d) (e) > 0) + (f > bool 1)')
    assert chooses("topk(3, a)")
    assert chooses("sum by (a) (b) > 0")
    assert chooses("a unless b")
