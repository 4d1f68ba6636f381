"""What a configuration may say of a simulated fleet: many jobs of several teams that depend on each other."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from exporter.config.durations import Duration
from exporter.config.model import Strict

JobFaultKind = Literal["failing", "slow", "volume", "silent"]
JOB_FAULT_KINDS: tuple[JobFaultKind, ...] = ("failing", "slow", "volume", "silent")

Moment = Annotated[Duration, Field(ge=0, le=366 * 86400)]
Length = Annotated[Duration, Field(ge=1, le=366 * 86400)]


class JobFault(Strict):
    """What goes wrong from `at` on with the job whose name ends with this number.

    Its runs fail, are slow, write few rows, or don't start.
    """

    job: Annotated[int, Field(ge=1)]
    kind: JobFaultKind
    at: Moment
    duration: Length = Field(alias="for")


class FleetConfig(Strict):
    """A fleet. `hour` is how long an hour of its schedules is: jobs run hourly, every three, every twelve.

    `fails`: the share of runs that fail for no reason; `trouble_every`: the mean time between two troubles
    of a job that last for several of its runs, none when it is left out.
    """

    jobs: Annotated[int, Field(ge=1, le=10_000)] = 24
    teams: Annotated[int, Field(ge=1, le=100)] = 5
    hour: Annotated[Duration, Field(ge=10, le=86400)] = 3600
    fails: Annotated[float, Field(ge=0, le=1)] = 0.002
    trouble_every: Length | None = None
    faults: list[JobFault] = Field(default_factory=list)

    @model_validator(mode="after")
    def faults_strike_jobs(self) -> Self:
        """Jobs are numbered from 1 on."""
        for index, fault in enumerate(self.faults):
            if fault.job > self.jobs:
                raise ValueError(f"faults[{index}].job: expected at most {self.jobs}, got {fault.job}")
        return self
