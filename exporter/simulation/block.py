"""A block of ticks: what moved, tick by tick, before it is measured."""

from dataclasses import dataclass

import numpy as np

from exporter.simulation.events import EventRing, ranges


@dataclass(slots=True)
class Block:
    """T ticks of P pipelines of S stages and G signals, from tick `first` on.

    before, moves [T, P, S + 1]: positions (admitted, passed each stage) at the start of each tick, and how
    far they moved in it. attempts, backlog [T, P, S] integers, blocked [T, P, S] flags.
    arrived, eligible [T, P]; signals: of all arrivals, in order. failed_at [T, P, S], failed and retried
    [P, S, G]: events failed for good and attempts made again.
    """

    first: int
    before: np.ndarray
    moves: np.ndarray
    attempts: np.ndarray
    backlog: np.ndarray
    blocked: np.ndarray
    arrived: np.ndarray
    eligible: np.ndarray
    signals: np.ndarray
    failed_at: np.ndarray
    failed: np.ndarray
    retried: np.ndarray

    @classmethod
    def begin(cls, first: int, arrived: np.ndarray, signals: np.ndarray, stages: int, kinds: int) -> "Block":
        """A block in which nothing has moved yet; `kinds` of signals."""
        ticks, lanes = arrived.shape
        positions, counts = (ticks, lanes, stages + 1), (ticks, lanes, stages)
        return cls(
            first=first,
            before=np.zeros(positions, dtype=np.int64),
            moves=np.zeros(positions, dtype=np.int64),
            attempts=np.zeros(counts, dtype=np.int64),
            backlog=np.zeros(counts, dtype=np.int64),
            blocked=np.zeros(counts, dtype=bool),
            arrived=arrived,
            eligible=np.zeros_like(arrived),
            signals=signals,
            failed_at=np.zeros(counts, dtype=np.int64),
            failed=np.zeros((lanes, stages, kinds), dtype=np.int64),
            retried=np.zeros((lanes, stages, kinds), dtype=np.int64),
        )

    @property
    def admitted(self) -> np.ndarray:
        """Events that came in [T, P]."""
        return self.moves[:, :, 0]

    def deliveries(self, ring: EventRing) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Tick (from 0), lane, signal, and ticks since admission of each delivered event."""
        left = self.moves[:, :, -1]
        positions = ranges(self.before[:, :, -1].ravel(), left.ravel())
        ticks, lanes = owners(left)
        places = ring.places(lanes, positions)
        signals, latency = ring.signal[places], self.first + ticks - ring.arrived[places]
        if self.failed_at[:, :, -1].any():
            alive = signals != ring.FAILED
            return ticks[alive], lanes[alive], signals[alive], latency[alive]
        return ticks, lanes, signals, latency


def owners(counts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Tick (from 0) and lane of each of `counts` [T, P] events, one after the other."""
    ticks, lanes = np.indices(counts.shape)
    return np.repeat(ticks.ravel(), counts.ravel()), np.repeat(lanes.ravel(), counts.ravel())
