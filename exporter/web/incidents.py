"""Incidents over HTTP: Alertmanager tells of alerts, people read incidents and say that they are on it."""

from typing import Annotated, Literal, Self, cast

from pydantic import Field, model_validator
from starlette.requests import Request
from starlette.responses import Response

from exporter.config.load import shown
from exporter.config.model import Strict
from exporter.decoding import InvalidBodyError
from exporter.incidents.acknowledgement import Acknowledgement
from exporter.incidents.incident import Incident
from exporter.incidents.intake import TooManyIncidentsError
from exporter.incidents.records import Wanted
from exporter.incidents.webhook import decode_notification
from exporter.storage import StoreError
from exporter.web.access import access_of
from exporter.web.api import json
from exporter.web.backend import Backend
from exporter.web.refusals import require_team
from exporter.web.requests import Rejected, read_body, read_model, read_number
from exporter.web.status import Json, alert_of, incident

MAX_INCIDENTS = 200
WANTED = ("open", "resolved")


class AcknowledgementRequest(Strict):
    """That somebody is on it, who, and a note; at least one of them."""

    acknowledged: Literal[True] | None = None
    by: Annotated[str, Field(min_length=1, max_length=100)] | None = None
    note: Annotated[str, Field(max_length=1000)] | None = None

    @model_validator(mode="after")
    def something_is_said(self) -> Self:
        """An empty request is a mistake."""
        if self.acknowledged is None and self.by is None and self.note is None:
            raise ValueError("expected at least one of acknowledged, by, note")
        return self


async def observe_alerts(request: Request) -> Response:
    """POST /api/v1/alerts: a notification of Alertmanager's; what is answered 200 is on disk."""
    backend: Backend = request.app.state.backend
    try:
        told = decode_notification(await read_body(request))
        touched = await backend.desk.receive(told, backend.now())
    except InvalidBodyError as error:
        raise Rejected(400, "invalid", str(error)) from error
    except TooManyIncidentsError as error:
        raise Rejected(429, "too_many_incidents", str(error)) from error
    except StoreError as error:
        raise not_kept(error) from error
    return json({"incidents": touched})


async def list_incidents(request: Request) -> Response:
    """GET /api/v1/incidents?state=open|resolved&pipeline=&limit=N: open ones first, each newest first."""
    backend: Backend = request.app.state.backend
    wanted = request.query_params.get("state")
    if wanted not in (None, *WANTED):
        raise Rejected(400, "invalid", f"state: expected one of {list(WANTED)}, got {shown(wanted)}")
    limit = read_number(request, "limit", MAX_INCIDENTS)
    team, pipeline = access_of(request).only_team, request.query_params.get("pipeline")
    found = await backend.desk.newest(limit, cast(Wanted | None, wanted), team, pipeline)
    return json([incident_in_full(one, backend.now()) for one in found])


async def acknowledge(request: Request) -> Response:
    """POST /api/v1/incidents/{id}: somebody is on it, or has something to say."""
    backend: Backend = request.app.state.backend
    given = await read_model(request, AcknowledgementRequest)
    said = Acknowledgement(given.acknowledged is True, given.by, given.note)
    name = request.path_params["id"]
    try:
        known = await backend.desk.find(name)
        require_team(access_of(request), known.team if known else None, f"no incident {name!r} is kept")
        found = await backend.desk.acknowledge(name, said, backend.now())
    except StoreError as error:
        raise not_kept(error) from error
    if found is None:
        raise Rejected(404, "not_found", f"no incident {name!r} is kept")
    return json(incident_in_full(found, backend.now()))


def not_kept(error: StoreError) -> Rejected:
    """503, so that Alertmanager tells it again."""
    return Rejected(503, "not_kept", str(error))


def incident_in_full(one: Incident, now: float) -> Json:
    """What the page shows, the facts of the first moment, and the alerts as they were told."""
    return {
        **incident(one, now),
        "state": "open" if one.ended is None else "resolved",
        "facts": one.facts,
        "alerts": [alert_of(told) for told in one.alerts],
    }
