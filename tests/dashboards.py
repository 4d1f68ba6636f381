"""Grafana's dashboards as they lie in their files: panels, queries, variables, annotations."""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

FOLDER = Path(__file__).parents[1] / "grafana/dashboards"
IN_BRACES = re.compile(r"\{\{\s*(\w+)\s*\}\}")
REFERENCE = re.compile(r"\$\{([a-zA-Z]\w*)[^}]*\}|\$([a-zA-Z]\w*)|\[\[([a-zA-Z]\w*)\]\]")
# What every panel, variable and annotation asks.
SOURCE = {"type": "prometheus", "uid": "${datasource}"}
SENTENCES = re.compile(r"[A-Z][^\n]*\w[^\n]*[.?]")
HIDDEN = 2
# How a table's only value is called, and one of several.
VALUE = ("Value", "Value #{}")

Json = dict[str, Any]


class Query(NamedTuple):
    """What Prometheus is asked, in a panel or, where there is no refId, in an annotation."""

    panel: str
    ref: str
    expr: str
    legend: str
    instant: bool
    format: str = "time_series"
    exemplar: bool = False

    def __str__(self) -> str:
        return f"{self.panel}/{self.ref}" if self.ref else self.panel

    @property
    def labels(self) -> tuple[str, ...]:
        """Those that the legend shows."""
        return tuple(IN_BRACES.findall(self.legend))


class Variable(NamedTuple):
    """What can be chosen, or follows if it is hidden; ``sort`` as Grafana numbers it, 0 for no order."""

    name: str
    kind: str
    query: str
    regex: str
    all_value: str | None
    sort: int
    hidden: bool


@dataclass(frozen=True)
class Panel:
    """A panel; ``dashboard`` is the uid of its own, ``row`` the one that it is in."""

    dashboard: str
    content: Json
    row: Json = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.dashboard}/{self.title}"

    @property
    def title(self) -> str:
        return str(self.content.get("title", ""))

    @property
    def kind(self) -> str:
        return str(self.content["type"])

    @property
    def repeated(self) -> str | None:
        """The variable for each of whose values it or its row is shown once."""
        return self.content.get("repeat") or self.row.get("repeat") or None

    @property
    def defaults(self) -> Json:
        found: Json = self.content.get("fieldConfig", {}).get("defaults", {})
        return found

    @property
    def overrides(self) -> list[Json]:
        found: list[Json] = self.content.get("fieldConfig", {}).get("overrides", [])
        return found

    @property
    def targets(self) -> list[Json]:
        found: list[Json] = self.content.get("targets", [])
        return found

    @cached_property
    def queries(self) -> tuple[Query, ...]:
        return tuple(
            Query(
                panel=str(self),
                ref=target.get("refId", ""),
                expr=target.get("expr", ""),
                legend=target.get("legendFormat", ""),
                instant=bool(target.get("instant")),
                format=target.get("format", "time_series"),
                exemplar=bool(target.get("exemplar")),
            )
            for target in self.targets
        )

    def settings(self, query: Query) -> Json:
        """What is set for a query's values: the defaults and what overrides them."""
        found = dict(self.defaults)
        for override in self.overrides:
            if self.meets(override["matcher"], query):
                found |= {one["id"]: one.get("value") for one in override["properties"]}
        return found

    def meets(self, matcher: Json, query: Query) -> bool:
        """Whether an override is for this query's values, by refId or by the name that they have."""
        wanted = matcher.get("options")
        if matcher["id"] == "byFrameRefID":
            return bool(wanted == query.ref)
        name = self.column(query) if self.kind == "table" else query.legend
        if matcher["id"] == "byRegexp":
            return re.search(str(wanted).strip("/"), name) is not None
        return matcher["id"] == "byName" and wanted == name

    def column(self, query: Query) -> str:
        """The heading over a query's values in a table."""
        name = VALUE[len(self.targets) > 1].format(query.ref)
        return str(self.organized("renameByName").get(name, name))

    def hides(self, query: Query) -> bool:
        """Whether the column of a query's values is left out."""
        return bool(self.organized("excludeByName").get(VALUE[len(self.targets) > 1].format(query.ref)))

    def organized(self, what: str) -> Json:
        """What the transformation that orders a table's columns says, by column."""
        found: Json = {}
        for one in self.content.get("transformations", []):
            if one["id"] == "organize":
                found |= one["options"].get(what, {})
        return found

    def mappings(self, query: Query | None = None) -> list[Json]:
        """Words for a query's values, or all of them."""
        if query is not None:
            return self.settings(query).get("mappings") or []
        overridden = [one for override in self.overrides for one in override["properties"]]
        listed = [one["value"] for one in overridden if one["id"] == "mappings"]
        return [mapping for one in (self.defaults.get("mappings") or [], *listed) for mapping in one]

    def excuses(self) -> list[str]:
        """What it says instead of nothing."""
        overridden = [one for override in self.overrides for one in override["properties"]]
        listed = [one["value"] for one in overridden if one["id"] == "noValue"]
        return [str(one) for one in (self.defaults.get("noValue"), *listed) if one]


@dataclass(frozen=True)
class Dashboard:
    """A dashboard and the file that it lies in."""

    path: Path
    content: Json

    def __str__(self) -> str:
        return self.uid

    @property
    def uid(self) -> str:
        return str(self.content.get("uid", ""))

    @cached_property
    def panels(self) -> tuple[Panel, ...]:
        """All that show something, those in collapsed rows too."""
        return tuple(Panel(self.uid, one, row) for row, one in in_rows(self.content["panels"]))

    @cached_property
    def variables(self) -> tuple[Variable, ...]:
        return tuple(variable(one) for one in self.content.get("templating", {}).get("list", []))

    @cached_property
    def annotations(self) -> tuple[Query, ...]:
        """Annotations as queries: the title stands for the legend."""
        listed = self.content.get("annotations", {}).get("list", [])
        return tuple(
            Query(f"{self.uid}/annotation {one['name']}", "", one["expr"], one.get("titleFormat", ""), False)
            for one in listed
            if "expr" in one
        )

    @cached_property
    def queries(self) -> tuple[Query, ...]:
        return (*(query for panel in self.panels for query in panel.queries), *self.annotations)


def in_rows(listed: Sequence[Json]) -> Iterator[tuple[Json, Json]]:
    """Each panel with its row: those of an open one come after it, those of a collapsed one are in it."""
    row: Json = {}
    for one in listed:
        if one["type"] == "row":
            row = one
            yield from ((row, panel) for panel in one.get("panels", []))
        else:
            yield row, one


def variable(content: Json) -> Variable:
    query = content.get("query", "")
    return Variable(
        name=content["name"],
        kind=content["type"],
        query=query["query"] if isinstance(query, dict) else str(query),
        regex=content.get("regex", ""),
        all_value=content.get("allValue"),
        sort=content.get("sort", 0),
        hidden=content.get("hide") == HIDDEN,
    )


def dashboards() -> list[Dashboard]:
    """Those that are committed."""
    return [Dashboard(path, json.loads(path.read_text("utf-8"))) for path in sorted(FOLDER.glob("*.json"))]


def references(text: str) -> set[str]:
    """The variables that a text names; Grafana's own begin with two underscores."""
    return {name for found in REFERENCE.findall(text) for name in found if name}
