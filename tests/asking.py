"""What Grafana asks Prometheus for a dashboard: variables filled in, intervals worked out from the width.

After Grafana 11: ``rangeUtil.calculateInterval``, the Prometheus data source's ``interpolateQueryExpr`` and
``metricFindQuery``.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import httpx

from tests.dashboards import REFERENCE, Dashboard, Json, Panel, Query, Variable

# The time that is shown, and the data source's scrape interval in the demo profile (grafana/demo.env).
SHOWN_SECONDS = 300
SCRAPE_SECONDS = 1
SCREEN_PIXELS = 1400
COLUMNS = 24
ANNOTATION_POINTS = 100
# Up to so many milliseconds the interval is that many seconds; a range of five minutes needs no longer one.
ROUNDED = ((1500, 1), (3500, 2), (7500, 5), (12500, 10))

MACRO = re.compile(r"\$\{?__(rate_interval|interval|range)(_s|_ms)?\}?")
LABEL_VALUES = re.compile(r"label_values\((?:(.+),\s*)?(\w+)\)", re.DOTALL)
QUERY_RESULT = re.compile(r"query_result\((.+)\)", re.DOTALL)
SPECIAL = re.compile(r"([$^*{}\[\]+?.()|])")

How = Literal["all", "one", "two", "job"]
Texts = Mapping[str, str]


class Choice(NamedTuple):
    """What is chosen: values by variable, and as what each stands in a query."""

    how: How
    values: Mapping[str, tuple[str, ...]]
    texts: Texts

    def only(self, variable: str, value: str) -> "Choice":
        """One value alone, as a repeated panel has it."""
        return Choice(self.how, {**self.values, variable: (value,)}, {**self.texts, variable: escaped(value)})


class Series(NamedTuple):
    """Labels and values; of an instant query there is one."""

    labels: dict[str, str]
    values: tuple[float, ...]


@dataclass(frozen=True)
class Answer:
    """What Prometheus said to a query; ``panel`` is None for an annotation."""

    dashboard: str
    panel: Panel | None
    query: Query
    choice: Choice
    expr: str
    content: Json
    exemplars: Json | None = None

    @property
    def series(self) -> list[Series]:
        found = self.content.get("data", {}).get("result", [])
        return [series(one) for one in found] if isinstance(found, list) else []


def series(content: Json) -> Series:
    pairs = content.get("values") or [content["value"]]
    return Series(content["metric"], tuple(float(value) for _, value in pairs))


class Asking:
    """A dashboard's reader at a Prometheus, who sees the last minutes before ``end`` (seconds since 1970)."""

    def __init__(self, client: httpx.Client, end: float) -> None:
        self.client = client
        self.start, self.end = end - SHOWN_SECONDS, end

    def answers(self, dashboard: Dashboard, choice: Choice) -> Iterator[Answer]:
        """To all panels and annotations."""
        for panel in dashboard.panels:
            step = interval(SCREEN_PIXELS * panel.content["gridPos"]["w"] // COLUMNS)
            for one in self.repetitions(panel, choice):
                for query in panel.queries:
                    yield self.answer(dashboard, panel, query, one, step)
        for query in dashboard.annotations:
            yield self.answer(dashboard, None, query, choice, interval(ANNOTATION_POINTS))

    def repetitions(self, panel: Panel, choice: Choice) -> list[Choice]:
        if panel.repeated is None:
            return [choice]
        # Where there is nothing to repeat it for, it is there once.
        return [choice.only(panel.repeated, value) for value in choice.values[panel.repeated]] or [choice]

    def answer(
        self, dashboard: Dashboard, panel: Panel | None, query: Query, choice: Choice, step: int
    ) -> Answer:
        expr = filled(query.expr, choice.texts, step)
        content = self.now(expr) if query.instant else self.over_time(expr, step)
        exemplars = self.exemplars(expr) if query.exemplar else None
        return Answer(dashboard.uid, panel, query, choice, expr, content, exemplars)

    def now(self, expr: str) -> Json:
        return self.ask("query", query=expr, time=self.end)

    def over_time(self, expr: str, step: int) -> Json:
        return self.ask("query_range", query=expr, start=self.start, end=self.end, step=step)

    def exemplars(self, expr: str) -> Json:
        return self.ask("query_exemplars", query=expr, start=self.start, end=self.end)

    def ask(self, path: str, **parameters: Any) -> Json:
        answer: Json = self.client.get(f"/api/v1/{path}", params=parameters).json()
        return answer

    def choose(self, dashboard: Dashboard, how: How, preferred: Mapping[str, tuple[str, ...]]) -> Choice:
        """A value for each variable, in order, since each narrows those after it; of a job its pipeline."""
        choice = Choice(how, {}, {})
        for variable in dashboard.variables:
            if variable.kind != "datasource":
                options = self.options(variable, choice.texts)
                asked: How = (
                    "all" if variable.hidden or (how == "job" and variable.name != "pipeline") else how
                )
                values = chosen(options, asked, preferred.get(variable.name, ()))
                text = alternatives(values)
                if asked == "all" and variable.all_value is not None:
                    text = variable.all_value
                choice = Choice(
                    how,
                    {**choice.values, variable.name: values},
                    {**choice.texts, variable.name: text},
                )
        return choice

    def options(self, variable: Variable, texts: Texts) -> tuple[str, ...]:
        """What can be chosen."""
        if variable.kind != "query":
            return (variable.query,)
        found = [picked for text in self.found(variable, texts) if (picked := matched(variable.regex, text))]
        unique = tuple(dict.fromkeys(found))
        return tuple(sorted(unique)) if variable.sort else unique

    def found(self, variable: Variable, texts: Texts) -> list[str]:
        """The texts that Prometheus' answer consists of."""
        asked = filled(variable.query, texts, SCRAPE_SECONDS)
        if values := LABEL_VALUES.fullmatch(asked):
            selector = {"match[]": values[1]} if values[1] else {}
            answer = self.ask(f"label/{values[2]}/values", start=self.start, end=self.end, **selector)
            return list(answer.get("data", []))
        result = QUERY_RESULT.fullmatch(asked)
        assert result is not None, f"{variable.name} asks {variable.query}"
        return [shown(one) for one in self.now(result[1]).get("data", {}).get("result", [])]


def chosen(options: tuple[str, ...], how: How, preferred: tuple[str, ...]) -> tuple[str, ...]:
    """All of them, or the first one or two in the order of preference."""
    ordered = sorted(options, key=lambda one: preferred.index(one) if one in preferred else len(preferred))
    return options if how == "all" else tuple(ordered[: 2 if how == "two" else 1])


def shown(content: Json) -> str:
    """A series as `query_result` gives it to the variable's regular expression."""
    labels = dict(content["metric"])
    name = labels.pop("__name__", "")
    time, value = content["value"]
    matchers = ",".join(f'{key}="{text}"' for key, text in labels.items())
    return f"{name}{{{matchers}}} {value} {time * 1000}"


def matched(regex: str, text: str) -> str:
    """What the variable's regular expression takes out of a text: its group if it has one."""
    if not regex:
        return text
    found = re.search(regex.strip("/"), text)
    return (found[found.re.groups and 1] or "") if found else ""


def interval(pixels: int) -> int:
    """Seconds between points, one a pixel, as Grafana rounds them."""
    exact = 1000 * SHOWN_SECONDS / pixels
    return max(SCRAPE_SECONDS, next(seconds for limit, seconds in ROUNDED if exact < limit))


def filled(text: str, texts: Texts, step: int) -> str:
    """With values in place of variables."""
    seconds = {
        "interval": step,
        "range": SHOWN_SECONDS,
        "rate_interval": max(step + SCRAPE_SECONDS, 4 * SCRAPE_SECONDS),
    }
    units = {"": (1, "s"), "_s": (1, ""), "_ms": (1000, "")}

    def duration(found: re.Match[str]) -> str:
        factor, unit = units[found[2] or ""]
        return f"{seconds[found[1]] * factor}{unit}"

    def value(found: re.Match[str]) -> str:
        return texts.get(found[1] or found[2] or found[3], found[0])

    return REFERENCE.sub(value, MACRO.sub(duration, text))


def alternatives(values: tuple[str, ...]) -> str:
    """Values as a regular expression in a PromQL string."""
    return escaped(values[0]) if len(values) == 1 else f"({'|'.join(map(escaped, values))})" if values else ""


def escaped(value: str) -> str:
    """A value as a regular expression in a PromQL string: what is special has two backslashes before it."""
    return SPECIAL.sub(r"\\\\\1", value.replace("\\", "\\\\\\\\"))
