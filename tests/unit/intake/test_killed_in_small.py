"""Killed at every moment: restored from the files as they are in the middle of a write, hundreds of times."""

import asyncio
from pathlib import Path
from typing import NamedTuple

import numpy as np

from exporter.intake.entry import Entry
from exporter.intake.journal import FILE, Journal
from exporter.reports.event import CheckOutcome, ChecksReport
from exporter.runs.event import Assertion, Dataset, Kind, RunEvent
from tests.unit.intake.told import Everything, Life

WRITES = 50
DEATHS_A_WRITE = 5
PAGE = 4096
KINDS: tuple[Kind, ...] = ("COMPLETE", "FAIL", "ABORT", "SKIP", "START")


class Files(NamedTuple):
    """What is on the disk: the database and its write-ahead log."""

    database: bytes
    log: bytes


def read(folder: Path) -> Files:
    return Files((folder / FILE).read_bytes(), (folder / f"{FILE}-wal").read_bytes())


def killed_while(before: Files, after: Files, dice: np.random.Generator) -> Files:
    """The files at a random moment of a commit: the log is written from its start to its end.

    A checkpoint, if there was one, comes after the commit: then the log is whole, and the database has
    some of its pages.
    """
    if before.database != after.database and dice.random() < 0.5:
        database = bytearray(before.database.ljust(len(after.database), b"\0"))
        for page in range(0, len(database), PAGE):
            if dice.integers(2):
                database[page : page + PAGE] = after.database[page : page + PAGE]
        return Files(bytes(database), after.log)
    changed = [n for n, (old, new) in enumerate(zip(before.log, after.log, strict=False)) if old != new]
    first = changed[0] if changed else len(before.log)
    end = max(changed[-1] + 1 if changed else 0, len(after.log) if len(after.log) > len(before.log) else 0)
    torn = int(dice.integers(first, end + 1))
    return Files(before.database, after.log[:torn] + before.log[torn:])


def restored(files: Files, folder: Path) -> Everything:
    """What a process knows that is started on these files."""
    folder.mkdir()
    (folder / FILE).write_bytes(files.database)
    (folder / f"{FILE}-wal").write_bytes(files.log)
    journal = Journal(folder)
    life = Life(journal)
    life.end()
    journal.close()
    return life.everything()


def entries(number: int, dice: np.random.Generator) -> list[Entry]:
    """Some runs, told together: their starts and ends, what they wrote and what its tests and checks say."""
    found: list[Entry] = []
    for run in range(int(dice.integers(1, 9))):
        name = str(dice.choice(["load", "report", "clean"]))
        tests = (Assertion("unique", bool(dice.integers(2))),)
        wrote = Dataset(name, int(dice.integers(99)), columns=((f"x{number % 5}", "int"),), assertions=tests)
        kind = KINDS[int(dice.integers(len(KINDS)))]
        run_id, time = f"{number}-{run}", float(number)
        found.append(RunEvent(run_id, "ns", name, "START", time - 1))
        found.append(RunEvent(run_id, "ns", name, kind, time, team="x" * 99, outputs=(wrote,)))
        verdict = CheckOutcome("rows", "", 1, "PASS", "said", float(dice.integers(99)))
        found.append(ChecksReport(name, "shop", time, outcomes=(verdict,)))
    return found


async def write(life: Life, number: int, dice: np.random.Generator) -> None:
    """One transaction: a snapshot now and then, else some entries."""
    if number % 7 == 6:
        await life.intake.write_snapshot()
    else:
        await life.intake.tell(entries(number, dice))


def test_whenever_it_is_killed_all_is_there_that_was_acknowledged_and_nothing_by_halves(
    tmp_path: Path,
) -> None:
    dice = np.random.default_rng(1)
    journal = Journal(tmp_path / "live")
    journal.connection.execute("PRAGMA wal_autocheckpoint = 40")
    life = Life(journal)
    before, known_before = read(tmp_path / "live"), life.everything()
    half_done = checkpoints = 0
    for number in range(WRITES):
        asyncio.run(write(life, number, dice))
        after, known = read(tmp_path / "live"), life.everything()
        assert restored(after, tmp_path / f"{number}") == known
        for death in range(DEATHS_A_WRITE):
            found = restored(killed_while(before, after, dice), tmp_path / f"{number}-{death}")
            assert found in (known_before, known)
            half_done += found == known_before != known
        checkpoints += before.database != after.database
        before, known_before = after, known
    assert half_done > WRITES / 2
    assert checkpoints > 3
    life.end()
    journal.close()
