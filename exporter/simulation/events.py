"""The events inside the simulated pipelines: who they are, in the order in which they were admitted.

All queues are first in, first out, so a pipeline's events stay in one order for life. A position counts
admissions; a stage's queue is the range of positions between two bounds. Failed events are taken out
of the order, so that the ranges hold living events only.
"""

from collections.abc import Sequence

import numpy as np

from exporter.config.model import Pipeline
from exporter.simulation.chance import Purpose, stream


def ranges(start: np.ndarray, count: np.ndarray) -> np.ndarray:
    """The integers start[i] .. start[i] + count[i] - 1 of all rows, one after the other."""
    before = np.cumsum(count) - count
    return np.repeat(start - before, count) + np.arange(int(count.sum()))


class SignalChoice:
    """Draws which signal each arriving event carries, by the pipelines' weights."""

    def __init__(self, pipelines: Sequence[Pipeline], seed: int, group: int = 0) -> None:
        weights = np.array([[signal.weight for signal in one.signals] for one in pipelines])
        self.cumulative = np.cumsum(weights, axis=1) / weights.sum(axis=1, keepdims=True)
        self.random = stream(seed, Purpose.SIGNALS, group)

    def draw(self, arrivals: np.ndarray) -> np.ndarray:
        """One signal index for each of the arrivals [ticks, pipelines], in that order."""
        counts = arrivals.ravel()
        draws = self.random.random(int(counts.sum()))
        signals = np.zeros(len(draws), dtype=np.int64)
        for column in self.cumulative.T[:-1]:
            signals += draws >= np.repeat(np.tile(column, len(arrivals)), counts)
        return signals


class EventRing:
    """Arrival tick and signal of each event inside P pipelines, in rings of `size` positions."""

    FAILED = 255

    def __init__(self, lanes: int, signals: int, size: int) -> None:
        self.size = 1 << (size - 1).bit_length()
        self.signals = signals
        self.arrived = np.zeros(lanes * self.size, dtype=np.int64)
        self.signal = np.zeros(lanes * self.size, dtype=np.uint8)

    def places(self, lanes: np.ndarray | int, positions: np.ndarray) -> np.ndarray:
        """Where in the arrays the events at `positions` stand."""
        return lanes * self.size + (positions & (self.size - 1))

    def count_inside(self, bounds: np.ndarray) -> np.ndarray:
        """Events by signal [P, S, G] in the queues between `bounds` [P, S + 1]."""
        lanes, stages = bounds.shape[0], bounds.shape[1] - 1
        inside = bounds[:, 0] - bounds[:, -1]
        queued = (bounds[:, :-1] - bounds[:, 1:])[:, ::-1].ravel()
        keys = np.repeat(np.arange(lanes * stages) * self.signals, queued)
        keys += self.signal[self.places(np.repeat(np.arange(lanes), inside), ranges(bounds[:, -1], inside))]
        counts = np.bincount(keys, minlength=lanes * stages * self.signals)
        return counts.reshape(lanes, stages, -1)[:, ::-1]

    def signals_at(self, lane: int, positions: list[int]) -> np.ndarray:
        """Signals of events of one lane."""
        signals: np.ndarray = self.signal[self.places(lane, np.array(positions, dtype=np.int64))]
        return signals

    def fail(self, lane: int, positions: list[int]) -> None:
        """Mark events of one lane failed."""
        self.signal[self.places(lane, np.array(positions, dtype=np.int64))] = self.FAILED

    def remove_failed(self, lane: int, first: int, end: int) -> np.ndarray:
        """Close the gaps that failed events left in [first, end) of a lane; the positions they had."""
        places = self.places(lane, np.arange(first, end))
        signals, arrived = self.signal[places], self.arrived[places]
        alive = signals != self.FAILED
        kept = places[: int(alive.sum())]
        self.signal[kept], self.arrived[kept] = signals[alive], arrived[alive]
        return first + np.flatnonzero(~alive)
