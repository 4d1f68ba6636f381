"""Events sampled for human review: the newest of each pipeline, and what was said of them."""

from typing import get_args

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exporter.config.model import Pipeline, Review
from exporter.observations.tallies import ReviewSamples
from exporter.state.review import Judgement, ReviewList, Verdict
from tests.unit.simulation.strategies import config_of, steady

KEEP = 5
CORRECT = Judgement("correct", "as expected", 1000.0)

# Lane, number of the admission, and tick of delivery of a sampled event.
Sample = tuple[int, int, int]


def pipelines(*keep: int) -> list[Pipeline]:
    named = config_of(*(steady(1, 2, 2, name=f"p{lane}") for lane in range(len(keep)))).pipelines
    return [
        one.model_copy(update={"review": Review(keep=kept)}) for one, kept in zip(named, keep, strict=True)
    ]


def samples(*events: Sample) -> ReviewSamples:
    lane, sequence, delivered = np.array(events, dtype=np.int64).reshape(-1, 3).T
    left = np.stack([delivered - 1, delivered], axis=1)
    return ReviewSamples(lane, sequence, sequence % 2, delivered - 2, left)


def listed(review: ReviewList, limit: int = 1000) -> list[str]:
    return [event.id for event in review.newest(limit)]


def test_a_sampled_event_is_listed_with_its_signal_and_its_path() -> None:
    review = ReviewList(pipelines(KEEP))
    review.add(samples((0, 41, 90)))
    (event,) = review.newest(10)
    assert (event.id, event.pipeline.name, event.signal) == ("p0-41", "p0", "g1")
    assert (event.admitted, event.left, event.delivered) == (88, (89, 90), 90)
    assert event.judgement is None


def test_nothing_is_listed_at_first() -> None:
    assert listed(ReviewList(pipelines(KEEP))) == []


@settings(deadline=None)
@given(st.lists(st.lists(st.integers(0, 1), max_size=12), max_size=8), st.integers(0, 15))
def test_the_newest_of_each_pipeline_are_kept_and_listed_newest_first(
    blocks: list[list[int]], limit: int
) -> None:
    review = ReviewList(pipelines(3, KEEP))
    seen: list[Sample] = []
    for block in blocks:
        fresh = [(lane, number, number) for number, lane in enumerate(block, start=len(seen) + 2)]
        review.add(samples(*fresh))
        seen += fresh
    kept = [
        *[event for event in seen if event[0] == 0][-3:],
        *[event for event in seen if event[0] == 1][-KEEP:],
    ]
    newest_first = sorted(kept, key=lambda event: -event[2])
    assert listed(review, limit) == [f"p{lane}-{number}" for lane, number, _ in newest_first][:limit]


def test_of_two_events_delivered_at_once_the_one_admitted_later_is_newer() -> None:
    review = ReviewList(pipelines(KEEP))
    review.add(samples((0, 1, 9), (0, 2, 9)))
    assert listed(review) == ["p0-2", "p0-1"]


def test_a_list_never_grows() -> None:
    review = ReviewList(pipelines(KEEP))
    for first in range(0, 500, 10):
        review.add(samples(*((0, number, number) for number in range(first, first + 10))))
    assert len(review.newest(1000)) == len(review.rows[0]) == KEEP


def test_an_event_can_be_marked_reviewed() -> None:
    review = ReviewList(pipelines(KEEP))
    review.add(samples((0, 1, 9), (0, 2, 10)))
    judged = review.judge("p0-1", CORRECT)
    assert judged is not None
    assert (judged.id, judged.judgement) == ("p0-1", CORRECT)
    assert [event.judgement for event in review.newest(10)] == [None, CORRECT]


@pytest.mark.parametrize("verdict", get_args(Verdict))
def test_a_later_verdict_replaces_an_earlier_one(verdict: Verdict) -> None:
    review = ReviewList(pipelines(KEEP))
    review.add(samples((0, 1, 9)))
    review.judge("p0-1", CORRECT)
    later = Judgement(verdict, "on second thought", 1001.0)
    review.judge("p0-1", later)
    assert review.newest(1)[0].judgement == later


@pytest.mark.parametrize("event", ["p0-9", "p1-1", "p0", ""])
def test_an_event_that_is_not_there_can_not_be_marked(event: str) -> None:
    review = ReviewList(pipelines(KEEP))
    review.add(samples((0, 1, 9)))
    assert review.judge(event, CORRECT) is None


def test_an_event_that_newer_ones_pushed_out_can_not_be_marked_any_more() -> None:
    review = ReviewList(pipelines(1))
    review.add(samples((0, 1, 9)))
    review.add(samples((0, 2, 10)))
    assert review.judge("p0-1", CORRECT) is None


def test_verdicts_on_events_that_are_gone_are_forgotten() -> None:
    review = ReviewList(pipelines(KEEP))
    for number in range(100):
        review.add(samples((0, number, number + 2)))
        review.judge(f"p0-{number}", CORRECT)
    assert len(review.judgements) <= KEEP
