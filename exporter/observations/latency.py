"""End-to-end latency: whole ticks, counted in columns fine enough for percentiles and SLOs."""

from collections.abc import Sequence

import numpy as np

from exporter.config.model import LatencySlo, Pipeline

LATENCY_BUCKETS = (4, 5, 6, 8, 10, 12, 15, 20, 30, 45, 60, 90, 120)
FINE = 20


class LatencyColumns:
    """Columns of latency counts: each tick up to `FINE`, then the histogram's boundaries, then all above.

    buckets: the histogram's boundaries in ticks, every latency SLO's threshold among them.
    upper [H - 1]: the longest latency that each column but the last one holds.
    """

    def __init__(self, pipelines: Sequence[Pipeline]) -> None:
        slos = (slo for one in pipelines for slo in one.slos)
        thresholds = {int(slo.threshold) for slo in slos if isinstance(slo, LatencySlo)}
        self.buckets = sorted({*LATENCY_BUCKETS, *thresholds})
        self.upper = np.array(sorted({*range(FINE + 1), *self.buckets}))
        self.column_of = np.searchsorted(self.upper, np.arange(self.upper[-1] + 2))
        self.first = np.searchsorted(self.upper, [0, *(bucket + 1 for bucket in self.buckets)])

    def __len__(self) -> int:
        return len(self.upper) + 1

    def find(self, latency: np.ndarray) -> np.ndarray:
        """The column of each latency in ticks."""
        return self.column_of.take(latency, mode="clip")

    def fold(self, counts: np.ndarray) -> np.ndarray:
        """Counts by column [..., H] as counts by bucket [..., buckets + 1]."""
        return np.add.reduceat(counts, self.first, axis=-1)

    def quantile(self, counts: np.ndarray, share: float) -> int | None:
        """Ticks within which `share` of `counts` [H] was delivered, None without any.

        What is beyond the last boundary counts as one tick more than it.
        """
        return self.quantiles(counts[None], share)[0]

    def quantiles(self, counts: np.ndarray, share: float) -> list[int | None]:
        """The quantile of each row of `counts` [n, H]."""
        seen = np.cumsum(counts, axis=1)
        columns = (seen >= share * seen[:, -1:]).argmax(axis=1)
        ticks = np.append(self.upper, self.upper[-1] + 1)[columns].tolist()
        return [tick if total else None for tick, total in zip(ticks, seen[:, -1].tolist(), strict=True)]
