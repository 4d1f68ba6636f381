"""Questions about pipelines: which there are, how one of them is, what is unusual, who is told of what."""

from collections.abc import Iterable, Iterator

from starlette.requests import Request
from starlette.responses import Response

from exporter.config.load import shown
from exporter.state import State
from exporter.state.anomalies import SEVERITIES, Anomaly, anomalies
from exporter.state.job import Ended, JobState, Measure
from exporter.state.streams import LIGHTS
from exporter.web import runs
from exporter.web.access import access_of
from exporter.web.api import json
from exporter.web.backend import Backend
from exporter.web.incidents import observe_alerts
from exporter.web.requests import Rejected, read_number
from exporter.web.status import Json, alert_of, iso, optional_iso

MAX_PIPELINES = 10_000
LIGHT_OF = {"critical": "critical", "high": "degraded", "medium": "degraded", "low": "healthy"}


async def list_pipelines(request: Request) -> Response:
    """GET /api/v1/pipelines?team=&health=&search=&limit=N: the worst first."""
    backend: Backend = request.app.state.backend
    wanted = request.query_params
    health = wanted.get("health")
    if health not in (None, *LIGHTS):
        raise Rejected(400, "invalid", f"health: expected one of {list(LIGHTS)}, got {shown(health)}")
    limit = read_number(request, "limit", MAX_PIPELINES)
    found = [
        row
        for row in rows(backend)
        if access_of(request).may_read(row["team"])
        and wanted.get("team") in (None, row["team"])
        and health in (None, row["health"])
        and wanted.get("search", "").lower() in row["pipeline"].lower()
    ]
    found.sort(key=lambda row: (-LIGHTS.index(row["health"]), row["pipeline"]))
    return json({"total": len(found), "pipelines": found[:limit]})


async def show_pipeline(request: Request) -> Response:
    """GET /api/v1/pipelines/{name}: health, what is usual, the last runs, the neighbours."""
    backend: Backend = request.app.state.backend
    name = request.path_params["name"]
    access, job = access_of(request), backend.state.jobs.get(name)
    if job and access.may_read(job.team):
        return json(job_in_full(backend, job))
    for row in streams(backend.state):
        if row["pipeline"] == name and access.may_read(row["team"]):
            return json(row)
    raise Rejected(404, "not_found", f"no pipeline {name!r} is known")


async def list_anomalies(request: Request) -> Response:
    """GET /api/v1/anomalies?team=: what is unusual, gravest first."""
    backend: Backend = request.app.state.backend
    team = request.query_params.get("team")
    found = [
        {"pipeline": job.pipeline, "team": job.team, **anomaly(one)}
        for job in backend.state.jobs
        if team in (None, job.team) and access_of(request).may_read(job.team)
        for one in of_job(backend, job)
    ]
    found.sort(key=lambda row: SEVERITIES.index(row["severity"]))
    return json(found)


async def list_alerts(request: Request) -> Response:
    """GET /api/v1/alerts?team=: the alerts that fire, as Alertmanager told them, by team and severity."""
    backend: Backend = request.app.state.backend
    team = request.query_params.get("team")
    incidents = backend.incidents.newest(MAX_PIPELINES, "open", access_of(request).only_team)
    found = [told for one in incidents for told in one.alerts if told.ends is None]
    found = [told for told in found if team in (None, told.team)]
    found.sort(key=lambda told: (told.team, told.rank, told.starts))
    return json([alert_of(told) for told in found])


async def lineage_of(request: Request) -> Response:
    """GET /api/v1/lineage?pipeline=: who writes what it reads, who reads what it writes."""
    backend: Backend = request.app.state.backend
    name = request.query_params.get("pipeline", "")
    job = backend.state.jobs.get(name)
    if job is None or not access_of(request).may_read(job.team):
        raise Rejected(404, "not_found", f"no pipeline {name!r} is known")
    return json({"pipeline": name, **neighbours(backend, name)})


async def alerts(request: Request) -> Response:
    """One route for both, so that a refused method is told of both."""
    return await (observe_alerts if request.method == "POST" else list_alerts)(request)


async def lineage(request: Request) -> Response:
    """The same for lineage."""
    return await (runs.lineage if request.method == "POST" else lineage_of)(request)


def rows(backend: Backend) -> Iterator[Json]:
    """All pipelines, streams and jobs."""
    yield from streams(backend.state)
    yield from (job_row(backend, job) for job in backend.state.jobs)


def streams(state: State) -> Iterator[Json]:
    """The streams."""
    for group in state.streams:
        for lane, one in enumerate(group.pipelines):
            yield {
                "pipeline": one.name,
                "team": one.team,
                "kind": "stream",
                "mode": group.mode,
                "health": LIGHTS[int(group.health[lane].max())],
            }


def of_job(backend: Backend, job: JobState) -> list[Anomaly]:
    """What is unusual about a job."""
    state = backend.state
    return anomalies(job, state.runs.judgement(job.pipeline), state.peers, backend.now())


def job_row(backend: Backend, job: JobState) -> Json:
    """A job in short."""
    found = of_job(backend, job)
    last = "degraded" if job.failures_in_a_row else "healthy"
    return {
        "pipeline": job.pipeline,
        "team": job.team,
        "kind": job.kind,
        "mode": job.mode,
        "health": max((LIGHT_OF[one.severity] for one in found), key=LIGHTS.index, default=last),
        "anomalies": [one.message for one in found],
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


def job_in_full(backend: Backend, job: JobState) -> Json:
    """A job with what it is judged by."""
    return {
        **job_row(backend, job),
        "anomalies": [anomaly(one) for one in of_job(backend, job)],
        "runs": job.runs,
        "reasons": job.reasons,
        "judgement": backend.state.runs.judgement(job.pipeline).model_dump(
            include={"failures", "success", "duration", "throughput", "rows"}
        ),
        "baselines": {
            "duration_seconds": baseline(job.duration),
            "rows": baseline(job.rows),
            "rows_per_second": baseline(job.throughput),
        },
        "last_runs": [run(one) for one in reversed(job.recent)],
        **neighbours(backend, job.pipeline),
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


def neighbours(backend: Backend, name: str) -> Json:
    """The pipelines before and after one."""
    known = (backend.state.datasets, backend.state.simulated_datasets)
    return {
        "upstream": names(datasets.upstream(name) for datasets in known),
        "downstream": names(datasets.downstream(name) for datasets in known),
    }


def names(found: Iterable[set[str]]) -> list[str]:
    """All of them, in order."""
    return sorted(set().union(*found))
