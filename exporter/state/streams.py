"""Streams: what the tallies add up to, last values, and the recent past, for pipelines of one shape."""

from collections.abc import Sequence

import numpy as np

from exporter.config.model import FAULT_KINDS, Pipeline
from exporter.observations.fault import Fault
from exporter.observations.latency import LatencyColumns
from exporter.observations.service import SERVICE_BUCKETS
from exporter.observations.tallies import ReviewSamples, Tallies
from exporter.state.incidents import IncidentLog
from exporter.state.labels import OUTCOMES, Mode, StreamLabels
from exporter.state.review import ReviewList
from exporter.state.ring import Ring, Snapshots, trailing
from exporter.state.slos import PERIOD, SloCounts

HISTORY = 180
NO_EXEMPLAR = -1
LIGHTS = ("healthy", "degraded", "critical")


class StreamState:
    """P pipelines of S stages and G signals, row i of every array for pipelines[i]; see `Tallies` for shapes.

    Everything is zero before the first tick. `limits` [P, S, 3]: mean service time in seconds, share of
    errors and errors a minute, above which a stage is unwell. `faults` [P, S, kinds] is 1 where one strikes,
    and `struck` lists them; `same_light_for` and `reduced_for` count ticks up to now. `exemplars`
    [P, G, buckets + 1, 3]: sequence, latency and tick of delivery of a sampled event.
    """

    def __init__(
        self,
        pipelines: Sequence[Pipeline],
        columns: LatencyColumns | None = None,
        mode: Mode = "simulated",
        period: int = PERIOD,
    ) -> None:
        self.pipelines = list(pipelines)
        self.mode = mode
        self.labels = StreamLabels(pipelines, mode)
        self.columns = columns or LatencyColumns(pipelines)
        self.shape = len(pipelines), len(pipelines[0].stages), len(pipelines[0].signals)
        self.ticks = 0
        self.take_limits()
        self.count_from_zero()
        self.begin_well()
        self.begin_the_past()
        self.slos = SloCounts(pipelines, self.columns, period)
        self.incidents = IncidentLog(pipelines)
        self.review = ReviewList(pipelines)

    def take_limits(self) -> None:
        """What is configured of stages, as arrays."""
        self.thresholds = np.array(
            [[(s.green_up_to, s.orange_up_to, s.queue_limit) for s in one.stages] for one in self.pipelines]
        )
        self.limits = np.array(
            [
                [(s.service_ms.limit / 1000, s.errors_up_to, s.errors_at_least) for s in one.stages]
                for one in self.pipelines
            ]
        )
        self.nominal = np.array([[float(stage.capacity) for stage in one.stages] for one in self.pipelines])

    def count_from_zero(self) -> None:
        """Counters and sums."""
        lanes, stages, signals = self.shape
        self.arrivals = np.zeros((lanes, signals), dtype=np.int64)
        self.outcomes = np.zeros((lanes, stages, signals, len(OUTCOMES)), dtype=np.int64)
        self.retries = np.zeros((lanes, stages, signals), dtype=np.int64)
        self.latency = np.zeros((lanes, signals, len(self.columns)), dtype=np.int64)
        self.latency_sum = np.zeros((lanes, signals), dtype=np.int64)
        self.service = np.zeros((lanes, stages, len(SERVICE_BUCKETS) + 1), dtype=np.int64)
        self.service_sum = np.zeros((lanes, stages))
        self.sampled = np.zeros((lanes, signals), dtype=np.int64)
        self.time_in_light = np.zeros((lanes, stages, len(LIGHTS)), dtype=np.int64)

    def begin_well(self) -> None:
        """Last values: nothing waits, nothing is wrong."""
        lanes, stages, _ = self.shape
        self.backlog = np.zeros((lanes, stages), dtype=np.int64)
        self.peak_backlog = np.zeros((lanes, stages), dtype=np.int64)
        self.capacity = self.nominal.copy()
        self.blocked = np.zeros((lanes, stages), dtype=bool)
        self.health = np.zeros((lanes, stages), dtype=np.int64)
        self.faults = np.zeros((lanes, stages, len(FAULT_KINDS)), dtype=np.int64)
        self.struck: list[tuple[int, int, Fault]] = []
        self.regime = np.array(
            [list(one.traffic.regimes).index(one.traffic.initial) for one in self.pipelines]
        )
        self.same_light_for = np.zeros(lanes, dtype=np.int64)
        self.reduced_for = np.zeros((lanes, stages), dtype=np.int64)

    def begin_the_past(self) -> None:
        """What windows, charts and exemplars are made of; empty."""
        lanes, stages, signals = self.shape
        window = int(max((slo.window for one in self.pipelines for slo in one.slos), default=60))
        buckets = len(self.columns.buckets) + 1
        self.exemplars = np.full((lanes, signals, buckets, 3), NO_EXEMPLAR, dtype=np.int64)
        self.recent_latency = Ring(max(window, HISTORY), (lanes, len(self.columns)), np.int32)
        self.recent_service = Snapshots(self.service)
        self.recent_flow = Ring(max(window, HISTORY), (lanes, 5), np.int32)
        self.recent_stages = Ring(HISTORY, (lanes, stages, 3), np.int32)

    def apply(self, tallies: Tallies) -> None:
        """Take in a block of ticks."""
        self.ticks = tallies.end
        self.arrivals += tallies.arrivals
        self.outcomes += tallies.outcomes
        self.retries += tallies.retries
        self.latency += tallies.latency_by_signal
        self.latency_sum += tallies.latency_sum
        self.service += tallies.service
        self.service_sum += tallies.service_sum
        health = self.judge(tallies.backlog)
        self.slos.apply(tallies)
        self.incidents.apply(tallies, health)
        self.keep_last(tallies, health)
        self.keep_recent(tallies, health)
        self.keep_samples(tallies.samples)

    def judge(self, backlog: np.ndarray) -> np.ndarray:
        """The lights (0, 1, 2) of backlogs [ticks, P, S]."""
        degraded, critical = backlog > self.thresholds[..., 0], backlog > self.thresholds[..., 1]
        return degraded.astype(np.int8) + critical

    def keep_last(self, tallies: Tallies, health: np.ndarray) -> None:
        """Last values, and for how long they have been so."""
        for light in range(len(LIGHTS)):
            self.time_in_light[..., light] += (health == light).sum(axis=0)
        worst = health.max(axis=2)
        before = np.where(self.health.max(axis=1) == worst[-1], self.same_light_for, 0)
        self.same_light_for = trailing(worst == worst[-1], before)
        self.reduced_for = trailing(tallies.capacity < self.nominal, self.reduced_for)
        self.health = health[-1]
        self.backlog, self.capacity = tallies.backlog[-1], tallies.capacity[-1]
        self.peak_backlog = np.maximum(self.peak_backlog, tallies.backlog.max(axis=0))
        self.blocked, self.regime = tallies.blocked[-1], tallies.regime[-1]
        self.struck = tallies.faults
        self.faults[:] = 0
        for lane, stage, fault in tallies.faults:
            self.faults[lane, stage, FAULT_KINDS.index(fault.kind)] = 1

    def keep_recent(self, tallies: Tallies, health: np.ndarray) -> None:
        """The last ticks, for windows and charts."""
        self.recent_latency.extend(tallies.latency)
        self.recent_service.take(self.ticks, self.service)
        flow = tallies.arrived, tallies.dropped, tallies.failed, tallies.delivered, tallies.eligible
        self.recent_flow.extend(np.stack(flow, axis=-1))
        self.recent_stages.extend(np.stack([tallies.backlog, tallies.processed, health], axis=-1))

    def keep_samples(self, samples: ReviewSamples) -> None:
        """Events for review; the last of each signal and latency bucket is the histogram's exemplar."""
        np.add.at(self.sampled, (samples.lane, samples.signal), 1)
        self.review.add(samples)
        bucket = np.searchsorted(self.columns.buckets, samples.latency)
        shown = np.column_stack([samples.sequence, samples.latency, samples.left[:, -1]])
        self.exemplars[samples.lane, samples.signal, bucket] = shown
