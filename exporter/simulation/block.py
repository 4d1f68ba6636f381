"""A block of ticks after its moves: who was where, and what that means for outcomes and latency."""

from dataclasses import dataclass

import numpy as np

from exporter.simulation.events import EventRing, ranges
from exporter.simulation.moves import Failures

Places = list[tuple[int, int, int]]


@dataclass(slots=True)
class Block:
    """T ticks of P pipelines from tick `first` on.

    before, bounds [T, P, S + 1]: positions admitted and passed, before and after each tick.
    attempts [T, P, S], blocked [T, P, S], arrived [T, P].
    """

    first: int
    before: np.ndarray
    bounds: np.ndarray
    attempts: np.ndarray
    blocked: np.ndarray
    arrived: np.ndarray
    failures: Failures

    @property
    def admitted(self) -> np.ndarray:
        """Events that came in [T, P]."""
        return self.bounds[:, :, 0] - self.before[:, :, 0]

    @property
    def left(self) -> np.ndarray:
        """Events that left each stage's queue, failed ones included [T, P, S]."""
        return self.bounds[:, :, 1:] - self.before[:, :, 1:]

    def failed(self) -> np.ndarray:
        """Events that failed for good [P, S]; there are none in blocks of more than one tick."""
        counts = np.zeros(self.bounds.shape[1:], dtype=np.int64)[:, :-1]
        for lane, stage, _ in self.failures.failed:
            counts[lane, stage] += 1
        return counts

    def by_signal(self, places: Places, ring: EventRing) -> np.ndarray:
        """Events at `places` by signal [P, S, G]."""
        lanes, stages = self.attempts.shape[1:]
        counts = np.zeros((lanes, stages, ring.signals), dtype=np.int64)
        for lane, stage, position in places:
            counts[lane, stage, ring.signal[ring.places(lane, np.array(position))]] += 1
        return counts

    def owners(self, counts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Tick (from 0) and lane of each of `counts` [T, P] events, one after the other."""
        ticks, lanes = np.indices(counts.shape)
        return np.repeat(ticks.ravel(), counts.ravel()), np.repeat(lanes.ravel(), counts.ravel())

    def deliveries(self, ring: EventRing) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Tick (from 0), lane, signal, and ticks since admission of each delivered event."""
        count = self.left[:, :, -1]
        positions = ranges(self.before[:, :, -1].ravel(), count.ravel())
        ticks, lanes = self.owners(count)
        last = self.attempts.shape[2] - 1
        gone = {(lane, position) for lane, stage, position in self.failures.failed if stage == last}
        if gone:
            alive = [place not in gone for place in zip(lanes.tolist(), positions.tolist(), strict=True)]
            ticks, lanes, positions = ticks[alive], lanes[alive], positions[alive]
        places = ring.places(lanes, positions)
        return ticks, lanes, ring.signal[places], self.first + ticks - ring.arrived[places]
