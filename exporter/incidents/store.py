"""The database: opened by one exporter at a time, changed in transactions that are on disk when they end."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from weakref import finalize

FILE = "incidents.sqlite"
MEMORY = ":memory:"
VERSION = 1
# The first SQLite that knows RETURNING.
OLDEST_SQLITE = (3, 35)

SCHEMA = """
CREATE TABLE incident (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    team TEXT NOT NULL,
    pipeline TEXT,
    rank INTEGER NOT NULL,
    started REAL NOT NULL,
    ended REAL,
    resolution TEXT,
    stage TEXT,
    summary TEXT NOT NULL,
    facts TEXT NOT NULL,
    escalated INTEGER NOT NULL DEFAULT 0,
    acknowledged REAL,
    acknowledged_by TEXT NOT NULL DEFAULT '',
    note TEXT NOT NULL DEFAULT ''
);
CREATE UNIQUE INDEX one_open_incident ON incident (team, ifnull(pipeline, '')) WHERE ended IS NULL;
CREATE INDEX incidents_of_a_place ON incident (team, pipeline, started);
CREATE INDEX resolved_incidents ON incident (ended, id) WHERE ended IS NOT NULL;
CREATE INDEX newest_incidents ON incident (ended IS NULL, started, id);
CREATE TABLE alert (
    fingerprint TEXT NOT NULL,
    starts REAL NOT NULL,
    incident INTEGER NOT NULL REFERENCES incident (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    rank INTEGER NOT NULL,
    labels TEXT NOT NULL,
    annotations TEXT NOT NULL,
    ends REAL,
    state TEXT NOT NULL,
    heard REAL NOT NULL,
    PRIMARY KEY (fingerprint, starts)
);
CREATE INDEX alerts_of_an_incident ON alert (incident, starts);
CREATE INDEX firing_alerts ON alert (heard) WHERE state = 'firing';
CREATE TABLE total (
    name TEXT NOT NULL,
    team TEXT NOT NULL,
    part TEXT NOT NULL,
    value REAL NOT NULL,
    PRIMARY KEY (name, team, part)
);
"""


class StoreError(Exception):
    """The database can't be opened, or a change can't be kept; the message says which and why."""


class Store:
    """The incidents' database below `folder`, or one in memory that ends with the process."""

    def __init__(self, folder: Path | None) -> None:
        self.place = MEMORY if folder is None else str(folder / FILE)
        if sqlite3.sqlite_version_info < OLDEST_SQLITE:
            raise StoreError(f"expected SQLite 3.35 or newer, got {sqlite3.sqlite_version}")
        with self.failing_in_words():
            if folder is not None:
                folder.mkdir(parents=True, exist_ok=True)
            # One thread uses it; whichever one collects the garbage may close it.
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

        FULL, since what Alertmanager was told to be kept must outlive a power cut, and it tells something a
        few times a minute only: a commit may take the milliseconds that a disk needs.
        """
        with self.failing_in_words():
            self.connection.execute("PRAGMA locking_mode = EXCLUSIVE")
            self.connection.execute("PRAGMA journal_mode = WAL")
            self.connection.execute("PRAGMA synchronous = FULL")
            self.connection.execute("PRAGMA foreign_keys = ON")
        with self.transaction() as database:
            [version] = database.execute("PRAGMA user_version").fetchone()
            if version > VERSION:
                raise StoreError(
                    f"{self.place}: expected schema version {VERSION} at most, got {version}: "
                    "a newer exporter wrote it"
                )
            if version == 0:
                for statement in SCHEMA.split(";"):
                    database.execute(statement)
                database.execute(f"PRAGMA user_version = {VERSION}")

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
            raise StoreError(f"can't keep incidents in {self.place}: {reason(error)}") from error


def reason(error: Exception) -> str:
    """Why, in words that help."""
    if isinstance(error, OSError):
        return error.strerror or str(error)
    if "locked" in str(error):
        return "another exporter uses it"
    return str(error)
