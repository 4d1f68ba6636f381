"""The table of run families: real jobs, each a pipeline of its own."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np

from exporter import names
from exporter.collector.family import Buckets, Family, Kind, Series
from exporter.config.fleet import JOB_FAULT_KINDS
from exporter.config.model import Strict
from exporter.config.runs import Judgement
from exporter.state import State
from exporter.state.job import Compared, JobState, Measure

# By the value of one more label; which values it can have is not said.
Numbers = Mapping[Any, float]
# What holds for several runs in a row is no chance.
NEWEST = ("1", "2", "3")


def row(kind: Kind, name: str, text: str, value: Callable[[JobState], float | None]) -> Family:
    """A counter or gauge a job; a job without the value has no child."""

    def read(state: State) -> Iterable[Series]:
        found = [(job.pipeline, value(job)) for job in state.jobs]
        known = [(pipeline, number) for pipeline, number in found if number is not None]
        yield Series([(pipeline,) for pipeline, _ in known], [number for _, number in known])

    return Family(name, kind, text, (names.PIPELINE,), read)


def by(kind: Kind, name: str, text: str, label: str, values: Callable[[JobState], Numbers]) -> Family:
    """A counter or gauge a job and value of one more label."""

    def read(state: State) -> Iterable[Series]:
        found = [(job.pipeline, values(job)) for job in state.jobs]
        children = [(pipeline, one) for pipeline, known in found for one in known]
        yield Series(children, [value for _, known in found for value in known.values()])

    return Family(name, kind, text, (names.PIPELINE, label), read)


def newest(measure: Measure, value: Callable[[Compared], float]) -> dict[str, float]:
    """A number of the newest run, of the two newest and so on."""
    return dict(zip(NEWEST, map(value, measure.newest), strict=bool(measure.newest)))


def durations(state: State) -> Iterable[Buckets]:
    """Run durations of every job."""
    jobs = list(state.jobs)
    counts = np.array([job.duration_counts for job in jobs], dtype=np.int64)
    sums = np.array([job.duration_sum for job in jobs])
    children = [(job.pipeline,) for job in jobs]
    yield Buckets(children, state.jobs.buckets, counts.reshape(len(jobs), len(state.jobs.buckets) + 1), sums)


def info(state: State) -> Iterable[Series]:
    """Who owns what: streams and jobs. Each name once: what it is joined to takes no second owner."""
    owned = {labels[0]: labels for one in state.streams for labels in one.labels.info}
    for job in state.jobs:
        owned.setdefault(job.pipeline, (job.pipeline, job.team, job.kind, job.mode))
    children = list(owned.values())
    yield Series(children, [1] * len(children))


def threshold(name: str, text: str, judged: Callable[[Judgement], Strict]) -> Family:
    """A limit a job and severity. A part has none: what becomes of it is the whole's to tell."""

    def read(state: State) -> Iterable[Series]:
        known: dict[int, list[tuple[str, float]]] = {}
        found = []
        for job in state.jobs:
            if not job.is_part:
                judgement = state.runs.judgement(job.pipeline)
                limits = known.get(id(judgement)) or list(judged(judgement).model_dump().items())
                known[id(judgement)] = limits
                found += [((job.pipeline, severity), limit) for severity, limit in limits]
        yield Series([labels for labels, _ in found], [limit for _, limit in found])

    return Family(name, "gauge", text, (names.PIPELINE, names.SEVERITY), read)


def learnt_stale_after(state: State) -> Iterable[Series]:
    """Jobs that are not declared keep their own rhythm."""
    declared = {job.pipeline for job in state.runs.expected}
    found = [(job.pipeline, job.learnt_stale_after()) for job in state.jobs]
    known = [(name, seconds) for name, seconds in found if seconds is not None and name not in declared]
    yield Series([(name,) for name, _ in known], [seconds for _, seconds in known])


def stale_after(state: State) -> Iterable[Series]:
    """The jobs that must report."""
    expected = state.runs.expected
    yield Series([(job.pipeline, job.team) for job in expected], [job.stale_after for job in expected])


def upstream(state: State) -> Iterable[Series]:
    """Where a pipeline's data comes from."""
    yield counted(state, lambda job: len(upstream_of(state, job.pipeline)))


