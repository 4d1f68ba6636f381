"""The routes."""

from collections.abc import Collection

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, PlainTextResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from exporter.storage import StoreError
from exporter.web import api, checks, incidents, pipelines, runs, stream
from exporter.web.access import access_of
from exporter.web.backend import Backend
from exporter.web.doors import Doors
from exporter.web.errors import on_http_error, on_store_error, on_unforeseen
from exporter.web.gate import Gate
from exporter.web.guard import Guard
from exporter.web.headers import SecurityHeaders
from exporter.web.metrics import metrics
from exporter.web.pages import PAGE, page_text


async def page(_: Request) -> Response:
    """GET /: the live page."""
    return HTMLResponse(page_text("index"))


async def fleet(_: Request) -> Response:
    """GET /pipelines: all of them, to search and filter."""
    return HTMLResponse(page_text("fleet"))


async def pipeline(request: Request) -> Response:
    """GET /pipelines/{name}: one of them; 404 with a page that says so when it is not known.

    A name may have slashes, so the page is told how far up its files are; nothing depends on where a proxy
    puts the exporter.
    """
    access = access_of(request)
    known = pipelines.in_full(request.app.state.backend, request.path_params["name"], access)
    depth = request.scope["raw_path"].partition(b"/pipelines/")[2].count(b"/") + 1
    # Who has not said who they are yet learns nothing: the page asks for a token first.
    return HTMLResponse(
        page_text("pipeline", "../" * depth), 404 if known is None and access.reads_something else 200
    )


async def runbooks(_: Request) -> Response:
    """GET /runbooks: what to do about each alert; `make docs` writes it from docs/runbooks.md."""
    return FileResponse(PAGE / "runbooks.html")


async def healthy(_: Request) -> Response:
    """GET /-/healthy: the process answers."""
    return PlainTextResponse("healthy\n")


async def ready(request: Request) -> Response:
    """GET /-/ready: 503 until the streams are kept going."""
    backend: Backend = request.app.state.backend
    return PlainTextResponse("ready\n") if backend.ready else PlainTextResponse("starting\n", 503)


ROUTES = [
    Route("/", page),
    Route("/pipelines", fleet),
    Route("/pipelines/{name:path}", pipeline),
    Route("/runbooks", runbooks),
    Mount("/page", StaticFiles(directory=PAGE)),
    Route("/metrics", metrics),
    Route("/config", api.config),
    Route("/-/healthy", healthy),
    Route("/-/ready", ready),
    Route("/-/reload", api.reload, methods=["POST", "PUT"]),
    Route("/api/v1/openapi.json", api.description),
    Route("/api/v1/status", stream.current),
    Route("/api/v1/stream", stream.stream),
    Route("/api/v1/faults", api.faults, methods=["GET", "POST"]),
    Route("/api/v1/review", api.list_review),
    Route("/api/v1/review/{id}", api.sampled_event, methods=["GET", "POST"]),
    Route("/api/v1/pipelines", pipelines.list_pipelines),
    Route("/api/v1/pipelines/{name:path}", pipelines.show_pipeline),
    Route("/api/v1/pipelines/{name:path}", runs.forget, methods=["DELETE"]),
    Route("/api/v1/anomalies", pipelines.list_anomalies),
    Route("/api/v1/lineage", pipelines.lineage, methods=["GET", "POST"]),
    Route("/api/v1/lineage/batch", runs.lineage_batch, methods=["POST"]),
    Route("/api/v1/runs", runs.runs, methods=["POST"]),
    Route("/api/v1/datasets", runs.datasets, methods=["POST"]),
    Route("/api/v1/checks", checks.checks, methods=["GET", "POST"]),
    Route("/api/v1/checks/{name:path}", checks.show_checks),
    Route("/api/v1/checks/{name:path}", checks.forget_checks, methods=["DELETE"]),
    Route("/api/v1/alerts", pipelines.alerts, methods=["GET", "POST"]),
    Route("/api/v1/incidents", incidents.list_incidents),
    Route("/api/v1/incidents/{id}", incidents.acknowledge, methods=["POST"]),
]


def create_app(backend: Backend, hosts: Collection[str]) -> Starlette:
    """The ASGI application; `hosts` are names beside localhost by which it may be asked."""
    app = Starlette(
        routes=ROUTES,
        middleware=[
            Middleware(SecurityHeaders),
            Middleware(Guard, hosts=hosts),
            Middleware(Gate, security=backend.security, limits=backend.config.web.limits),
            Middleware(Doors),
        ],
        exception_handlers={
            HTTPException: on_http_error,
            StoreError: on_store_error,
            Exception: on_unforeseen,
        },
    )
    app.state.backend = backend
    app.state.feed = stream.StatusFeed(backend)
    return app
