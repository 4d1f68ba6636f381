"""The last values of something, and what is usual for it: constant time and memory a value."""

import math
from array import array
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING

import msgspec

LENGTH = 100
# What is judged must not be its own measure: the newest values are not yet usual.
TOO_NEW = 3
# So few say nothing of what is usual.
FEWEST = 10

# Before Python 3.12, only type checkers know what is in an array.
if TYPE_CHECKING:
    Floats = array[float]
else:
    Floats = array


class Usual(msgspec.Struct, frozen=True):
    """Mean and standard deviation of `count` values."""

    count: int
    mean: float
    deviation: float

    def score(self, value: float, least_deviation: float) -> float:
        """By how many deviations a value is above the mean; the deviation counts as this much at least."""
        return (value - self.mean) / max(self.deviation, least_deviation)


class History(msgspec.Struct, dict=True):
    """The last `LENGTH` values, and the sums of those that are not too new.

    `values` is a ring once it is full; `next` is then the place of the oldest one. What is asked for at every
    scrape is worked out once a value.
    """

    values: Floats = msgspec.field(default_factory=lambda: array("d"))
    next: int = 0
    total: float = 0.0
    squares: float = 0.0

    @property
    def count(self) -> int:
        """How many values are remembered."""
        return len(self.values)

    def add(self, value: float) -> None:
        """Append a value; the oldest one goes when there are too many."""
        self.__dict__.clear()
        values = self.values
        if len(values) < LENGTH:
            values.append(value)
        else:
            gone, values[self.next] = values[self.next], value
            self.total -= gone
            self.squares -= gone * gone
        self.next = (self.next + 1) % LENGTH
        if len(values) > TOO_NEW:
            old = values[self.next - 1 - TOO_NEW]
            self.total += old
            self.squares += old * old
        if self.next == 0:
            self._sum_up()

    def correct(self, back: int, value: float) -> None:
        """Put another value in the place of one that is so far back; of the newest one, 1."""
        self.__dict__.clear()
        before, self.values[self.next - back] = self.values[self.next - back], value
        if back > TOO_NEW:
            self.total += value - before
            self.squares += value * value - before * before

    def usual(self) -> Usual | None:
        """What is usual; None as long as there is too little to say so."""
        count = self.count - TOO_NEW
        if count < FEWEST:
            return None
        mean = self.total / count
        return Usual(count, mean, math.sqrt(max(0.0, self.squares / count - mean * mean)))

    def newest(self, count: int) -> list[float]:
        """The newest values, the newest last."""
        return [self.values[self.next - back] for back in range(min(count, self.count), 0, -1)]

    def largest(self, but: int = 0) -> float:
        """The largest of all values but so many still larger ones; there must be more than that."""
        return sorted(self.values)[-1 - but] if but else max(self.values)

    def mean(self) -> float | None:
        """The mean of all values, the newest too."""
        return (self.total + sum(self.newest(TOO_NEW))) / self.count if self.values else None

    @cached_property
    def drops(self) -> int:
        """How often a value is below the one before it; the first one counts where it is below 1."""
        values = self.newest(LENGTH)
        return sum(after < before for before, after in pairwise([1.0, *values]))

    def _sum_up(self) -> None:
        """Anew, once in a while: what is added and taken away leaves errors behind."""
        old = self.newest(LENGTH)[:-TOO_NEW]
        self.total, self.squares = math.fsum(old), math.fsum(value * value for value in old)
