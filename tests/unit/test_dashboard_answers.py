"""Dashboards' queries as Grafana asks them, and what is seen in bad answers."""

import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.answers import RULES, Known, share_a_name
from tests.asking import Answer, Asking, Choice, How, alternatives, filled, interval, matched
from tests.dashboards import Dashboard, Json, Panel, Query

KNOWN = Known(
    streams=frozenset({"one", "other"}),
    jobs=frozenset({"job"}),
    values={"stage": frozenset({"in", "out"}), "slo": frozenset({"late"}), "signal": frozenset({"sale"})},
    some={"limit": {"pipeline": frozenset({"one"})}},
)
ALL = Choice("all", {"pipeline": ("job", "one", "other"), "stage": ("in", "out")}, {})
ONE = Choice("one", {"pipeline": ("one",), "stage": ("in",)}, {})
POINTS = 10
WORDS = [{"type": "value", "options": {"0": {"text": "no"}, "1": {"text": "yes"}}}]
NONE_IS_GREY = {"type": "special", "options": {"match": "null+nan", "result": {"text": "none"}}}


def course(value: float, **labels: str) -> Json:
    return {"metric": labels, "values": [[second, str(value)] for second in range(POINTS)]}


def answered(
    result: list[Json],
    expr: str = "x",
    legend: str = "",
    choice: Choice = ALL,
    kind: str = "timeseries",
    **defaults: object,
) -> Answer:
    panel = Panel("board", {"type": kind, "title": "Panel", "fieldConfig": {"defaults": defaults}})
    content = {"status": "success", "data": {"result": result}}
    return Answer("board", panel, Query("board/Panel", "A", expr, legend, False), choice, expr, content)


def said(result: list[Json], *about: Any, **more: Any) -> list[str]:
    """What the rules say to this result."""
    answer = answered(result, *about, **more)
    return [complaint for rule in RULES for complaint in rule(answer, KNOWN)]


def value_of(value: float, unit: str, **defaults: object) -> list[str]:
    return said([course(value)], unit=unit, **defaults)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ('{a=~"$a"}', '{a=~"(x|y)"}'),
        ('{a=~"${a:regex}", b="$none"}', '{a=~"(x|y)", b="$none"}'),
        ("rate(c[$__rate_interval])", "rate(c[4s])"),
        ("c[$__range:$__interval] / $__range_s", "c[300s:2s] / 300"),
        ("${__range}", "300s"),
    ],
)
def test_variables_are_filled_in(text: str, wanted: str) -> None:
    assert filled(text, {"a": "(x|y)"}, step=2) == wanted


def test_the_rate_interval_grows_with_the_step() -> None:
    assert filled("[$__rate_interval]", {}, step=5) == "[6s]"


def test_values_are_escaped_as_in_a_string_with_a_regular_expression() -> None:
    assert alternatives(("a.b", "c")) == r"(a\\.b|c)"
    assert alternatives(("a|b",)) == r"a\\|b"
    assert alternatives(()) == ""


@pytest.mark.parametrize(("pixels", "seconds"), [(1400, 1), (233, 1), (175, 2), (100, 2), (58, 5)])
def test_a_narrow_panel_has_fewer_points(pixels: int, seconds: int) -> None:
    assert interval(pixels) == seconds


def test_a_regular_expression_takes_its_group() -> None:
    assert matched('/stage="([^"]+)"/', '{stage="enrich"} 3 1000') == "enrich"
    assert matched("/b+/", "abb") == "bb"
    assert matched("/c/", "abb") == ""
    assert matched("", "abb") == "abb"


ANSWERS: Mapping[str, Json] = {
    "/api/v1/label/team/values": {"data": ["red", "blue"]},
    "/api/v1/query": {
        "data": {
            "result": [{"metric": {"stage": stage}, "value": [1, "1"]} for stage in ("out", "in", "out")]
        }
    },
}
VARIABLES = [
    {"type": "datasource", "name": "datasource", "query": "prometheus"},
    {"type": "query", "name": "team", "query": "label_values(info, team)", "sort": 1, "allValue": ".*"},
    {
        "type": "query",
        "name": "stage",
        "query": {"query": 'query_result(place{team=~"$team"})'},
        "regex": '/stage="([^"]+)"/',
    },
]


@pytest.mark.parametrize(
    ("how", "team", "stage"),
    [
        ("all", ".*", "(out|in)"),
        ("one", "red", "in"),
        ("two", "(red|blue)", "(in|out)"),
        ("job", ".*", "(out|in)"),
    ],
)
def test_what_can_be_chosen_is_asked_for_and_narrows_what_follows(how: How, team: str, stage: str) -> None:
    asked: list[httpx.URL] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.url)
        return httpx.Response(200, json=ANSWERS[request.url.path])

    dashboard = Dashboard(Path("x.json"), {"uid": "x", "templating": {"list": VARIABLES}})
    with httpx.Client(transport=httpx.MockTransport(answer), base_url="http://here") as client:
        choice = Asking(client, 1000).choose(dashboard, how, {"team": ("red",), "stage": ("in",)})
    assert choice.texts == {"team": team, "stage": stage}
    assert asked[0].params["match[]"] == "info"
    assert asked[1].params["query"] == f'place{{team=~"{team}"}}'


