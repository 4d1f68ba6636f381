"""/metrics: the fast text of the state, then the exporter about itself."""

from time import perf_counter

from isal import igzip
from prometheus_client.exposition import choose_encoder, gzip_accepted
from starlette.requests import Request
from starlette.responses import Response

from exporter.web.backend import Backend

FASTEST = 1


async def metrics(request: Request) -> Response:
    """Prometheus text or OpenMetrics, by the Accept header."""
    started = perf_counter()
    backend: Backend = request.app.state.backend
    encoder, content_type = choose_encoder(request.headers.get("accept", ""))
    openmetrics = content_type.startswith("application/openmetrics-text")
    content = backend.collector.render(openmetrics) + encoder(backend.own.registry)
    headers = {"Content-Type": content_type, "Vary": "Accept, Accept-Encoding"}
    backend.own.scrape_bytes.set(len(content))
    if gzip_accepted(request.headers.get("accept-encoding", "")):
        content = igzip.compress(content, FASTEST)
        headers["Content-Encoding"] = "gzip"
    backend.own.scrape_duration.observe(perf_counter() - started)
    return Response(content, headers=headers)
