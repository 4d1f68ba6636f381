"""What could not be applied, though it is in the journal: put aside for somebody to look at."""

import logging
from collections.abc import Callable
from pathlib import Path
from traceback import format_exception

import msgspec

from exporter.intake.entry import Entry

log = logging.getLogger("exporter.intake")

FILE = "unapplied.jsonl"
# Of one process. Whoever mends the first ones has mended the others, and a log must not grow with each event.
MOST_KEPT = 100


class Aside:
    """Entries that raise what nobody foresaw, each counted, the first ones logged and kept below `folder`.

    They stay in the journal and raise again at the next start, until a snapshot takes it in: each text is
    kept once.
    """

    def __init__(self, folder: Path | None, count: Callable[[], object]) -> None:
        self.path = None if folder is None else folder / FILE
        self.count = count
        self.found = 0
        self.unwritten: list[bytes] = []

    def put(self, entry: Entry | bytes, place: int, error: Exception) -> None:
        """Remember one: the `place`th since the last snapshot. Bytes are what can't be read."""
        self.count()
        self.found += 1
        if self.found > MOST_KEPT:
            return
        log.error(
            "entry not applied", exc_info=error, extra={"place": place, "kept_in": self.path or "memory"}
        )
        content = entry.hex() if isinstance(entry, bytes) else entry
        trace = "".join(format_exception(error))
        self.unwritten.append(msgspec.json.encode({"entry": content, "place": place, "error": trace}) + b"\n")

    def write(self, lines: list[bytes]) -> None:
        """Append those lines whose entries are not there yet; one that can't be written is in the log."""
        if self.path is None:
            return
        try:
            known = self.path.read_bytes() if self.path.exists() else b""
            fresh = [line for line in lines if line.partition(b',"place":')[0] not in known]
            with self.path.open("ab") as file:
                file.writelines(fresh)
        except OSError as error:
            log.error("entries not put aside", extra={"error": error})

    def taken(self) -> list[bytes]:
        """What is to be written; whoever takes it writes it."""
        lines, self.unwritten = self.unwritten, []
        return lines
