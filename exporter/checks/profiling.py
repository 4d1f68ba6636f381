"""What data looks like: types, nulls, distinct values and bounds of every column, in one scan."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from exporter.checks.binder import NUMBERS
from exporter.checks.expressions import quoted
from exporter.checks.session import Session
from exporter.checks.sources import Source
from exporter.checks.text_types import text_types

MOST_VALUES = 12
# Distinct values are estimated; whether a key is one shows when it is checked.
LIKELY_KEY = 0.8
JSON_LIKE = r"^\s*[{\[]"
DATE_LIKE = re.compile(r"date|day|time|(^|_)(ts|at|on)$", re.IGNORECASE)
ID_LIKE = re.compile(r"(^|_)(id|key|uuid|guid)$|[a-z]I[dD]$", re.IGNORECASE)
CALENDAR = ("year", "month", "day")


@dataclass(frozen=True, slots=True)
class ColumnProfile:
    """A column: shares of nulls, blanks and JSON among all rows, about how many values, bounds of a number.

    values: all of them, the most frequent first, where they are few; time: whether it holds dates, or text
    that is dates.
    """

    name: str
    kind: str
    nulls: float
    blanks: float
    json: float
    distinct: int
    low: float | None
    time: bool
    values: tuple[str, ...] = ()

    @property
    def number(self) -> bool:
        """Whether it can be summed."""
        return self.kind.startswith(NUMBERS)

    @property
    def id_like(self) -> bool:
        """Whether its name is that of an identifier."""
        return ID_LIKE.search(self.name) is not None


@dataclass(frozen=True, slots=True)
class Profile:
    """The data: rows, and its columns in their order."""

    rows: int
    columns: tuple[ColumnProfile, ...]

    def date(self) -> str | None:
        """The expression that is most likely the date of a row."""
        names = {column.name.lower() for column in self.columns if column.number}
        if names.issuperset(CALENDAR):
            return "make_date(year, month, day)"
        times = [column for column in self.columns if column.time]
        if not times:
            return None
        best = min(times, key=lambda one: (one.nulls > 0.01, DATE_LIKE.search(one.name) is None))
        return quoted_if_needed(best.name)

    def key(self) -> str | None:
        """The column that most likely tells rows apart."""
        fitting = [
            c for c in self.columns if c.distinct >= LIKELY_KEY * self.rows and not c.time and c.nulls == 0
        ]
        fitting = [column for column in fitting if column.kind not in ("DOUBLE", "FLOAT")]
        return min(fitting, key=lambda one: not one.id_like).name if fitting and self.rows > 1 else None


def quoted_if_needed(name: str) -> str:
    """A column's name as an expression."""
    return name if re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name) else quoted(name)


def profile(session: Session, source: Source) -> Profile:
    """Look at all rows. Raises DataError."""
    names = [name for name in source.columns if name not in source.lacking]
    view = quoted(source.name)
    texts = [name for name in names if source.columns[name] == "VARCHAR"]
    times = {
        n for n, kind in text_types(session, [view], texts).items() if kind.startswith(("DATE", "TIMESTAMP"))
    }
    asked = ", ".join(part for name in names for part in asked_of(name, source.columns[name]))
    [row] = session.run(f"SELECT count(*), {asked} FROM {view}")
    rows, answers = int(row[0]), row[1:]
    columns = []
    for number, name in enumerate(names):
        nulls, distinct, blanks, json, low = answers[5 * number : 5 * number + 5]
        kind = source.columns[name]
        whole = max(rows, 1)
        time = kind.startswith(("DATE", "TIMESTAMP")) or name in times
        few = kind == "VARCHAR" and not time and distinct <= MOST_VALUES * 1.2 and whole >= 10 * distinct
        values = tuple(distinct_values(session, view, name)) if few else ()
        columns.append(
            ColumnProfile(
                name, kind, nulls / whole, blanks / whole, json / whole, distinct, low, time, values
            )
        )
    return Profile(rows, tuple(columns))


def asked_of(name: str, kind: str) -> Sequence[str]:
    """Nulls, distinct values, blanks, what looks like JSON, and the least number of a column."""
    column, text = quoted(name), kind == "VARCHAR"
    low = f"CAST(min({column}) AS DOUBLE)" if kind.startswith(NUMBERS) else "NULL"
    blank = f"count(*) FILTER (WHERE trim({column}) = '')" if text else "0"
    json = f"count(*) FILTER (WHERE regexp_matches({column}, '{JSON_LIKE}'))" if text else "0"
    return f"count(*) - count({column})", f"approx_count_distinct({column})", blank, json, low


def distinct_values(session: Session, view: str, name: str) -> Iterator[str]:
    """The values of a column, the most frequent first; none if they turn out to be too many."""
    column = quoted(name)
    rows = session.run(
        f"SELECT {column} FROM {view} WHERE trim({column}) <> '' GROUP BY 1 ORDER BY count(*) DESC, 1 "
        f"LIMIT {MOST_VALUES + 1}"
    )
    if len(rows) <= MOST_VALUES:
        yield from (str(row[0]) for row in rows)
