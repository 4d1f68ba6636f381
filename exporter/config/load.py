"""Configuration files to models, with errors that name the file, the key and what was expected."""

from collections.abc import Mapping
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from exporter.config.model import Config, Scenario

DEFAULT = Path(__file__).with_name("default.yml")
UNION_TAGS = {"latency", "throughput"}
BOUNDS = {"gt": ">", "ge": ">=", "lt": "<", "le": "<="}
MAX_SHOWN = 60

Model = TypeVar("Model", bound=BaseModel)


class ConfigError(Exception):
    """A configuration that can't be used; the message has one line a mistake."""


def load_config(path: Path | None, scenario: Path | None = None) -> Config:
    """The configuration in `path` (the default one for None), its scenario replaced by the file's."""
    raw = read_yaml(path or DEFAULT)
    if scenario is not None:
        story = validate(Scenario, read_yaml(scenario), str(scenario))
        raw = {**raw, "scenario": story.model_dump(by_alias=True)}
    return validate(Config, raw, str(path or DEFAULT.name))


def read_yaml(path: Path) -> Mapping[str, object]:
    """The mapping in a YAML file; ConfigError for everything else."""
    try:
        content = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: can't be read: {error}") from error
    except MarkedYAMLError as error:
        mark = error.problem_mark
        place = f":{mark.line + 1}:{mark.column + 1}" if mark else ""
        raise ConfigError(f"{path}{place}: not YAML: {error.problem}") from error
    except YAMLError as error:
        raise ConfigError(f"{path}: not YAML: {error}") from error
    if not isinstance(content, Mapping):
        raise ConfigError(f"{path}: expected a mapping of keys, got {shown(content)}")
    return content


def validate(model: type[Model], raw: object, source: str) -> Model:
    """`raw` as a `model`; ConfigError with one line a mistake, each beginning with `source`."""
    try:
        return model.model_validate(raw)
    except ValidationError as error:
        lines = [f"{source}: {describe(details)}" for details in error.errors()]
        raise ConfigError("\n".join(lines)) from error


def describe(details: ErrorDetails) -> str:
    """One mistake: where, what was expected, what was there."""
    place = format_place(details["loc"])
    if details["type"] == "extra_forbidden":
        return f"{place}: unknown key"
    if details["type"] == "missing":
        return f"{place}: expected a value, got nothing"
    if details["type"] == "value_error":
        return locate(place, str(details["ctx"]["error"]), details["input"])
    return f"{place}: {expectation(details)}, got {shown(details['input'])}"


def locate(place: str, message: str, value: object) -> str:
    """A validator's own message at its place; some go on with the place themselves."""
    if isinstance(value, str | int | float):
        message = f"{message}, got {shown(value)}"
    if not place:
        return message
    return f"{place}.{message}" if is_key(message) else f"{place}: {message}"


def is_key(message: str) -> bool:
    """True when a validator's message goes on with the place: `stages[0].name: ...`."""
    head, colon, _ = message.partition(": ")
    return bool(colon) and " " not in head


def expectation(details: ErrorDetails) -> str:
    """What would have been right, bounds written as signs."""
    context = details.get("ctx", {})
    bounds = [f"{sign} {context[key]:g}" for key, sign in BOUNDS.items() if key in context]
    if bounds:
        return f"expected {' '.join(bounds)}"
    return details["msg"].replace("Input should be", "expected", 1)


def format_place(loc: tuple[int | str, ...]) -> str:
    """`("pipelines", 2, "stages")` as `pipelines[2].stages`."""
    place = ""
    for part in loc:
        if isinstance(part, int):
            place += f"[{part}]"
        elif part not in UNION_TAGS:
            place += f".{part}" if place else part
    return place


def shown(value: object) -> str:
    """A value as an error shows it, cut to a readable length."""
    text = repr(value)
    return text if len(text) <= MAX_SHOWN else text[: MAX_SHOWN - 3] + "..."
