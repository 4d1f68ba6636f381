"""What the recent past of a stream amounts to: percentiles, and whether its SLOs pass."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from exporter.config.model import LatencySlo, ThroughputSlo
from exporter.state.streams import StreamState

QUANTILES = {"p50": 0.5, "p95": 0.95, "p99": 0.99}
RECENT = 60
ARRIVED, DROPPED, FAILED, DELIVERED, ELIGIBLE = range(5)


@dataclass(frozen=True, slots=True)
class Verdict:
    """The last cycles of an SLO: observed against target; `passing` is None with nothing to judge."""

    observed: float | None
    target: float
    passing: bool | None


def judge(streams: StreamState, index: int) -> Verdict:
    """The verdict on SLO `index` over its window."""
    lane, slo = streams.slos.slos[index]
    flow = streams.recent_flow.last(int(slo.window), lane)
    return judge_latency(streams, lane, slo, flow) if isinstance(slo, LatencySlo) else judge_flow(slo, flow)


def judge_latency(streams: StreamState, lane: int, slo: LatencySlo, flow: np.ndarray) -> Verdict:
    """95 % delivered within the threshold; failing, too, when events wait and none is delivered."""
    counts = streams.recent_latency.last(int(slo.window), lane).sum(axis=0)
    observed = streams.columns.quantile(counts, QUANTILES["p95"])
    if observed is None:
        return Verdict(None, slo.threshold, False if flow[:, ELIGIBLE].any() else None)
    return Verdict(observed, slo.threshold, observed <= slo.threshold)


def judge_flow(slo: ThroughputSlo, flow: np.ndarray) -> Verdict:
    """On average `minimum` delivered in the cycles in which that many could have been."""
    valid = flow[flow[:, ELIGIBLE] >= slo.minimum]
    if not len(valid):
        return Verdict(None, slo.minimum, None)
    observed = float(valid[:, DELIVERED].mean())
    return Verdict(observed, slo.minimum, observed >= slo.minimum)


def latency_quantiles(streams: StreamState, lane: int) -> dict[str, int] | None:
    """p50, p95 and p99 of the last minute's deliveries in seconds; None without any."""
    counts = streams.recent_latency.last(RECENT, lane).sum(axis=0)
    found = {name: streams.columns.quantile(counts, share) for name, share in QUANTILES.items()}
    known = {name: value for name, value in found.items() if value is not None}
    return known or None


def service_quantiles(
    streams: StreamState, lane: int, stage: int, boundaries: Sequence[float]
) -> dict[str, float] | None:
    """p50, p95 and p99 of the last minute's service times in seconds; None without any."""
    counts = (streams.service - streams.recent_service.oldest)[lane, stage]
    if not counts.sum():
        return None
    return {name: bucket_quantile(boundaries, counts, share) for name, share in QUANTILES.items()}


def bucket_quantile(boundaries: Sequence[float], counts: np.ndarray, share: float) -> float:
    """The quantile of a histogram, spread evenly within its bucket as PromQL's histogram_quantile does."""
    rank = share * counts.sum()
    seen = np.cumsum(counts)
    bucket = int(np.searchsorted(seen, rank))
    if bucket == len(boundaries):
        return float(boundaries[-1])
    low = boundaries[bucket - 1] if bucket else 0.0
    before = seen[bucket] - counts[bucket]
    return float(low + (boundaries[bucket] - low) * (rank - before) / counts[bucket])
