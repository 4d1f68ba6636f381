"""checks.yml to a model, with errors that name the file, the line and the key."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from exporter.checks.config import ChecksConfig
from exporter.checks.places import line_of
from exporter.config import ConfigError, validate
from exporter.config.load import MAPPING, parse, read_text, shown


@dataclass(frozen=True, slots=True)
class ChecksFile:
    """A configuration with the text that it was read from, so that a mistake found later has its line."""

    path: str
    text: str
    config: ChecksConfig

    def mistake(self, place: str, message: str) -> ConfigError:
        """An error at a key of the file."""
        return ConfigError(located(self.path, self.text, f"{place}: {message}"))


def read_checks(path: Path) -> ChecksFile:
    """The configuration in a file; ConfigError with one line a mistake."""
    return checks_of(read_text(path), str(path))


def checks_of(text: str, path: str) -> ChecksFile:
    """The configuration in a text that is, or could be, at `path`; ConfigError with one line a mistake."""
    content = parse(text, path)
    if not isinstance(content, Mapping):
        raise ConfigError(f"{path}: expected {MAPPING}, got {shown(content)}")
    try:
        return ChecksFile(path, text, validate(ChecksConfig, content, ""))
    except ConfigError as error:
        lines = (located(path, text, line.removeprefix(": ")) for line in str(error).splitlines())
        raise ConfigError("\n".join(lines)) from error


def located(path: str, text: str, message: str) -> str:
    """`message`, which begins with its place, after the file and the line."""
    line = line_of(text, message.partition(": ")[0])
    return f"{path}: {message}" if line is None else f"{path}:{line}: {message}"
