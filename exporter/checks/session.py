"""A DuckDB that may use so much memory and, once locked, opens nothing but the named files."""

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
Row = tuple[Any, ...]


class Session:
    """A connection. `open` ones may read files; `lock` it before anything out of a configuration runs."""

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
        listed = ", ".join(literal(file) for file in files)
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
            connection.execute(f"SET TimeZone = {literal(zone)}")
            yield Session(connection)


def reason(error: Exception) -> str:
    """What DuckDB complains about, in one line without its advice."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    text = lines[0] if lines else type(error).__name__
    for kind in ("Invalid Input Error", "Conversion Error", "IO Error", "Binder Error", "Catalog Error"):
        text = text.removeprefix(f"{kind}: ")
    return text if len(text) <= LONGEST_MESSAGE else text[: LONGEST_MESSAGE - 3] + "..."


def attached(table: str) -> str:
    """`main.events` as a table of the attached database."""
    return ".".join(quoted(part) for part in ("source", *table.split(".")))
