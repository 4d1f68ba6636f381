"""The simulation engine: pipelines of one shape as lanes of arrays, advanced a block of ticks at a time."""

from collections.abc import Sequence

import numpy as np

from exporter.config.model import Pipeline
from exporter.observations.latency import LatencyColumns
from exporter.observations.tallies import Tallies
from exporter.simulation.block import Block, owners
from exporter.simulation.chance import Purpose, stream
from exporter.simulation.events import EventRing, SignalChoice, ranges
from exporter.simulation.faults import Effects
from exporter.simulation.marks import ReviewMarks
from exporter.simulation.moves import Failing, budgets, hold_back
from exporter.simulation.service import ServiceTimes
from exporter.simulation.traffic import TrafficModel

BLOCK_ROWS = 8192
BLOCK_EVENTS = 2_000_000
LONGEST = 256


class Lanes:
    """P pipelines with S stages and G signals each; row i of every array belongs to pipelines[i].

    `bounds` [P, S + 1] are positions: admitted, then passed each stage; their differences are the queues.
    """

    def __init__(
        self, pipelines: Sequence[Pipeline], seed: int, group: int = 0, columns: LatencyColumns | None = None
    ) -> None:
        lanes, stages = len(pipelines), len(pipelines[0].stages)
        self.pipelines = list(pipelines)
        self.columns = columns or LatencyColumns(pipelines)
        self.capacity = np.array([[float(stage.capacity) for stage in one.stages] for one in pipelines])
        self.limits = np.array([[stage.queue_limit for stage in one.stages] for one in pipelines])
        self.traffic = TrafficModel([one.traffic for one in pipelines], seed, group)
        most = int((self.traffic.low + self.traffic.span).max())
        self.longest = max(1, min(LONGEST, BLOCK_ROWS // lanes, BLOCK_EVENTS // (most * lanes)))
        self.choice = SignalChoice(pipelines, seed, group)
        self.service = ServiceTimes(pipelines, seed, group)
        self.errors = stream(seed, Purpose.ERRORS, group)
        self.marks = ReviewMarks(np.array([one.review.probability for one in pipelines]), stages, seed, group)
        most_inside = int(self.limits.sum(axis=1).max()) + most * self.longest
        self.ring = EventRing(lanes, len(pipelines[0].signals), most_inside + 1)
        self.bounds = np.zeros((lanes, stages + 1), dtype=np.int64)
        self.inside = np.zeros((lanes, stages, self.ring.signals), dtype=np.int64)
        self.admitted = np.zeros((stages, lanes), dtype=np.int64)
        self.removed = np.zeros(lanes, dtype=np.int64)
        self.tries = np.zeros((lanes, stages), dtype=np.int64)

    def advance(self, first: int, effects: Effects) -> Tallies:
        """Simulate the ticks of `effects`, `longest` at most, from tick `first` on."""
        regime, arrived = self.traffic.draw(len(effects.capacity))
        block = Block.begin(
            first, arrived, self.choice.draw(arrived), self.capacity.shape[1], self.ring.signals
        )
        self.move(block, effects)
        return self.measure(block, effects, regime)

    def move(self, block: Block, effects: Effects) -> None:
        """Let the queues go through all ticks; events are written down where failures need to know them."""
        budget = budgets(effects.capacity, block.first)
        failing = effects.share.reshape(len(budget), -1).max(axis=1) > 0
        settled = 0
        for tick in range(len(budget)):
            if tick == 0 or failing[tick - 1 : tick + 1].any():
                self.tries[effects.share[tick] == 0] = 0
            if failing[tick]:
                self.settle(block, settled, tick)
                settled = tick
            self.move_tick(block, effects, tick, budget[tick], bool(failing[tick]))
            if failing[tick]:
                self.settle(block, settled, tick + 1)
                settled = tick + 1
                self.remove_failed(block, tick)
            block.backlog[tick] = self.bounds[:, :-1] - self.bounds[:, 1:]
        self.settle(block, settled, len(budget))

    def move_tick(self, block: Block, effects: Effects, tick: int, budget: np.ndarray, failing: bool) -> None:
        """Stages from the last to the first, then the front door."""
        bounds, moves = self.bounds, block.moves[tick]
        block.before[tick] = bounds
        queue = bounds[:, :-1] - bounds[:, 1:]
        wanted = np.minimum(budget, queue)
        left = hold_back(wanted, queue, self.limits)
        block.attempts[tick] = moves[:, 1:] = left
        block.blocked[tick] = left < wanted
        if failing:
            for lane in np.flatnonzero(effects.share[tick].any(axis=1)).tolist():
                self.fail(block, effects, tick, lane, budget[lane])
        bounds[:, 1:] += moves[:, 1:]
        np.minimum(block.arrived[tick], self.limits[:, 0] - bounds[:, 0] + bounds[:, 1], out=moves[:, 0])
        bounds[:, 0] += moves[:, 0]

    def fail(self, block: Block, effects: Effects, tick: int, lane: int, budget: np.ndarray) -> None:
        """Let one lane's stages act while attempts may fail."""
        failing = Failing(
            self.tries[lane], effects.share[tick, lane], effects.retries[tick, lane], self.errors
        )
        moves = np.array(failing.tick(self.bounds[lane], budget, self.limits[lane]))
        block.moves[tick, lane, 1:], block.attempts[tick, lane], block.blocked[tick, lane] = moves.T
        for stage in range(len(budget)):
            failed, retried = failing.failed[stage], failing.retried[stage]
            np.add.at(block.retried[lane, stage], self.ring.signals_at(lane, retried), 1)
            np.add.at(block.failed[lane, stage], self.ring.signals_at(lane, failed), 1)
            block.failed_at[tick, lane, stage] = len(failed)
            self.ring.fail(lane, failed)

    def settle(self, block: Block, start: int, end: int) -> None:
        """Write down the events admitted in start <= tick < end, and follow those marked for review."""
        if start == end:
            return
        arrived, before, moves = (rows[start:end] for rows in (block.arrived, block.before, block.moves))
        skipped = int(block.arrived[:start].sum())
        signals = block.signals[skipped : skipped + int(arrived.sum())]
        ticks, lanes = owners(arrived)
        positions = ranges(before[:, :, 0].ravel(), arrived.ravel())
        if (moves[:, :, 0] < arrived).any():
            fits = positions < (before + moves)[ticks, lanes, 0]
            ticks, lanes, positions, signals = ticks[fits], lanes[fits], positions[fits], signals[fits]
        ticks += block.first + start
        places = self.ring.places(lanes, positions)
        self.ring.arrived[places], self.ring.signal[places] = ticks, signals
        chosen = self.marks.choose(lanes)
        sequence = positions[chosen] + self.removed[lanes[chosen]]
        columns = lanes[chosen], positions[chosen], sequence, signals[chosen], ticks[chosen]
        self.marks.add(np.stack(columns))
        self.marks.follow(block.first + start, (before + moves)[:, :, 1:])
        self.count_eligible(block, start, end)

    def count_eligible(self, block: Block, start: int, end: int) -> None:
        """Events inside long enough to be delivered at each tick: one tick a stage at least."""
        after = block.before[start:end, :, 0] + block.admitted[start:end]
        admitted = np.concatenate([self.admitted, after])
        waiting = admitted[: end - start] - block.before[start:end, :, -1]
        np.maximum(waiting, 0, out=block.eligible[start:end])
        self.admitted = admitted[end - start :]

    def remove_failed(self, block: Block, tick: int) -> None:
        """Take events that failed at `tick` out of the order, so that the queues hold living ones only."""
        for lane in np.flatnonzero(block.failed_at[tick].any(axis=1)).tolist():
            bounds = self.bounds[lane]
            self.marks.remove_failed(lane, self.ring)
            gone = self.ring.remove_failed(lane, int(bounds[-1]), int(bounds[0]))
            self.marks.shift(lane, gone)
            bounds -= np.searchsorted(gone, bounds)
            self.admitted[:, lane] -= np.searchsorted(gone, self.admitted[:, lane])
            self.removed[lane] += len(gone)

    def measure(self, block: Block, effects: Effects, regime: np.ndarray) -> Tallies:
        """Count what moved."""
        arrivals, dropped = self.count_arrivals(block)
        latency, by_signal, latency_sum = self.measure_latency(block)
        service, service_sum = self.service.draw(block.attempts, effects.latency)
        return Tallies(
            first=block.first,
            regime=regime,
            arrived=block.arrived,
            dropped=block.arrived - block.admitted,
            failed=block.failed_at.sum(axis=2),
            delivered=latency.sum(axis=2),
            eligible=block.eligible,
            backlog=block.backlog,
            processed=block.moves[:, :, 1:] - block.failed_at,
            capacity=effects.capacity,
            blocked=block.blocked,
            arrivals=arrivals,
            outcomes=self.count_outcomes(arrivals, dropped, block.failed),
            retries=block.retried,
            latency=latency,
            latency_by_signal=by_signal,
            latency_sum=latency_sum,
            service=service,
            service_sum=service_sum,
            samples=self.marks.collect(),
            faults=[place for place in effects.struck if place[2].end >= block.first + len(block.arrived)],
        )

    def count_arrivals(self, block: Block) -> tuple[np.ndarray, np.ndarray]:
        """Arrivals by signal, and those of them that were dropped [P, G]."""
        lanes, signals = len(self.bounds), self.ring.signals
        lane = np.repeat(np.tile(np.arange(lanes), len(block.arrived)), block.arrived.ravel())
        keys = lane * signals + block.signals
        arrivals = np.bincount(keys, minlength=lanes * signals).reshape(lanes, signals)
        if (block.admitted == block.arrived).all():
            return arrivals, np.zeros_like(arrivals)
        order = ranges(np.zeros(block.arrived.size, dtype=np.int64), block.arrived.ravel())
        refused = order >= np.repeat(block.admitted.ravel(), block.arrived.ravel())
        return arrivals, np.bincount(keys[refused], minlength=lanes * signals).reshape(lanes, signals)

    def count_outcomes(self, arrivals: np.ndarray, dropped: np.ndarray, failed: np.ndarray) -> np.ndarray:
        """Outcomes [P, S, G, 3]: what came into a stage and is not inside any more went on or failed.

        arrivals, dropped [P, G]; failed [P, S, G].
        """
        inside = self.ring.count_inside(self.bounds)
        outcomes = np.zeros((*inside.shape, 3), dtype=np.int64)
        outcomes[:, 0, :, 2] = dropped
        coming = arrivals - dropped
        for stage in range(inside.shape[1]):
            coming = coming + self.inside[:, stage] - inside[:, stage] - failed[:, stage]
            outcomes[:, stage, :, 0] = coming
            outcomes[:, stage, :, 1] = failed[:, stage]
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
