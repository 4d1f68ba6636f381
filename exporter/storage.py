"""A database: opened by one exporter at a time, changed in transactions that are on disk when they end."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from weakref import finalize

MEMORY = ":memory:"
# The first SQLite that knows RETURNING.
OLDEST_SQLITE = (3, 35)


class StoreError(Exception):
    """The database can't be opened, or a change can't be kept; the message says which and why."""


class Database:
    """A file below `folder`, or one in memory that ends with the process.

    `what` is kept in it, in the tables of `schema`: the first script makes them, each further one takes them
    from one version to the next.
    """

    def __init__(self, folder: Path | None, file: str, what: str, schema: Sequence[str]) -> None:
        self.place = MEMORY if folder is None else str(folder / file)
        self.what, self.schema = what, schema
        if sqlite3.sqlite_version_info < OLDEST_SQLITE:
            raise StoreError(f"expected SQLite 3.35 or newer, got {sqlite3.sqlite_version}")
        with self.failing_in_words():
            if folder is not None:
                folder.mkdir(parents=True, exist_ok=True)
            # One thread uses it at a time; whichever one collects the garbage may close it.
            self.connection = sqlite3.connect(
                self.place, timeout=0, isolation_level=None, check_same_thread=False
            )
        # Python 3.13 warns of connections that nobody closes.
        self.close = finalize(self, self.connection.close)
        self.connection.row_factory = sqlite3.Row
        try:
            self.prepare()
        except StoreError:
            self.close()
            raise

    def prepare(self) -> None:
        """Take the database for this process alone, and give it its tables.

        FULL, since what was acknowledged must outlive a power cut.
        """
        with self.failing_in_words():
            self.connection.execute("PRAGMA locking_mode = EXCLUSIVE")
            self.connection.execute("PRAGMA journal_mode = WAL")
            self.connection.execute("PRAGMA synchronous = FULL")
            self.connection.execute("PRAGMA foreign_keys = ON")
        with self.transaction() as database:
            [version] = database.execute("PRAGMA user_version").fetchone()
            if version > len(self.schema):
                raise StoreError(
                    f"{self.place}: expected schema version {len(self.schema)} at most, got {version}: "
                    "a newer exporter wrote it"
                )
            for script in self.schema[version:]:
                for statement in script.split(";"):
                    database.execute(statement)
            database.execute(f"PRAGMA user_version = {len(self.schema)}")

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All of it or nothing; once it has ended well, it is on the disk."""
        with self.failing_in_words():
            self.connection.execute("BEGIN IMMEDIATE")
            try:
                yield self.connection
                self.connection.execute("COMMIT")
            except BaseException:
                if self.connection.in_transaction:
                    self.connection.execute("ROLLBACK")
                raise

    @contextmanager
    def failing_in_words(self) -> Iterator[None]:
        """Make StoreErrors of what the disk and SQLite complain about."""
        try:
            yield
        except (OSError, sqlite3.Error) as error:
            raise StoreError(f"can't keep {self.what} in {self.place}: {reason(error)}") from error


def reason(error: Exception) -> str:
    """Why, in words that help."""
    if isinstance(error, OSError):
        return error.strerror or str(error)
    if "locked" in str(error):
        return "another exporter uses it"
    return str(error)
