"""The questions to the data, and the facts that they bring: one aggregate a day, one scan for each key."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from exporter.checks.expressions import quoted
from exporter.checks.files import DataError
from exporter.checks.plan import ROWS, Plan, Rate, finite
from exporter.checks.session import Session
from exporter.config import ConfigError

DAY = "__day"
FINITE_DAY = "__finite_day"
AGAIN = "again"
EXAMPLES = 3
MANY = 100_000_000
# Their days begin at midnight, always.
WITHOUT_ZONE = ("DATE", "TIMESTAMP")
ONE_DAY = timedelta(days=1)
Values = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Span:
    """What is to be looked at: days up to `ceiling`; the `judged` newest of them, None for all; `baseline`
    days before the newest. Days after the ceiling are the future, unless somebody chose the past (`as_of`).
    """

    ceiling: date
    as_of: bool
    judged: int | None
    baseline: int


@dataclass(slots=True)
class Facts:
    """What the data said, by day: aggregates (by aliases of the plan), repetitions, counts of values.

    days: those with rows. judged: of them, those that tier 2 looks at. undated, future: rows.
    partial: the newest day, if rows of it are still to come, and its latest time.
    """

    anchor: date | None
    days: dict[date, Values] = field(default_factory=dict)
    judged: tuple[date, ...] = ()
    rows_alias: str = ""
    undated: int = 0
    future: int = 0
    partial: tuple[date, str] | None = None
    repeated: dict[tuple[str, ...], dict[date, int]] = field(default_factory=dict)
    mixes: list[dict[date, dict[str | None, int]]] = field(default_factory=list)

    def rows(self, day: date) -> int:
        """Rows of a day."""
        return int(self.days[day][self.rows_alias]) if day in self.days else 0


def scan(session: Session, plan: Plan, span: Span) -> Iterator[str | Facts]:
    """Ask all; yields what is being done before each step, and the facts in the end.

    Raises DataError for data that can't be read, ConfigError for expressions that fail on it.
    """
    facts = Facts(None, rows_alias=plan.daily[ROWS])
    if span.judged is None:
        yield "every day"
        read_all(session, plan, span, facts)
    else:
        yield "the newest days"
        read_newest(session, plan, span, facts, span.judged)
    if facts.anchor is not None:
        for columns in dict.fromkeys(key.columns for key in plan.keys):
            yield "keys"
            facts.repeated[columns] = repeated(session, plan, columns, facts, span)
        if plan.mixes:
            yield "mixes"
            facts.mixes = mixes(session, plan, facts.anchor - span.baseline * ONE_DAY, facts.anchor)
    yield facts


def read_all(session: Session, plan: Plan, span: Span, facts: Facts) -> None:
    """One pass over everything."""
    last = span.ceiling if span.as_of else None
    days = by_day(session, plan, plan.daily | plan.judged, None, last)
    facts.undated = sum(int(values[facts.rows_alias]) for day, values in days if day is None)
    known = present(days)
    facts.days = {day: values for day, values in known.items() if day <= span.ceiling} or known
    facts.future = sum(int(v[facts.rows_alias]) for day, v in known.items() if day not in facts.days)
    newest = max(facts.days, default=None)
    if newest is not None and is_partial(plan, facts.days[newest]):
        facts.partial = newest, facts.days.pop(newest)[plan.time_alias]
    facts.judged = tuple(sorted(facts.days))
    facts.anchor = max(facts.days, default=None)


def is_partial(plan: Plan, values: Values) -> bool:
    """Whether rows of a day are still to come."""
    return plan.complete_from is not None and str(values[plan.time_alias]) < plan.complete_from


def read_newest(session: Session, plan: Plan, span: Span, facts: Facts, judged: int) -> None:
    """The newest days, and those before them only for what needs a baseline."""
    facts.anchor = latest(session, plan, span.ceiling)
    if facts.anchor is not None and plan.complete_from is not None:
        [(_, values)] = by_day(session, plan, plan.daily, facts.anchor, facts.anchor)
        if is_partial(plan, values):
            facts.partial = facts.anchor, values[plan.time_alias]
            facts.anchor = latest(session, plan, facts.anchor - ONE_DAY)
    if facts.anchor is None:
        return
    first_judged = facts.anchor - (judged - 1) * ONE_DAY
    first = min(first_judged, facts.anchor - span.baseline * ONE_DAY)
    facts.days = present(by_day(session, plan, plan.daily, first, facts.anchor))
    facts.judged = tuple(day for day in sorted(facts.days) if day >= first_judged)
    if plan.judged:
        for day, values in present(by_day(session, plan, plan.judged, first_judged, facts.anchor)).items():
            facts.days[day] |= values


def latest(session: Session, plan: Plan, ceiling: date) -> date | None:
    """The newest day with rows up to a day; most formats know a column's greatest value without looking."""
    relation, found = quoted(plan.relation), []
    if plan.day_column is not None:
        greatest = f"SELECT TRY_CAST(max({plan.day_column}) AS DATE) AS day FROM {relation}"
        found = session.run(
            f"SELECT day FROM ({greatest}) WHERE day BETWEEN DATE '{date.min}' AND DATE '{ceiling}'"
        )
    if not found:
        found = session.run(f"SELECT max({plan.day}) FROM {relation} {bounds(plan, None, ceiling)}")
    newest: date | None = found[0][0]
    return newest


