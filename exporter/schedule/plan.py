"""What the configuration says of scheduled checks, with the datasets that their files name."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from exporter.checks.load import read_checks
from exporter.config import ConfigError
from exporter.config.datasets import CheckedFile
from exporter.config.simulated_datasets import SimulatedDatasets
from exporter.simulated_datasets import CHECKS
from exporter.state.checks import Scheduled


@dataclass(frozen=True, slots=True)
class Planned:
    """A file of checks: how often (seconds), how long they may take, and the team of each dataset."""

    file: Path
    every: float
    within: float
    teams: dict[str, str]

    @property
    def simulated(self) -> bool:
        """Whether its datasets are the exporter's own, of which nothing is kept."""
        return self.file == CHECKS

    def scheduled(self) -> Iterator[Scheduled]:
        """Its datasets, before anything is known of them."""
        return (Scheduled(dataset, team, self.every) for dataset, team in self.teams.items())


def planned(
    listed: Sequence[CheckedFile], folder: Path, source: str, simulated: SimulatedDatasets | None = None
) -> list[Planned]:
    """The files of a configuration in `folder`; ConfigError names the place in `source` and in the file."""
    first: dict[str, str] = {}
    plans, mistakes = [], []
    places = {f"datasets[{index}].checks": one for index, one in enumerate(listed)}
    if simulated:
        places["simulated_datasets"] = CheckedFile(checks=str(CHECKS), every=simulated.day)
    for place, one in places.items():
        try:
            plan = read(one, folder)
            require_new(plan, first, place)
        except ConfigError as error:
            mistakes += [f"{source}: {place}: {line}" for line in str(error).splitlines()]
        else:
            plans.append(plan)
    if mistakes:
        raise ConfigError("\n".join(mistakes))
    return plans


def read(one: CheckedFile, folder: Path) -> Planned:
    """One of them. Raises ConfigError."""
    file = folder / one.checks
    datasets = read_checks(file).config.datasets
    return Planned(file, one.every, one.within, {dataset.name: dataset.team for dataset in datasets})


def require_new(plan: Planned, first: dict[str, str], place: str) -> None:
    """ConfigError for a dataset that a file before has, too: one's report would replace the other's."""
    for dataset in plan.teams:
        if first.setdefault(dataset, place) != place:
            raise ConfigError(f"{plan.file}: {dataset} is in {first[dataset]}, too")
