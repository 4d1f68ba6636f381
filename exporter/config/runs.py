"""What a configuration may say about real jobs."""

from fnmatch import fnmatchcase
from functools import cached_property
from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator

from exporter.config.durations import Duration
from exporter.config.model import Name, Strict, require_unique

Share = Annotated[float, Field(gt=0, lt=1)]


class ExpectedJob(Strict):
    """A real job that must report: stale once it has not succeeded for `stale_after` (seconds)."""

    pipeline: Annotated[str, StringConstraints(min_length=1, max_length=512)]
    team: Name
    stale_after: Annotated[Duration, Field(ge=60, le=366 * 86400)]


class FailureCounts(Strict):
    """How many failures of a job in a row make an alert of each severity."""

    medium: Annotated[int, Field(ge=1, le=1_000_000)] = 2
    high: Annotated[int, Field(ge=1, le=1_000_000)] = 3
    critical: Annotated[int, Field(ge=1, le=1_000_000)] = 5

    @model_validator(mode="after")
    def ascending(self) -> Self:
        """More failures are worse."""
        if not self.medium < self.high < self.critical:
            raise ValueError(
                f"expected medium < high < critical, got {self.medium}, {self.high}, {self.critical}"
            )
        return self


class SuccessShares(Strict):
    """Below which share of runs that succeeded there is an alert of each severity."""

    medium: Share = 0.8
    high: Share = 0.5

    @model_validator(mode="after")
    def descending(self) -> Self:
        """Fewer successes are worse."""
        if not self.medium > self.high:
            raise ValueError(f"expected medium > high, got {self.medium}, {self.high}")
        return self


class Deviations(Strict):
    """By how many deviations runs must be slower than usual for an alert of each severity."""

    medium: Annotated[float, Field(gt=0, le=1000)] = 2
    high: Annotated[float, Field(gt=0, le=1000)] = 3

    @model_validator(mode="after")
    def ascending(self) -> Self:
        """Slower is worse."""
        if not self.medium < self.high:
            raise ValueError(f"expected medium < high, got {self.medium}, {self.high}")
        return self


class UsualShares(Strict):
    """Below which share of what is usual there is an alert."""

    high: Share = 0.5


class Judgement(Strict):
    """What makes an alert of a job's runs."""

    failures: FailureCounts = FailureCounts()
    success: SuccessShares = SuccessShares()
    duration: Deviations = Deviations()
    throughput: UsualShares = UsualShares()
    rows: UsualShares = UsualShares()


class JudgedOtherwise(Strict):
    """Jobs that are judged otherwise: those whose names match `pipeline`; `*` in it stands for anything."""

    pipeline: Annotated[str, StringConstraints(min_length=1, max_length=512)]
    failures: FailureCounts | None = None
    success: SuccessShares | None = None
    duration: Deviations | None = None
    throughput: UsualShares | None = None
    rows: UsualShares | None = None

    def said(self) -> dict[str, Strict]:
        """What is otherwise."""
        return {name: limits for name, limits in self if isinstance(limits, Strict)}


class Runs(Judgement):
    """Real jobs: which must report, how their runs are judged, and bounds on what the exporter remembers."""

    expected: list[ExpectedJob] = Field(default_factory=list)
    exceptions: list[JudgedOtherwise] = Field(default_factory=list)

    forget_after: Annotated[Duration, Field(ge=86400, le=3660 * 86400)] = 90 * 86400
    max_jobs: Annotated[int, Field(ge=1, le=100_000)] = 1000
    max_datasets: Annotated[int, Field(ge=1, le=100_000)] = 5000
    max_open_runs: Annotated[int, Field(ge=1, le=1_000_000)] = 10_000
    max_finished_runs: Annotated[int, Field(ge=1, le=10_000_000)] = 100_000
    # Of each of these, what the tokens of one team may use up.
    team_share: Annotated[float, Field(gt=0, le=1)] = 0.5
    # Of how many columns of each dataset null values are told, 0 for none: each is a series more.
    null_columns: Annotated[int, Field(ge=0, le=1000)] = 0

    @model_validator(mode="after")
    def expected_once(self) -> Self:
        """A job that was expected twice would have two teams."""
        require_unique("expected", [job.pipeline for job in self.expected], field="pipeline")
        return self

    @cached_property
    def otherwise(self) -> list[tuple[str, Judgement]]:
        """The exceptions with all that they leave as it is."""
        return [(one.pipeline, self.model_copy(update=one.said())) for one in self.exceptions]

    def judgement(self, pipeline: str) -> Judgement:
        """How a job is judged: as the first exception that its name matches says, else as all are."""
        found = (judged for pattern, judged in self.otherwise if fnmatchcase(pipeline, pattern))
        return next(found, self)
