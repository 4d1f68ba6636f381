"""Whether an answer of Prometheus' is what its panel needs: each rule yields its complaints."""

import math
import re
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import NamedTuple

from tests.asking import Answer
from tests.dashboards import IN_BRACES, Json, references
from tests.promql import chooses, matchers

FEW = 5
TOLERANCE = 1e-9
OLDEST_MILLISECONDS = 1.5e12
# An alert has the labels that its rule gives it; a stage's has no SLO.
ALERTS = re.compile(r"\bALERTS\b|\bALERTS_FOR_STATE\b")
OF_SOME_ALERTS = {"pipeline", "short", "stage", "slo"}
# A promise that is broken has used more than its budget.
MAY_BE_NEGATIVE = re.compile(r"slo:period_error_budget_remaining:ratio|\w+_zscore\b")
NOT_NEGATIVE = {"short", "locale", "s", "ms", "evt/s", "reqps", "bytes", "percentunit", "suffix: x"}


class Known(NamedTuple):
    """What an answer must speak of unless it chooses: streams, jobs, and values by label."""

    streams: frozenset[str]
    jobs: frozenset[str]
    values: Mapping[str, frozenset[str]]
    # Of what only some have, by metric.
    some: Mapping[str, Mapping[str, frozenset[str]]]


Rule = Callable[[Answer, Known], Iterator[str]]


def is_an_answer(answer: Answer, _: Known) -> Iterator[str]:
    if answer.content.get("status") != "success":
        yield f"{answer.content.get('errorType')}: {answer.content.get('error')}"
    yield from (f"warning: {warning}" for warning in answer.content.get("warnings", ()))


def has_the_labels_of_its_legend(answer: Answer, _: Known) -> Iterator[str]:
    """A title of an annotation is no name: two may be the same. Of a job there is one that says so."""
    optional = OF_SOME_ALERTS if ALERTS.search(answer.expr) else set()
    optional = set(answer.query.labels) if answer.choice.how == "job" else optional
    for label in dict.fromkeys(answer.query.labels):
        if label not in optional and any(not one.labels.get(label) for one in answer.series):
            yield f"its legend names {label}, which is not in every series"
    if answer.panel is None or answer.panel.kind == "table":
        return
    names = Counter(legend(answer.query.legend, one.labels) for one in answer.series)
    yield from (f"{count} series are called {name!r}" for name, count in names.items() if count > 1)


def legend(pattern: str, labels: Mapping[str, str]) -> str:
    return IN_BRACES.sub(lambda found: labels.get(found[1], ""), pattern)


def speaks_of_all(answer: Answer, known: Known) -> Iterator[str]:
    """Of everything that there is and that was chosen."""
    if not answer.series or chooses(answer.expr) or ALERTS.search(answer.expr) or has_blanks(answer):
        return
    for label in ("pipeline", "stage", "slo", "signal"):
        found = {one.labels.get(label, "") for one in answer.series}
        wanted = expected(label, found, known)
        for metric, some in known.some.items():
            wanted &= some.get(label, wanted) if metric in answer.expr else wanted
        for values in chosen(label, answer):
            wanted &= values
        if found != {""} and (missing := wanted - found):
            yield f"nothing about {label} {', '.join(sorted(missing))}"


def expected(label: str, found: set[str], known: Known) -> frozenset[str]:
    """Of pipelines it is either streams or jobs."""
    if label != "pipeline":
        return known.values[label]
    return known.streams if found & known.streams else known.jobs


def has_blanks(answer: Answer) -> bool:
    """Whether a table's column says what an empty cell means."""
    panel = answer.panel
    return panel is not None and panel.settings(answer.query).get("noValue") != panel.defaults.get("noValue")


def speaks_of_nothing_else(answer: Answer, _: Known) -> Iterator[str]:
    """What has not the label is everybody's, such as the monitoring's own alerts."""
    if answer.choice.how == "all":
        return
    for label in ("team", "pipeline", "stage", "slo"):
        allowed = {value for values in chosen(label, answer) for value in values}
        found = {one.labels.get(label, "") for one in answer.series} - {""}
        if allowed and (other := found - allowed):
            yield f"{label} {', '.join(sorted(other))} was not chosen"


