"""Events sampled for human review: kept until newer ones push them out, with the verdicts given."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from exporter.config.model import Pipeline
from exporter.observations.tallies import ReviewSamples

Verdict = Literal["correct", "wrong", "unsure"]
MOST_DIGITS = 18


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a human said of an event, at `time` in seconds since the epoch."""

    verdict: Verdict
    note: str
    time: float


@dataclass(frozen=True, slots=True)
class ReviewEvent:
    """A delivered event; ticks of admission and of leaving each stage."""

    id: str
    pipeline: Pipeline
    signal: str
    admitted: int
    left: tuple[int, ...]
    judgement: Judgement | None

    @property
    def delivered(self) -> int:
        """The tick of delivery."""
        return self.left[-1]


class ReviewList:
    """The last sampled events of P pipelines, `keep` of each, in rings of rows.

    rows [P, keep, 3 + S]: sequence, signal, tick of admission, ticks of leaving each stage.
    """

    def __init__(self, pipelines: Sequence[Pipeline]) -> None:
        self.pipelines = pipelines
        self.bounds = np.array([one.review.keep for one in pipelines])
        self.keep = int(self.bounds.max())
        self.rows = np.zeros((len(pipelines), self.keep, 3 + len(pipelines[0].stages)), dtype=np.int64)
        self.lanes = {one.name: lane for lane, one in enumerate(pipelines)}
        self.count = np.zeros(len(pipelines), dtype=np.int64)
        self.judgements: dict[str, Judgement] = {}

    def add(self, samples: ReviewSamples) -> None:
        """Keep further events, at the expense of the oldest."""
        order = np.argsort(samples.lane, kind="stable")
        lanes = samples.lane[order]
        new = np.bincount(lanes, minlength=len(self.count))
        rank = np.arange(len(lanes)) - np.repeat(np.cumsum(new) - new, new)
        fields = np.column_stack([samples.sequence, samples.signal, samples.admitted, samples.left])
        self.rows[lanes, (self.count[lanes] + rank) % self.keep] = fields[order]
        self.count += new

    def newest(self, limit: int, wanted: Sequence[bool] | None = None) -> list[ReviewEvent]:
        """Up to `limit` events, newest first; `wanted` says of which pipelines, None of all."""
        lanes, places = self.kept(limit)
        if wanted is not None:
            chosen = np.array(wanted)[lanes]
            lanes, places = lanes[chosen], places[chosen]
        delivered = self.rows[lanes, places, -1]
        order = np.argsort(-delivered, kind="stable")[:limit].tolist()
        return [self.event(int(lanes[index]), self.rows[lanes[index], places[index]]) for index in order]

    def kept(self, limit: int) -> tuple[np.ndarray, np.ndarray]:
        """Lanes and places of the last `limit` events of each lane, newest first in each."""
        ages = np.arange(min(limit, self.keep))
        lanes, ages = np.nonzero(ages < np.minimum(self.count, self.bounds)[:, None])
        return lanes, (self.count[lanes] - 1 - ages) % self.keep

    def event(self, lane: int, row: np.ndarray) -> ReviewEvent:
        """One row as an event."""
        sequence, signal, admitted, *left = row.tolist()
        pipeline = self.pipelines[lane]
        name = event_id(pipeline, sequence)
        return ReviewEvent(
            id=name,
            pipeline=pipeline,
            signal=pipeline.signals[signal].name,
            admitted=admitted,
            left=tuple(left),
            judgement=self.judgements.get(name),
        )

    def find(self, name: str) -> ReviewEvent | None:
        """The event of that name, None when it is not kept (any more)."""
        pipeline, _, sequence = name.rpartition("-")
        lane = self.lanes.get(pipeline)
        if lane is None or not sequence.isdecimal() or len(sequence) > MOST_DIGITS:
            return None
        kept = min(self.count[lane], self.bounds[lane])
        rows = self.rows[lane, (self.count[lane] - 1 - np.arange(kept)) % self.keep]
        found = (self.event(lane, row) for row in rows[rows[:, 0] == int(sequence)])
        return next((event for event in found if event.id == name), None)

    def judge(self, name: str, judgement: Judgement) -> ReviewEvent | None:
        """Mark an event reviewed; None when it is not kept (any more)."""
        if self.find(name) is None:
            return None
        self.judgements = {known: given for known, given in self.judgements.items() if self.find(known)}
        self.judgements[name] = judgement
        return self.find(name)


def event_id(pipeline: Pipeline, sequence: int) -> str:
    """The name of an event: pipeline and number of the admission."""
    return f"{pipeline.name}-{sequence}"
