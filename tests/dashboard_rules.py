"""What a dashboard has to be like, rule by rule: each yields its complaints.

They are those of Grafana's dashboard-linter that make sense here, and some of ours. Its rules on a job and an
instance variable are left out: what somebody looks at here is a pipeline, whichever target tells of it.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import combinations

from tests.dashboards import SENTENCES, SOURCE, Dashboard, Json, references

Rule = Callable[[Dashboard], Iterator[str]]

COLUMNS = 24
CROSSHAIR = 1


def says_what_it_is(dashboard: Dashboard) -> Iterator[str]:
    content = dashboard.content
    if dashboard.uid != dashboard.path.stem:
        yield f"its uid is {dashboard.uid!r}, its file {dashboard.path.name}"
    for key in ("title", "description", "tags", "schemaVersion"):
        if not content.get(key):
            yield f"no {key}"
    if not SENTENCES.fullmatch(content.get("description") or "A."):
        yield f"its description is no sentence: {content['description']!r}"


def is_the_same_for_everybody(dashboard: Dashboard) -> Iterator[str]:
    content = dashboard.content
    if content.get("editable") is not False:
        yield "somebody may edit it"
    if content.get("graphTooltip") != CROSSHAIR:
        yield "no shared crosshair"
    for key in ("timezone", "refresh", "time"):
        if not content.get(key):
            yield f"no {key}"
    if content.get("refresh") not in content.get("timepicker", {}).get("refresh_intervals", []):
        yield f"its refresh {content.get('refresh')!r} is none of those offered"


def takes_its_source_from_a_variable(dashboard: Dashboard) -> Iterator[str]:
    listed = dashboard.content.get("templating", {}).get("list", [])
    if not [one for one in listed if one["name"] == "datasource" and one["type"] == "datasource"]:
        yield "no variable datasource"
    annotations = dashboard.content.get("annotations", {}).get("list", [])
    for one in [*(one for one in listed if one["type"] == "query"), *annotations]:
        if one.get("datasource") != SOURCE and not one.get("builtIn"):
            yield f"{one['name']} has the data source {one.get('datasource')}"


def fits_the_grid(dashboard: Dashboard) -> Iterator[str]:
    """Panels of a collapsed row have places of their own."""
    rows = [dashboard.content["panels"], *(one.get("panels", []) for one in dashboard.content["panels"])]
    for panels in rows:
        for one in panels:
            if one["gridPos"]["x"] + one["gridPos"]["w"] > COLUMNS:
                yield f"{one.get('title')!r} is beyond the right edge"
        for one, other in combinations(panels, 2):
            if overlap(place(one), place(other)):
                yield f"{one.get('title')!r} and {other.get('title')!r} overlap"


def place(panel: Json) -> Json:
    """Where it is; what is repeated side by side has the whole width."""
    wide = panel.get("repeat") and panel.get("repeatDirection") == "h"
    found: Json = {**panel["gridPos"], **({"x": 0, "w": COLUMNS} if wide else {})}
    return found


def overlap(one: Json, other: Json) -> bool:
    return all(
        one[start] < other[start] + other[length] and other[start] < one[start] + one[length]
        for start, length in (("x", "w"), ("y", "h"))
    )


def numbers_its_panels(dashboard: Dashboard) -> Iterator[str]:
    listed = dashboard.content["panels"]
    every = Counter(one.get("id") for row in listed for one in (row, *row.get("panels", [])))
    if None in every or 0 in every:
        yield "a panel has no id"
    yield from (f"id {number} is given {count} times" for number, count in every.items() if count > 1)


def uses_its_variables(dashboard: Dashboard) -> Iterator[str]:
    defined = {one.name: one for one in dashboard.variables}
    content = {key: value for key, value in dashboard.content.items() if key != "templating"}
    used = references(json.dumps(content)) | references(json.dumps(dashboard.content.get("templating")))
    used |= {panel.repeated for panel in dashboard.panels if panel.repeated}
    yield from (f"${name} is not used" for name in sorted(defined.keys() - used))
    yield from (f"${name} is not defined" for name in sorted(used - defined.keys()))


def offers_all_and_several(dashboard: Dashboard) -> Iterator[str]:
    for one in dashboard.content.get("templating", {}).get("list", []):
        if one["type"] == "query" and not (one.get("multi") and one.get("includeAll")):
            yield f"of ${one['name']} neither all nor several can be chosen"


def takes_what_is_chosen_along(dashboard: Dashboard) -> Iterator[str]:
    for link in dashboard.content.get("links", []):
        if not (link.get("includeVars") and link.get("keepTime")):
            yield f"the link {link.get('title')!r} does not take variables and time along"


RULES: tuple[Rule, ...] = (
    says_what_it_is,
    is_the_same_for_everybody,
    takes_its_source_from_a_variable,
    fits_the_grid,
    numbers_its_panels,
    uses_its_variables,
    offers_all_and_several,
    takes_what_is_chosen_along,
)
