"""State of one real job: its runs as counts, sums, last values, and a history to judge the next one by."""

import math
from bisect import bisect_left
from collections.abc import Sequence
from functools import cached_property
from itertools import accumulate
from typing import NamedTuple

import msgspec

from exporter.runs.event import PLAIN, UNKNOWN_INTEGRATION
from exporter.runs.observation import FINAL_STATES, FinalState, Mode, RunEnded
from exporter.runs.reasons import CLASSES, UNKNOWN
from exporter.state.history import FEWEST, TOO_NEW, History, Usual

UNKNOWN_TEAM = "unknown"
BATCH, STREAM = "batch", "stream"
# Says nothing of what a job is like.
ANYBODY = (UNKNOWN_INTEGRATION, PLAIN, "")
# What differs by less than this share is no difference.
LEAST_DEVIATION = 0.05
LEAST_VALUE = 1e-3
# What is unusual in seconds: at least a minute, for what is short varies.
LEAST_PATIENCE = 60.0
TIMES_THE_LONGEST_GAP = 2
# A time of silence in the past must not excuse the next one.
GAPS_FORGIVEN = 1
TIMES_THE_LONGEST_RUN = 3
KEPT_RUNS = 20
# A total ends here: a metric can't say more exactly, and no snapshot could keep much more.
MOST_COUNTED = 1 << 53

_BADNESS: dict[FinalState | None, int] = {
    "succeeded": 0,
    "skipped": 0,
    None: 1,
    "aborted": 2,
    "failed": 3,
    "abandoned": 3,
}
_FAILED: tuple[FinalState, ...] = ("failed", "abandoned")
_JUDGED: tuple[FinalState, ...] = ("succeeded", *_FAILED)


class Ended(msgspec.Struct, frozen=True, gc=False):
    """A run of the past, as the page tells it; times in seconds since 1970 UTC, duration in seconds."""

    run_id: str
    state: FinalState
    ended: float
    duration: float | None
    rows: int | None
    error: str | None


class Compared(NamedTuple):
    """Some of the newest runs against what is usual: the lowest and the highest of them in deviations above
    it, and the highest as a share of it."""

    lowest: float
    highest: float
    ratio: float


class Measure(msgspec.Struct, dict=True):
    """What runs are judged by, as logarithms: durations, rows and rates vary by factors, not by amounts.

    What is asked for at every scrape is worked out once a run.
    """

    history: History = msgspec.field(default_factory=History)

    def add(self, value: float) -> None:
        """Learn a value. Of zero there is no logarithm: it is as far below the rest as can be."""
        self.history.add(math.log(max(value, LEAST_VALUE)))
        self.__dict__.clear()

    @cached_property
    def known(self) -> Usual | None:
        """What is usual of the logarithms; None as long as too little is known."""
        return self.history.usual()

    @cached_property
    def newest(self) -> list[Compared]:
        """The newest run, the two newest, the three newest; empty as long as too little is known."""
        known = self.known
        if known is None:
            return []
        values = self.history.newest(TOO_NEW)[::-1]
        return [
            Compared(
                known.score(lowest, LEAST_DEVIATION),
                known.score(highest, LEAST_DEVIATION),
                math.exp(highest - known.mean),
            )
            for lowest, highest in zip(accumulate(values, min), accumulate(values, max), strict=True)
        ]

    def usual(self) -> float | None:
        """What is usual, in the measure's unit; None as long as too little is known."""
        return None if self.known is None else math.exp(self.known.mean)

    def deviation(self) -> float | None:
        """The factor that a deviation is; None as long as too little is known."""
        known = self.known
        return None if known is None else math.exp(max(known.deviation, LEAST_DEVIATION))

    def band(self) -> tuple[float, float, float] | None:
        """Two deviations below what is usual, that, and two above; None as long as too little is known."""
        known = self.known
        if known is None:
            return None
        spread = 2 * max(known.deviation, LEAST_DEVIATION)
        return math.exp(known.mean - spread), math.exp(known.mean), math.exp(known.mean + spread)

    def longest(self) -> float:
        """The largest value that is remembered, in the measure's unit; 0 as long as there is none."""
        return math.exp(self.history.largest()) if self.history.count else 0.0

    def above(self, runs: int) -> float | None:
        """By how many deviations at least each of the newest runs, three at most, is above what is usual."""
        return self.newest[runs - 1].lowest if self.newest else None

    def below(self, runs: int) -> float | None:
        """The same below it."""
        return -self.newest[runs - 1].highest if self.newest else None

    def ratio(self, runs: int) -> float | None:
        """The share of what is usual that none of the newest runs is above."""
        return self.newest[runs - 1].ratio if self.newest else None


