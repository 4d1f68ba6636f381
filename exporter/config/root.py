"""All that a configuration may say."""

from functools import cached_property
from typing import Annotated, Self

from pydantic import Field, model_validator

from exporter.config.addresses import Address, WebAddress
from exporter.config.datasets import CheckedFile
from exporter.config.fleet import FleetConfig
from exporter.config.limits import Limits
from exporter.config.model import InjectedFault, Pipeline, Strict, require_stage, require_unique
from exporter.config.runs import Runs
from exporter.config.scenario import Scenario
from exporter.config.simulated_datasets import SimulatedDatasets


class Web(Strict):
    """Where the exporter listens, by which further host names it may be asked, how much at once, and where
    Grafana is."""

    listen: Address = "127.0.0.1:9888"
    hosts: list[str] = Field(default_factory=list)
    limits: Limits = Limits()
    grafana: WebAddress = "http://127.0.0.1:3000"


class Config(Strict):
    """All of it."""

    seed: Annotated[int, Field(ge=0)] = 1
    web: Web = Web()
    runs: Runs = Runs()
    datasets: list[CheckedFile] = Field(default_factory=list)
    fleet: FleetConfig | None = None
    simulated_datasets: SimulatedDatasets | None = None
    pipelines: list[Pipeline] = Field(default_factory=list)
    scenario: Scenario = Scenario()

    @model_validator(mode="after")
    def names_fit(self) -> Self:
        """Pipeline names are unique, and the scenario's faults strike what exists."""
        require_unique("pipelines", [pipeline.name for pipeline in self.pipelines])
        for index, fault in enumerate(self.scenario.faults):
            self.resolve(fault, f"scenario.faults[{index}].")
        return self

    @cached_property
    def streams(self) -> frozenset[str]:
        """The names of the pipelines, to look them up."""
        return frozenset(pipeline.name for pipeline in self.pipelines)

    def played(self) -> Self:
        """The configuration with its scenario's traffic, choice of faults and fleet."""
        pipelines = [self.scenario.applied_to(pipeline) for pipeline in self.pipelines]
        return self.model_copy(update={"pipelines": pipelines, "fleet": self.scenario.fleet or self.fleet})

    def resolve(self, fault: InjectedFault, place: str = "") -> Pipeline:
        """The pipeline that `fault` strikes; ValueError names the key below `place` that is wrong."""
        found = [one for one in self.pipelines if fault.pipeline in (None, one.name)]
        if len(found) != 1:
            names = [pipeline.name for pipeline in self.pipelines]
            raise ValueError(f"{place}pipeline: expected one of {names}, got {fault.pipeline or 'nothing'}")
        require_stage(found[0], fault.stage, f"{place}stage")
        return found[0]
