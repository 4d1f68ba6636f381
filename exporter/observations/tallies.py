"""What a source of streams observes: a block of ticks of P pipelines, counted."""

from dataclasses import dataclass

import numpy as np

from exporter.observations.fault import Fault


@dataclass(frozen=True, slots=True)
class ReviewSamples:
    """Delivered events sampled for human review, oldest first, one row an event in every array.

    lane: row of the pipeline; sequence: number of the admission; signal: index; admitted: tick;
    left [events, S]: the tick at which it left each stage.
    """

    lane: np.ndarray
    sequence: np.ndarray
    signal: np.ndarray
    admitted: np.ndarray
    left: np.ndarray

    @property
    def latency(self) -> np.ndarray:
        """Ticks from admission to delivery."""
        latency: np.ndarray = self.left[:, -1] - self.admitted
        return latency


@dataclass(frozen=True, slots=True)
class Tallies:
    """A block of T ticks of P pipelines of S stages and G signals, beginning at tick `first`.

    regime [T, P]: index of the traffic regime.
    arrived, dropped, failed, delivered, eligible [T, P]: events; eligible: could have been delivered then.
    backlog, processed [T, P, S]: events waiting at the end of the tick, events that went on.
    capacity [T, P, S]: events a tick, faults included. blocked [T, P, S]: held back by the next queue.
    arrivals [P, G]; outcomes [P, S, G, 3] (processed, failed, dropped); retries [P, S, G]: block totals.
    latency [T, P, H]: delivered events by ticks from admission, in `LatencyColumns`.
    latency_by_signal [P, G, H]; latency_sum [P, G] in ticks: block totals.
    service [P, S, B]: attempts by service time bucket; service_sum [P, S] in seconds: block totals.
    faults: what strikes at the last tick, with row and stage.
    """

    first: int
    regime: np.ndarray
    arrived: np.ndarray
    dropped: np.ndarray
    failed: np.ndarray
    delivered: np.ndarray
    eligible: np.ndarray
    backlog: np.ndarray
    processed: np.ndarray
    capacity: np.ndarray
    blocked: np.ndarray
    arrivals: np.ndarray
    outcomes: np.ndarray
    retries: np.ndarray
    latency: np.ndarray
    latency_by_signal: np.ndarray
    latency_sum: np.ndarray
    service: np.ndarray
    service_sum: np.ndarray
    samples: ReviewSamples
    faults: list[tuple[int, int, Fault]]

    @property
    def end(self) -> int:
        """The tick after the last one."""
        return self.first + len(self.arrived)
