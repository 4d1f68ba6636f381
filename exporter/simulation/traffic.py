"""Traffic: regimes that last, switched by a Markov chain, for all pipelines at once."""

from collections.abc import Sequence

import numpy as np

from exporter.config.model import Traffic
from exporter.simulation.chance import Purpose, stream


class TrafficModel:
    """Arrivals of P pipelines, one row a pipeline in every array.

    A regime lasts a uniform number of ticks; at its end the next one is drawn by weight.
    """

    def __init__(self, traffics: Sequence[Traffic], seed: int, group: int = 0) -> None:
        self.names = [list(traffic.regimes) for traffic in traffics]
        most = max(len(names) for names in self.names)
        self.low, self.span, self.shortest, self.dwell_span = np.zeros((4, len(traffics), most))
        self.cumulative = np.ones((len(traffics), most, most))
        self.current = np.zeros(len(traffics), dtype=np.int64)
        for lane, traffic in enumerate(traffics):
            self.read(lane, traffic)
        self.rows = np.arange(len(traffics))
        self.switching = stream(seed, Purpose.REGIMES, group)
        self.arriving = stream(seed, Purpose.ARRIVALS, group)
        self.left = self.draw_dwell(self.rows)

    def read(self, lane: int, traffic: Traffic) -> None:
        """Copy one pipeline's description into its row."""
        names = self.names[lane]
        self.current[lane] = names.index(traffic.initial)
        for index, regime in enumerate(traffic.regimes.values()):
            self.low[lane, index] = regime.events.low
            self.span[lane, index] = regime.events.high - regime.events.low + 1
            self.shortest[lane, index] = regime.dwell.low
            self.dwell_span[lane, index] = regime.dwell.high - regime.dwell.low + 1
            weights = np.array([regime.next.get(name, 0.0) for name in names])
            self.cumulative[lane, index, : len(names)] = np.cumsum(weights) / weights.sum()

    def draw_dwell(self, lanes: np.ndarray) -> np.ndarray:
        """How many ticks the current regime of each of `lanes` lasts."""
        regimes = self.current[lanes]
        ticks: np.ndarray = self.shortest[lanes, regimes] + (
            self.switching.random(len(lanes)) * self.dwell_span[lanes, regimes]
        )
        return ticks.astype(np.int64)

    def switch(self, lanes: np.ndarray) -> None:
        """Let `lanes` change to their next regime."""
        draws = self.switching.random(len(lanes))
        rows = self.cumulative[lanes, self.current[lanes]]
        self.current[lanes] = (draws[:, None] >= rows).sum(axis=1)
        self.left[lanes] = self.draw_dwell(lanes)

    def draw(self, ticks: int) -> tuple[np.ndarray, np.ndarray]:
        """Regime index and number of arrivals, each [ticks, pipelines], for the next `ticks`."""
        regimes = np.empty((ticks, len(self.rows)), dtype=np.int64)
        tick = 0
        while tick < ticks:
            ended = np.flatnonzero(self.left == 0)
            if len(ended):
                self.switch(ended)
            steady = min(int(self.left.min()), ticks - tick)
            regimes[tick : tick + steady] = self.current
            self.left -= steady
            tick += steady
        draws = self.arriving.random(regimes.shape)
        spans = self.low[self.rows, regimes], self.span[self.rows, regimes]
        return regimes, (spans[0] + draws * spans[1]).astype(np.int64)
