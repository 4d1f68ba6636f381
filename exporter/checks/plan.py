"""What has to be asked of the data, so that each row is read as seldom as possible."""

import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date

from exporter.checks.binder import Binder, members
from exporter.checks.config import Dataset, LevelName
from exporter.checks.expressions import literal, quoted

FLOATS = ("FLOAT", "DOUBLE")
MOST = sys.float_info.max
# Up to so many allowed values a row is compared with each of them.
FEW = 100
ROWS = "count(*)"
# Formats that know nothing about a column without reading it.
TEXT_KINDS = ("csv", "json")


@dataclass(frozen=True, slots=True)
class Rate:
    """Tier 2: rows that are bad among those that are looked at, as a share.

    bad, among: SQL aggregates that count them. words: the message without the share.
    shown: what of a bad row to show, if anything, and the condition that it is bad.
    """

    check: str
    subject: str
    severity: LevelName
    at_most: float
    bad: str
    among: str
    words: str
    place: str
    shown: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Key:
    """Columns whose repetition is counted in a scan of its own: a check, its subject, limit and SQL."""

    check: str
    subject: str
    severity: LevelName
    at_most: float
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Mix:
    """A column whose shares of values are compared; position in the configuration's list."""

    index: int
    sql: str


@dataclass(slots=True)
class Plan:
    """Aggregates by their SQL, so that none is computed twice: `daily` for each day of a baseline too,
    `judged` for the days that tier 2 looks at.

    any_day: the day of a row, which may be infinite or far away; day: null in its place.
    day_column: the column that is the date, where the data knows its bounds: parts of it are then skipped.
    """

    relation: str
    any_day: str
    day_type: str
    day_column: str | None
    complete_from: str | None = None
    time_alias: str = ""
    daily: dict[str, str] = field(default_factory=dict)
    judged: dict[str, str] = field(default_factory=dict)
    places: dict[str, str] = field(default_factory=dict)
    measures: dict[str, tuple[str, str]] = field(default_factory=dict)
    shares: list[str] = field(default_factory=list)
    rates: list[Rate] = field(default_factory=list)
    rate_aliases: list[tuple[str, str]] = field(default_factory=list)
    keys: list[Key] = field(default_factory=list)
    mixes: list[Mix] = field(default_factory=list)

    @property
    def day(self) -> str:
        """The day of a row, null where there is none."""
        return finite(self.any_day)

    def ask(self, sql: str, place: str, wanted: dict[str, str]) -> str:
        """The alias of an aggregate, which may be known already."""
        known = self.daily.get(sql) or wanted.get(sql)
        if known is not None:
            return known
        alias = f"a{len(self.places)}"
        wanted[sql], self.places[alias] = alias, place
        return alias


def finite(day: str) -> str:
    """A day, null for one that is infinite or outside of what Python knows as days."""
    return f"CASE WHEN {day} BETWEEN DATE '{date.min}' AND DATE '{date.max}' THEN {day} END"


def make_plan(dataset: Dataset, binder: Binder, place: str) -> Plan:
    """All that the checks of a dataset need. Raises ConfigError for expressions that don't fit the data."""
    day, kind = binder.day(dataset.date, f"{place}.date")
    column = binder.known.get(dataset.date.strip().strip('"').lower())
    bounded = column is not None and kind != "VARCHAR" and binder.source.kind not in TEXT_KINDS
    plan = Plan(binder.source.name, day, kind, quoted(column) if column and bounded else None)
    plan.ask(ROWS, place, plan.daily)
    if dataset.complete_from is not None:
        plan.complete_from = dataset.complete_from
        plan.time_alias = plan.ask(
            binder.latest_time(dataset.date, f"{place}.complete_from"), place, plan.daily
        )
    add_measures(plan, dataset, binder, place)
    for rate in rates(dataset, binder, f"{place}.checks"):
        if rate.severity != "off":
            add_rate(plan, rate)
    plan.keys += keys(dataset, binder, place)
    for index, mix in enumerate(dataset.checks.mix):
        if mix.severity != "off":
            sql, _ = binder.operand(mix.column, f"{place}.checks.mix[{index}].column")
            plan.mixes.append(Mix(index, f"CAST({sql} AS VARCHAR)"))
    return plan


