"""The queue at the door: many who tell at once wait for one write to the disk together."""

import asyncio
import logging
from collections.abc import Callable, Container, Sequence
from pathlib import Path

import msgspec

from exporter.intake.aside import Aside
from exporter.intake.disk import Disk
from exporter.intake.entry import (
    ENCODER,
    ENTRIES,
    Abandoned,
    ChecksDropped,
    DatasetDropped,
    Dropped,
    Entry,
)
from exporter.intake.journal import Journal, Part
from exporter.intake.watched import Watched
from exporter.runs.refusals import RefusedError
from exporter.state.job import JobState
from exporter.storage import MEMORY

log = logging.getLogger("exporter.intake")

MOST_WAITING = 20_000
# A snapshot costs as much as some thousand entries; replaying as many takes less than a second.
ENTRIES_A_SNAPSHOT = 20_000
# A run is given up a day after it was last heard of, or later if its job is a slow one.
GIVEN_UP_SECONDS = 86_400
TIMES_THE_SLOWEST = 3
# At once: there must be room for what is told meanwhile, and to forget a job is to look through all runs. The
# others are still overdue a minute later.
MOST_GIVEN_UP, MOST_FORGOTTEN = MOST_WAITING // 2, 50

Refusals = list[RefusedError | None]


class FullError(Exception):
    """More waits to be kept than there is room for; nothing was kept."""


class Told:
    """Entries of one sender, and the promise to say what became of each."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        self.entries = entries
        self.done: asyncio.Future[Refusals] = asyncio.get_running_loop().create_future()

    def settle(self, result: Refusals | Exception) -> None:
        """Answer the sender, if it is still there."""
        if self.done.done():
            return
        if isinstance(result, Exception):
            self.done.set_exception(result)
        else:
            self.done.set_result(result)


class Intake:
    """Entries in: on the disk, then in the state, then acknowledged, in one order for all.

    What the disk refuses is not acknowledged and changes nothing. What is on it and raises something that
    nobody foresaw is put aside: it would do so again at every start. `unforeseen` counts that.
    """

    def __init__(
        self, journal: Journal, watched: Watched, unforeseen: Callable[[], object] = lambda: None
    ) -> None:
        self.journal, self.watched = journal, watched
        self.aside = Aside(None if journal.place == MEMORY else Path(journal.place).parent, unforeseen)
        self.waiting: list[Told] = []
        self.count = 0
        self.since_snapshot = 0
        self.unwritten: dict[Part, bytes | None] = {}
        self.disk = Disk()
        self.writing: asyncio.Task[None] | None = None
        self.replay()

    def replay(self) -> None:
        """Know again what was known before: the snapshot, and what was told after it. Raises StoreError."""
        self.watched.restore(self.journal.parts())
        for content in self.journal.entries():
            try:
                entry = ENTRIES.decode(content)
            except msgspec.DecodeError as error:
                self.since_snapshot += 1
                self.aside.put(content, self.since_snapshot, error)
            else:
                self.take_in(entry)
        if aside := self.aside.taken():
            self.aside.write(aside)
        if self.since_snapshot:
            log.info("runs replayed", extra={"entries": self.since_snapshot})

    async def tell(self, entries: Sequence[Entry]) -> Refusals:
        """Keep entries; for each None or why it was refused.

        Raises FullError or StoreError, and has then kept nothing.
        """
        if self.count + len(entries) > MOST_WAITING:
            raise FullError(f"{self.count} events wait to be written")
        told = Told(entries)
        self.waiting.append(told)
        self.count += len(entries)
        if self.writing is None or self.writing.done():
            self.writing = asyncio.create_task(self.write_all())
        return await told.done

    async def write_all(self) -> None:
        """Write what waits, as much at once as there is, until nothing waits."""
        while self.waiting:
            batch, self.waiting = self.waiting, []
            try:
                await self.write(batch)
            except Exception as error:  # told on to who sent it: 503, or 500 where nobody foresaw it
                for told in batch:
                    told.settle(error)
            finally:
                self.count -= sum(len(told.entries) for told in batch)
            if self.since_snapshot >= ENTRIES_A_SNAPSHOT:
                await self.write_snapshot()

    async def write(self, batch: Sequence[Told]) -> None:
        """Keep a batch and say so. Raises StoreError."""
        entries = [entry for told in batch for entry in told.entries]
        await self.disk.do(self.journal.append, [ENCODER.encode(entry) for entry in entries])
        results = [[self.take_in(entry) for entry in told.entries] for told in batch]
        if aside := self.aside.taken():
            await self.disk.do(self.aside.write, aside)
        for told, result in zip(batch, results, strict=True):
            told.settle(result)

    async def write_snapshot(self) -> None:
        """Make the journal short; if that fails it grows on, and nothing is lost."""
        try:
            self.unwritten |= self.watched.snapshot()
            await self.disk.do(self.journal.write_snapshot, self.unwritten)
        except Exception as error:  # whoever waits to be written must not wait for ever
            log.error("snapshot not written", extra={"error": error})
        else:
            self.unwritten = {}
        self.since_snapshot = 0

    def take_in(self, entry: Entry) -> RefusedError | None:
        """Let the state know; why not, if it may not."""
        self.since_snapshot += 1
        try:
            self.watched.apply(entry)
        except RefusedError as error:
            return error
        except Exception as error:  # it is on the disk, and one entry must not keep all others out
            self.aside.put(entry, self.since_snapshot, error)
            self.watched.drop_halves()
        return None

    def overdue(self, now: float, forget_after: float, scheduled: Container[str] = ()) -> list[Entry]:
        """What is to be given up at `now`: runs in progress; jobs, datasets and checks long unheard of.

        Both in seconds, `now` since 1970 UTC. A stream tells for months of one run alone. Checks of datasets
        on schedule stay: that they are old is told of them.
        """
        tracker, jobs, until = self.watched.tracker, self.watched.jobs, now - forget_after
        runs = [
            Abandoned(run_id, now)
            for run_id, run in tracker.open.items()
            if now - run.heard >= GIVEN_UP_SECONDS and is_overdue(jobs[run.pipeline], now - run.heard)
        ]
        alive = {run.pipeline for run in tracker.open.values() if run.heard > until}
        silent = [name for name in tracker.jobs if jobs[name].heard() <= until]
        gone = [Dropped(name, until) for name in silent if name not in alive]
        unheard = [one.name for one in self.watched.datasets if one.heard <= until]
        stale = [DatasetDropped(name, until) for name in unheard[:MOST_FORGOTTEN]]
        unchecked = [one.dataset for one in self.watched.checks if one.report.time <= until]
        unchecked = [name for name in unchecked if name not in scheduled]
        dropped = [ChecksDropped(name, until) for name in unchecked[:MOST_FORGOTTEN]]
        return [*runs[:MOST_GIVEN_UP], *gone[:MOST_FORGOTTEN], *stale, *dropped]


def is_overdue(job: JobState, silent: float) -> bool:
    """Whether a run of which nothing was heard for these seconds won't end any more."""
    return not job.streaming and silent >= TIMES_THE_SLOWEST * job.duration.longest()
