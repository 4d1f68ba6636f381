"""What a run of the reference adds up to: the metrics that the engine's state holds."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence

from benchmarks.reference import ReferencePipeline, Tick
from exporter.config.model import LatencySlo, Pipeline, Slo
from exporter.observations.latency import LatencyColumns

Latencies = Counter[tuple[int, int]]  # delivered events by signal and ticks


class Totals:
    """Counters and histograms of one pipeline; by index of the stage, signal, bucket, light or SLO.

    Outcomes and retries are not here: the reference counts them on its way.
    """

    def __init__(self, pipeline: Pipeline) -> None:
        self.pipeline = pipeline
        self.boundaries = LatencyColumns([pipeline]).buckets
        self.service = [Counter[int]() for _ in pipeline.stages]
        self.service_sum = [0.0 for _ in pipeline.stages]
        self.latency = [Counter[int]() for _ in pipeline.signals]
        self.latency_sum: Counter[int] = Counter()
        self.time_in_light = [Counter[int]() for _ in pipeline.stages]
        self.good: Counter[int] = Counter()
        self.bad: Counter[int] = Counter()
        self.lost = 0

    def fill(self, reference: ReferencePipeline, ticks: Sequence[Tick]) -> None:
        """Count what the reference did in `ticks`, and take from it the events and samples counted."""
        self.count_service(reference)
        self.count_lights(ticks)
        latencies = Counter((event.signal, event.left[-1] - event.admitted) for event in reference.delivered)
        reference.delivered.clear()
        self.count_latencies(latencies)
        lost = reference.dropped.total() + sum(stage.failed.total() for stage in reference.stages)
        for index, slo in enumerate(self.pipeline.slos):
            good, bad = judge(slo, latencies, lost - self.lost, ticks)
            self.good[index] += good
            self.bad[index] += bad
        self.lost = lost

    def count_service(self, reference: ReferencePipeline) -> None:
        """Service times by bucket, and their sums."""
        for index, stage in enumerate(reference.stages):
            self.service[index].update(dict(enumerate(reference.service_counts(index))))
            self.service_sum[index] += sum(stage.service_times)
            stage.service_times.clear()

    def count_lights(self, ticks: Sequence[Tick]) -> None:
        """How long each stage showed each light."""
        for index, stage in enumerate(self.pipeline.stages):
            self.time_in_light[index].update(
                (tick.backlog[index] > stage.green_up_to) + (tick.backlog[index] > stage.orange_up_to)
                for tick in ticks
            )

    def count_latencies(self, latencies: Latencies) -> None:
        """Delivered events by latency bucket, and sums of ticks."""
        for (signal, latency), count in latencies.items():
            self.latency[signal][bisect_left(self.boundaries, latency)] += count
            self.latency_sum[signal] += latency * count


def judge(slo: Slo, latencies: Latencies, lost: int, ticks: Sequence[Tick]) -> tuple[int, int]:
    """Good and bad events of one SLO."""
    if isinstance(slo, LatencySlo):
        good = sum(count for (_, latency), count in latencies.items() if latency <= slo.threshold)
        return good, latencies.total() + lost - good
    valid = [tick for tick in ticks if tick.eligible >= slo.minimum]
    good = sum(len(tick.latencies) >= slo.minimum for tick in valid)
    return good, len(valid) - good
