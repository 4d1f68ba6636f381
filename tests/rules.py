"""The committed rules and their tests, as parsed files."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

ROOT = Path(__file__).parents[1]
RULES = ROOT / "prometheus/rules"
RULE_TESTS = sorted((ROOT / "prometheus/tests").glob("*.test.yml"))
UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
STRING = re.compile(r'"[^"]*"')
MATCHERS = re.compile(r"\{[^}]*\}")
GROUPING = re.compile(r"\b(?:by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)")
NAME = re.compile(r"(?<![\w:.])[a-zA-Z_:][\w:]*(?!\s*\(|[\w:])")
WORDS = {"and", "or", "unless", "offset", "bool"}
RANGE = re.compile(r"\[(\w+)")
DURATION = re.compile(r"(?<![\d.])(\d+)([smhd])(?![a-zA-Z0-9])")


def load(path: Path) -> Any:
    """What is in a YAML file."""
    return YAML(typ="safe").load(path)


@cache
def rule_tests() -> list[Any]:
    """What is tested, test by test."""
    return [test for path in RULE_TESTS for test in load(path)["tests"]]


def rule_paths(profile: str) -> list[Path]:
    """The files of a profile."""
    return sorted((RULES / profile).glob("*.yml"))


def rules_of(profile: str) -> list[dict[str, Any]]:
    """All rules of a profile."""
    return [rule for path in rule_paths(profile) for group in load(path)["groups"] for rule in group["rules"]]


def metrics_of(expression: str) -> set[str]:
    """The metrics that PromQL names."""
    bare = GROUPING.sub("", MATCHERS.sub("", STRING.sub('""', expression)))
    return set(NAME.findall(bare)) - WORDS


def ranges_of(expression: str) -> Iterator[int]:
    """Seconds of every range and subquery."""
    return (seconds(text) for text in RANGE.findall(expression))


def seconds(duration: str) -> int:
    """How long `6h` is."""
    return int(duration[:-1]) * UNITS[duration[-1]]


def scaled(text: str, factor: int) -> str:
    """`text` with every duration, in names too, as that many times its seconds."""
    return DURATION.sub(lambda found: f"{seconds(found[0]) * factor}s", text)
