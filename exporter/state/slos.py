"""SLOs of streams: good and bad events, counted."""

from collections.abc import Sequence

import numpy as np

from exporter.config.model import LatencySlo, Pipeline, ThroughputSlo
from exporter.observations.latency import LatencyColumns
from exporter.observations.tallies import Tallies

PERIOD = 30 * 86400


def budget_burnt(good: int, bad: int, objective: float, coverage: float = 1.0) -> float:
    """Share of the error budget that is gone; more than 1 is overspent.

    The budget is that of the events counted so far, or with `coverage` below 1 that of a period of which
    they are this share: so that one bad event in the first minute does not overspend a month.
    """
    return coverage * bad / ((good + bad) * (1 - objective)) if good + bad else 0.0


class SloCounts:
    """Good and bad events of all SLOs of P pipelines, in the order of `slos`: (row of the pipeline, SLO).

    Latency: whatever leaves a pipeline counts, and only what was delivered in time is good: late, failed
    and dropped events are bad. Throughput: a cycle counts when `minimum` events could have been delivered.
    The budget is that of a `period` of seconds.
    """

    def __init__(self, pipelines: Sequence[Pipeline], columns: LatencyColumns, period: int = PERIOD) -> None:
        self.period = period
        self.slos = [(lane, slo) for lane, one in enumerate(pipelines) for slo in one.slos]
        self.objective = np.array([slo.objective for _, slo in self.slos])
        self.minimum_bad = np.array([slo.min_bad_events for _, slo in self.slos])
        self.latency_threshold = np.array(
            [slo.threshold for _, slo in self.slos if isinstance(slo, LatencySlo)]
        )
        self.good = np.zeros(len(self.slos), dtype=np.int64)
        self.bad = np.zeros(len(self.slos), dtype=np.int64)
        self.latency = self.rows(
            [
                (n, lane, int(columns.find(np.array(int(s.threshold)))))
                for n, (lane, s) in enumerate(self.slos)
                if isinstance(s, LatencySlo)
            ]
        )
        self.throughput = self.rows(
            [(n, lane, s.minimum) for n, (lane, s) in enumerate(self.slos) if isinstance(s, ThroughputSlo)]
        )

    @staticmethod
    def rows(entries: list[tuple[int, int, int]]) -> np.ndarray:
        """Three arrays: index of the SLO, row of its pipeline, its target: a column or a number."""
        return np.array(entries, dtype=np.int64).reshape(-1, 3).T

    def apply(self, tallies: Tallies) -> None:
        """Count a block."""
        index, lane, columns = self.latency
        in_time = np.cumsum(tallies.latency.sum(axis=0), axis=1)[lane, columns]
        lost = tallies.dropped + tallies.failed
        self.good[index] += in_time
        self.bad[index] += (tallies.delivered + lost).sum(axis=0)[lane] - in_time
        index, lane, minimum = self.throughput
        valid = tallies.eligible[:, lane] >= minimum
        enough = tallies.delivered[:, lane] >= minimum
        self.good[index] += (valid & enough).sum(axis=0)
        self.bad[index] += (valid & ~enough).sum(axis=0)
