"""Configuration files to models, with errors that name the file, the key and what was expected."""

from collections.abc import Mapping
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.reader import ReaderError

from exporter.config.root import Config
from exporter.config.scenario import Scenario

DEFAULT = Path(__file__).with_name("default.yml")
UNION_TAGS = ("latency", "throughput")
BOUNDS = {"gt": ">", "ge": ">=", "lt": "<", "le": "<="}
UNKNOWN_KEY = {"extra_forbidden", "invalid_key"}
NO_UNION_TAG = {"union_tag_invalid", "union_tag_not_found"}
MAPPING, NUMBER, WHOLE_NUMBER = "a mapping of keys", "a number", "a whole number"
EXPECTED = {
    "dict_type": MAPPING,
    "float_parsing": NUMBER,
    "float_type": NUMBER,
    "int_from_float": WHOLE_NUMBER,
    "int_parsing": WHOLE_NUMBER,
    "int_type": WHOLE_NUMBER,
    "list_type": "a list",
    "model_attributes_type": MAPPING,
    "model_type": MAPPING,
    "multiple_of": "whole seconds",
    "string_pattern_mismatch": "a name of 1 to 63 letters, digits and _ . : -, the first no . : -",
    "string_too_long": "at most {max_length} characters",
    "string_too_short": "at least {min_length} characters",
    "string_type": "text",
    "too_long": "at most {max_length}",
    "too_short": "at least {min_length}",
}
MAX_SHOWN = 60

Model = TypeVar("Model", bound=BaseModel)


class ConfigError(Exception):
    """A configuration that can't be used; the message has one line a mistake."""


def load_config(path: Path | None, scenario: Path | None = None) -> Config:
    """The configuration in `path` (the default one for None), its scenario replaced by the file's."""
    source = str(path or DEFAULT.name)
    raw = read_yaml(path or DEFAULT)
    if scenario is not None:
        story = validate(Scenario, read_yaml(scenario), str(scenario))
        raw = {**raw, "scenario": story.model_dump(by_alias=True)}
        source = f"{source} with {scenario}"
    return validate(Config, raw, source).played()


def read_yaml(path: Path) -> Mapping[str, object]:
    """The mapping in a YAML file; ConfigError for everything else."""
    content = parse(read_text(path), str(path))
    if not isinstance(content, Mapping):
        raise ConfigError(f"{path}: expected {MAPPING}, got {shown(content)}")
    return content


def read_text(path: Path) -> str:
    """What is in the file; ConfigError when that can't be known."""
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"{path}: can't be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: can't be read: not UTF-8 at byte {error.start + 1}") from error


def parse(text: str, source: str) -> object:
    """What the YAML in `text` says; ConfigError, with line and column if known, for other text."""
    try:
        return YAML(typ="safe", pure=True).load(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark
        place = f":{mark.line + 1}:{mark.column + 1}" if mark else ""
        context = f"{error.context}, " if str(error.problem).startswith("but ") else ""
        raise ConfigError(f"{source}{place}: not YAML: {context}{error.problem}") from error
    except ReaderError as error:
        line, column = locate_character(text, error.position)
        raise ConfigError(f"{source}:{line}:{column}: not YAML: {error.reason}") from error
    except RecursionError as error:
        raise ConfigError(f"{source}: not YAML: nested too deeply") from error
    except (YAMLError, ValueError, KeyError) as error:  # of a scalar that its tag or form promised to be
        raise ConfigError(f"{source}: not YAML: {error}") from error


def locate_character(text: str, position: int) -> tuple[int, int]:
    """Line and column, from 1, of the character at `position`."""
    before = text[:position]
    return before.count("\n") + 1, position - before.rfind("\n")


def validate(model: type[Model], raw: object, source: str) -> Model:
    """`raw` as a `model`; ConfigError with one line a mistake, each beginning with `source`."""
    try:
        return model.model_validate(raw)
    except ValidationError as error:
        lines = [f"{source}: {describe(details)}" for details in error.errors()]
        raise ConfigError("\n".join(lines)) from error


def describe(details: ErrorDetails) -> str:
    """One mistake: where, what was expected, what was there."""
    place, value = format_place(details["loc"]), details["input"]
    if details["type"] in UNKNOWN_KEY:
        return f"{place}: unknown key"
    if details["type"] == "missing":
        return f"{place}: expected a value, got nothing"
    if details["type"] in NO_UNION_TAG:
        kind = value.get("kind") if isinstance(value, Mapping) else None
        return f"{place}.kind: expected one of {list(UNION_TAGS)}, got {shown(kind)}"
    if details["type"] == "value_error":
        return locate(place, str(details["ctx"]["error"]), value)
    mistake = f"{expectation(details)}, got {shown(value)}"
    return f"{place}: {mistake}" if place else mistake


def locate(place: str, message: str, value: object) -> str:
    """A validator's own message at its place; some go on with the place themselves, or say what was there."""
    if not isinstance(value, Mapping | BaseModel) and ", got " not in message:
        message = f"{message}, got {shown(value)}"
    if not place:
        return message
    return f"{place}.{message}" if is_key(message) else f"{place}: {message}"


def is_key(message: str) -> bool:
    """True when a validator's message goes on with the place: `stages[0].name: ...`."""
    head, colon, _ = message.partition(": ")
    return bool(colon) and " " not in head


def expectation(details: ErrorDetails) -> str:
    """What would have been right: bounds as signs, types in the words of YAML."""
    context = details.get("ctx", {})
    bounds = [f"{sign} {context[key]:.12g}" for key, sign in BOUNDS.items() if key in context]
    if bounds:
        return f"expected {' '.join(bounds)}"
    if str(context.get("class_name", "")).startswith("Range["):
        return "expected two values, [low, high]"
    if details["type"] in EXPECTED:
        return f"expected {EXPECTED[details['type']].format_map(context)}"
    return details["msg"].replace("Input should be", "expected", 1)


def format_place(loc: tuple[int | str, ...]) -> str:
    """`("pipelines", 2, "stages")` as `pipelines[2].stages`."""
    place = ""
    for before, part in pairwise(("", *loc)):
        if isinstance(part, int):
            place += f"[{part}]"
        elif part != "[key]" and not (part in UNION_TAGS and isinstance(before, int)):
            place += f".{part}" if place else part
    return place


def shown(value: object) -> str:
    """A value as an error shows it: as YAML has it, cut to a readable length."""
    if value is None:
        return "nothing"
    text = str(value).lower() if isinstance(value, bool | date) else repr(value)
    return text if len(text) <= MAX_SHOWN else text[: MAX_SHOWN - 3] + "..."
