"""/metrics: the fast text of the state, then the exporter about itself."""

from collections.abc import Callable
from time import perf_counter

from isal import igzip
from prometheus_client import CollectorRegistry, exposition
from prometheus_client.openmetrics import exposition as openmetrics_exposition
from starlette.requests import Request
from starlette.responses import Response

from exporter.web.backend import Backend
from exporter.web.negotiation import prefers_openmetrics, takes_gzip

FASTEST = 1
FORMATS: dict[bool, tuple[Callable[[CollectorRegistry], bytes], str]] = {
    False: (exposition.generate_latest, exposition.CONTENT_TYPE_PLAIN_0_0_4),
    True: (openmetrics_exposition.generate_latest, openmetrics_exposition.CONTENT_TYPE_LATEST),
}


async def metrics(request: Request) -> Response:
    """Prometheus text or OpenMetrics, by the Accept header."""
    started = perf_counter()
    backend: Backend = request.app.state.backend
    openmetrics = prefers_openmetrics(request.headers.get("accept", ""))
    generate, content_type = FORMATS[openmetrics]
    content = backend.collector.render(openmetrics) + generate(backend.own.registry)
    headers = {"Content-Type": content_type, "Vary": "Accept, Accept-Encoding"}
    backend.own.scrape_bytes.set(len(content))
    if takes_gzip(request.headers.get("accept-encoding", "")):
        content = igzip.compress(content, FASTEST)
        headers["Content-Encoding"] = "gzip"
    backend.own.scrape_duration.observe(perf_counter() - started)
    return Response(content, headers=headers)
