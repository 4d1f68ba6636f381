"""How much may be asked of the exporter at once."""

from typing import Annotated

from pydantic import Field

from exporter.config.model import Positive, Strict


class Limits(Strict):
    """Generous ones: they are against mistakes and mischief, not against many pipelines."""

    connections: Annotated[int, Field(ge=10, le=100_000)] = 500
    # Requests that change something, of one client: so many at once, and then so many a second. A large dbt
    # project tells some thousand events in a minute, and OpenLineage's async_http doesn't repeat on 429.
    writes_at_once: Annotated[int, Field(ge=1, le=1_000_000)] = 10_000
    writes_per_second: Positive = 1000.0
