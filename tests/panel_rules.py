"""What a panel has to be like, rule by rule: each yields its complaints."""

import re
from collections.abc import Callable, Iterator
from urllib.parse import parse_qsl, urlsplit

from tests.dashboards import SENTENCES, SOURCE, Json, Panel

Rule = Callable[[Panel], Iterator[str]]

HEALTH = {"0": ("healthy", "green"), "1": ("degraded", "orange"), "2": ("critical", "red")}
GREY = "#808080"
# Words that have their colours in names too.
COLOURED = {"healthy", "degraded", "orange", "red", "critical", "high", "medium", "low"}
COLOURED |= {"succeeded", "failed", "dropped", "delivered", "stale"}
WITH_UNIT = {"timeseries", "stat", "gauge", "bargauge", "table"}
WITHOUT_DECIMALS = {None, "", "none", "dateTimeFromNow"}
OVER_TIME = {"timeseries", "state-timeline", "heatmap"}
WITHOUT_QUERIES = {"text", "alertlist"}
TITLE = re.compile(r"[A-Z$].*[^\s.:;,!]")
NOTHING_SAID = {"no data", "n/a", "na", "none available", "null", "nothing", "empty", "-"}


def has_a_title(panel: Panel) -> Iterator[str]:
    if not TITLE.fullmatch(panel.title):
        yield f"{panel.title!r} is neither a noun nor a question"


def says_what_to_do(panel: Panel) -> Iterator[str]:
    text = panel.content.get("description", "")
    if not SENTENCES.fullmatch(text) or len(text.split()) < 5:
        yield f"its description is no sentence: {text!r}"


def asks_its_source(panel: Panel) -> Iterator[str]:
    if panel.kind in WITHOUT_QUERIES:
        return
    if not panel.targets:
        yield "it asks nothing"
    for one in (panel.content, *panel.targets):
        if one.get("datasource") != SOURCE:
            yield f"{one.get('refId', 'it')} has the data source {one.get('datasource')}"


def asks_in_its_form(panel: Panel) -> Iterator[str]:
    """Now or over time, and a table as a table."""
    refs = [query.ref for query in panel.queries]
    if len(refs) != len(set(refs)) or "" in refs:
        yield f"its queries are called {refs}"
    for target, query in zip(panel.targets, panel.queries, strict=True):
        if not query.expr.strip():
            yield f"{query.ref} asks nothing"
        if bool(target.get("instant")) == bool(target.get("range")):
            yield f"{query.ref} is neither for now nor for a range"
        if query.instant and panel.kind in OVER_TIME:
            yield f"{query.ref} asks for now and is shown over time"
        wanted = {"table": "table", "heatmap": "heatmap"}.get(panel.kind, "time_series")
        if query.format != wanted:
            yield f"{query.ref} has the format {query.format}, not {wanted}"


def has_a_unit(panel: Panel) -> Iterator[str]:
    if panel.kind == "heatmap" and not panel.content["options"].get("yAxis", {}).get("unit"):
        yield "its axis has no unit"
    if panel.kind not in WITH_UNIT:
        return
    for query in panel.queries:
        shown = panel.kind != "table" or not panel.hides(query)
        if shown and not panel.settings(query).get("unit") and not panel.mappings(query):
            yield f"{query.ref} has no unit"


def has_decimals(panel: Panel) -> Iterator[str]:
    """Grafana chooses them by the value otherwise, and figures that change jump to and fro."""
    if panel.kind == "heatmap" and "decimals" not in panel.content["options"].get("yAxis", {}):
        yield "its axis has no decimals"
    if panel.kind not in WITH_UNIT:
        return
    for query in panel.queries:
        found = panel.settings(query)
        shown = panel.kind != "table" or not panel.hides(query)
        if shown and found.get("unit") not in WITHOUT_DECIMALS and found.get("decimals") is None:
            yield f"{query.ref} has no decimals"


