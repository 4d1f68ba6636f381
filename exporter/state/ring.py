"""The last ticks of a series, in constant memory."""

from collections import deque

import numpy as np


class Ring:
    """The last `length` rows of a growing array; a row is what one tick came to."""

    def __init__(self, length: int, shape: tuple[int, ...], dtype: type[np.generic]) -> None:
        self.rows = np.zeros((length, *shape), dtype=dtype)
        self.end = 0

    def extend(self, rows: np.ndarray) -> None:
        """Append rows [ticks, ...]."""
        self.end += len(rows)
        kept = rows[-len(self.rows) :]
        self.rows[np.arange(self.end - len(kept), self.end) % len(self.rows)] = kept

    def last(self, count: int, *place: int) -> np.ndarray:
        """The last `count` rows, or what stands at `place` in them, oldest first; fewer when there were."""
        count = min(count, self.end, len(self.rows))
        found: np.ndarray = self.rows[(np.arange(self.end - count, self.end) % len(self.rows), *place)]
        return found


class Snapshots:
    """Copies of a cumulative array, every `SPACING` ticks or later, for the growth in the last minute."""

    SPACING = 10
    COUNT = 6

    def __init__(self, first: np.ndarray) -> None:
        self.taken: deque[tuple[int, np.ndarray]] = deque([(0, first.copy())], maxlen=self.COUNT)

    def take(self, tick: int, values: np.ndarray) -> None:
        """Keep a copy of `values` as of `tick`, unless the last one is too recent."""
        if tick >= self.taken[-1][0] + self.SPACING:
            self.taken.append((tick, values.copy()))

    @property
    def oldest(self) -> np.ndarray:
        """The values about a minute ago."""
        return self.taken[0][1]


def trailing(flags: np.ndarray, before: np.ndarray) -> np.ndarray:
    """How many ticks in a row `flags` [ticks, ...] were true up to now; `before`: the same at the start."""
    run = np.argmin(flags[::-1], axis=0)
    return np.where(flags.all(axis=0), before + len(flags), run)
