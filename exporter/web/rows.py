"""Pipelines as JSON: streams and jobs in rows of the same fields, and a job in full."""

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import NamedTuple
from urllib.parse import quote

from exporter.state import State
from exporter.state.anomalies import LOW_RUNS, SLOW_RUNS, Anomaly
from exporter.state.job import Ended, Measure
from exporter.state.lights import JobLight
from exporter.state.sentences import sentence
from exporter.state.streams import LIGHTS, StreamState
from exporter.web.access import Access
from exporter.web.backend import Backend
from exporter.web.status import Json, iso, optional_iso

STREAM_BOARD, JOB_BOARD = "pipeline-health", "pipeline-runs"
# Where to read what to do about something unusual: what its alert's runbook says, else those of all runs.
RUNBOOKS = {"failing": "pipelinerunfailing", "silent": "pipelinerunstale"}
ANY_RUNBOOK, STREAM_RUNBOOK = "runs", "stages"
# What only jobs have.
NO_RUNS: Json = {
    "last_state": None,
    "last_end": None,
    "last_success": None,
    "in_progress": 0,
    "failures_in_a_row": 0,
    "success_ratio": None,
    "last_duration_seconds": None,
    "usual_duration_seconds": None,
    "last_rows": None,
    "usual_rows": None,
}


class Entry(NamedTuple):
    """What pipelines are chosen and sorted by; its row is made when it is wanted."""

    health: int
    pipeline: str
    team: str
    is_part: bool
    row: Callable[[], Json]


def entries(backend: Backend, access: Access) -> Iterator[Entry]:
    """All pipelines that `access` may read, as of now."""
    return (one for one in every(backend) if access.may_read(one.team))


def every(backend: Backend) -> Iterator[Entry]:
    """All of them."""
    state, now = backend.state, backend.now()
    state.lights.refresh(now)
    for group in state.streams:
        worst = group.health.max(axis=1).tolist()
        for lane, one in enumerate(group.pipelines):
            yield Entry(
                worst[lane], one.name, one.team, False, partial(stream_row, group, lane, state.timeline.at)
            )
    for light in state.lights:
        job = light.job
        yield Entry(light.health, job.pipeline, job.team, job.is_part, partial(job_row, light, now))


def stream_row(group: StreamState, lane: int, at: Callable[[float], float]) -> Json:
    """A stream in short."""
    one, health = group.pipelines[lane], LIGHTS[int(group.health[lane].max())]
    words = sentence(group, lane)
    return {
        "pipeline": one.name,
        "team": one.team,
        "kind": "stream",
        "mode": group.mode,
        "is_part": False,
        "health": health,
        "since": iso(at(group.ticks - int(group.same_light_for[lane]))),
        "sentence": words,
        "anomalies": [] if health == "healthy" else [words],
        **NO_RUNS,
    }


def job_row(light: JobLight, now: float) -> Json:
    """A job in short."""
    job = light.job
    return {
        "pipeline": job.pipeline,
        "team": job.team,
        "kind": job.kind,
        "mode": job.mode,
        "is_part": job.is_part,
        "health": LIGHTS[light.health],
        "since": optional_iso(light.since),
        "sentence": light.sentence(now),
        "anomalies": [one.message for one in light.unusual(now)],
        "last_state": job.last_state,
        "last_end": optional_iso(job.last_end),
        "last_success": optional_iso(job.last_success),
        "in_progress": job.in_progress,
        "failures_in_a_row": job.failures_in_a_row,
        "success_ratio": job.outcomes.mean(),
        "last_duration_seconds": job.last_duration,
        "usual_duration_seconds": job.duration.usual(),
        "last_rows": job.last_rows,
        "usual_rows": job.rows.usual(),
    }


def stream_in_full(backend: Backend, row: Json) -> Json:
    """A stream, with where to read on; its stages are in the status."""
    grafana = backend.config.web.grafana
    return {**row, **links(grafana, STREAM_BOARD, row["pipeline"], STREAM_RUNBOOK), "now": iso(backend.now())}