def says_why_it_is_empty(panel: Panel) -> Iterator[str]:
    """A blank is for a table's cell."""
    for text in filter(str.strip, panel.excuses()):
        if text.strip(" .").lower() in NOTHING_SAID or not re.search(r"[a-z]{3}", text):
            yield f"{text!r} says nothing"
    default = panel.defaults.get("noValue")
    if default is not None and panel.kind != "stat" and not re.fullmatch(r"[A-Z]\S*( \S+){2,}", default):
        yield f"{default!r} is no sentence"


def shows_health_in_its_colours(panel: Panel) -> Iterator[str]:
    """Beside them, what nobody knows is grey."""
    words = {text for text, _ in HEALTH.values()}
    for found in (lights(one) for one in panel.mappings() if one["type"] == "value"):
        if found != HEALTH and any(found.get(key, ("",))[0] in words for key in HEALTH):
            yield f"health is {found}"
    for query in panel.queries:
        counted = re.match(r"\s*count\b", query.expr)
        mapped = [lights(one) for one in panel.mappings(query) if one["type"] == "value"]
        if "pipeline_stage_health" in query.expr and not counted and HEALTH not in mapped:
            yield f"{query.ref} shows health without its words"


def lights(mapping: Json) -> dict[str, tuple[str, str]]:
    """Text and colour by value, without what nobody knows."""
    return {value: word for value, word in values(mapping).items() if word[1] != GREY}


def values(mapping: Json) -> dict[str, tuple[str, str]]:
    """Text and colour by value; of a range, a pattern or nothing they are its only result."""
    options = mapping["options"]
    results = options if mapping["type"] == "value" else {"": options["result"]}
    return {key: (one.get("text", ""), one.get("color", "")) for key, one in results.items()}


def coloured(panel: Panel) -> Iterator[tuple[str, str]]:
    """Words with their colours: those that stand for values, and those in the names of values."""
    for text, color in (word for one in panel.mappings() for word in values(one).values()):
        if color:
            yield text, color
    for override in panel.overrides:
        if override["matcher"]["id"] == "byName":
            set_here = {one["id"]: one.get("value") for one in override["properties"]}
            yield from named(str(override["matcher"]["options"]), color_of(set_here, 1))
    for query in panel.queries:
        yield from named(query.legend or panel.title, color_of(panel.settings(query), 2))


def named(name: str, color: str) -> Iterator[tuple[str, str]]:
    """The words in a name that have colours."""
    found = set(re.findall("[a-z]+", name.lower())) & COLOURED
    yield from ((word, color) for word in found if color)


def color_of(settings: Json, steps: int) -> str:
    """The fixed one, or the last of the thresholds if there are that many."""
    color, listed = settings.get("color", {}), settings.get("thresholds", {}).get("steps", [])
    if color.get("mode") == "fixed":
        return str(color["fixedColor"])
    return str(listed[-1]["color"]) if len(listed) >= steps else ""


def shows_nothing_in_grey(panel: Panel) -> Iterator[str]:
    for one in panel.mappings():
        if one["type"] == "special" and one["options"]["result"].get("color") != GREY:
            yield f"no data is {one['options']['result']}"


def links_of(panel: Panel) -> Iterator[str]:
    """The addresses that its values and it lead to."""
    overridden = [one for override in panel.overrides for one in override["properties"]]
    listed = [one["value"] for one in overridden if one["id"] == "links"]
    for links in (panel.content.get("links") or [], panel.defaults.get("links") or [], *listed):
        yield from (link["url"] for link in links)


def leads_astray(url: str, known: dict[str, set[str]]) -> Iterator[str]:
    """What is wrong with a link to a dashboard; ``known``: the variables of each by uid."""
    found = re.search(r"/d/([\w-]+)", url)
    if found is None:
        return
    if found[1] not in known:
        yield f"{url}: there is no dashboard {found[1]}"
        return
    named = {key.removeprefix("var-") for key, _ in parse_qsl(urlsplit(url).query) if key.startswith("var-")}
    yield from (f"{url}: {found[1]} has no ${name}" for name in sorted(named - known[found[1]]))


RULES: tuple[Rule, ...] = (
    has_a_title,
    says_what_to_do,
    asks_its_source,
    asks_in_its_form,
    has_a_unit,
    has_decimals,
    says_why_it_is_empty,
    shows_health_in_its_colours,
    shows_nothing_in_grey,
)