def add_measures(plan: Plan, dataset: Dataset, binder: Binder, place: str) -> None:
    """Measures with the rows that they are of, and shares."""
    for name, measure in dataset.measures.items():
        key = f"{place}.measures.{name}"
        value = plan.ask(binder.aggregate(measure.sql, measure.where, key), key, plan.daily)
        condition = None if measure.where is None else binder.condition(measure.where, f"{key}.where")
        volume = ROWS if condition is None else counted(condition)
        plan.measures[name] = value, plan.ask(volume, key, plan.daily)
    for index, share in enumerate(dataset.checks.share):
        key = f"{place}.checks.share[{index}].when"
        plan.shares.append(plan.ask(counted(binder.condition(share.when, key)), key, plan.judged))


def counted(condition: str) -> str:
    """Rows for which it is true, 0 for none."""
    return f"coalesce(count_if({condition}), 0)"


def add_rate(plan: Plan, rate: Rate) -> None:
    """A rate's counts."""
    bad = plan.ask(rate.bad, rate.place, plan.judged)
    among = plan.ask(rate.among, rate.place, plan.judged)
    plan.rates.append(rate)
    plan.rate_aliases.append((bad, among))


def rates(dataset: Dataset, binder: Binder, place: str) -> Iterator[Rate]:
    """Every tier 2 check that is a share of rows."""
    kinds: Sequence[Callable[[Dataset, Binder, str], Iterator[Rate]]] = (
        taxonomy, nulls, missing, json_errors, types, ranges, references,
    )  # fmt: skip
    for kind in kinds:
        yield from kind(dataset, binder, place)


def taxonomy(dataset: Dataset, binder: Binder, place: str) -> Iterator[Rate]:
    """Values outside the allowed set."""
    for index, check in enumerate(dataset.checks.taxonomy):
        key = f"{place}.taxonomy[{index}]"
        sql, _ = binder.operand(check.column, f"{key}.column")
        value, allowed = f"CAST({sql} AS VARCHAR)", members(check.allowed)
        # A function is asked once for each entry of a column's dictionary, IN once for each row.
        few = len(check.allowed) <= FEW
        bad = f"NOT list_contains([{allowed}], {value})" if few else f"{value} NOT IN ({allowed})"
        yield Rate("taxonomy", check.column, check.severity, check.at_most, counted(bad), there(sql),
                   f"Values of {check.column} outside the taxonomy", key, (sql, bad))  # fmt: skip


def there(sql: str) -> str:
    """Rows that have a value."""
    return f"count({sql})"


def nulls(dataset: Dataset, binder: Binder, place: str) -> Iterator[Rate]:
    """Nulls; a number that is none counts as one."""
    for index, check in enumerate(dataset.checks.nulls):
        for column in check.columns:
            key = f"{place}.nulls[{index}]"
            sql, kind = binder.operand(column, f"{key}.columns")
            none = f" + {counted(f'isnan({sql})')}" if kind in FLOATS else ""
            bad = f"{ROWS} - {there(sql)}{none}"
            yield Rate("nulls", column, check.severity, check.at_most, bad, ROWS,
                       f"High null {column} rate", key)  # fmt: skip


def missing(dataset: Dataset, binder: Binder, place: str) -> Iterator[Rate]:
    """Null or blank."""
    for index, check in enumerate(dataset.checks.missing):
        for column in check.columns:
            key = f"{place}.missing[{index}]"
            sql, _ = binder.operand(column, f"{key}.columns")
            bad = f"{ROWS} - {there(sql)} + {counted(f'strlen(ltrim(CAST({sql} AS VARCHAR))) = 0')}"
            yield Rate("missing", column, check.severity, check.at_most, bad, ROWS,
                       f"High missing {column} rate", key)  # fmt: skip


