"""What checks.yml may say: datasets, their measures, and checks in three tiers with severity and limits."""

from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints, model_validator

from exporter.checks.shares import Change, Share
from exporter.config.durations import Duration
from exporter.config.model import Name, Strict, require_unique

LevelName = Literal["critical", "warn", "info", "off"]
FormatName = Literal["parquet", "csv", "json", "duckdb", "postgres"]
Sql = Annotated[str, StringConstraints(min_length=1, max_length=10_000)]
Column = Annotated[str, StringConstraints(min_length=1, max_length=1000)]
ColumnType = Annotated[
    str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_ ]{0,40}(\(\d{1,3}(, ?\d{1,3})?\))?(\[\])?$")
]
MeasureName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,62}$")]
DatasetName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_][A-Za-z0-9_.:/-]{0,199}$")]
Number = Annotated[float, Field(allow_inf_nan=False)]
Volume = Annotated[int, Field(ge=0, le=10**12)]
Days = Annotated[int, Field(ge=1, le=3660)]


def one_or_more(value: object) -> object:
    """A single thing is a list of one."""
    return [value] if isinstance(value, str) else value


def known_zone(name: str) -> str:
    """Refuse time zones that don't exist."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError("expected a time zone such as Europe/Berlin") from error
    return name


Texts = Annotated[list[Column], BeforeValidator(one_or_more), Field(min_length=1, max_length=100)]
TimeOfDay = Annotated[str, StringConstraints(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
Zone = Annotated[str, AfterValidator(known_zone)]


class Check(Strict):
    """What every check has; `off` doesn't look at all."""

    severity: LevelName = "warn"


class RowsCheck(Check):
    """Tier 1: rows of the newest day, by number and against the days before (`below`: the share lost)."""

    severity: LevelName = "critical"
    at_least: Volume = 1
    below: Annotated[Share, Field(gt=0, lt=1)] = 0.8


class TotalCheck(Check):
    """Tier 1: a measure of the newest day as a number: key events (purchases), a total (revenue)."""

    severity: LevelName = "critical"
    measure: MeasureName
    at_least: Number = 1


class FreshnessCheck(Check):
    """Tier 1: the newest date is at most `lag` (seconds) behind today; days missing in the calendar.

    Without `lag` no clock is asked. Gaps are looked for in the last `within` days.
    """

    severity: LevelName = "critical"
    lag: Annotated[Duration, Field(ge=0, le=3660 * 86400)] | None = None
    calendar: Literal["daily", "weekdays", "none"] = "daily"
    gaps: Annotated[int, Field(ge=0, le=3660)] = 0
    within: Days = 30


class DuplicatesCheck(Check):
    """Tier 2: rows whose key was there before, as a share of rows."""

    at_most: Share = 0.001


class UniqueCheck(Check):
    """Tier 2: columns that together must not repeat."""

    columns: Texts
    at_most: Share = 0.0


class ColumnCheck(Check):
    """Tier 2: about one column, or an expression over columns."""

    column: Column
    at_most: Share = 0.0


class TaxonomyCheck(ColumnCheck):
    """Tier 2: values outside the allowed set, as a share of those that are there."""

    allowed: Annotated[list[str | int | bool], Field(min_length=1, max_length=10_000)]


class RateCheck(Check):
    """Tier 2: a share of rows, for each of several columns."""

    columns: Texts
    at_most: Share = 0.2


class MissingCheck(RateCheck):
    """Tier 2: null or blank (referrer, UTM)."""

    at_most: Share = 0.8


class JsonCheck(RateCheck):
    """Tier 2: values that are not JSON, as a share of those that are there."""

    at_most: Share = 0.01


class TypesCheck(Check):
    """Tier 2: text in CSV and JSON that isn't of the column's type, as a share of what is there."""

    at_most: Share = 0.01


class DatesCheck(Check):
    """Tier 2: rows that have no date, or one in the future, as a share of rows."""

    at_most: Share = 0.001


class SchemaCheck(Check):
    """Tier 2: columns that were added, are gone, were renamed or changed their type."""

    ignore: list[Column] = Field(default_factory=list)


class RangeCheck(ColumnCheck):
    """Tier 2: numbers outside [`low`, `high`]; NaN and infinities are outside."""

    low: Number | None = None
    high: Number | None = None

    @model_validator(mode="after")
    def bounded(self) -> Self:
        """A range without an end, or without anything in it, is a mistake."""
        if self.low is None and self.high is None:
            raise ValueError("expected low or high, got neither")
        if self.low is not None and self.high is not None and self.low > self.high:
            raise ValueError(f"expected low <= high, got {self.low:g} and {self.high:g}")
        return self


class ReferencesCheck(ColumnCheck):
    """Tier 2: values that the column `key` of other `data` doesn't have."""

    data: Texts
    key: Column


class BaselineCheck(Check):
    """What is compared with the days before: how many of them, and from which volume (rows a day) on.

    `weekday`: with the same weekday of the `days` / 7 weeks before.
    """

    days: Annotated[int, Field(ge=1, le=366)] = 7
    min_days: Annotated[int, Field(ge=1, le=366)] = 3
    min_volume: Volume = 100
    weekday: bool = False

    @model_validator(mode="after")
    def enough_days(self) -> Self:
        """A baseline that never has enough days gives no verdict, ever."""
        most = self.days // 7 if self.weekday else self.days
        if self.min_days > most:
            raise ValueError(f"min_days: expected <= {most}, the days in the baseline, got {self.min_days}")
        return self


