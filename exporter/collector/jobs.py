"""The table of run families: real jobs, each a pipeline of its own."""

from collections.abc import Callable, Iterable

import numpy as np

from exporter import names
from exporter.collector.family import Buckets, Family, Kind, Series
from exporter.state import State
from exporter.state.jobs import JobState


def row(kind: Kind, name: str, text: str, value: Callable[[JobState], float | None]) -> Family:
    """A counter or gauge a job; a job without the value has no child."""

    def read(state: State) -> Iterable[Series]:
        found = [(job.pipeline, value(job)) for job in state.jobs]
        known = [(pipeline, number) for pipeline, number in found if number is not None]
        yield Series([(pipeline,) for pipeline, _ in known], [number for _, number in known])

    return Family(name, kind, text, (names.PIPELINE,), read)


def runs(state: State) -> Iterable[Series]:
    """Runs of every job by final state."""
    found = [((job.pipeline, final), count) for job in state.jobs for final, count in job.runs.items()]
    yield Series([labels for labels, _ in found], [count for _, count in found])


def durations(state: State) -> Iterable[Buckets]:
    """Run durations of every job."""
    jobs = list(state.jobs)
    counts = np.array([job.duration_counts for job in jobs], dtype=np.int64)
    sums = np.array([job.duration_sum for job in jobs])
    children = [(job.pipeline,) for job in jobs]
    yield Buckets(children, state.jobs.buckets, counts.reshape(len(jobs), len(state.jobs.buckets) + 1), sums)


def info(state: State) -> Iterable[Series]:
    """Who owns what: streams and jobs."""
    children = [labels for one in state.streams for labels in one.labels.info]
    children += [(job.pipeline, job.team, "batch", "live") for job in state.jobs]
    yield Series(children, [1] * len(children))


def failure_thresholds(state: State) -> Iterable[Series]:
    """From how many failures in a row on an alert has which severity, a job each."""
    counts = state.runs.failures.model_dump().items()
    found = [((job.pipeline, severity), count) for job in state.jobs for severity, count in counts]
    yield Series([labels for labels, _ in found], [count for _, count in found])


def stale_after(state: State) -> Iterable[Series]:
    """The jobs that must report."""
    expected = state.runs.expected
    yield Series([(job.pipeline, job.team) for job in expected], [job.stale_after for job in expected])


INFO_FAMILY = Family(
    names.INFO,
    "gauge",
    "1; ownership of a pipeline, for other series to join.",
    (names.PIPELINE, names.TEAM, names.KIND, names.MODE),
    info,
)
JOB_FAMILIES = (
    Family(names.RUNS, "counter", "Runs by final state.", (names.PIPELINE, names.STATE), runs),
    Family(
        names.RUN_DURATION, "histogram", "Time from a run's start to its end.", (names.PIPELINE,), durations
    ),
    row(
        "gauge",
        names.RUN_LAST_DURATION,
        "Duration of the run that ended last.",
        lambda job: job.last_duration,
    ),
    row("gauge", names.RUNS_IN_PROGRESS, "Runs started and not yet ended.", lambda job: job.in_progress),
    row(
        "counter",
        names.RUNS_FORGOTTEN,
        "Runs in progress dropped for want of room.",
        lambda job: job.forgotten,
    ),
    row(
        "gauge",
        names.RUN_FAILURES_IN_A_ROW,
        "Failures since the last success.",
        lambda job: job.failures_in_a_row,
    ),
    Family(
        names.RUN_FAILURES_THRESHOLD,
        "gauge",
        "Failures in a row from which on an alert has this severity.",
        (names.PIPELINE, names.SEVERITY),
        failure_thresholds,
    ),
    Family(
        names.RUN_STALE_AFTER,
        "gauge",
        "Time without success after which an expected job is stale.",
        (names.PIPELINE, names.TEAM),
        stale_after,
    ),
    row("gauge", names.RUN_LAST_START, "When a run last started.", lambda job: job.last_start),
    row("gauge", names.RUN_LAST_SUCCESS, "When a run last succeeded.", lambda job: job.last_success),
    row("gauge", names.RUN_LAST_FAILURE, "When a run last failed.", lambda job: job.last_failure),
)
