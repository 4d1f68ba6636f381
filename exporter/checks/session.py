"""A DuckDB that may use so much memory and, once locked, opens nothing but the named files."""

import re
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import duckdb

from exporter.checks.config import Limits
from exporter.checks.expressions import literal, quoted
from exporter.checks.files import DataError

LONGEST_MESSAGE = 300
# Nothing is fetched behind the user's back: extensions are used where they are installed.
SETTINGS = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
}
KIND = re.compile(r"^[A-Z][A-Za-z ]* Error: ")
NO_COLUMN = re.compile(r'Referenced column "(.*?)" not found')
# What says more than the number of the line in DuckDB's account of a CSV file.
TELLING = ("Expected Number", "Value with", "Invalid", "The CSV", "file =", "Unterminated")
Row = tuple[Any, ...]


class Session:
    """A connection; `lock` it before anything out of a configuration or a data file runs."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self.connection = connection

    def run(self, sql: str) -> list[Row]:
        """All rows of an answer. Raises DataError with DuckDB's reason in a line."""
        try:
            return self.connection.execute(sql).fetchall()
        except duckdb.Error as error:
            raise DataError(reason(error)) from error

    def records(self, sql: str) -> list[dict[str, Any]]:
        """All rows of an answer by column names. Raises DataError."""
        rows = self.run(sql)
        names = [column[0] for column in self.connection.description or ()]
        return [dict(zip(names, row, strict=True)) for row in rows]

    def columns(self, relation: str) -> dict[str, str]:
        """Names and types of a relation's columns. Raises DataError."""
        return {row[0]: row[1] for row in self.run(f"DESCRIBE SELECT * FROM {relation}")}

    def load(self, extension: str, why: str) -> None:
        """Use an extension that is installed. Raises DataError where it isn't."""
        try:
            self.connection.execute(f"LOAD {extension}")
        except duckdb.Error as error:
            raise DataError(
                f"{why}: DuckDB's extension {extension} isn't installed (python -c "
                f"\"import duckdb; duckdb.sql('INSTALL {extension}')\" gets it)"
            ) from error

    def lock(self, files: Iterable[str]) -> None:
        """From now on only these files can be opened, and no setting changes any more."""
        listed = ", ".join(literal(file) for name in files for file in (name, f"{name}.wal"))
        self.run(f"SET allowed_paths = [{listed}]")
        self.run("SET enable_external_access = false")
        self.run("SET lock_configuration = true")


@contextmanager
def opened(limits: Limits, zone: str) -> Iterator[Session]:
    """A session in a time zone; what doesn't fit in memory goes to a folder that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="pipeline-health-") as folder:
        settings = SETTINGS | {"memory_limit": limits.memory, "temp_directory": folder}
        if limits.threads is not None:
            settings["threads"] = str(limits.threads)
        with duckdb.connect(":memory:", config=dict(settings)) as connection:
            session = Session(connection)
            session.run(f"SET TimeZone = {literal(zone)}")
            yield session


def reason(error: Exception) -> str:
    """What DuckDB complains about, in one line without its advice."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    text = KIND.sub("", lines[0]) if lines else type(error).__name__
    if text.startswith("CSV Error on Line"):
        text = ", ".join([text, *(line.rstrip(".") for line in lines[1:] if line.startswith(TELLING))])
    text = text.partition(". You might need")[0].rstrip(".")
    if isinstance(error, duckdb.OutOfMemoryException):
        text = f"`limits.memory` doesn't suffice: {text}"
    if (missing := NO_COLUMN.match(text)) is not None:
        text = f"the data has no column {missing[1]}"
    return text if len(text) <= LONGEST_MESSAGE else text[: LONGEST_MESSAGE - 3] + "..."


def attached(table: str) -> str:
    """`main.events` as a table of the attached database."""
    return ".".join(quoted(part) for part in ("source", *table.split(".")))
