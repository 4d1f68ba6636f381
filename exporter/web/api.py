"""The JSON API: faults, review, reload."""

from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Annotated

import msgspec
from pydantic import Field
from ruamel.yaml import YAML
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from exporter.config import ConfigError
from exporter.config.model import InjectedFault, Strict
from exporter.simulation.faults import TooManyFaultsError
from exporter.state.review import Judgement, ReviewEvent, Verdict
from exporter.web.access import access_of
from exporter.web.backend import Backend
from exporter.web.refusals import require_team
from exporter.web.requests import Rejected, read_model, read_number
from exporter.web.status import fault, review, review_event

MAX_REVIEW = 200
DESCRIPTION = YAML(typ="safe", pure=True).load(Path(__file__).with_name("openapi.yml").read_text("utf-8"))


class JudgementRequest(Strict):
    """What a human says of a sampled event."""

    verdict: Verdict
    note: Annotated[str, Field(max_length=1000)] = ""


def json(content: object, status: int = 200) -> Response:
    """A JSON answer."""
    return Response(msgspec.json.encode(content), status, media_type="application/json")


async def list_faults(request: Request) -> Response:
    """GET /api/v1/faults: what strikes now."""
    backend: Backend = request.app.state.backend
    access = access_of(request)
    return json(
        [
            fault(struck, streams.ticks)
            for streams in backend.state.streams
            for lane, _, struck in streams.struck
            if access.may_read(streams.pipelines[lane].team)
        ]
    )


async def inject_fault(request: Request) -> Response:
    """POST /api/v1/faults: let a fault strike from the next tick on."""
    backend: Backend = request.app.state.backend
    wanted = await read_model(request, InjectedFault)
    try:
        struck = backend.inject(wanted)
    except ValueError as error:
        raise Rejected(400, "invalid", f"body: {error}") from error
    except TooManyFaultsError as error:
        raise Rejected(429, "too_many_faults", str(error)) from error
    return json(fault(struck, struck.start), 201)


async def faults(request: Request) -> Response:
    """One route for both, so that a refused method is told of both."""
    return await (inject_fault if request.method == "POST" else list_faults)(request)


async def list_review(request: Request) -> Response:
    """GET /api/v1/review?limit=N: events sampled for a human, newest first."""
    backend: Backend = request.app.state.backend
    return json(review(backend.state, read_number(request, "limit", MAX_REVIEW), access_of(request)))


async def show_event(request: Request) -> Response:
    """GET /api/v1/review/{id}: one event sampled for a human; 404 once newer ones have pushed it out."""
    backend: Backend = request.app.state.backend
    name = request.path_params["id"]
    found = next(events(backend, name), None)
    if found is None or not access_of(request).may_read(found.pipeline.team):
        raise Rejected(404, "not_found", no_event(name))
    return json(review_event(found, backend.state.timeline))


async def judge_event(request: Request) -> Response:
    """POST /api/v1/review/{id}: mark an event reviewed."""
    backend: Backend = request.app.state.backend
    judged = await read_model(request, JudgementRequest)
    given = Judgement(judged.verdict, judged.note, backend.now())
    name = request.path_params["id"]
    for event in events(backend, name):
        require_team(access_of(request), event.pipeline.team, no_event(name))
    for streams in backend.state.streams:
        if judged_event := streams.review.judge(name, given):
            return json(review_event(judged_event, backend.state.timeline))
    raise Rejected(404, "not_found", no_event(name))


def events(backend: Backend, name: str) -> Iterator[ReviewEvent]:
    """The event of that name, if one of the streams has it."""
    found = (streams.review.find(name) for streams in backend.state.streams)
    return (event for event in found if event)


def no_event(name: str) -> str:
    """What is said of an event that is not kept (any more), or is another team's."""
    return f"no event {name!r} is kept for review"


async def sampled_event(request: Request) -> Response:
    """One route for both, as with faults."""
    return await (judge_event if request.method == "POST" else show_event)(request)


async def description(_: Request) -> Response:
    """GET /api/v1/openapi.json: this API for programs, as OpenAPI has it."""
    return json(DESCRIPTION)


async def reload(request: Request) -> Response:
    """POST /-/reload: read the configuration again; a bad one is refused and the old one kept."""
    backend: Backend = request.app.state.backend
    try:
        await backend.reload()
    except ConfigError as error:
        raise Rejected(400, "invalid", f"configuration kept: {error}") from error
    return PlainTextResponse("configuration loaded\n")


async def config(request: Request) -> Response:
    """GET /config: the configuration in force, as YAML."""
    backend: Backend = request.app.state.backend
    text = StringIO()
    YAML(pure=True).dump(backend.config.model_dump(mode="json", by_alias=True, exclude_none=True), text)
    return PlainTextResponse(text.getvalue(), media_type="text/yaml")