def downstream(state: State) -> Iterable[Series]:
    """Who waits for a pipeline."""
    yield counted(state, lambda job: len(downstream_of(state, job.pipeline)))


def unhealthy_upstream(state: State) -> Iterable[Series]:
    """How many of those that a pipeline waits for have failed."""
    failing = {job.pipeline for job in state.jobs if job.failures_in_a_row}
    yield counted(state, lambda job: len(upstream_of(state, job.pipeline) & failing))


def upstream_of(state: State, pipeline: str) -> set[str]:
    """Who writes what it reads."""
    return state.datasets.upstream(pipeline) | state.simulated_datasets.upstream(pipeline)


def downstream_of(state: State, pipeline: str) -> set[str]:
    """Who reads what it writes."""
    return state.datasets.downstream(pipeline) | state.simulated_datasets.downstream(pipeline)


def faults(state: State) -> Iterable[Series]:
    """What is wrong with simulated jobs."""
    simulated = [job.pipeline for job in state.jobs if job.mode == "simulated"]
    children = [(job, kind) for job in simulated for kind in JOB_FAULT_KINDS]
    yield Series(children, [child in state.job_faults for child in children])


def counted(state: State, count: Callable[[JobState], int]) -> Series:
    """A number for each job."""
    return Series([(job.pipeline,) for job in state.jobs], [count(job) for job in state.jobs])


