"""Review sampling: events are marked at random when admitted and followed to their delivery."""

import numpy as np

from exporter.observations.tallies import ReviewSamples
from exporter.simulation.chance import Purpose, stream
from exporter.simulation.events import EventRing

INSIDE = -1


class ReviewMarks:
    """The marked events inside P pipelines of S stages, one row an event in every array."""

    def __init__(self, probability: np.ndarray, stages: int, seed: int, group: int = 0) -> None:
        self.probability = probability
        self.random = stream(seed, Purpose.REVIEW, group)
        self.lane, self.position, self.sequence, self.signal, self.admitted = np.zeros((5, 0), dtype=np.int64)
        self.left = np.zeros((0, stages), dtype=np.int64)

    def choose(self, lanes: np.ndarray) -> np.ndarray:
        """Indices of the admitted events to mark; `lanes` in order of admission."""
        return np.flatnonzero(self.random.random(len(lanes)) < self.probability[lanes])

    def add(self, rows: np.ndarray) -> None:
        """Follow further events: rows of lane, position, sequence, signal, tick of admission."""
        for name, column in zip(("lane", "position", "sequence", "signal", "admitted"), rows, strict=True):
            setattr(self, name, np.concatenate([getattr(self, name), column]))
        fresh = np.full((rows.shape[1], self.left.shape[1]), INSIDE, dtype=np.int64)
        self.left = np.concatenate([self.left, fresh])

    def follow(self, first: int, bounds: np.ndarray) -> None:
        """Note which stages the marked events left; bounds [ticks, pipelines, stages] after each tick."""
        for stage in range(self.left.shape[1]):
            inside = np.flatnonzero(self.left[:, stage] == INSIDE)
            passed = bounds[:, self.lane[inside], stage] > self.position[inside]
            ticks = first + len(bounds) - passed.sum(axis=0)
            self.left[inside, stage] = np.where(passed[-1], ticks, INSIDE)

    def remove_failed(self, lane: int, ring: EventRing) -> None:
        """Forget the marked events of `lane` that failed."""
        mine = np.flatnonzero(self.lane == lane)
        failed = mine[ring.signal[ring.places(lane, self.position[mine])] == ring.FAILED]
        self.keep(~np.isin(np.arange(len(self.lane)), failed))

    def shift(self, lane: int, gone: np.ndarray) -> None:
        """Move up the marked events of `lane` behind the positions that are `gone`."""
        mine = self.lane == lane
        self.position[mine] -= np.searchsorted(gone, self.position[mine])

    def collect(self) -> ReviewSamples:
        """The marked events that were delivered, oldest first; they are followed no longer."""
        done = np.flatnonzero(self.left[:, -1] != INSIDE)
        order = done[np.lexsort((self.lane[done], self.left[done, -1]))]
        samples = ReviewSamples(
            lane=self.lane[order],
            sequence=self.sequence[order],
            signal=self.signal[order],
            admitted=self.admitted[order],
            left=self.left[order],
        )
        if len(done):
            self.keep(self.left[:, -1] == INSIDE)
        return samples

    def keep(self, chosen: np.ndarray) -> None:
        """Forget all but the `chosen` rows."""
        for name in ("lane", "position", "sequence", "signal", "admitted", "left"):
            setattr(self, name, getattr(self, name)[chosen])
