"""Expressions of a dataset's configuration made into SQL that fits its data, or a mistake at their key."""

from collections.abc import Callable
from difflib import get_close_matches

from exporter.checks.expressions import ExpressionError, is_single_aggregate, literal, parse, quoted
from exporter.checks.files import DataError
from exporter.checks.session import Session
from exporter.checks.sources import FILE, TEXT, Source
from exporter.config import ConfigError

SHAPE = "shape"
NUMBERS = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "U", "DECIMAL", "FLOAT", "DOUBLE")
TIMES = ("DATE", "TIMESTAMP", "VARCHAR")
Mistake = Callable[[str, str], ConfigError]


class Binder:
    """Binds against an empty table with the data's columns: that costs nothing however much data there is."""

    def __init__(self, session: Session, source: Source, mistake: Mistake) -> None:
        self.session, self.source, self.mistake = session, source, mistake
        self.known = {column.lower(): column for column in source.columns}
        session.run(f"CREATE TEMP TABLE {SHAPE} AS SELECT * FROM {quoted(source.name)} LIMIT 0")

    def row_value(self, text: str, place: str) -> tuple[str, str]:
        """An expression of one row, and its type."""
        sql = self.checked(text, place)
        self.bind(f"SELECT 1 FROM {SHAPE} WHERE {sql} IS NOT NULL", text, place)
        return sql, self.bind(f"SELECT {sql} FROM {SHAPE}", text, place)

    def condition(self, text: str, place: str) -> str:
        """An expression of one row that is true or not."""
        sql, kind = self.row_value(text, place)
        if kind != "BOOLEAN":
            raise self.mistake(place, f"expected a condition, true or false, got {text!r}, which is {kind}")
        return sql

    def aggregate(self, text: str, where: str | None, place: str) -> str:
        """A number over many rows, of those for which `where` is true."""
        sql = self.checked(text, place)
        if where is not None:
            if not is_single_aggregate(parse(text, self.session.connection, self.known)):
                raise self.mistake(
                    f"{place}.where", f"expected a single aggregate such as sum(amount), got {text!r}"
                )
            sql = f"{sql[1:-1]} FILTER (WHERE {self.condition(where, f'{place}.where')})"
        kind = self.bind(f"SELECT {sql}, count(*) FROM {SHAPE}", text, place)
        if not kind.startswith(NUMBERS):
            raise self.mistake(place, f"expected a number, got {text!r}, which is {kind}")
        return f"CAST({sql} AS DOUBLE)"

    def day(self, text: str, place: str) -> tuple[str, str]:
        """The day of a row, infinite or far away where its time is, and the type that it was made of."""
        sql, kind = self.row_value(text, place)
        if not kind.startswith(TIMES):
            raise self.mistake(place, f"expected a date or time, got {text!r}, which is {kind}")
        return f"TRY_CAST({sql} AS DATE)", kind

    def latest_time(self, date: str, place: str) -> str:
        """The latest time of day, as text: `23:59`."""
        sql, kind = self.row_value(date, place)
        if kind == "DATE":
            raise self.mistake(place, f"expected a date with a time, got {date!r}, which is {kind}")
        return f"strftime(max(CAST(TRY_CAST({sql} AS TIMESTAMP) AS TIME)) + DATE '2000-01-01', '%H:%M')"

    def operand(self, text: str, place: str) -> tuple[str, str]:
        """A column by its name, or an expression; and its type."""
        column = self.known.get(text.lower())
        if column is not None:
            return quoted(column), self.source.columns[column]
        if text.replace("_", "a").replace(" ", "a").isalnum():
            near = get_close_matches(text, self.source.columns, 1)
            names = ", ".join(self.source.columns)
            raise self.mistake(place, f"expected a column ({near[0] + '?' if near else names}), got {text!r}")
        return self.row_value(text, place)

    def text_of(self, column: str) -> str:
        """The text that a column of a text file was read from."""
        return quoted(TEXT + column)

    def checked(self, text: str, place: str) -> str:
        """A safe expression in brackets."""
        try:
            parse(text, self.session.connection, self.known)
        except ExpressionError as error:
            raise self.mistake(place, str(error)) from error
        if FILE in text or TEXT in text:
            raise self.mistake(place, f"expected the data's own columns, got {text!r}")
        return f"({text}\n)"

    def bind(self, query: str, text: str, place: str) -> str:
        """The type of the first column that a query would give."""
        try:
            rows = self.session.run(f"DESCRIBE {query}")
        except DataError as error:
            hint = (
                "; `columns` declares types"
                if self.source.kind in ("csv", "json") and "VARCHAR" in str(error)
                else ""
            )
            raise self.mistake(place, f"{error}, in {text!r}{hint}") from error
        return str(rows[0][1])


def members(values: list[str | int | bool]) -> str:
    """A list for IN, as text."""
    return ", ".join(
        literal(str(value).lower() if isinstance(value, bool) else str(value)) for value in values
    )