def present(days: Iterable[tuple[date | None, Values]]) -> dict[date, Values]:
    """Those that are days."""
    return {day: values for day, values in days if day is not None}


def by_day(
    session: Session, plan: Plan, wanted: Mapping[str, str], first: date | None, last: date | None
) -> list[tuple[date | None, Values]]:
    """Aggregates of each day from `first` to `last`; rows without one are under None, in several parts."""
    listed = ", ".join(f"{sql} AS {alias}" for sql, alias in wanted.items())
    day = quoted(DAY)
    source = f"(SELECT *, {plan.any_day} AS {day} FROM {quoted(plan.relation)} {bounds(plan, first, last)})"
    query = f"SELECT {finite(day)} AS {FINITE_DAY}, {listed} FROM {source} GROUP BY {day} ORDER BY {day}"
    try:
        records = session.records(query)
    except DataError as error:
        raise guilty(session, wanted, plan, source) or error from error
    return [(record.pop(FINITE_DAY), record) for record in records]


def guilty(session: Session, wanted: Mapping[str, str], plan: Plan, source: str) -> ConfigError | None:
    """A mistake at the first expression that fails by itself, if the rest of the data can be read."""
    try:
        session.run(f"SELECT count({quoted(DAY)}) FROM {source}")
    except DataError:
        return None
    for sql, alias in wanted.items():
        try:
            session.run(f"SELECT {sql} FROM {source}")
        except DataError as error:
            return FailedExpressionError(plan.places[alias], str(error))
    return None


class FailedExpressionError(ConfigError):
    """An expression that fails on the data, and its key."""

    def __init__(self, place: str, message: str) -> None:
        super().__init__(f"{place}: {message}")
        self.place, self.message = place, message


def bounds(plan: Plan, first: date | None, last: date | None) -> str:
    """WHERE of days from `first` to `last`, said about the bare column too where there is one: files and row
    groups that don't hold them are then never read.
    """
    ends = [*bare(plan, ">=", first), *bare(plan, "<", None if last is None else last + ONE_DAY)]
    if not (first and last and plan.day_type in WITHOUT_ZONE and plan.day_column):
        ends += [f"{plan.day} >= DATE '{first}'"] if first is not None else []
        ends += [f"{plan.day} <= DATE '{last}'"] if last is not None else []
    return f"WHERE {' AND '.join(ends)}" if ends else ""


def bare(plan: Plan, sign: str, day: date | None) -> list[str]:
    """A bound of the column that is the date, if it has bounds."""
    if day is None or plan.day_column is None:
        return []
    return [f"{plan.day_column} {sign} CAST('{day} 00:00:00' AS {plan.day_type})"]


