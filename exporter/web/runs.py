"""Where runs are told: OpenLineage's doors and the plain ones. What is answered with success is on disk."""

import uuid
from collections.abc import Callable, Sequence
from functools import partial
from typing import TypedDict, cast

from starlette.requests import Request
from starlette.responses import Response

from exporter.decoding import InvalidBodyError
from exporter.intake import FullError
from exporter.intake.entry import Dropped, Entry
from exporter.intake.intake import Refusals
from exporter.runs.event import RunEvent
from exporter.runs.openlineage import decode_any, decode_batch
from exporter.runs.plain import decode_dataset, decode_run
from exporter.runs.refusals import NotYoursError, RefusedError, TeamShareError
from exporter.storage import StoreError
from exporter.web.access import access_of
from exporter.web.api import json
from exporter.web.backend import Backend
from exporter.web.header import content_type
from exporter.web.ownership import Event, owned
from exporter.web.requests import Rejected, read_body

RETRY_AFTER_SECONDS = "5"
NDJSON = "application/x-ndjson"
MOST_EVENTS = 10_000
TAKEN = json({}, 201)
# So far a sender's clock may be ahead, in seconds. To a run of next year all that really come would be old
# ones: its job would neither fail nor go silent any more.
FARTHEST_AHEAD = 86_400

Decode = Callable[[bytes], Event | None]


class Failure(TypedDict):
    """An event of several that was not taken; the reason says where and why."""

    index: int
    reason: str
    retriable: bool


class Summary(TypedDict):
    """How many of several events were taken."""

    received: int
    successful: int
    failed: int
    retriable: int
    non_retriable: int


async def lineage(request: Request) -> Response:
    """POST /api/v1/lineage: one OpenLineage event."""
    await tell_one(request, decode_any)
    return TAKEN


async def lineage_batch(request: Request) -> Response:
    """POST /api/v1/lineage/batch: an array of OpenLineage events; 204 when all of them were taken."""
    try:
        events = decode_batch(await read_body(request))
    except InvalidBodyError as error:
        raise Rejected(400, "invalid", str(error)) from error
    answer = await tell_all(request, [bytes(event) for event in events], decode_any)
    return json(answer) if answer["failed_events"] else Response(status_code=204)


async def runs(request: Request) -> Response:
    """POST /api/v1/runs: a run, or one a line."""
    backend: Backend = request.app.state.backend
    decode = partial(decode_run, now=backend.now(), new_id=new_id)
    if is_ndjson(request):
        return json(await tell_lines(request, decode))
    told = await tell_one(request, decode)
    return json({"run_id": own_id(cast(RunEvent, told))}, 201)


def new_id() -> str:
    """For a run whose teller has none."""
    return str(uuid.uuid4())


def own_id(run: RunEvent) -> str:
    """The id as its teller knows it."""
    return run.run_id.removeprefix(f"{run.name}:")


async def datasets(request: Request) -> Response:
    """POST /api/v1/datasets: what is known of a dataset, or of one a line."""
    backend: Backend = request.app.state.backend
    decode = partial(decode_dataset, now=backend.now())
    if is_ndjson(request):
        return json(await tell_lines(request, decode))
    await tell_one(request, decode)
    return TAKEN


def is_ndjson(request: Request) -> bool:
    """Whether each line is a JSON object of its own."""
    return content_type(request.scope) == NDJSON


async def tell_one(request: Request, decode: Callable[[bytes], Event | None]) -> Event | None:
    """Take in what the body says."""
    backend: Backend = request.app.state.backend
    try:
        event = decode(await read_body(request))
        event = event and owned(timely(event, backend.now()), access_of(request), backend)
    except InvalidBodyError as error:
        backend.own.told.invalid()
        raise Rejected(400, "invalid", str(error)) from error
    except NotYoursError as error:
        raise rejected(error) from error
    if event is not None:
        [refusal] = await keep(request, [event])
        if refusal:
            raise rejected(refusal) from refusal
    return event


