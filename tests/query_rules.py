"""What a panel's or an annotation's PromQL has to be like, rule by rule: each yields its complaints."""

import re
from collections.abc import Callable, Iterator, Mapping

from tests.dashboards import Query, references
from tests.promql import matchers, places, windows
from tests.rules import scaled
from tools.rules.profile import PROFILES

Rule = Callable[[Query], Iterator[str]]

JOBS = {"pipeline-health", "prometheus", "alertmanager"}
COUNTER = re.compile(r"\w+_(?:total|bucket|count|sum)")
MEAN = {"sum", "count"}
# What a counter was born with, if it was not there before the window.
BIRTH = re.compile(r"min_over_time\((\w+(?:\{[^{}]*\})?)\[([^\]]+)\]\) unless \1 offset \2(?!\w)")
COUNTED_IN = {"rate", "increase", "changes", "resets"}
WINDOWS = {
    "rate": re.compile(r"\$__rate_interval"),
    "increase": re.compile(r"\$__rate_interval|\$__range|\d+d"),
}


def counts_over_what_is_shown(query: Query) -> Iterator[str]:
    """Four scrapes at least; whoever asks for a range or for whole days knows it."""
    for window, function in windows(query.expr):
        if function in WINDOWS and not WINDOWS[function].fullmatch(window):
            yield f"{function} over {window}"
        if function == "irate":
            yield "irate sees two samples only"


def takes_no_counter_as_it_is(query: Query) -> Iterator[str]:
    """But for what it was born with, and a mean of all that was ever observed: a sum with its count."""
    grown = BIRTH.sub("", query.expr)
    bare = {name for name, function in places(grown) if function not in COUNTED_IN}
    raw = set(filter(COUNTER.fullmatch, bare))
    for name in sorted(raw):
        histogram, _, part = name.rpartition("_")
        if not (part in MEAN and {f"{histogram}_{one}" for one in MEAN} <= raw):
            yield f"{name} is a counter"


def names_no_target(query: Query) -> Iterator[str]:
    for label, operator, value in matchers(query.expr):
        if label in {"job", "instance"} and not (label == "job" and operator == "=" and value in JOBS):
            yield f"{label}{operator}{value!r}"


def matches_what_is_chosen(query: Query) -> Iterator[str]:
    """Several may be."""
    for label, operator, value in matchers(query.expr):
        if references(value) and operator not in {"=~", "!~"}:
            yield f"{label}{operator}{value!r} fits one value only"


def names_its_series(query: Query) -> Iterator[str]:
    """Whoever groups by labels gets several series."""
    if query.format == "table" or (query.instant and not query.legend):
        return
    if query.legend in ("", "__auto"):
        yield "no legend"
    if re.match(r"\s*(?:\w+\()*\w+ by \(", query.expr) and not query.labels:
        grouped = re.search(r"by \(([^)]*)\)", query.expr)
        if grouped and grouped[1].strip() not in ("", "le"):
            yield f"{query.legend!r} is the name of several series"


def alone_in_its_profile(names: set[str], recorded: Mapping[str, set[str]]) -> set[str]:
    """Recorded series whose window is one profile's, without the same one of another; by profile's name."""
    windows_of = {
        profile.name: {scaled(name, profile.time_scale): name for name in recorded[profile.name] & names}
        for profile in PROFILES
    }
    everywhere = set.intersection(*(set(found) for found in windows_of.values()))
    return {
        name for found in windows_of.values() for window, name in found.items() if window not in everywhere
    }


RULES: tuple[Rule, ...] = (
    counts_over_what_is_shown,
    takes_no_counter_as_it_is,
    names_no_target,
    matches_what_is_chosen,
    names_its_series,
)
