"""Matchers as Alertmanager writes them: `team="shop"`, `alertname=~"Pipeline.*"`, several with commas."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Annotated

from pydantic import BeforeValidator

# A label, an operator, and a value in double quotes or without quotes.
ONE = re.compile(r'\s*([A-Za-z_]\w*)\s*(=~|!~|!=|=)\s*("(?:[^"\\]|\\.)*"|[^\s,"{}]*)\s*')
ESCAPED = re.compile(r"\\(.)")


@dataclass(frozen=True)
class Matcher:
    """One condition on a label; a label that is not there is the empty string."""

    label: str
    accepts: Callable[[str], bool]

    def matches(self, labels: Mapping[str, str]) -> bool:
        """True when the labels meet the condition."""
        return self.accepts(labels.get(self.label, ""))


@dataclass(frozen=True)
class Matchers:
    """All conditions of a route or of one side of an inhibition."""

    all: tuple[Matcher, ...] = ()

    def match(self, labels: Mapping[str, str]) -> bool:
        """True when the labels meet every condition."""
        return all(matcher.matches(labels) for matcher in self.all)


def parse_matchers(value: object) -> Matchers:
    """The matchers in a list of texts; ValueError says what was expected."""
    if not isinstance(value, list) or not all(isinstance(text, str) for text in value):
        raise ValueError("expected a list of matchers")
    return Matchers(tuple(matcher for text in value for matcher in parse(text)))


def parse(text: str) -> Iterable[Matcher]:
    """Each matcher in `a="b", c!="d"`, with or without braces around them."""
    rest = text.strip()
    if rest.startswith("{") and rest.endswith("}"):
        rest = rest[1:-1]
    while True:
        found = ONE.match(rest)
        if found is None or rest[found.end() : found.end() + 1] not in ("", ","):
            raise ValueError(f'expected matchers such as team="shop" or stage=~"a|b", got \'{text}\'')
        yield matcher(*found.groups())
        rest = rest[found.end() + 1 :]
        if not rest.strip():
            return


def matcher(label: str, operator: str, value: str) -> Matcher:
    """A matcher of its three parts; expressions match the whole value."""
    if value.startswith('"'):
        value = ESCAPED.sub(lambda escaped: "\n" if escaped[1] == "n" else escaped[1], value[1:-1])
    if operator == "=":
        return Matcher(label, lambda given: given == value)
    if operator == "!=":
        return Matcher(label, lambda given: given != value)
    try:
        whole = re.compile(value).fullmatch
    except re.error as error:
        raise ValueError(f"expected a regular expression, got '{value}': {error}") from error
    if operator == "=~":
        return Matcher(label, lambda given: whole(given) is not None)
    return Matcher(label, lambda given: whole(given) is None)


MatcherList = Annotated[Matchers, BeforeValidator(parse_matchers)]
