"""Who waits for whom: what one failing pipeline keeps from those that read what it writes."""

from collections import defaultdict
from collections.abc import Callable, Iterable

from exporter.state.jobs import JobStates

Readers = Callable[[str], set[str]]


def causes_of_waiting(failing: Iterable[str], readers: Readers) -> dict[str, str]:
    """For each pipeline that reads what a failing one writes, itself or through others, the failing one.

    Of several it is the one that comes first in `failing`, so that each pipeline waits for one alone.
    """
    causes: dict[str, str] = {}
    for cause in failing:
        ahead = [cause]
        while ahead:
            fresh = readers(ahead.pop()) - causes.keys() - {cause}
            causes |= dict.fromkeys(fresh, cause)
            ahead += fresh
    return causes


def readers_of_wholes(jobs: JobStates, readers: Readers) -> Readers:
    """The same of whole jobs: the tasks of a DAG read and write, and the DAG is told of."""
    parts: dict[str, list[str]] = defaultdict(list)
    for job in jobs:
        parts[whole_of(jobs, job.pipeline)].append(job.pipeline)

    def found(pipeline: str) -> set[str]:
        return {whole_of(jobs, reader) for part in parts[pipeline] for reader in readers(part)} - {pipeline}

    return found


def whole_of(jobs: JobStates, pipeline: str) -> str:
    """The job of which this one is a part, or a part of a part; itself when it is none."""
    seen = {pipeline}
    while (job := jobs.get(pipeline)) and job.whole and job.whole not in seen:
        pipeline = job.whole
        seen.add(pipeline)
    return pipeline