def json_errors(dataset: Dataset, binder: Binder, place: str) -> Iterator[Rate]:
    """Text that is no JSON."""
    for index, check in enumerate(dataset.checks.json_):
        for column in check.columns:
            key = f"{place}.json[{index}]"
            sql, _ = binder.operand(column, f"{key}.columns")
            bad = counted(f"NOT json_valid(CAST({sql} AS VARCHAR))")
            yield Rate("json", column, check.severity, check.at_most, bad, there(sql),
                       f"JSON parse errors in {column}", key)  # fmt: skip


def types(dataset: Dataset, binder: Binder, place: str) -> Iterator[Rate]:
    """Text that isn't of its column's type."""
    check = dataset.checks.types
    for column, kind in binder.source.typed.items():
        text = binder.text_of(column)
        bad = f"{text} IS NOT NULL AND {quoted(column)} IS NULL"
        yield Rate("types", column, check.severity, check.at_most, counted(bad), there(text),
                   f"Values of {column} that are not {kind}", f"{place}.types", (text, bad))  # fmt: skip


def ranges(dataset: Dataset, binder: Binder, place: str) -> Iterator[Rate]:
    """Numbers outside their range; NaN is above all numbers."""
    for index, check in enumerate(dataset.checks.range):
        key = f"{place}.range[{index}]"
        sql, kind = binder.operand(check.column, f"{key}.column")
        ends = {"<": check.low, ">": check.high}
        if kind in FLOATS:
            ends = {
                "<": -MOST if check.low is None else check.low,
                ">": MOST if check.high is None else check.high,
            }
        outside = [f"{sql} {sign} {literal(end)}" for sign, end in ends.items() if end is not None]
        binder.bind(f"SELECT {' OR '.join(outside)} FROM shape", check.column, f"{key}.column")
        low = "-" if check.low is None else f"{check.low:g}"
        high = "-" if check.high is None else f"{check.high:g}"
        bad, shown = " + ".join(map(counted, outside)), (sql, " OR ".join(outside))
        yield Rate("range", check.column, check.severity, check.at_most, bad, there(sql),
                   f"Values of {check.column} outside [{low}, {high}]", key, shown)  # fmt: skip


def references(dataset: Dataset, binder: Binder, place: str) -> Iterator[Rate]:
    """Values that are nowhere in the data that they refer to."""
    for index, check in enumerate(dataset.checks.references):
        key = f"{place}.references[{index}]"
        sql, _ = binder.operand(check.column, f"{key}.column")
        known = quoted(check.key)
        other = f"(SELECT CAST({known} AS VARCHAR) FROM {reference_view(index)} WHERE {known} IS NOT NULL)"
        bad = f"{sql} IS NOT NULL AND CAST({sql} AS VARCHAR) NOT IN {other}"
        binder.bind(f"SELECT {bad} FROM shape", check.key, f"{key}.key")
        yield Rate("references", check.column, check.severity, check.at_most, counted(bad), there(sql),
                   f"Values of {check.column} without a reference", key, (sql, bad))  # fmt: skip


def reference_view(index: int) -> str:
    """The view of the data that a check refers to."""
    return f"reference_{index}"


def keys(dataset: Dataset, binder: Binder, place: str) -> Iterator[Key]:
    """What must not repeat, or not much."""
    check = dataset.checks.duplicates
    if dataset.key is not None and check.severity != "off":
        columns = tuple(binder.operand(column, f"{place}.key")[0] for column in dataset.key)
        yield Key("duplicates", ", ".join(dataset.key), check.severity, check.at_most, columns)
    for index, one in enumerate(dataset.checks.unique):
        key = f"{place}.checks.unique[{index}].columns"
        if one.severity != "off":
            columns = tuple(binder.operand(column, key)[0] for column in one.columns)
            yield Key("unique", ", ".join(one.columns), one.severity, one.at_most, columns)
