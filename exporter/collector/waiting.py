"""The family that says who waits for whom."""

from collections.abc import Iterable

from exporter import names
from exporter.collector.family import Family, Series
from exporter.collector.jobs import downstream_of
from exporter.state import State
from exporter.state.jobs import JobState
from exporter.state.waiting import Readers, causes_of_waiting, readers_of_wholes


def readers(state: State) -> Readers:
    """Who reads what a whole job writes."""
    return readers_of_wholes(state.jobs, lambda pipeline: downstream_of(state, pipeline))


def waiting(state: State) -> Iterable[Series]:
    """Who waits for one that fails so often that it is told: nobody is silenced by what nobody hears of."""
    failing = [job for job in state.jobs if not job.is_part and is_told(state, job)]
    failing.sort(key=lambda job: (job.last_success or 0.0, job.pipeline))
    failures = {job.pipeline: job.failures_in_a_row for job in failing}
    causes = causes_of_waiting(failures, readers(state)) if failures else {}
    found = [pair for pair in causes.items() if state.jobs.get(pair[0])]
    yield Series(found, [failures[cause] for _, cause in found])


def is_told(state: State, job: JobState) -> bool:
    """Whether it fails so often that there is an alert."""
    return job.failures_in_a_row >= state.runs.judgement(job.pipeline).failures.medium


WAITING_FAMILIES = (
    Family(
        names.UPSTREAM_FAILING,
        "gauge",
        "Failures in a row of what a pipeline waits for, over others too: the one longest without success.",
        (names.PIPELINE, names.UPSTREAM_LABEL),
        waiting,
    ),
)