class DriftCheck(BaselineCheck):
    """Tier 3: a measure against its baseline; `below` and `above` as shares of the baseline.

    `volume`: the measure that must reach `min_volume` a day; without it, the rows that are measured.
    """

    measure: MeasureName
    below: Change | None = None
    above: Change | None = None
    volume: MeasureName | None = None

    @model_validator(mode="after")
    def limited(self) -> Self:
        """No limit, no check."""
        if self.below is None and self.above is None:
            raise ValueError("expected below or above, got neither")
        return self


class ShareCheck(Check):
    """Tier 3: the share of rows of the newest day for which `when` is true."""

    name: MeasureName
    when: Sql
    at_most: Share
    min_volume: Volume = 100


class MixCheck(BaselineCheck):
    """Tier 3: no value of a column gains or loses more than `at_most` of the rows against the days before."""

    column: Column
    at_most: Share = 0.15


class Checks(Strict):
    """All checks of a dataset. Those that need nothing are on unless they are `off`."""

    rows: RowsCheck = RowsCheck()
    key_events: list[TotalCheck] = Field(default_factory=list)
    total: list[TotalCheck] = Field(default_factory=list)
    freshness: FreshnessCheck = FreshnessCheck()
    duplicates: DuplicatesCheck = DuplicatesCheck()
    unique: list[UniqueCheck] = Field(default_factory=list)
    taxonomy: list[TaxonomyCheck] = Field(default_factory=list)
    nulls: list[RateCheck] = Field(default_factory=list)
    missing: list[MissingCheck] = Field(default_factory=list)
    json_: list[JsonCheck] = Field(default_factory=list, alias="json")
    types: TypesCheck = TypesCheck()
    dates: DatesCheck = DatesCheck()
    schema_: SchemaCheck = Field(default=SchemaCheck(), alias="schema")
    range: list[RangeCheck] = Field(default_factory=list)
    references: list[ReferencesCheck] = Field(default_factory=list)
    drift: list[DriftCheck] = Field(default_factory=list)
    share: list[ShareCheck] = Field(default_factory=list)
    mix: list[MixCheck] = Field(default_factory=list)


class Measure(Strict):
    """A number a day: an SQL aggregate, of the rows for which `where` is true."""

    sql: Sql
    where: Sql | None = None

    @model_validator(mode="before")
    @classmethod
    def from_text(cls, value: object) -> object:
        """Most need no `where` and are written as text."""
        return {"sql": value} if isinstance(value, str) else value


class Dataset(Strict):
    """Data that is one table, whose it is, and how it is judged.

    `date`: SQL expression of a row's day or time; times with a zone are put into `timezone` first.
    `complete_from`: the newest day is judged once it has a row at that time or later, else the day before.
    `judge`: how many of the newest days tier 2 looks at.
    """

    name: DatasetName
    data: Texts
    format: FormatName | None = None
    table: Column | None = None
    team: Name
    owner: Name | None = None
    date: Sql
    timezone: Zone = "UTC"
    complete_from: TimeOfDay | None = None
    judge: Days | Literal["all"] = "all"
    min_rows: Volume = 100
    key: Texts | None = None
    columns: dict[Column, ColumnType] = Field(default_factory=dict)
    null_text: list[str] = Field(default_factory=lambda: ["", "NULL", "null", "\\N", "NA", "NaN", "nan"])
    measures: dict[MeasureName, Measure] = Field(default_factory=dict)
    checks: Checks = Checks()

    @model_validator(mode="after")
    def measures_exist(self) -> Self:
        """Checks name measures that are there."""
        checks = self.checks
        for kind, listed in (("key_events", checks.key_events), ("total", checks.total)):
            for index, one in enumerate(listed):
                self._require(one.measure, f"checks.{kind}[{index}].measure")
        for index, drift in enumerate(checks.drift):
            self._require(drift.measure, f"checks.drift[{index}].measure")
            if drift.volume is not None:
                self._require(drift.volume, f"checks.drift[{index}].volume")
        require_unique("checks.share", [share.name for share in checks.share])
        return self

    def _require(self, measure: str, place: str) -> None:
        if measure not in self.measures:
            raise ValueError(f"{place}: expected one of {sorted(self.measures)}, got {measure!r}")


class Limits(Strict):
    """What the work may use: memory as DuckDB writes it, threads (as many as there are cores by default)."""

    memory: Annotated[str, StringConstraints(pattern=r"^\d{1,6} ?(MB|MiB|GB|GiB)$")] = "1GB"
    threads: Annotated[int, Field(ge=1, le=1024)] | None = None


class ChecksConfig(Strict):
    """All of checks.yml."""

    limits: Limits = Limits()
    datasets: Annotated[list[Dataset], Field(min_length=1, max_length=1000)]

    @model_validator(mode="after")
    def names_fit(self) -> Self:
        """Every dataset has a name of its own."""
        require_unique("datasets", [dataset.name for dataset in self.datasets])
        return self
