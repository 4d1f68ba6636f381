"""The simulation engine: pipelines of one shape as lanes of arrays, advanced a block of ticks at a time."""

from collections.abc import Sequence

import numpy as np

from exporter.config.model import Pipeline
from exporter.simulation.block import Block
from exporter.simulation.chance import Purpose, stream
from exporter.simulation.events import EventRing, SignalChoice, ranges
from exporter.simulation.faults import Effects
from exporter.simulation.latency import LatencyColumns
from exporter.simulation.marks import ReviewMarks
from exporter.simulation.moves import FailingLane, Failures, budgets, hold_back
from exporter.simulation.service import ServiceTimes
from exporter.simulation.tallies import Tallies
from exporter.simulation.traffic import TrafficModel

BLOCK = 8000
LONGEST = 256


class Lanes:
    """P pipelines with S stages and G signals each; row i of every array belongs to pipelines[i].

    `bounds` [P, S + 1] are positions: admitted, then passed each stage; their differences are the queues.
    """

    def __init__(self, pipelines: Sequence[Pipeline], seed: int, group: int = 0) -> None:
        lanes, stages = len(pipelines), len(pipelines[0].stages)
        self.pipelines = list(pipelines)
        self.longest = min(LONGEST, max(1, BLOCK // lanes))
        self.columns = LatencyColumns(pipelines)
        self.capacity = np.array([[float(stage.capacity) for stage in one.stages] for one in pipelines])
        self.limits = np.array([[stage.queue_limit for stage in one.stages] for one in pipelines])
        self.traffic = TrafficModel([one.traffic for one in pipelines], seed, group)
        self.choice = SignalChoice(pipelines, seed, group)
        self.service = ServiceTimes(pipelines, seed, group)
        self.errors = stream(seed, Purpose.ERRORS, group)
        self.marks = ReviewMarks(np.array([one.review.probability for one in pipelines]), stages, seed, group)
        self.ring = EventRing(lanes, len(pipelines[0].signals), self.most_events())
        self.bounds = np.zeros((lanes, stages + 1), dtype=np.int64)
        self.inside = np.zeros((lanes, stages, self.ring.signals), dtype=np.int64)
        self.admitted = np.zeros((stages, lanes), dtype=np.int64)
        self.removed = np.zeros(lanes, dtype=np.int64)
        self.tries = np.zeros((lanes, stages), dtype=np.int64)

    def most_events(self) -> int:
        """The most positions that one lane's queues and one block's arrivals can take up."""
        arrivals = int((self.traffic.low + self.traffic.span).max()) * self.longest
        return int(self.limits.sum(axis=1).max()) + arrivals + 1

    def advance(self, first: int, effects: Effects) -> Tallies:
        """Simulate the ticks of `effects` from tick `first` on: `longest` at most, one while attempts fail."""
        regime, arrived = self.traffic.draw(len(effects.capacity))
        return self.run(first, effects, regime, arrived)

    def run(self, first: int, effects: Effects, regime: np.ndarray, arrived: np.ndarray) -> Tallies:
        """Simulate given regimes and arrivals [ticks, pipelines]."""
        block = self.move(first, effects, arrived)
        arrivals, dropped_by_signal = self.admit(block)
        dropped = arrived - block.admitted
        ring = self.ring
        failed, failed_by_signal = block.failed(), block.by_signal(block.failures.failed, ring)
        retries = block.by_signal(block.failures.retried, ring)
        latency, by_signal, latency_sum = self.measure_latency(block)
        eligible = self.count_eligible(block)
        processed = block.left - failed
        self.marks.follow(first, block.bounds[:, :, 1:])
        self.remove_failed(block)
        outcomes = self.count_outcomes(arrivals, dropped_by_signal, failed_by_signal)
        service, service_sum = self.service.draw(block.attempts, effects.latency)
        return Tallies(
            first=first,
            regime=regime,
            arrived=arrived,
            dropped=dropped,
            failed=np.broadcast_to(failed.sum(axis=1), arrived.shape),
            delivered=latency.sum(axis=2),
            eligible=eligible,
            backlog=block.bounds[:, :, :-1] - block.bounds[:, :, 1:],
            processed=processed,
            capacity=effects.capacity,
            blocked=block.blocked,
            arrivals=arrivals,
            outcomes=outcomes,
            retries=retries,
            latency=latency,
            latency_by_signal=by_signal,
            latency_sum=latency_sum,
            service=service,
            service_sum=service_sum,
            samples=self.marks.collect(),
            faults=[place for place in effects.struck if place[2].end >= first + len(arrived)],
        )

    def move(self, first: int, effects: Effects, arrived: np.ndarray) -> Block:
        """Let the queues go through the ticks of `effects`."""
        budget = budgets(effects.capacity, first)
        block = Block(
            first=first,
            before=np.empty((len(budget), *self.bounds.shape), dtype=np.int64),
            bounds=np.empty((len(budget), *self.bounds.shape), dtype=np.int64),
            attempts=np.empty_like(budget),
            blocked=np.empty(budget.shape, dtype=bool),
            arrived=arrived,
            failures=Failures(),
        )
        self.tries[effects.share[0] == 0] = 0
        failing = np.flatnonzero(effects.share[0].any(axis=1))
        bounds = self.bounds
        for tick in range(len(budget)):
            block.before[tick] = bounds
            queue = bounds[:, :-1] - bounds[:, 1:]
            wanted = np.minimum(budget[tick], queue)
            left = hold_back(wanted, queue, self.limits)
            block.attempts[tick] = left
            block.blocked[tick] = left < wanted
            for lane in failing:
                left[lane] = self.fail(block, effects, int(lane), budget[tick, lane])
            bounds[:, 1:] += left
            bounds[:, 0] += np.minimum(arrived[tick], self.limits[:, 0] - bounds[:, 0] + bounds[:, 1])
            block.bounds[tick] = bounds
        return block

    def fail(self, block: Block, effects: Effects, lane: int, budget: np.ndarray) -> np.ndarray:
        """Move one lane through a block of one tick in which attempts may fail; events that left each queue."""
        failing = FailingLane(
            lane, self.tries[lane], effects.share[0, lane], effects.retries[0, lane], self.errors, block.failures
        )
        moves = np.array(failing.tick(self.bounds[lane], budget, self.limits[lane]))
        block.attempts[0, lane] = moves[:, 1]
        block.blocked[0, lane] = moves[:, 2]
        return moves[:, 0]

    def admit(self, block: Block) -> tuple[np.ndarray, np.ndarray]:
        """Give the arrivals their signals and write those that came in; all and the dropped [P, G]."""
        signals = self.choice.draw(block.arrived)
        ticks, lanes = block.owners(block.arrived)
        keys = lanes * self.ring.signals + signals
        shape = len(self.bounds), self.ring.signals
        arrivals = np.bincount(keys, minlength=shape[0] * shape[1]).reshape(shape)
        dropped = np.zeros(shape, dtype=np.int64)
        positions = ranges(block.before[:, :, 0].ravel(), block.arrived.ravel())
        if (block.admitted < block.arrived).any():
            fits = positions < block.bounds[ticks, lanes, 0]
            dropped = np.bincount(keys[~fits], minlength=shape[0] * shape[1]).reshape(shape)
            ticks, lanes, positions, signals = ticks[fits], lanes[fits], positions[fits], signals[fits]
        self.mark(block.first, ticks, lanes, positions, signals)
        self.ring.write(self.ring.places(lanes, positions), signals, block.first + ticks)
        return arrivals, dropped

    def mark(
        self, first: int, ticks: np.ndarray, lanes: np.ndarray, positions: np.ndarray, signals: np.ndarray
    ) -> None:
        """Choose among admitted events those that a human will review."""
        chosen = self.marks.choose(lanes)
        lane, position = lanes[chosen], positions[chosen]
        sequence = position + self.removed[lane]
        self.marks.add(np.stack([lane, position, sequence, signals[chosen], first + ticks[chosen]]))

    def count_outcomes(self, arrivals: np.ndarray, dropped: np.ndarray, failed: np.ndarray) -> np.ndarray:
        """Outcomes [P, S, G, 3]: what came into a stage and is not inside any more went on or failed.

        arrivals, dropped [P, G]; failed [P, S, G].
        """
        inside = self.ring.count_inside(self.bounds)
        outcomes = np.zeros((*inside.shape, 3), dtype=np.int64)
        outcomes[:, 0, :, 2] = dropped
        coming = arrivals - dropped
        for stage in range(inside.shape[1]):
            outcomes[:, stage, :, 1] = failed[:, stage]
            coming = coming + self.inside[:, stage] - inside[:, stage] - failed[:, stage]
            outcomes[:, stage, :, 0] = coming
        self.inside = inside
        return outcomes

    def measure_latency(self, block: Block) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Delivered events by latency: by tick [T, P, H], by signal [P, G, H], and sums of ticks [P, G]."""
        (lengths, lanes), signals, width = block.arrived.shape, self.ring.signals, len(self.columns)
        tick, lane, signal, latency = block.deliveries(self.ring)
        column = self.columns.find(latency)
        series = lane * signals + signal
        sums = np.bincount(series, weights=latency, minlength=lanes * signals).astype(np.int64)
        by_signal = np.bincount(series * width + column, minlength=lanes * signals * width)
        by_tick = np.bincount((tick * lanes + lane) * width + column, minlength=lengths * lanes * width)
        return (
            by_tick.reshape(lengths, lanes, width),
            by_signal.reshape(lanes, signals, width),
            sums.reshape(lanes, signals),
        )

    def count_eligible(self, block: Block) -> np.ndarray:
        """Events inside long enough to be delivered at each tick [T, P]: one tick a stage at least."""
        self.admitted = np.concatenate([self.admitted, block.bounds[:, :, 0]])
        eligible = self.admitted[: len(block.bounds)] - block.before[:, :, -1]
        self.admitted = self.admitted[len(block.bounds) :]
        return np.maximum(eligible, 0)

    def remove_failed(self, block: Block) -> None:
        """Take failed events out of the order, so that the queues hold living ones only."""
        for lane in {lane for lane, _, _ in block.failures.failed}:
            failed = np.array(sorted(place[2] for place in block.failures.failed if place[0] == lane))
            bounds = self.bounds[lane]
            inside = failed[failed >= bounds[-1]]
            self.ring.remove(lane, inside, int(bounds[-1]), int(bounds[0]))
            self.marks.remove(lane, failed, inside)
            for positions in (bounds, self.admitted[:, lane]):
                positions -= np.searchsorted(inside, positions)
            self.removed[lane] += len(inside)
            block.bounds[-1, lane] = bounds
