"""Scenarios: what happens when, and which alerts it should raise."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from exporter.config.durations import Duration
from exporter.config.fleet import FleetConfig
from exporter.config.model import InjectedFault, Name, Pipeline, Strict, Ticks, Traffic

Moment = Annotated[Duration, Field(ge=0, le=366 * 86400, multiple_of=1)]


class ScriptedFault(InjectedFault):
    """A fault of a scenario, `at` seconds after the start."""

    at: Moment


class Restart(Strict):
    """The exporter is away from `at` on, and has forgotten its counters when it is back."""

    at: Moment
    duration: Ticks = Field(alias="for")


class Expectation(Strict):
    """An alert that a fault, a fault of the fleet or a restart (by its index) must raise.

    Without any of them, each fault must raise it.
    `within` seconds of the onset it fires, and `cleared` seconds after the end at the latest it is over.
    """

    alert: Name
    labels: dict[Name, str] = Field(default_factory=dict)
    fault: Annotated[int, Field(ge=0)] | None = None
    fleet_fault: Annotated[int, Field(ge=0)] | None = None
    restart: Annotated[int, Field(ge=0)] | None = None
    within: Ticks
    cleared: Ticks

    @model_validator(mode="after")
    def one_cause(self) -> Self:
        """An alert is expected of one thing."""
        given = [key for key in ("fault", "fleet_fault", "restart") if getattr(self, key) is not None]
        if len(given) > 1:
            raise ValueError(
                f"{given[1]}: expected one of fault, fleet_fault and restart, got {' and '.join(given)}"
            )
        return self


class Scenario(Strict):
    """Scripted faults: what happens when, so that a run tells a story.

    `traffic` replaces that of every pipeline, `fleet` the one of the configuration; the score plays no other
    fleet. `lasts`, `restarts` and `expect` are for the score.
    """

    name: str = ""
    description: str = ""
    lasts: Ticks = 1800.0
    chance_faults: bool = True
    traffic: Traffic | None = None
    faults: list[ScriptedFault] = Field(default_factory=list)
    fleet: FleetConfig | None = None
    restarts: list[Restart] = Field(default_factory=list)
    expect: list[Expectation] = Field(default_factory=list)

    @model_validator(mode="after")
    def causes_exist(self) -> Self:
        """Each expectation names something that happens."""
        of_fleet = self.fleet.faults if self.fleet else []
        causes = (("fault", self.faults), ("fleet_fault", of_fleet), ("restart", self.restarts))
        for index, expected in enumerate(self.expect):
            for key, known in causes:
                number = getattr(expected, key)
                if number is not None and number >= len(known):
                    wanted = f"an index below {len(known)}" if known else f"nothing without {key}s"
                    raise ValueError(f"expect[{index}].{key}: expected {wanted}, got {number}")
        return self

    def applied_to(self, pipeline: Pipeline) -> Pipeline:
        """The pipeline with the scenario's traffic, and without faults by chance where it wants none."""
        changes: dict[str, object] = {}
        if self.traffic is not None:
            changes["traffic"] = self.traffic
        if not self.chance_faults:
            changes["faults"] = []
        return pipeline.model_copy(update=changes)
