"""The report as JSON; check-report.schema.json, beside this file, describes it."""

from collections.abc import Sequence
from dataclasses import asdict
from math import isfinite
from typing import Any

from exporter.checks.checking import Result
from exporter.checks.outcome import Outcome, status
from exporter.reports.document import iso

Json = dict[str, Any]


def report(results: Sequence[Result]) -> Json:
    """All results: what is wrong or has no verdict as `alerts`, everything as `datasets[].checks`."""
    dates = [result.date for result in results if result.date is not None]
    alerts = [entry(result, one) for result in results for one in result.outcomes if one.severity != "PASS"]
    return {
        "date": str(max(dates)) if dates else None,
        "status": status(one for result in results for one in result.outcomes),
        "alerts": alerts,
        "datasets": [described(result) for result in results],
    }


def described(result: Result) -> Json:
    """A dataset with every outcome and its measures by day."""
    return {
        "dataset": result.dataset.name,
        "team": result.dataset.team,
        "owner": result.dataset.owner,
        "checked": iso(result.checked.timestamp()),
        "date": None if result.date is None else str(result.date),
        "status": result.status,
        "rows": result.rows,
        "duration_seconds": round(result.seconds, 6),
        "checks": [entry(result, one) for one in result.outcomes],
        "measures": {
            name: {str(day): finite(value) for day, value in values.items()}
            for name, values in result.measures.items()
        },
    }


def entry(result: Result, outcome: Outcome) -> Json:
    """An outcome; numbers that JSON doesn't have are null."""
    values = {key: finite(value) for key, value in asdict(outcome).items()}
    day = None if outcome.date is None else str(outcome.date)
    return {"dataset": result.dataset.name} | values | {"date": day}


def finite(value: Any) -> Any:
    """The value, unless it is NaN or infinite."""
    return None if isinstance(value, float) and not isfinite(value) else value