def chosen(label: str, answer: Answer) -> list[set[str]]:
    """What each of a query's matchers lets this label be, where that was chosen."""
    named = [references(value) for one, _, value in matchers(answer.query.expr) if one == label]
    return [set(answer.choice.values[name]) for names in named for name in names]


def has_values_of_its_unit(answer: Answer, _: Known) -> Iterator[str]:
    values = {value for one in answer.series for value in one.values}
    if infinite := sorted(str(value) for value in values if math.isinf(value)):
        yield f"values are {', '.join(infinite)}"
    if answer.panel is None:
        return
    settings = answer.panel.settings(answer.query)
    words = {key for one in settings.get("mappings") or () for key in mapped(one)}
    if any(math.isnan(value) for value in values) and "nan" not in words:
        yield "values are NaN"
    numbers = sorted(value for value in values if math.isfinite(value) and f"{value:g}" not in words)
    if answer.panel.kind == "heatmap":
        settings = {"unit": "short"}
    if answer.panel.kind != "table" or not answer.panel.hides(answer.query):
        yield from out_of_range(numbers, settings, answer)


def mapped(mapping: Json) -> Iterator[str]:
    """The values for which there is a word."""
    if mapping["type"] == "value":
        yield from mapping["options"]
    elif mapping["type"] == "special" and "nan" in mapping["options"]["match"]:
        yield "nan"


def out_of_range(numbers: list[float], settings: Json, answer: Answer) -> Iterator[str]:
    """Numbers, without those that have a word of their own, outside of what the unit allows."""
    if not numbers:
        return
    unit, least, most = settings.get("unit", ""), numbers[0], numbers[-1]
    if unit == "dateTimeFromNow":
        if not OLDEST_MILLISECONDS < least <= most < 1000 * (time.time() + 60):
            yield f"times are {least:g} to {most:g} ms"
    elif unit == "none" or (not unit and settings.get("mappings")):
        yield f"there is no word for {', '.join(f'{value:g}' for value in numbers[:3])}"
    elif unit not in NOT_NEGATIVE:
        yield f"nobody knows which values are of the unit {unit!r}"
    elif least < -TOLERANCE and not MAY_BE_NEGATIVE.search(answer.expr):
        yield f"least value is {least:g} {unit}"
    elif unit == "percentunit" and most > settings.get("max", math.inf) + TOLERANCE:
        yield f"greatest value is {most:g}, the panel ends at {settings['max']}"


def has_a_course(answer: Answer, _: Known) -> Iterator[str]:
    """What has only just begun to fire has none yet, nor has what is only there at times."""
    if answer.panel is None or answer.query.instant or ALERTS.search(answer.expr) or chooses(answer.expr):
        return
    points = max((len(one.values) for one in answer.series), default=0)
    if 0 < points <= FEW:
        yield f"no series has more than {points} points"


def has_exemplars_where_it_asks_for_them(answer: Answer, _: Known) -> Iterator[str]:
    if answer.series and answer.exemplars is not None and not answer.exemplars.get("data"):
        yield f"no exemplars: {answer.exemplars.get('error', 'none found')}"


def share_a_name(answers: Iterable[Answer]) -> Iterator[tuple[Answer, str]]:
    """Series of different queries that a panel calls the same, with what is wrong."""
    called: dict[tuple[str, str, str], Answer] = {}
    for answer in answers:
        if answer.panel is None or answer.panel.kind == "table":
            continue
        for name in {legend(answer.query.legend, one.labels) for one in answer.series}:
            first = called.setdefault((str(answer.panel), str(answer.choice), name), answer)
            if first is not answer:
                yield answer, f"calls a series {name!r}, as {first.query.ref} does"


RULES: tuple[Rule, ...] = (
    is_an_answer,
    has_the_labels_of_its_legend,
    speaks_of_all,
    speaks_of_nothing_else,
    has_values_of_its_unit,
    has_a_course,
    has_exemplars_where_it_asks_for_them,
)