def repeated(
    session: Session, plan: Plan, columns: Sequence[str], facts: Facts, span: Span
) -> dict[date, int]:
    """Rows whose key was there before, by the day of the key's newest row; keys with a null don't count.

    First keys are told apart by their digests, which is quick: a digest that is there once is a key that is
    there once. Only rows whose digest is there again are compared by their keys.
    """
    newest_only = span.judged is not None
    beyond = newest_only or span.as_of or facts.future or facts.partial is not None
    first, last = (facts.judged[0], facts.judged[-1]) if facts.judged else (None, None)
    where = bounds(plan, first if newest_only else None, last if beyond else None)
    there = " AND ".join(f"{column} IS NOT NULL" for column in columns)
    rows = f"FROM {quoted(plan.relation)} {f'{where} AND' if where else 'WHERE'} {there}"
    short = digest(columns, sum(map(facts.rows, facts.days)))
    session.run(
        f"CREATE OR REPLACE TEMP TABLE {AGAIN} AS SELECT h FROM "
        f"(SELECT h, h = lag(h) OVER (ORDER BY h) AS same FROM (SELECT {short} AS h {rows})) "
        f"WHERE same GROUP BY h"
    )
    if not session.run(f"SELECT 1 FROM {AGAIN} LIMIT 1"):
        return {}
    groups = (
        f"SELECT max({plan.day}) AS day, count(*) AS n {rows} AND {short} IN (SELECT h FROM {AGAIN}) "
        f"GROUP BY {', '.join(columns)} HAVING n > 1"
    )
    found = session.run(f"SELECT day, sum(n - 1) FROM ({groups}) GROUP BY day")
    return {day: int(count) for day, count in found if day is not None}


def digest(columns: Sequence[str], rows: int) -> str:
    """A number for each key: short, which is sorted quickly, where few of so many keys would share one."""
    whole = f"hash({', '.join(columns)})"
    return f"CAST({whole} >> 32 AS UINTEGER)" if rows < MANY else whole


def examples(session: Session, plan: Plan, rate: Rate, days: Sequence[date]) -> list[str]:
    """Some of what is bad in those days, the most frequent first; nothing where nothing is to be shown."""
    if rate.shown is None:
        return []
    value, bad = rate.shown
    rows = session.run(
        f"SELECT CAST({value} AS VARCHAR) AS v FROM {quoted(plan.relation)} "
        f"{bounds(plan, days[0], days[-1])} AND ({bad}) "
        f"GROUP BY v ORDER BY count(*) DESC, v LIMIT {EXAMPLES}"
    )
    return [shown for (shown,) in rows]


def mixes(session: Session, plan: Plan, first: date, last: date) -> list[dict[date, dict[str | None, int]]]:
    """Counts of values by day for every mix, in one scan."""
    names = [f"m{number}" for number in range(len(plan.mixes))]
    columns = ", ".join(f"{mix.sql} AS {name}" for mix, name in zip(plan.mixes, names, strict=True))
    source = f"SELECT {plan.day} AS d, {columns} FROM {quoted(plan.relation)} {bounds(plan, first, last)}"
    sets = ", ".join(f"(d, {name})" for name in names)
    listed = ", ".join(names)
    rows = session.run(
        f"SELECT d, grouping({listed}), {listed}, count(*) FROM ({source}) GROUP BY GROUPING SETS ({sets})"
    )
    found: list[dict[date, dict[str | None, int]]] = [{} for _ in names]
    for day, grouped, *values, count in rows:
        number = grouped_by(int(grouped), len(names))
        found[number].setdefault(day, {})[values[number]] = count
    return found


def grouped_by(bits: int, width: int) -> int:
    """Which of `width` columns a row is grouped by: its bit, from the left, is 0."""
    return next(number for number in range(width) if not bits >> (width - 1 - number) & 1)
