"""What a source of streams observes: a block of ticks of P pipelines, counted."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class ReviewSample:
    """A delivered event sampled for human review; ticks of admission, of leaving each stage."""

    lane: int
    sequence: int
    signal: int
    admitted: int
    left: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Tallies:
    """A block of T ticks of P pipelines of S stages and G signals, beginning at tick `first`.

    regime [T, P]: index of the traffic regime.
    arrived, delivered, eligible [T, P]: events; eligible ones could have been delivered at that tick.
    backlog, processed [T, P, S]: events waiting at the end of the tick, events that went on.
    capacity [T, P, S]: events a tick, faults included. blocked [T, P, S]: held back by the next queue.
    arrivals [P, G]; outcomes [P, S, G, 3] (processed, failed, dropped); retries [P, S, G]: block totals.
    latency [T, P, H]: delivered events by ticks from admission, the last column for H - 1 and more.
    latency_by_signal [P, G, H]; latency_sum [P, G] in ticks: block totals.
    service [T, P, S, B]: attempts by service time bucket; service_sum [P, S] in seconds.
    samples: events for review, oldest first.
    """

    first: int
    regime: np.ndarray
    arrived: np.ndarray
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
    samples: list[ReviewSample]

    @property
    def end(self) -> int:
        """The tick after the last one."""
        return self.first + len(self.arrived)