class JobState(msgspec.Struct):
    """What is known of one job. Times are event times in seconds since 1970 UTC, None until it happened.

    `last_state` and `last_duration` are those of the run that ended last by its event time; of two at the
    same time the worse one, so that the order of arrival decides nothing. `duration_counts` has a count for
    each bucket alone (not cumulative) and one more for what is longer than the last bound. `open` are the
    runs in progress with when they began, `outcomes` 1 for each run that succeeded and 0 for each that
    failed, `intervals` the seconds between successes. Successes alone are measured: a failed run is short or
    long for other reasons.
    """

    pipeline: str
    namespace: str
    name: str
    number: int
    duration_counts: list[int]
    runs: dict[FinalState, int] = msgspec.field(default_factory=lambda: dict.fromkeys(FINAL_STATES, 0))
    reasons: dict[str, int] = msgspec.field(default_factory=lambda: dict.fromkeys(CLASSES, 0))
    team: str = UNKNOWN_TEAM
    integration: str = UNKNOWN_INTEGRATION
    job_type: str = ""
    is_part: bool = False
    whole: str | None = None
    streaming: bool = False
    mode: Mode = "live"
    open: dict[str, float] = msgspec.field(default_factory=dict)
    duration_sum: float = 0.0
    rows_total: int = 0
    bytes_total: int = 0
    forgotten: int = 0
    contradicted: int = 0
    failures_in_a_row: int = 0
    last_start: float | None = None
    last_success: float | None = None
    last_failure: float | None = None
    last_end: float | None = None
    last_state: FinalState | None = None
    last_duration: float | None = None
    last_delay: float | None = None
    last_rows: int | None = None
    last_throughput: float | None = None
    duration: Measure = msgspec.field(default_factory=Measure)
    rows: Measure = msgspec.field(default_factory=Measure)
    throughput: Measure = msgspec.field(default_factory=Measure)
    outcomes: History = msgspec.field(default_factory=History)
    intervals: History = msgspec.field(default_factory=History)
    recent: list[Ended] = msgspec.field(default_factory=list)

    @property
    def in_progress(self) -> int:
        """Runs that have begun and not ended."""
        return len(self.open)

    @property
    def kind(self) -> str:
        """What it is like; jobs of one kind are each other's peers."""
        if self.streaming:
            return STREAM
        named = [part for part in (self.integration, self.job_type) if part not in ANYBODY]
        return "-".join(named) or BATCH

    def heard(self) -> float:
        """When anything was last heard of it."""
        return max(self.last_start or 0.0, self.last_end or 0.0, *self.open.values(), 0.0)

    def learnt_stale_after(self) -> float | None:
        """Seconds without success that are unusual: twice the longest but one; None for a part."""
        if self.is_part or self.streaming or self.intervals.count < FEWEST:
            return None
        return max(LEAST_PATIENCE, TIMES_THE_LONGEST_GAP * self.intervals.largest(GAPS_FORGIVEN))

    def stuck_after(self) -> float | None:
        """Seconds in progress that are unusual: three times the longest run; None for a part."""
        if self.is_part or self.streaming or self.duration.history.count < FEWEST:
            return None
        return max(LEAST_PATIENCE, TIMES_THE_LONGEST_RUN * self.duration.longest())

    def started(self, time: float, scheduled: float | None) -> None:
        """A run began."""
        if self.last_start is None or time >= self.last_start:
            self.last_start = time
            self.last_delay = self.last_delay if scheduled is None else max(0.0, time - scheduled)

    def ended(self, run: RunEnded, buckets: Sequence[float]) -> None:
        """A run reached its final state."""
        self.runs[run.state] += 1
        self.open.pop(run.run_id, None)
        if run.state in _FAILED:
            reason = run.error or UNKNOWN
            self.reasons[reason] = self.reasons.get(reason, 0) + 1
        if (seconds := run.duration) is not None and run.state != "skipped":
            self.duration_counts[bisect_left(buckets, seconds)] += 1
            self.duration_sum += seconds
        self._measure(run, seconds)
        self._note_times(run)
        if not (run.given_up and self._correct(run)):
            self._remember(run)

    def _measure(self, run: RunEnded, seconds: float | None) -> None:
        self.rows_total = min(self.rows_total + (run.rows or 0), MOST_COUNTED)
        self.bytes_total = min(self.bytes_total + (run.bytes or 0), MOST_COUNTED)
        if run.state != "succeeded":
            return
        if seconds is not None:
            self.duration.add(seconds)
        if run.rows is not None:
            self.rows.add(run.rows)
            self.last_rows = run.rows
        if run.rows is not None and seconds:
            self.last_throughput = run.rows / seconds
            self.throughput.add(self.last_throughput)

    def _note_times(self, run: RunEnded) -> None:
        if run.state == "succeeded":
            if self.last_success is not None and run.ended > self.last_success:
                self.intervals.add(run.ended - self.last_success)
            self.last_success = later(self.last_success, run.ended)
        if run.state in _FAILED:
            self.last_failure = later(self.last_failure, run.ended)

    def _remember(self, run: RunEnded) -> None:
        if run.state in _JUDGED:
            self.outcomes.add(float(run.state == "succeeded"))
        if self._supersedes(run):
            if run.state in _JUDGED:
                self.failures_in_a_row = 0 if run.state == "succeeded" else self.failures_in_a_row + 1
            self.last_end, self.last_state, self.last_duration = run.ended, run.state, run.duration
        self.recent.append(as_kept(run))
        del self.recent[:-KEPT_RUNS]

    def _correct(self, run: RunEnded) -> bool:
        """Be as if a run had never been given up; False where that is too long ago to matter.

        The counters keep both: what was counted once stays counted.
        """
        kept = [(one.run_id, one.state) for one in self.recent]
        if (run.run_id, "abandoned") not in kept:
            return False
        place = kept.index((run.run_id, "abandoned"))
        if run.state == "succeeded":
            self.outcomes.correct(sum(state in _JUDGED for _, state in kept[place:]), 1.0)
        self.recent[place] = as_kept(run)
        in_order = sorted(self.recent, key=lambda one: (one.ended, _BADNESS[one.state]))
        last = in_order[-1]
        self.last_end, self.last_state, self.last_duration = last.ended, last.state, last.duration
        states = [one.state for one in reversed(in_order)]
        if "succeeded" in states:
            self.failures_in_a_row = sum(state in _FAILED for state in states[: states.index("succeeded")])
        elif run.state not in _FAILED:
            self.failures_in_a_row -= 1
        return True

    def _supersedes(self, run: RunEnded) -> bool:
        if self.last_end is None:
            return True
        return (run.ended, _BADNESS[run.state]) > (self.last_end, _BADNESS[self.last_state])


def as_kept(run: RunEnded) -> Ended:
    """What is remembered of a run."""
    return Ended(run.run_id, run.state, run.ended, run.duration, run.rows, run.error)


def later(known: float | None, time: float) -> float:
    """The later of two times; None is none."""
    return time if known is None else max(known, time)


def badness(state: FinalState | None) -> int:
    """Which of two last states is shown first."""
    return _BADNESS[state]
