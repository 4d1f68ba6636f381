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
        self.cumulative = (np.cumsum(weights, axis=1) / weights.sum(axis=1, keepdims=True)).astype(np.float32)
        self.random = stream(seed, Purpose.SIGNALS, group)

    def draw(self, arrivals: np.ndarray) -> np.ndarray:
        """One signal index for each of the arrivals [ticks, pipelines], in that order."""
        counts = arrivals.ravel()
        draws = self.random.random(int(counts.sum()), dtype=np.float32)
        signals = np.zeros(len(draws), dtype=np.uint8)
        for column in self.cumulative.T[:-1]:
            signals += draws >= np.repeat(np.tile(column, len(arrivals)), counts)
        return signals


class EventRing:
    """Arrival tick and signal of each event inside P pipelines, in rings of `size` positions.

    `before[lane, p % size]` counts the events of each signal at positions below p, so that a range's
    signals are one subtraction (which wraps around without harm).
    """

    def __init__(self, lanes: int, signals: int, size: int) -> None:
        self.size = 1 << (size - 1).bit_length()
        self.mask = self.size - 1
        self.signals = signals
        self.arrived = np.zeros((lanes, self.size), dtype=np.int64)
        self.signal = np.zeros((lanes, self.size), dtype=np.uint8)
        self.before = np.zeros((lanes, self.size, signals), dtype=np.int32)

    def append(self, lanes: np.ndarray, positions: np.ndarray, signals: np.ndarray, ticks: np.ndarray) -> None:
        """Write events, sorted by (lane, position), next to those that are there."""
        if not len(lanes):
            return
        places = positions & self.mask
        self.arrived[lanes, places] = ticks
        self.signal[lanes, places] = signals
        first = np.flatnonzero(np.diff(lanes, prepend=-1))
        lengths = np.diff(first, append=len(lanes))
        for signal in range(self.signals):
            count = np.cumsum(signals == signal, dtype=np.int32)
            base = self.before[lanes[first], places[first], signal] - (count[first] - (signals[first] == signal))
            self.before[lanes, (positions + 1) & self.mask, signal] = count + np.repeat(base, lengths)

    def count(self, start: np.ndarray, end: np.ndarray) -> np.ndarray:
        """Events by signal in the ranges [start, end) of every lane.

        start, end: [pipelines, n]; returns [pipelines, n, signals].
        """
        lanes = np.arange(len(start))[:, None]
        return self.before[lanes, end & self.mask] - self.before[lanes, start & self.mask]

    def remove(self, lane: int, positions: np.ndarray, first: int, end: int) -> None:
        """Take `positions` of one lane out of the order of the events in [first, end)."""
        kept = np.setdiff1d(np.arange(first, end), positions, assume_unique=True)
        arrived = self.arrived[lane, kept & self.mask]
        signals = self.signal[lane, kept & self.mask]
        self.append(np.full(len(kept), lane), first + np.arange(len(kept)), signals, arrived)
