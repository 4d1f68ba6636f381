"""Alertmanager's configuration without the integrations whose secrets nobody has given.

Alertmanager would start with them, and then fail to tell: better that they are not there, and that somebody
says so.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from io import StringIO
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

from ruamel.yaml import YAML
from ruamel.yaml.scalarstring import DoubleQuotedScalarString

from exporter.config import ConfigError
from exporter.config.load import read_yaml, shown

KIND = "_configs"
FILE = "_file"


class Integration(NamedTuple):
    """A way to tell a receiver, on unless the file `missing` is missing or empty."""

    receiver: str
    kind: str
    missing: Path | None

    def __str__(self) -> str:
        name = f"{self.receiver} {self.kind}"
        return f"on   {name}" if self.missing is None else f"off  {name}: {self.missing} is missing or empty"


class Rendered(NamedTuple):
    """The configuration as YAML, and what became of each integration."""

    text: str
    integrations: list[Integration]


@dataclass(frozen=True)
class Folders:
    """Where the paths in a configuration lead: beside it, but those below one of `moved` somewhere else."""

    beside: Path
    moved: Mapping[str, Path]

    def absolute(self, path: str) -> str:
        """The path from anywhere."""
        first, *rest = PurePosixPath(path).parts or [""]
        if first in self.moved and rest:
            return str(self.moved[first].joinpath(*rest).absolute())
        return str((self.beside / path).absolute())


def render(file: Path, moved: Mapping[str, Path] | None = None) -> Rendered:
    """What is left of the configuration in `file`; ConfigError names what can't be used.

    Its paths become absolute, so that it may lie anywhere. `moved`: other folders in the place of those of
    this name beside the file.
    """
    folders = Folders(file.parent, moved or {})
    content = dict(read_yaml(file))
    found: list[Integration] = []
    content["receivers"] = [
        receiver(f"{file}: receivers[{index}]", one, folders, found)
        for index, one in enumerate(listed(f"{file}: receivers", content.get("receivers")))
    ]
    if "templates" in content:
        globs = listed(f"{file}: templates", content["templates"])
        content["templates"] = [folders.absolute(str(glob)) for glob in globs]
    if "global" in content:
        content["global"] = with_absolute_paths(f"{file}: global", content["global"], folders)
    return Rendered(dumped(content), found)


def receiver(place: str, content: object, folders: Folders, found: list[Integration]) -> dict[str, Any]:
    """A receiver with its integrations that are on; all of them are added to `found`."""
    if not isinstance(content, Mapping) or not isinstance(content.get("name"), str):
        raise ConfigError(f"{place}: expected a mapping with a name, got {shown(content)}")
    kept = dict(content)
    for key in [key for key in content if str(key).endswith(KIND)]:
        kept[key] = []
        for index, one in enumerate(listed(f"{place}.{key}", content[key])):
            settings = with_absolute_paths(f"{place}.{key}[{index}]", one, folders)
            missing = next((path for path in files(settings) if is_empty(path)), None)
            found.append(Integration(content["name"], key.removesuffix(KIND), missing))
            kept[key] += [settings] if missing is None else []
    return {key: value for key, value in kept.items() if value != []}


def listed(place: str, content: object) -> list[Any]:
    """A list, or a ConfigError."""
    if not isinstance(content, list):
        raise ConfigError(f"{place}: expected a list, got {shown(content)}")
    return content


def with_absolute_paths(place: str, content: object, folders: Folders) -> dict[str, Any]:
    """The mapping with every file in it, at any depth, named from anywhere."""
    if not isinstance(content, Mapping):
        raise ConfigError(f"{place}: expected a mapping of keys, got {shown(content)}")
    changed = dict(content)
    for key, value in content.items():
        if isinstance(value, Mapping):
            changed[key] = with_absolute_paths(f"{place}.{key}", value, folders)
        elif str(key).endswith(FILE):
            if not isinstance(value, str) or not value:
                raise ConfigError(f"{place}.{key}: expected a file, got {shown(value)}")
            changed[key] = folders.absolute(value)
    return changed


def files(settings: Mapping[str, Any]) -> Iterator[Path]:
    """Every file that an integration reads."""
    for key, value in settings.items():
        if isinstance(value, Mapping):
            yield from files(value)
        elif str(key).endswith(FILE):
            yield Path(value)


def is_empty(file: Path) -> bool:
    """Whether there is nothing to read in it but space; ConfigError when that can't be known."""
    try:
        return not file.read_bytes().strip()
    except (FileNotFoundError, NotADirectoryError):
        return True
    except OSError as error:
        raise ConfigError(f"{file}: can't be read: {error.strerror}") from error


def dumped(content: Mapping[str, Any]) -> str:
    """As YAML, every text in quotes: no reader takes `02:00` or `no` for something else."""
    yaml = YAML()
    yaml.width = 4096
    text = StringIO()
    yaml.dump(quoted(content), text)
    return text.getvalue()


def quoted(content: Any) -> Any:
    """The content with quotes around its texts, but not around its keys."""
    if isinstance(content, Mapping):
        return {key: quoted(value) for key, value in content.items()}
    if isinstance(content, list):
        return [quoted(value) for value in content]
    return DoubleQuotedScalarString(content) if isinstance(content, str) else content