def rejected(refusal: RefusedError) -> Rejected:
    """403 for what is another's, 429 for what there is no room for."""
    if isinstance(refusal, NotYoursError):
        return Rejected(403, "forbidden", str(refusal))
    reason = "too_many_of_team" if isinstance(refusal, TeamShareError) else "too_many_jobs"
    return Rejected(429, reason, str(refusal))


async def tell_lines(request: Request, decode: Decode) -> dict[str, object]:
    """Take in what each line says; empty ones say nothing."""
    lines = [line for line in (await read_body(request)).split(b"\n") if line.strip()]
    return await tell_all(request, lines, decode)


async def tell_all(request: Request, bodies: Sequence[bytes], decode: Decode) -> dict[str, object]:
    """Take in as many of several as can be; what became of the others."""
    if len(bodies) > MOST_EVENTS:
        raise Rejected(413, "too_large", f"body: expected at most {MOST_EVENTS} events, got {len(bodies)}")
    backend: Backend = request.app.state.backend
    access, now = access_of(request), backend.now()
    entries: dict[int, Event] = {}
    failures: list[Failure] = []
    for index, body in enumerate(bodies):
        try:
            if (entry := decode(body)) is not None:
                entries[index] = owned(timely(entry, now), access, backend)
        except (InvalidBodyError, NotYoursError) as error:
            backend.own.told.invalid()
            failures.append({"index": index, "reason": str(error), "retriable": False})
    for index, refusal in zip(entries, await keep(request, [*entries.values()]), strict=True):
        if refusal:
            retriable = not isinstance(refusal, NotYoursError)
            failures.append({"index": index, "reason": str(refusal), "retriable": retriable})
    return report(len(bodies), sorted(failures, key=lambda failure: failure["index"]))


def timely(event: Event, now: float) -> Event:
    """The event, if it is not from tomorrow. Raises InvalidBodyError."""
    if event.time > now + FARTHEST_AHEAD:
        ahead = f"{event.time - now:.0f} s from now"
        raise InvalidBodyError(f"time: expected {FARTHEST_AHEAD} s from now at most, got {ahead}")
    return event


def report(received: int, failures: Sequence[Failure]) -> dict[str, object]:
    """The answer to several events, as OpenLineage has it."""
    retriable = sum(failure["retriable"] for failure in failures)
    summary: Summary = {
        "received": received,
        "successful": received - len(failures),
        "failed": len(failures),
        "retriable": retriable,
        "non_retriable": len(failures) - retriable,
    }
    status = "partial_success" if failures else "success"
    return {"status": status, "summary": summary, "failed_events": failures}


async def forget(request: Request) -> Response:
    """DELETE /api/v1/pipelines/{name}: a job that is no more, with all that is known of it."""
    backend: Backend = request.app.state.backend
    name, access = request.path_params["name"], access_of(request)
    watched = backend.intake.watched
    job = watched.jobs.get(name) if name in watched.tracker.jobs else None
    if job is None or not access.may_read(job.team):
        raise Rejected(404, "not_found", f"no job {name!r} is known")
    if not access.may_write(job.team):
        raise Rejected(403, "forbidden", f"pipeline: expected one of {access.name}, got {name}")
    await kept(backend, [Dropped(name)])
    return Response(status_code=204)


async def keep(request: Request, entries: Sequence[Event]) -> Refusals:
    """Have entries kept; for each None or why it was not taken."""
    backend: Backend = request.app.state.backend
    if not entries:
        return []
    refusals = await kept(backend, entries)
    for entry, refusal in zip(entries, refusals, strict=True):
        backend.own.told.heard(entry, backend.now(), refusal)
    return refusals


async def kept(backend: Backend, entries: Sequence[Entry]) -> Refusals:
    """The same, and what can't be kept is told to whoever sent it."""
    try:
        return await backend.intake.tell(entries)
    except FullError as error:
        raise Rejected(503, "too_busy", str(error), {"Retry-After": RETRY_AFTER_SECONDS}) from error
    except StoreError as error:
        raise Rejected(503, "not_kept", str(error), {"Retry-After": RETRY_AFTER_SECONDS}) from error
