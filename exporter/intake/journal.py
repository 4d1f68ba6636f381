"""The journal of what was told, and the snapshot that makes it short: together they are the state."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec

from exporter.storage import Database

FILE = "runs.sqlite"
SCHEMA = """
CREATE TABLE entries (number INTEGER PRIMARY KEY, packed BLOB NOT NULL);
CREATE TABLE part (kind TEXT NOT NULL, name TEXT NOT NULL, content BLOB NOT NULL, PRIMARY KEY (kind, name))
"""
PACKED = msgspec.msgpack.Decoder(list[bytes])


class Part(NamedTuple):
    """A piece of a snapshot: one job, one run, one dataset."""

    kind: str
    name: str


class Journal(Database):
    """Entries in the order in which they were told, after the snapshot that the older ones went into."""

    def __init__(self, folder: Path | None) -> None:
        super().__init__(folder, FILE, "runs", (SCHEMA,))

    def append(self, entries: Sequence[bytes]) -> None:
        """Keep entries, all or none; they are on disk when this returns. Raises StoreError.

        They become one row, for one statement is a transaction by itself: after each of several, this thread
        would have to get the interpreter's lock back from a busy event loop.
        """
        packed = msgspec.msgpack.encode(entries)
        with self.failing_in_words():
            self.connection.execute("INSERT INTO entries (packed) VALUES (?)", (packed,))

    def entries(self) -> Iterator[bytes]:
        """Those that are in no snapshot yet, oldest first."""
        with self.failing_in_words():
            for [packed] in self.connection.execute("SELECT packed FROM entries ORDER BY number"):
                yield from PACKED.decode(packed)

    def parts(self) -> Iterator[tuple[Part, bytes]]:
        """The snapshot."""
        with self.failing_in_words():
            for kind, name, content in self.connection.execute("SELECT kind, name, content FROM part"):
                yield Part(kind, name), content

    def write_snapshot(self, changed: Mapping[Part, bytes | None]) -> None:
        """Let the snapshot take in all entries: its changed parts, None for one that is gone."""
        gone = [part for part, content in changed.items() if content is None]
        kept = [(*part, content) for part, content in changed.items() if content is not None]
        with self.transaction() as database:
            database.executemany("DELETE FROM part WHERE kind = ? AND name = ?", gone)
            database.executemany("INSERT OR REPLACE INTO part (kind, name, content) VALUES (?, ?, ?)", kept)
            database.execute("DELETE FROM entries")
