"""Results as the exporter holds them, and as JSON; docs/check-report.schema.json describes it."""

from collections.abc import Sequence
from dataclasses import asdict
from math import isfinite
from typing import Any

from exporter.checks.checking import Result
from exporter.checks.outcome import Outcome
from exporter.reports.document import NO_REASONS, Json, Reasons, document, readable
from exporter.reports.event import CheckOutcome, ChecksReport


def report(results: Sequence[Result], reasons: Reasons = NO_REASONS) -> Json:
    """All results: what is wrong or has no verdict as `alerts`, everything as `datasets[].checks`."""
    return document(map(reported, results), reasons)


def reported(result: Result) -> ChecksReport:
    """A result as the exporter holds it."""
    return ChecksReport(
        dataset=result.dataset.name,
        team=result.dataset.team,
        time=result.checked.timestamp(),
        owner=result.dataset.owner,
        date=None if result.date is None else str(result.date),
        rows=result.rows,
        seconds=round(result.seconds, 6),
        outcomes=tuple(map(outcome, result.outcomes)),
        measures={
            name: {str(day): finite(value) for day, value in values.items()}
            for name, values in result.measures.items()
        },
    )


def outcome(found: Outcome) -> CheckOutcome:
    """An outcome without numbers that a report doesn't have."""
    values = {key: finite(value) for key, value in asdict(found).items()}
    date = None if found.date is None else str(found.date)
    return CheckOutcome(**{**values, "subject": readable(found.subject), "date": date})


def finite(value: Any) -> Any:
    """The value, unless it is NaN or infinite."""
    return None if isinstance(value, float) and not isfinite(value) else value
