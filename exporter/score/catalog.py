"""The scenarios that come with the project, by name."""

from pathlib import Path

from exporter.config.load import ConfigError, read_yaml, validate
from exporter.config.scenario import Scenario

FOLDER = Path(__file__).parents[1] / "scenarios"


def scenario_names() -> list[str]:
    """The names of all scenarios that come with the project."""
    return sorted(path.stem for path in FOLDER.glob("*.yml"))


def scenario_path(name: str) -> Path:
    """The file of a scenario: one of ours by its name, or somebody's by its path; ConfigError for neither."""
    ours = FOLDER / f"{name}.yml"
    if ours.is_file():
        return ours
    if Path(name).is_file():
        return Path(name)
    raise ConfigError(f"{name}: expected a file, or one of {', '.join(scenario_names())}")


def read_scenario(path: Path) -> Scenario:
    """The scenario in a file; ConfigError says what is wrong with it."""
    return validate(Scenario, read_yaml(path), str(path))
