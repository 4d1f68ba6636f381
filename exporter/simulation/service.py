"""Service times: a real sample for each attempt at an event, straight into histogram buckets."""

from collections.abc import Sequence

import numpy as np

from exporter.config.model import Pipeline
from exporter.observations.service import SERVICE_BUCKETS
from exporter.simulation.chance import Purpose, stream

CELLS_A_SECOND = 4000
EXACT = 2.0**-30


class BucketTable:
    """Finds the bucket (value <= boundary) of many values: a table look-up and one comparison.

    The grid is at least as fine as the closest two boundaries, so a cell holds one boundary at most.
    """

    def __init__(self, boundaries: Sequence[float]) -> None:
        self.boundaries = np.array([*boundaries, np.inf])
        cells = np.arange(int(boundaries[-1] * CELLS_A_SECOND) + 3) / CELLS_A_SECOND
        self.first = np.searchsorted(self.boundaries, cells).astype(np.int32)

    def __call__(self, values: np.ndarray) -> np.ndarray:
        """Index of each value's bucket; the last one is +Inf."""
        cells = np.minimum(values * CELLS_A_SECOND, len(self.first) - 1)
        found: np.ndarray = self.first.take(cells.astype(np.int32))
        return found + (values > self.boundaries.take(found))


class ServiceTimes:
    """Draws the service times of P pipelines of S stages."""

    def __init__(self, pipelines: Sequence[Pipeline], seed: int, group: int = 0) -> None:
        services = [[stage.service_ms for stage in pipeline.stages] for pipeline in pipelines]
        self.mean = np.array([[s.mean / 1000 for s in row] for row in services])
        self.deviation = np.array([[s.deviation / 1000 for s in row] for row in services])
        self.random = [stream(seed, Purpose.SERVICE, group, stage) for stage in range(self.mean.shape[1])]
        self.table = BucketTable(SERVICE_BUCKETS)

    def draw(self, attempts: np.ndarray, latency: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Bucket counts [pipelines, stages, buckets + 1] and sums in seconds [pipelines, stages].

        attempts and latency (a factor): [ticks, pipelines, stages]. A sample is never below zero, where
        the normal distribution would go on.
        """
        ticks, lanes, stages = attempts.shape
        counts = np.empty((lanes, stages, len(SERVICE_BUCKETS) + 1), dtype=np.int64)
        sums = np.empty((lanes, stages))
        for stage in range(stages):
            tries = attempts[:, :, stage].ravel()
            values = self.sample(stage, tries, latency[:, :, stage])
            counts[:, stage] = self.count(values, tries, lanes)
            sums[:, stage] = segment_sums(values, tries).reshape(ticks, lanes).sum(axis=0)
        return counts, sums

    def sample(self, stage: int, tries: np.ndarray, latency: np.ndarray) -> np.ndarray:
        """One value in seconds for each try, tick by tick and pipeline by pipeline."""
        mean = (self.mean[:, stage] * latency).ravel()
        deviation = (self.deviation[:, stage] * latency).ravel()
        values = self.random[stage].standard_normal(int(tries.sum()))
        values *= np.repeat(deviation, tries)
        values += np.repeat(mean, tries)
        return np.maximum(values, 0, out=values)

    def count(self, values: np.ndarray, tries: np.ndarray, lanes: int) -> np.ndarray:
        """How many values fell in each bucket of each pipeline [pipelines, buckets + 1]."""
        buckets = len(SERVICE_BUCKETS) + 1
        offsets = np.tile(np.arange(lanes) * buckets, len(tries) // lanes)
        keys = np.repeat(offsets, tries)
        keys += self.table(values)
        return np.bincount(keys, minlength=lanes * buckets).reshape(lanes, buckets)


def segment_sums(values: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    """Sums of consecutive segments of `values`; an empty one sums up to 0.

    They are rounded to a multiple of `EXACT`, so that adding them up gives the same in whatever order.
    """
    sums = np.zeros(len(lengths))
    filled = np.flatnonzero(lengths)
    if len(filled):
        sums[filled] = np.add.reduceat(values, (np.cumsum(lengths) - lengths)[filled])
    return np.rint(sums / EXACT) * EXACT
