"""What is unusual about a job, by the same measures and limits as the alert rules, in words for people.

The rules have the last word: they also ask what is usual among a job's peers, and for how long it is so.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from statistics import median
from typing import Literal

from exporter.config.durations import format_duration
from exporter.config.runs import Judgement
from exporter.state.job import JobState

Peers = dict[tuple[str, str], float]
Severity = Literal["critical", "high", "medium", "low"]
SEVERITIES: tuple[Severity, ...] = ("critical", "high", "medium", "low")
# A share of fewer runs says little.
FEWEST_RUNS = 10
# So often a job must have begun to fail: one incident, however long, was told when it went on.
FEWEST_STREAKS = 3
# In a row: one slow run is no news. The graver the slowness, the fewer of them.
SLOW_RUNS: dict[Severity, int] = {"high": 2, "medium": 3}
LOW_RUNS = 2
# A job that is very regular has small deviations: what takes a little longer harms nobody.
SLOWER = 1.25
# Jobs have their days and nights: what is far below the mean must be so by its own measure too.
# Rates vary by two measures, so more.
ROWS_BELOW, THROUGHPUT_BELOW = 2.0, 2.5
# So few are no measure for each other.
TOO_FEW_PEERS = 5


@dataclass(frozen=True, slots=True)
class Anomaly:
    """Something unusual; `observed` against `limit` in the unit that the message names."""

    severity: Severity
    kind: str
    observed: float
    limit: float
    message: str


def peers_of(jobs: Iterable[JobState]) -> Peers:
    """What share of the usual is usual just now, by measure and kind of job: at night, all write less.

    The median of six jobs of a kind or more, and 1 at most. Parts are nobody's peers.
    """
    found: dict[tuple[str, str], list[float]] = defaultdict(list)
    for job in (one for one in jobs if not one.is_part):
        for kind, measure in (("rows", job.rows), ("throughput", job.throughput)):
            if (share := measure.ratio(LOW_RUNS)) is not None:
                found[kind, job.kind].append(share)
    return {key: min(1.0, median(all_)) for key, all_ in found.items() if len(all_) > TOO_FEW_PEERS}


def of_runs(job: JobState, judgement: Judgement, peers: Peers) -> list[Anomaly]:
    """What is unusual about its runs, gravest first; it changes with them and its peers alone.

    A part of another job has none: the whole tells it.
    """
    if job.is_part:
        return []
    found = [
        *failing(job, judgement),
        *unreliable(job, judgement),
        *slow(job, judgement),
        *low(job, judgement, peers),
    ]
    return sorted(found, key=lambda anomaly: SEVERITIES.index(anomaly.severity))


def failing(job: JobState, judgement: Judgement) -> Iterator[Anomaly]:
    """Failures in a row."""
    count, limits = job.failures_in_a_row, judgement.failures
    for severity in SEVERITIES[:3]:
        limit = getattr(limits, severity)
        if count >= limit:
            yield Anomaly(severity, "failing", count, limit, f"failed {count} times in a row")
            return


def unreliable(job: JobState, judgement: Judgement) -> Iterator[Anomaly]:
    """Too few of the last runs succeeded, on several occasions."""
    share = job.outcomes.mean()
    if share is None or job.outcomes.count < FEWEST_RUNS or job.outcomes.drops < FEWEST_STREAKS:
        return
    for severity in SLOW_RUNS:
        limit = getattr(judgement.success, severity)
        if share < limit:
            text = f"{share:.0%} of the last {job.outcomes.count} runs succeeded"
            yield Anomaly(severity, "success", share, limit, text)
            return


def slow(job: JobState, judgement: Judgement) -> Iterator[Anomaly]:
    """Several runs in a row took longer than usual."""
    usual = job.duration.usual()
    if usual is None or (job.last_duration or 0) <= SLOWER * usual:
        return
    for severity, runs in SLOW_RUNS.items():
        score, limit = job.duration.above(runs), getattr(judgement.duration, severity)
        if score is not None and score > limit:
            words = lasting_words(usual)
            text = f"the last {runs} runs took longer than the usual {words} by {score:.1f} deviations"
            yield Anomaly(severity, "duration", score, limit, text)
            return


def low(job: JobState, judgement: Judgement, peers: Peers) -> Iterator[Anomaly]:
    """Several runs in a row wrote less, or less a second, than usual, and than the peers did meanwhile."""
    measures = (
        ("throughput", job.throughput, judgement.throughput.high, THROUGHPUT_BELOW, "rows a second"),
        ("rows", job.rows, judgement.rows.high, ROWS_BELOW, "rows"),
    )
    for kind, measure, limit, fewest, unit in measures:
        share, deviations = measure.ratio(LOW_RUNS), measure.below(LOW_RUNS)
        if share is None or deviations is None or deviations <= fewest:
            continue
        if share < limit * peers.get((kind, job.kind), 1.0):
            text = (
                f"the last {LOW_RUNS} runs wrote {share:.0%} of the usual {measure.usual() or 0:.0f} {unit}"
            )
            yield Anomaly("high", kind, share, limit, text)


def overdue(job: JobState, now: float, declared: float | None = None) -> Iterator[Anomaly]:
    """A run that goes on for too long, a success that doesn't come.

    `declared`: after how many seconds without one it must be told, which is graver than what was learnt.
    """
    longest = job.stuck_after()
    lasting = now - min(job.open.values(), default=now)
    if longest is not None and lasting > longest:
        yield Anomaly(
            "high", "stuck", lasting, longest, f"a run has been in progress for {lasting_words(lasting)}"
        )
    patience, ago = declared or job.learnt_stale_after(), now - (job.last_success or now)
    if patience is not None and ago > patience:
        severity: Severity = "high" if declared else "medium"
        yield Anomaly(severity, "silent", ago, patience, f"no run has succeeded for {lasting_words(ago)}")


def lasting_words(seconds: float) -> str:
    """Also what is shorter than the second that format_duration counts in."""
    return format_duration(seconds) if seconds >= 10 else f"{seconds:.2g} s"
