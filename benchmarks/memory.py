"""Memory: what ten days of the default pipeline add to the process."""

import gc
import os
from pathlib import Path

from benchmarks.contest import alone
from benchmarks.row import Row, Unit
from benchmarks.streams import Streams, default_pipelines

STATM = Path("/proc/self/statm")
HOUR, DAYS = 3600, 10
DAY = 24 * HOUR


def resident() -> float:
    """Megabytes of this process in memory (Linux)."""
    pages = int(STATM.read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


class Growth:
    """Megabytes that `DAYS` simulated days add after an hour, at the highest of the days' ends."""

    def __call__(self) -> float:
        """One round."""
        streams = Streams(default_pipelines(1))
        streams.advance(HOUR)
        gc.collect()
        before = resident()
        ends = []
        for _ in range(DAYS):
            streams.advance(DAY)
            ends.append(resident())
        return max(ends) - before


def rows(rounds: int) -> list[Row]:
    """For information, in one round; nothing where the system doesn't say what a process has in memory."""
    del rounds
    if not STATM.exists():
        return []
    return [Row(f"memory added by {DAYS} days of 1 pipeline", Unit.MEGABYTES, [alone(Growth)])]
