"""The last values of something, and what is usual for it: constant time and memory a value."""

import math

import msgspec
import numpy as np

LENGTH = 100
# What is judged must not be its own measure: the newest values are not yet usual.
TOO_NEW = 3
# So few say nothing of what is usual.
FEWEST = 10


class Usual(msgspec.Struct, frozen=True):
    """Mean and standard deviation of `count` values."""

    count: int
    mean: float
    deviation: float

    def score(self, value: float, least_deviation: float) -> float:
        """By how many deviations a value is above the mean; the deviation counts as this much at least."""
        return (value - self.mean) / max(self.deviation, least_deviation)


class History(msgspec.Struct):
    """The last `LENGTH` values, and the sums of those that are not too new."""

    values: np.ndarray = msgspec.field(default_factory=lambda: np.zeros(LENGTH))
    count: int = 0
    next: int = 0
    total: float = 0.0
    squares: float = 0.0

    def add(self, value: float) -> None:
        """Append a value; the oldest one goes when there are too many."""
        if self.count == LENGTH:
            self._sum(self.values[self.next], -1)
        self.values[self.next] = value
        self.count = min(self.count + 1, LENGTH)
        self.next = (self.next + 1) % LENGTH
        if self.count > TOO_NEW:
            self._sum(self.values[self.next - 1 - TOO_NEW], 1)
        if self.next == 0:
            self._sum_up()

    def usual(self) -> Usual | None:
        """What is usual; None as long as there is too little to say so."""
        count = self.count - TOO_NEW
        if count < FEWEST:
            return None
        mean = self.total / count
        return Usual(count, mean, math.sqrt(max(0.0, self.squares / count - mean * mean)))

    def newest(self, count: int) -> list[float]:
        """The newest values, the newest last."""
        return [float(self.values[self.next - back]) for back in range(min(count, self.count), 0, -1)]

    def largest(self) -> float:
        """The largest of all values; there must be one."""
        return float(self.values[: self.count].max())

    def mean(self) -> float | None:
        """The mean of all values, the newest too."""
        return float(self.values[: self.count].mean()) if self.count else None

    def drops(self) -> int:
        """How often a value is below the one before it; the first one counts where it is below 1."""
        values = np.roll(self.values, -self.next)[LENGTH - self.count :]
        return int(np.count_nonzero(np.diff(values, prepend=1.0) < 0))

    def _sum(self, value: float, sign: int) -> None:
        self.total += sign * float(value)
        self.squares += sign * float(value) ** 2

    def _sum_up(self) -> None:
        """Anew, once in a while: what is added and taken away leaves errors behind."""
        old = self.newest(LENGTH)[:-TOO_NEW]
        self.total, self.squares = math.fsum(old), math.fsum(value * value for value in old)
