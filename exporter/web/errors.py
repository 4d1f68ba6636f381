"""Errors as JSON: `{"error": "..."}`, counted by reason."""

import logging

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from exporter.storage import StoreError
from exporter.web.backend import Backend
from exporter.web.headers import strict
from exporter.web.requests import Rejected

log = logging.getLogger("exporter.web")
REASONS = {404: "not_found", 405: "bad_method"}


def error_response(app: Starlette, error: HTTPException) -> Response:
    """The answer to a refused request."""
    reason = error.reason if isinstance(error, Rejected) else REASONS.get(error.status_code, "invalid")
    backend: Backend = app.state.backend
    backend.own.rejected.labels(reason).inc()
    return JSONResponse({"error": error.detail}, error.status_code, error.headers)


def on_http_error(request: Request, error: Exception) -> Response:
    """Starlette's handler for refusals, its own 404 and 405 included."""
    if not isinstance(error, HTTPException):
        raise error
    return error_response(request.app, error)


def on_store_error(request: Request, error: Exception) -> Response:
    """Starlette's handler for what is asked of a database that can't answer: 503."""
    if not isinstance(error, StoreError):
        raise error
    return error_response(request.app, Rejected(503, "not_read", f"try again later: {error}"))


def on_unforeseen(request: Request, error: Exception) -> Response:
    """Starlette's handler for everything else; it answers outside of all middleware."""
    backend: Backend = request.app.state.backend
    backend.own.errors.labels("request").inc()
    log.error("request failed", exc_info=error, extra={"path": request.url.path})
    answer = JSONResponse({"error": "internal error; the exporter's log says more"}, 500)
    answer.raw_headers = strict(answer.raw_headers, backend.security.settings.web)
    return answer
