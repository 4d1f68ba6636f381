"""Events sampled for human review: kept until newer ones push them out, with the verdicts given."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from heapq import nlargest
from typing import Literal, get_args

import numpy as np

from exporter.config.model import Pipeline
from exporter.simulation.tallies import ReviewSamples

Verdict = Literal["correct", "wrong", "unsure"]
VERDICTS: tuple[Verdict, ...] = get_args(Verdict)


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
        self.keep = max(one.review.keep for one in pipelines)
        self.rows = np.zeros((len(pipelines), self.keep, 3 + len(pipelines[0].stages)), dtype=np.int64)
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

    def newest(self, limit: int) -> list[ReviewEvent]:
        """Up to `limit` events, newest first."""
        return nlargest(limit, self, key=lambda event: event.delivered)

    def __iter__(self) -> Iterator[ReviewEvent]:
        for lane, pipeline in enumerate(self.pipelines):
            kept = min(int(self.count[lane]), pipeline.review.keep)
            places = np.arange(self.count[lane] - 1, self.count[lane] - 1 - kept, -1) % self.keep
            for sequence, signal, admitted, *left in self.rows[lane, places].tolist():
                name = event_id(pipeline, sequence)
                yield ReviewEvent(
                    id=name,
                    pipeline=pipeline,
                    signal=pipeline.signals[signal].name,
                    admitted=admitted,
                    left=tuple(left),
                    judgement=self.judgements.get(name),
                )

    def judge(self, event: str, judgement: Judgement) -> ReviewEvent | None:
        """Mark `event` reviewed; None when it is not kept (any more)."""
        kept = {known.id for known in self}
        if event not in kept:
            return None
        self.judgements = {name: given for name, given in self.judgements.items() if name in kept}
        self.judgements[event] = judgement
        return next(known for known in self if known.id == event)


def event_id(pipeline: Pipeline, sequence: int) -> str:
    """The name of an event: pipeline and number of the admission."""
    return f"{pipeline.name}-{sequence}"
