"""Ten simulated days take no more memory than the first one."""

import gc
import sys
import tracemalloc
from collections.abc import Iterator
from types import FunctionType, ModuleType

import numpy as np

from exporter.collector import StateCollector
from exporter.config import load_config
from exporter.simulation import Simulation
from exporter.state import State, StreamState

HOUR, DAY = 3600, 86_400
SHARED = type | ModuleType | FunctionType
# The log of incidents fills up to 100 entries; one integer a tick would come to 6 MB in nine days.
SLACK_BYTES = 64_000


class Running:
    """The default pipeline into a state that is scraped every hour."""

    def __init__(self) -> None:
        self.simulation = Simulation(load_config(None))
        self.state = State(
            [StreamState(group.pipelines, self.simulation.columns) for group in self.simulation.groups]
        )
        self.collector = StateCollector(self.state)

    def advance(self, end: int) -> None:
        while self.simulation.tick < end:
            for tallies in self.simulation.advance(min(end, self.simulation.tick + HOUR)):
                for streams, counted in zip(self.state.streams, tallies, strict=True):
                    streams.apply(counted)
            self.collector.render(openmetrics=True)


def reachable(root: object) -> Iterator[object]:
    """Everything that `root` holds on to, each object once; code is left out."""
    seen: set[int] = set()
    waiting = [root]
    while waiting:
        found = waiting.pop()
        if id(found) in seen or isinstance(found, SHARED):
            continue
        seen.add(id(found))
        waiting += gc.get_referents(found)
        if isinstance(found, np.ndarray) and found.base is not None:
            waiting.append(found.base)
        yield found


def held_bytes(root: object) -> int:
    return sum(sys.getsizeof(found) for found in reachable(root))


def test_memory_is_flat_over_ten_simulated_days() -> None:
    running = Running()
    running.advance(DAY)
    after_a_day = held_bytes(running)
    running.advance(10 * DAY)
    assert running.simulation.tick == 10 * DAY
    assert held_bytes(running) < after_a_day + SLACK_BYTES


def test_nothing_stays_allocated_from_one_hour_to_the_next() -> None:
    running = Running()
    running.advance(HOUR)
    tracemalloc.start()
    try:
        allocated = []
        for hour in (2, 3, 4):
            running.advance(hour * HOUR)
            gc.collect()
            allocated.append(tracemalloc.get_traced_memory()[0])
    finally:
        tracemalloc.stop()
    assert allocated[-1] < allocated[0] + 30_000, "one integer a tick would come to 57,600"