INFO_FAMILY = Family(
    names.INFO,
    "gauge",
    "1; ownership of a pipeline, for other series to join.",
    (names.PIPELINE, names.TEAM, names.KIND, names.MODE),
    info,
)
JOB_FAMILIES = (
    by("counter", names.RUNS, "Runs by final state.", names.STATE, lambda job: job.runs),
    by(
        "counter",
        names.RUN_FAILURES,
        "Failed runs by class of what was said of them.",
        names.REASON,
        lambda job: job.reasons,
    ),
    Family(
        names.RUN_DURATION, "histogram", "Time from a run's start to its end.", (names.PIPELINE,), durations
    ),
    row(
        "gauge",
        names.RUN_LAST_DURATION,
        "Duration of the run that ended last.",
        lambda job: job.last_duration,
    ),
    row(
        "gauge",
        names.RUN_USUAL_DURATION,
        "Duration of most runs that succeeded: the geometric mean of the last hundred, the newest left out.",
        lambda job: job.duration.usual(),
    ),
    row(
        "gauge",
        names.RUN_DURATION_DEVIATION,
        "Factor by which a deviation makes a run longer than usual: n of them, its nth power.",
        lambda job: job.duration.deviation(),
    ),
    by(
        "gauge",
        names.RUN_DURATION_ZSCORE,
        "Deviations by which each of the newest runs at least took longer than usual.",
        names.RUNS_LABEL,
        lambda job: newest(job.duration, lambda runs: runs.lowest),
    ),
    row(
        "gauge",
        names.RUN_HISTORY,
        "Runs that the success ratio is of.",
        lambda job: job.outcomes.count,
    ),
    row(
        "gauge",
        names.RUN_SUCCESS_RATIO,
        "Share of the last hundred runs that succeeded.",
        lambda job: job.outcomes.mean(),
    ),
    row(
        "gauge",
        names.RUN_FAILURE_STREAKS,
        "How often the job began to fail in those runs: failures in a row are one streak.",
        lambda job: job.outcomes.drops,
    ),
    row("gauge", names.RUN_LAST_ROWS, "Rows that the last success wrote.", lambda job: job.last_rows),
    row(
        "gauge",
        names.RUN_USUAL_ROWS,
        "Rows that most runs wrote: the geometric mean of the last hundred, the newest left out.",
        lambda job: job.rows.usual(),
    ),
    by(
        "gauge",
        names.RUN_ROWS_RATIO,
        "Rows of the newest runs as a share of what is usual, the best of them.",
        names.RUNS_LABEL,
        lambda job: newest(job.rows, lambda runs: runs.ratio),
    ),
    by(
        "gauge",
        names.RUN_ROWS_ZSCORE,
        "Rows of the newest runs in deviations above what is usual, the best of them.",
        names.RUNS_LABEL,
        lambda job: newest(job.rows, lambda runs: runs.highest),
    ),
    row(
        "gauge",
        names.RUN_LAST_THROUGHPUT,
        "Rows a second of the last success.",
        lambda job: job.last_throughput,
    ),
    row(
        "gauge",
        names.RUN_USUAL_THROUGHPUT,
        "Rows a second of most runs: the geometric mean of the last hundred, the newest left out.",
        lambda job: job.throughput.usual(),
    ),
    by(
        "gauge",
        names.RUN_THROUGHPUT_RATIO,
        "Rows a second of the newest runs as a share of what is usual, the best of them.",
        names.RUNS_LABEL,
        lambda job: newest(job.throughput, lambda runs: runs.ratio),
    ),
    by(
        "gauge",
        names.RUN_THROUGHPUT_ZSCORE,
        "Rows a second of the newest runs in deviations above what is usual, the best of them.",
        names.RUNS_LABEL,
        lambda job: newest(job.throughput, lambda runs: runs.highest),
    ),
    row("counter", names.RUN_WRITTEN_ROWS, "Rows that runs wrote.", lambda job: job.rows_total),
    row("counter", names.RUN_WRITTEN_BYTES, "Bytes that runs wrote.", lambda job: job.bytes_total),
    row(
        "gauge",
        names.RUN_START_DELAY,
        "Time from when the last run should have started until it did.",
        lambda job: job.last_delay,
    ),
    row(
        "gauge",
        names.RUN_OLDEST_START,
        "When the run that has been in progress longest began.",
        lambda job: min(job.open.values(), default=None),
    ),
    row(
        "counter",
        names.RUN_CONTRADICTIONS,
        "Runs that were said to have ended otherwise than before.",
        lambda job: job.contradicted,
    ),
    Family(names.UPSTREAM, "gauge", "Pipelines that write what it reads.", (names.PIPELINE,), upstream),
    Family(
        names.UPSTREAM_UNHEALTHY,
        "gauge",
        "Those of them whose last run failed.",
        (names.PIPELINE,),
        unhealthy_upstream,
    ),
    Family(names.DOWNSTREAM, "gauge", "Pipelines that read what it writes.", (names.PIPELINE,), downstream),
    Family(
        names.RUN_FAULT_ACTIVE,
        "gauge",
        "1 while something is wrong with a simulated job: the simulation's ground truth.",
        (names.PIPELINE, names.FAULT),
        faults,
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
    threshold(
        names.RUN_FAILURES_THRESHOLD,
        "Failures in a row from which on an alert has this severity.",
        lambda judged: judged.failures,
    ),
    threshold(
        names.RUN_SUCCESS_THRESHOLD,
        "Success ratio below which an alert has this severity.",
        lambda judged: judged.success,
    ),
    threshold(
        names.RUN_DURATION_THRESHOLD,
        "Deviations above the usual duration from which on an alert has this severity.",
        lambda judged: judged.duration,
    ),
    threshold(
        names.RUN_THROUGHPUT_THRESHOLD,
        "Share of the usual rows a second below which an alert has this severity.",
        lambda judged: judged.throughput,
    ),
    threshold(
        names.RUN_ROWS_THRESHOLD,
        "Share of the usual rows below which an alert has this severity.",
        lambda judged: judged.rows,
    ),
    Family(
        names.RUN_STALE_AFTER,
        "gauge",
        "Time without success after which an expected job is stale.",
        (names.PIPELINE, names.TEAM),
        stale_after,
    ),
    Family(
        names.RUN_LEARNT_STALE_AFTER,
        "gauge",
        "Time without success that is unusual for a job that nobody declared.",
        (names.PIPELINE,),
        learnt_stale_after,
    ),
    row(
        "gauge",
        names.RUN_STUCK_AFTER,
        "Time after which a run in progress is unusually long.",
        lambda job: job.stuck_after(),
    ),
    row("gauge", names.RUN_LAST_START, "When a run last started.", lambda job: job.last_start),
    row("gauge", names.RUN_LAST_SUCCESS, "When a run last succeeded.", lambda job: job.last_success),
    row("gauge", names.RUN_LAST_FAILURE, "When a run last failed.", lambda job: job.last_failure),
)