def job_in_full(backend: Backend, light: JobLight, access: Access) -> Json:
    """A job with what it is judged by."""
    job, now = light.job, backend.now()
    found = light.unusual(now)
    runbook = RUNBOOKS.get(found[0].kind, ANY_RUNBOOK) if found else ANY_RUNBOOK
    return {
        **job_row(light, now),
        "now": iso(now),
        "anomalies": [anomaly(one) for one in found],
        "runs": job.runs,
        "reasons": job.reasons,
        "oldest_start": optional_iso(min(job.open.values(), default=None)),
        "judgement": backend.state.runs.judgement(job.pipeline).model_dump(
            include={"failures", "success", "duration", "throughput", "rows"}
        ),
        "measured": measured(light, now),
        "baselines": {
            "duration_seconds": baseline(job.duration),
            "rows": baseline(job.rows),
            "rows_per_second": baseline(job.throughput),
        },
        "last_runs": [run(one) for one in reversed(job.recent)],
        **neighbours(backend.state, job.pipeline, access),
        **links(backend.config.web.grafana, JOB_BOARD, job.pipeline, runbook),
    }


def measured(light: JobLight, now: float) -> Json:
    """What the limits are compared with, and the limits that nobody configured: they were learnt."""
    job = light.job
    return {
        "failures": job.failures_in_a_row,
        "success": job.outcomes.mean(),
        "success_runs": job.outcomes.count,
        "duration": {severity: job.duration.above(runs) for severity, runs in SLOW_RUNS.items()},
        "throughput": job.throughput.ratio(LOW_RUNS),
        "rows": job.rows.ratio(LOW_RUNS),
        "silent_seconds": None if job.last_success is None else now - job.last_success,
        "silent_after_seconds": light.stale_after or job.learnt_stale_after(),
        "silent_severity": "high" if light.stale_after else "medium",
        "stuck_seconds": now - min(job.open.values()) if job.open else None,
        "stuck_after_seconds": job.stuck_after(),
    }


def baseline(measure: Measure) -> Json | None:
    """What is usual: most runs lie between low and high."""
    known = measure.band()
    return known and dict(zip(("low", "usual", "high"), known, strict=True))


def run(one: Ended) -> Json:
    """A run of the past."""
    return {
        "run_id": one.run_id,
        "state": one.state,
        "ended": iso(one.ended),
        "duration_seconds": one.duration,
        "rows": one.rows,
        "reason": one.error,
    }


def anomaly(one: Anomaly) -> Json:
    """What is unusual, and by how much."""
    return {
        "severity": one.severity,
        "kind": one.kind,
        "observed": one.observed,
        "limit": one.limit,
        "message": one.message,
    }


def neighbours(state: State, name: str, access: Access) -> Json:
    """The pipelines before and after one, the worst first."""
    known = (state.datasets, state.simulated_datasets)
    return {
        "upstream": lit(state, (datasets.upstream(name) for datasets in known), access),
        "downstream": lit(state, (datasets.downstream(name) for datasets in known), access),
    }


def lit(state: State, found: Iterable[set[str]], access: Access) -> list[Json]:
    """Each of them once, with its light; None for one that may not be read, or is not known any more."""
    lights = [(name, readable(state, name, access)) for name in set().union(*found)]
    lights.sort(key=lambda one: (-one[1].health if one[1] else 0, one[0]))
    return [{"pipeline": name, "health": light and LIGHTS[light.health]} for name, light in lights]


def readable(state: State, name: str, access: Access) -> JobLight | None:
    """The light of a job, if its team may be read."""
    light = state.lights.get(name)
    return light if light and access.may_read(light.job.team) else None


def links(grafana: str, board: str, pipeline: str, runbook: str) -> Json:
    """Where to look further; the runbook is of the exporter itself."""
    return {
        "dashboard_url": f"{grafana}/d/{board}?var-pipeline={quote(pipeline, safe='')}",
        "runbook": f"runbooks#{runbook}",
    }
