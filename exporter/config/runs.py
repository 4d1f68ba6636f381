"""What a configuration may say about real jobs."""

from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator

from exporter.config.durations import Duration
from exporter.config.model import Name, Strict, require_unique


class ExpectedJob(Strict):
    """A real job that must report: stale once it has not succeeded for `stale_after` (seconds)."""

    pipeline: Annotated[str, StringConstraints(min_length=1, max_length=512)]
    team: Name
    stale_after: Annotated[Duration, Field(ge=60, le=366 * 86400)]


class FailureCounts(Strict):
    """How many failures of a job in a row make an alert of each severity."""

    medium: Annotated[int, Field(ge=1, le=1_000_000)] = 1
    high: Annotated[int, Field(ge=1, le=1_000_000)] = 3
    critical: Annotated[int, Field(ge=1, le=1_000_000)] = 10

    @model_validator(mode="after")
    def ascending(self) -> Self:
        """More failures are worse."""
        if not self.medium < self.high < self.critical:
            raise ValueError(
                f"expected medium < high < critical, got {self.medium}, {self.high}, {self.critical}"
            )
        return self


class Runs(Strict):
    """Real jobs: which must report, when failures alert, and bounds on what the exporter remembers."""

    expected: list[ExpectedJob] = Field(default_factory=list)
    failures: FailureCounts = FailureCounts()

    max_jobs: Annotated[int, Field(ge=1, le=100_000)] = 1000
    max_open_runs: Annotated[int, Field(ge=1, le=1_000_000)] = 10_000
    max_finished_runs: Annotated[int, Field(ge=1, le=10_000_000)] = 100_000

    @model_validator(mode="after")
    def expected_once(self) -> Self:
        """A job that was expected twice would have two teams."""
        require_unique("expected", [job.pipeline for job in self.expected], field="pipeline")
        return self
