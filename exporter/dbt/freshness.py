"""sources.json as datasets: from when a source's data is, and when it is stale."""

from datetime import UTC, datetime
from typing import Any

from exporter.dbt.artifacts import Criteria, Limit, Sources, in_utc
from exporter.dbt.graph import Graph

SECONDS = {"minute": 60, "hour": 3600, "day": 86_400}
# For a source without rows dbt writes the year 1, "infinitely long ago": earlier than the exporter takes.
EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)


def datasets(sources: Sources, graph: Graph, team: str | None = None) -> list[dict[str, Any]]:
    """The sources whose freshness dbt could find out."""
    owner = {} if team is None else {"team": team}
    return [
        {
            "dataset": graph.source(source.unique_id),
            **owner,
            "updated": max(EARLIEST, in_utc(source.max_loaded_at)).isoformat(),
            **_stale_after(source.criteria),
        }
        for source in sources.results
        if source.max_loaded_at is not None
    ]


def unanswered(sources: Sources) -> list[str]:
    """A sentence for each source that dbt could not ask; nothing is told of it, so it grows stale."""
    return [
        f"{source.unique_id}: {source.status}: {source.error or 'no answer'}"
        for source in sources.results
        if source.max_loaded_at is None
    ]


def _stale_after(criteria: Criteria) -> dict[str, int]:
    """What dbt calls an error; without one what it warns of."""
    seconds = _seconds(criteria.error_after) or _seconds(criteria.warn_after)
    return {"stale_after_seconds": seconds} if seconds else {}


def _seconds(limit: Limit | None) -> int:
    if limit is None or limit.count is None or limit.period is None:
        return 0
    return limit.count * SECONDS[limit.period]
