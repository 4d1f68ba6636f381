"""One tick of the queues: what each stage may take, what the next one has room for, what comes in.

Stages act from the last to the first, and arrivals join after that: an event needs at least one tick a
stage, and what a stage frees in a tick is room for the stage before it in the same tick.
"""

import sys
from collections import defaultdict
from dataclasses import dataclass, field

import numpy as np


def budgets(capacity: np.ndarray, first: int) -> np.ndarray:
    """Whole attempts at each tick for `capacity` [ticks, pipelines, stages], events a tick.

    A capacity of 16.67 gives 16, 17, 17, ...: what a constant capacity adds up to is never off by one.
    """
    ticks = np.arange(first, first + len(capacity) + 1, dtype=np.float64)[:, None, None]
    return (np.floor(capacity * ticks[1:]) - np.floor(capacity * ticks[:-1])).astype(np.int64)


def hold_back(wanted: np.ndarray, queue: np.ndarray, limits: np.ndarray) -> np.ndarray:
    """Events that leave each queue, all [pipelines, stages]: `wanted`, less what the next has no room for."""
    room = limits[:, 1:] - queue[:, 1:]
    if not (wanted[:, :-1] > room + wanted[:, 1:]).any():
        return wanted
    passed = wanted.copy()
    for stage in range(queue.shape[1] - 2, -1, -1):
        np.minimum(passed[:, stage], room[:, stage] + passed[:, stage + 1], out=passed[:, stage])
    return passed


@dataclass(slots=True)
class Failing:
    """One pipeline's stages while attempts fail: event by event, the head of a queue tried again at once.

    Arrays [stages]: tries are the attempts that the head has behind it; share of attempts that fail;
    retries allowed an event. failed, retried: by stage the positions of events given up and tried again.
    """

    tries: np.ndarray
    share: np.ndarray
    retries: np.ndarray
    random: np.random.Generator
    failed: defaultdict[int, list[int]] = field(default_factory=lambda: defaultdict(list))
    retried: defaultdict[int, list[int]] = field(default_factory=lambda: defaultdict(list))

    def tick(self, bounds: np.ndarray, budget: np.ndarray, limits: np.ndarray) -> list[tuple[int, int, bool]]:
        """For each stage: events that left its queue, attempts made, whether the next queue held it back."""
        moves: list[tuple[int, int, bool]] = []
        room = sys.maxsize
        for stage in range(len(budget) - 1, -1, -1):
            head, tail = int(bounds[stage + 1]), int(bounds[stage])
            left, attempts = self.serve(stage, range(head, tail), int(budget[stage]), room)
            moves.append((left, attempts, attempts < budget[stage] and left < tail - head))
            room = int(limits[stage]) - (tail - head - left)
        return moves[::-1]

    def serve(self, stage: int, queue: range, budget: int, room: int) -> tuple[int, int]:
        """Events that left `queue` within `budget` attempts and `room` at the next stage; attempts."""
        left = moved = attempts = 0
        while attempts < budget and left < len(queue) and moved < room:
            attempts += 1
            if not self.share[stage] or self.random.random() >= self.share[stage]:
                moved += 1
            elif self.tries[stage] < self.retries[stage]:
                self.tries[stage] += 1
                self.retried[stage].append(queue[left])
                continue
            else:
                self.failed[stage].append(queue[left])
            self.tries[stage] = 0
            left += 1
        return left, attempts
