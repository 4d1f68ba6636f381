"""Dataset checks: all of them on ten million rows, against a bare decode, Soda Core, polars and pandas.

Every run is a program of its own, in turn with the others; the time is that of its work, without its start.
"""

import json
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from math import isclose
from pathlib import Path

from benchmarks.clickstream import checks, clickstream
from benchmarks.contest import in_turn
from benchmarks.pinned import CACHE
from benchmarks.row import Row, Unit
from tools.peers import MissingError

ROOT = Path(__file__).resolve().parents[1]
PEERS = CACHE / "checkers/bin/python"
ROWS = 10_000_000
MEMORY, LITTLE_MEMORY = "1GB", "256MB"
# The peer, and how many times as good ours is wanted to be.
WANTED = (("bare decode", 1 / 2.5), ("Soda Core", 2.5), ("polars", 3.0), ("pandas", 3.0))
OURS, NEWEST, LITTLE = "ours", "ours, newest day", f"ours in {LITTLE_MEMORY}"


@dataclass(frozen=True, slots=True)
class Ran:
    """A checker's run: what it counted, seconds by the clock and of the CPU, megabytes at most."""

    counts: dict[str, float]
    seconds: float
    cpu: float
    megabytes: float


def ran(data: Path, python: str | Path, checker: str, *arguments: str | Path) -> Ran:
    """Run a checker on data that is in memory: no disk is measured."""
    data.read_bytes()
    command = [str(python), "-m", f"benchmarks.checkers.{checker}", *map(str, arguments)]
    done = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
    return Ran(**json.loads(done.stdout.splitlines()[-1]))


def peers() -> Path:
    """The Python that has the peers."""
    if not PEERS.exists():
        raise MissingError("Soda Core, polars and pandas are not there: make bench gets them")
    return PEERS


def rows(rounds: int, count: int = ROWS) -> list[Row]:
    """By the clock, which counts, by CPU time, and memory."""
    data = clickstream(count)
    configuration, little = checks(data, MEMORY), checks(data, LITTLE_MEMORY)
    contestants: dict[str, Callable[[], Ran]] = {
        OURS: partial(ran, data, sys.executable, "ours", configuration),
        NEWEST: partial(ran, data, sys.executable, "ours", configuration, "1"),
        LITTLE: partial(ran, data, sys.executable, "ours", little),
        "bare decode": partial(ran, data, sys.executable, "decode", data, MEMORY),
        "Soda Core": partial(ran, data, peers(), "soda_", data, MEMORY),
        "polars": partial(ran, data, peers(), "polars_", data),
        "pandas": partial(ran, data, peers(), "pandas_", data),
    }
    figures = in_turn(contestants, rounds)
    for name in (LITTLE, *(name for name, _ in WANTED[1:])):
        alike(name, figures[name][0].counts, figures[OURS][0].counts)
    return [*times(figures, count), *memory(figures, count)]


def alike(name: str, counts: Mapping[str, float], ours: Mapping[str, float]) -> None:
    """Insist that a contestant counted what ours did; sums of fractions depend on their order."""
    different = {
        key: (counts.get(key), value)
        for key, value in ours.items()
        if not isclose(counts.get(key, -1.0), value, rel_tol=1e-9)
    }
    assert not different, f"{name} and ours differ: {different}"


def times(figures: Mapping[str, list[Ran]], count: int) -> list[Row]:
    """Seconds against each peer, and of the newest day against all days."""
    whole, newest = figures[OURS], figures[NEWEST]
    found = []
    for said, read, bound in (("", "seconds", True), (", CPU time", "cpu", False)):
        ours = [getattr(one, read) for one in whole]
        for name, wanted in WANTED:
            peer = [getattr(one, read) for one in figures[name]]
            title = f"check {count:,} rows{said}"
            found.append(Row(title, Unit.SECONDS, ours, name, peer, wanted if bound else None))
        day = [getattr(one, read) for one in newest]
        title = f"check the newest day{said}"
        found.append(Row(title, Unit.SECONDS, day, "all days", ours, 20 if bound else None))
    return found


def memory(figures: Mapping[str, list[Ran]], count: int) -> list[Row]:
    """The most that a run had in memory, Python and all, against its limit and against pandas."""
    whole = [one.megabytes for one in figures[OURS]]
    little = [one.megabytes for one in figures[LITTLE]]
    title = f"memory to check {count:,} rows"
    found = [
        Row(title, Unit.MEGABYTES, whole, f"the limit, {MEMORY}", [1000.0] * len(whole), 1),
        Row(title, Unit.MEGABYTES, little, f"the limit, {LITTLE_MEMORY}", [256.0] * len(little), 1),
    ]
    for name, _ in WANTED[1:]:
        found.append(Row(title, Unit.MEGABYTES, whole, name, [one.megabytes for one in figures[name]]))
    return found
