"""Reports of dataset checks: where jobs push them, and where the last of each dataset is read back."""

import asyncio
from collections.abc import Iterator, Sequence

from msgspec.structs import replace
from starlette.requests import Request
from starlette.responses import Response

from exporter.config.load import shown
from exporter.decoding import InvalidBodyError
from exporter.intake.entry import ChecksDropped
from exporter.intake.intake import Refusals
from exporter.reports.document import WORST, decode_reports, document
from exporter.reports.event import ChecksReport
from exporter.runs.refusals import NotYoursError, TeamShareError
from exporter.web.access import Access, access_of
from exporter.web.api import json
from exporter.web.backend import Backend
from exporter.web.ownership import owned_checks
from exporter.web.refusals import require_team
from exporter.web.requests import Rejected, read_body
from exporter.web.runs import FARTHEST_AHEAD, kept

# Measures of many days and hundreds of checks; what failed is in it twice.
MAX_REPORT = 8 << 20


async def checks(request: Request) -> Response:
    """One route for both, so that a refused method is told of both."""
    return await (push if request.method == "POST" else list_checks)(request)


async def push(request: Request) -> Response:
    """POST /api/v1/checks: a report, as `check --format json` writes it.

    Where something is wrong with it, nothing is taken. Of a dataset of which a newer one is held, nothing
    changes.
    """
    backend: Backend = request.app.state.backend
    body, access = await read_body(request, MAX_REPORT), access_of(request)
    try:
        decoded = await asyncio.to_thread(decode_reports, body)
        reports = [*admitted(decoded, access, backend)]
    except InvalidBodyError as error:
        backend.own.told.invalid()
        raise Rejected(400, "invalid", str(error)) from error
    except NotYoursError as error:
        backend.own.told.invalid()
        raise Rejected(403, "forbidden", str(error)) from error
    refusals = await kept(backend, reports)
    for report, refusal in zip(reports, refusals, strict=True):
        backend.own.told.heard(report, backend.now(), refusal)
    require_taken(reports, refusals)
    known = backend.state.checks
    older = [
        one.dataset for one in reports if (held := known.get(one.dataset)) and held.report.time > one.time
    ]
    taken = [one.dataset for one in reports if one.dataset not in older]
    return json({"taken": taken, "older": older}, 201)


def require_taken(reports: Sequence[ChecksReport], refusals: Refusals) -> None:
    """Rejected where something was not: 403 for what has become another's meanwhile, 429 for want of room."""
    refused = [(one.dataset, why) for one, why in zip(reports, refusals, strict=True) if why]
    if not refused:
        return
    _, first = min(refused, key=lambda pair: not isinstance(pair[1], NotYoursError))
    if isinstance(first, NotYoursError):
        raise Rejected(403, "forbidden", str(first))
    reason = "too_many_of_team" if isinstance(first, TeamShareError) else "too_many_checks"
    names = ", ".join(dataset for dataset, _ in refused)
    raise Rejected(429, reason, f"no room for the checks of {names}: {first}")


def admitted(reports: list[ChecksReport], access: Access, backend: Backend) -> Iterator[ChecksReport]:
    """Reports as who sends them may; InvalidBodyError and NotYoursError name the place.

    None is from later than now: it would keep out those that really come.
    """
    now = backend.now()
    for index, report in enumerate(reports):
        if (ahead := report.time - now) > FARTHEST_AHEAD:
            expected = f"expected {FARTHEST_AHEAD} s from now at most, got {ahead:.0f} s from now"
            raise InvalidBodyError(f"datasets[{index}].checked: {expected}")
        try:
            told = owned_checks(report, access, backend)
        except NotYoursError as error:
            raise NotYoursError(f"datasets[{index}].{error}") from error
        yield replace(told, time=min(report.time, now))


async def list_checks(request: Request) -> Response:
    """GET /api/v1/checks?team=&status=: the last reports as one, with the datasets that may be seen."""
    backend: Backend = request.app.state.backend
    access, query = access_of(request), request.query_params
    team, wanted = query.get("team"), query.getlist("status")
    for status in wanted:
        if status not in WORST:
            raise Rejected(400, "invalid", f"status: expected one of {list(WORST)}, got {shown(status)}")
    return json(
        document(
            report
            for report in (one.report for one in backend.state.checks)
            if access.may_read(report.team)
            and team in (None, report.team)
            and report.status in (wanted or WORST)
        )
    )


async def show_checks(request: Request) -> Response:
    """GET /api/v1/checks/{name}: the last report of a dataset."""
    backend: Backend = request.app.state.backend
    held = backend.state.checks.get(request.path_params["name"])
    if held is None or not access_of(request).may_read(held.report.team):
        raise Rejected(404, "not_found", no_report(request))
    return json(document([held.report]))


async def forget_checks(request: Request) -> Response:
    """DELETE /api/v1/checks/{name}: a dataset that is checked no more."""
    backend: Backend = request.app.state.backend
    held = backend.state.checks.get(request.path_params["name"])
    if held is None:
        raise Rejected(404, "not_found", no_report(request))
    require_team(access_of(request), held.report.team, no_report(request))
    await kept(backend, [ChecksDropped(held.dataset)])
    return Response(status_code=204)


def no_report(request: Request) -> str:
    """What is said of a dataset that was never checked, or is another team's."""
    return f"no report on {request.path_params['name']!r} is known"