def test_a_good_answer_is_good() -> None:
    series = [
        course(1, pipeline=pipeline, stage=stage) for pipeline in KNOWN.streams for stage in ("in", "out")
    ]
    assert (
        said(series, 'max by (pipeline, stage) (x{stage=~"$stage"})', "{{pipeline}} {{stage}}", unit="s")
        == []
    )


def test_an_error_and_a_warning_are_seen() -> None:
    query = Query("board/Panel", "A", "x", "", instant=True)
    bad = {"status": "error", "errorType": "bad_data", "error": "no", "warnings": ["beware"]}
    answer = Answer("board", None, query, ALL, "x", bad)
    assert [complaint for rule in RULES for complaint in rule(answer, KNOWN)] == [
        "bad_data: no",
        "warning: beware",
    ]


def test_missing_exemplars_are_seen_where_there_is_something() -> None:
    bare = replace(answered([course(1)], unit="s"), exemplars={"data": []})
    assert [complaint for rule in RULES for complaint in rule(bare, KNOWN)] == ["no exemplars: none found"]
    nothing = replace(answered([], unit="s"), exemplars={"data": []})
    assert [complaint for rule in RULES for complaint in rule(nothing, KNOWN)] == []


def test_a_label_that_is_missing_is_seen() -> None:
    assert said([course(1, stage="in"), course(1)], legend="{{stage}}", unit="s") == [
        "its legend names stage, which is not in every series",
        "nothing about stage out",
    ]
    assert said([course(1, alertname="a")], "ALERTS", "{{alertname}} {{stage}}", unit="s") == []


def test_two_series_of_one_name_are_seen() -> None:
    series = [course(1, stage="in"), course(1, stage="out")]
    assert said(series, legend="all", unit="s") == ["2 series are called 'all'"]
    assert said(series, legend="all", kind="table", unit="s") == []


def test_two_queries_that_share_a_name_are_seen() -> None:
    series = [course(1, stage="in")]
    first, second = answered(series, "x", "{{stage}}"), answered(series, "y", "{{stage}}")
    assert [complaint for _, complaint in share_a_name([first, second])] == ["calls a series 'in', as A does"]
    assert list(share_a_name([first, answered(series, "y", "{{stage}} y")])) == []


def test_what_is_not_spoken_of_is_seen() -> None:
    assert said([course(1, pipeline="one")], unit="s") == ["nothing about pipeline other"]
    assert said([course(1, pipeline="job")], unit="s") == []
    assert said([course(1, pipeline="one")], "limit", unit="s") == []
    assert said([course(1, pipeline="one")], "topk(1, x)", unit="s") == []
    assert said([course(1, pipeline="one")], 'x{pipeline=~"$pipeline"}', choice=ONE, unit="s") == []


def test_what_was_not_chosen_is_seen() -> None:
    series = [course(1, stage="in"), course(1, stage="out")]
    assert said(series, 'x{stage=~"$stage"}', "{{stage}}", ONE, unit="s") == ["stage out was not chosen"]
    assert said(series, "x", "{{stage}}", ONE, unit="s") == []


@pytest.mark.parametrize(
    ("value", "unit", "complaint"),
    [
        (float("inf"), "s", "values are inf"),
        (float("nan"), "s", "values are NaN"),
        (-1, "s", "least value is -1 s"),
        (-1, "evt/s", "least value is -1 evt/s"),
        (1.5, "percentunit", "greatest value is 1.5, the panel ends at 1"),
        (5, "dateTimeFromNow", "times are 5 to 5 ms"),
        (2, "none", "there is no word for 2"),
        (3, "furlong", "nobody knows which values are of the unit 'furlong'"),
    ],
)
def test_values_that_the_unit_does_not_have_are_seen(value: float, unit: str, complaint: str) -> None:
    assert value_of(value, unit, max=1, mappings=WORDS) == [complaint]


def test_values_of_the_unit_are_let_pass() -> None:
    assert value_of(1, "none", mappings=WORDS) == []
    assert value_of(float("nan"), "none", mappings=[*WORDS, NONE_IS_GREY]) == []
    assert value_of(1000 * time.time(), "dateTimeFromNow") == []
    assert value_of(1.5, "percentunit") == []
    assert said([course(-3)], "slo:period_error_budget_remaining:ratio", unit="percentunit") == []
    assert said([course(-3)], "pipeline_run_duration_zscore", unit="short") == []


def test_a_few_points_are_no_course() -> None:
    few = {"metric": {}, "values": [[1, "1"], [2, "1"]]}
    assert said([few], unit="s") == ["no series has more than 2 points"]
    assert said([few], "ALERTS", unit="s") == []
