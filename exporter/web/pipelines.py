"""Questions about pipelines: which there are, how one of them is, what is unusual, who is told of what."""

from collections import Counter
from collections.abc import Callable

from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import Response

from exporter.config.load import shown
from exporter.state.anomalies import SEVERITIES
from exporter.state.streams import LIGHTS
from exporter.web import runs
from exporter.web.access import Access, access_of
from exporter.web.api import json
from exporter.web.backend import Backend
from exporter.web.incidents import observe_alerts
from exporter.web.requests import Rejected, read_number
from exporter.web.rows import Entry, anomaly, entries, job_in_full, neighbours, readable, stream_in_full
from exporter.web.status import Json, alert_of, iso

MAX_PIPELINES = 10_000
PARTS = {"yes": True, "no": False}


async def list_pipelines(request: Request) -> Response:
    """GET /api/v1/pipelines?team=&health=&search=&parts=yes&limit=N: the worst first."""
    backend: Backend = request.app.state.backend
    query = request.query_params
    lights, fits = wanted_lights(query), filter_of(query)
    limit = read_number(request, "limit", MAX_PIPELINES)
    known = list(entries(backend, access_of(request)))
    fitting = [one for one in known if fits(one)]
    found = [one for one in fitting if one.health in lights]
    found.sort(key=lambda one: (-one.health, one.pipeline))
    return json(
        {
            "now": iso(backend.now()),
            "total": len(found),
            "lights": by_light(fitting),
            "teams": sorted({one.team for one in known}),
            "parts": sum(one.is_part for one in known),
            "pipelines": [one.row() for one in found[:limit]],
        }
    )


def wanted_lights(query: QueryParams) -> set[int]:
    """The lights that are asked for, one or several; all without a word."""
    for health in query.getlist("health"):
        if health not in LIGHTS:
            raise Rejected(400, "invalid", f"health: expected one of {list(LIGHTS)}, got {shown(health)}")
    return {LIGHTS.index(health) for health in query.getlist("health") or LIGHTS}


def filter_of(query: QueryParams) -> Callable[[Entry], bool]:
    """Whether a pipeline is of the team and has each word of the search in its name, whatever its light."""
    team, words = query.get("team"), query.get("search", "").lower().split()
    parts = query.get("parts", "no")
    if parts not in PARTS:
        raise Rejected(400, "invalid", f"parts: expected yes or no, got {shown(parts)}")

    def fits(one: Entry) -> bool:
        name = one.pipeline.lower()
        return (
            team in (None, one.team)
            and (PARTS[parts] or not one.is_part)
            and all(word in name for word in words)
        )

    return fits


def by_light(found: list[Entry]) -> dict[str, int]:
    """How many of them have each light."""
    counted = Counter(one.health for one in found)
    return {name: counted[light] for light, name in enumerate(LIGHTS)}


async def show_pipeline(request: Request) -> Response:
    """GET /api/v1/pipelines/{name}: health, what is usual, the last runs, the neighbours."""
    backend: Backend = request.app.state.backend
    found = in_full(backend, request.path_params["name"], access_of(request))
    if found is None:
        raise unknown(request.path_params["name"])
    return json(found)


def in_full(backend: Backend, name: str, access: Access) -> Json | None:
    """All that is known of a pipeline; None of one that is not, or that `access` may not read."""
    backend.state.lights.refresh(backend.now())
    if light := readable(backend.state, name, access):
        return job_in_full(backend, light, access)
    for one in entries(backend, access):
        if one.pipeline == name:
            return stream_in_full(backend, one.row())
    return None


def unknown(name: str) -> Rejected:
    """404."""
    return Rejected(404, "not_found", f"no pipeline {name!r} is known")


async def list_anomalies(request: Request) -> Response:
    """GET /api/v1/anomalies?team=: what is unusual, gravest first."""
    backend: Backend = request.app.state.backend
    team, now = request.query_params.get("team"), backend.now()
    backend.state.lights.refresh(now)
    found = [
        {"pipeline": light.job.pipeline, "team": light.job.team, **anomaly(one)}
        for light in backend.state.lights
        if team in (None, light.job.team) and access_of(request).may_read(light.job.team)
        for one in light.unusual(now)
    ]
    found.sort(key=lambda row: SEVERITIES.index(row["severity"]))
    return json(found)


async def list_alerts(request: Request) -> Response:
    """GET /api/v1/alerts?team=: the alerts that fire, as Alertmanager told them, by team and severity."""
    backend: Backend = request.app.state.backend
    team = request.query_params.get("team")
    incidents = await backend.desk.newest(MAX_PIPELINES, "open", access_of(request).only_team)
    found = [told for one in incidents for told in one.alerts if told.ends is None]
    found = [told for told in found if team in (None, told.team)]
    found.sort(key=lambda told: (told.team, told.rank, told.starts))
    return json([alert_of(told) for told in found])


async def lineage_of(request: Request) -> Response:
    """GET /api/v1/lineage?pipeline=: who writes what it reads, who reads what it writes."""
    backend: Backend = request.app.state.backend
    name = request.query_params.get("pipeline", "")
    access = access_of(request)
    if all(one.pipeline != name for one in entries(backend, access)):
        raise unknown(name)
    return json({"pipeline": name, **neighbours(backend.state, name, access)})


async def alerts(request: Request) -> Response:
    """One route for both, so that a refused method is told of both."""
    return await (observe_alerts if request.method == "POST" else list_alerts)(request)


async def lineage(request: Request) -> Response:
    """The same for lineage."""
    return await (runs.lineage if request.method == "POST" else lineage_of)(request)
