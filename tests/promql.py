"""PromQL as text: what stands in which function."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from tests.rules import GROUPING, MATCHERS, STRING

TOKEN = re.compile(r"\[[^\]]*\]|[a-zA-Z_:][\w:]*|[()]")
MATCHER = re.compile(r'([a-zA-Z_]\w*)\s*(=~|!~|!=|=)\s*"((?:[^"\\]|\\.)*)"')
# As long as any other: queries are only read.
DURATION, MILLISECONDS = "5m", "300000"
BRACED = re.compile(r"\$\{(\w+)[^}]*\}")
MACRO = re.compile(r"\$\{?__(?:rate_interval|interval|range)(_ms)?\}?")
GUARDS = re.compile(r">=\s*0\b(?!\.)|/[^/]*>\s*0\s*\)|>=?\s*bool\b|<=?\s*bool\b|[=!]=\s*bool\b")
CHOOSES = re.compile(r"[<>]|==|!=|\b(?:topk|bottomk|unless|and)\b")


class Place(NamedTuple):
    """A name or a window with the function, aggregation or nothing whose parentheses are around it."""

    what: str
    function: str


def places(expr: str) -> Iterator[Place]:
    """Every name and every window `[5m]`, from left to right."""
    around, before = [""], ""
    for word in TOKEN.findall(bare(expr)):
        if word == "(":
            around.append(before)
        elif word == ")":
            around.pop()
        else:
            yield Place(word, around[-1])
        before = word


def windows(expr: str) -> Iterator[Place]:
    """The windows alone, without their brackets."""
    return (Place(one.what[1:-1], one.function) for one in places(expr) if one.what[0] == "[")


def bare(expr: str) -> str:
    """Without matchers, strings and groupings."""
    return GROUPING.sub("", MATCHERS.sub("", STRING.sub('""', without_braces(expr))))


def matchers(expr: str) -> list[tuple[str, str, str]]:
    """Label, operator and value of all matchers."""
    braces = MATCHERS.findall(without_braces(expr))
    return [found for one in braces for found in MATCHER.findall(one)]


def without_braces(expr: str) -> str:
    """With `$team` for `${team}`."""
    return BRACED.sub(r"$\1", expr)


def without_macros(expr: str) -> str:
    """With a duration for each of Grafana's own variables."""
    return MACRO.sub(lambda found: MILLISECONDS if found[1] else DURATION, expr)


def chooses(expr: str) -> bool:
    """Whether it keeps only some series; a guard against NaN keeps all that have a value."""
    return CHOOSES.search(GUARDS.sub("", bare(expr))) is not None
