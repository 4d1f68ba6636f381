"""The report as OpenMetrics, for node_exporter's textfile collector: in the exporter's own families."""

from collections.abc import Sequence
from dataclasses import asdict
from math import isfinite
from typing import Any

from exporter.checks.checking import Result
from exporter.checks.outcome import Outcome
from exporter.collector.checks import REPORT_FAMILIES
from exporter.collector.exposition import Renderer
from exporter.reports.document import readable
from exporter.reports.event import CheckOutcome, ChecksReport
from exporter.state import State
from exporter.state.checks import Checked

END = "# EOF\n"


def openmetrics(results: Sequence[Result]) -> str:
    """All results as text."""
    state = State()
    for number, result in enumerate(results):
        state.checks.put(Checked(number, reported(result)))
    return Renderer(REPORT_FAMILIES).render(state, openmetrics=True).decode() + END


def reported(result: Result) -> ChecksReport:
    """A result as the exporter holds it."""
    return ChecksReport(
        dataset=result.dataset.name,
        team=result.dataset.team,
        time=result.checked.timestamp(),
        owner=result.dataset.owner,
        date=None if result.date is None else str(result.date),
        rows=result.rows,
        seconds=result.seconds,
        outcomes=tuple(map(outcome, result.outcomes)),
    )


def outcome(found: Outcome) -> CheckOutcome:
    """An outcome without numbers that a report doesn't have."""
    values: dict[str, Any] = {
        key: None if isinstance(value, float) and not isfinite(value) else value
        for key, value in asdict(found).items()
    }
    date = None if found.date is None else str(found.date)
    return CheckOutcome(**{**values, "subject": readable(found.subject), "date": date})
