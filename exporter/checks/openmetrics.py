"""The report as OpenMetrics, for node_exporter's textfile collector: in the exporter's own families."""

from collections.abc import Sequence

from exporter.checks.checking import Result
from exporter.checks.report import reported
from exporter.collector.checks import REPORT_FAMILIES
from exporter.collector.exposition import Renderer
from exporter.state import State
from exporter.state.checks import Checked

END = "# EOF\n"


def openmetrics(results: Sequence[Result]) -> str:
    """All results as text."""
    state = State()
    for number, result in enumerate(results):
        state.checks.put(Checked(number, reported(result)))
    return Renderer(REPORT_FAMILIES).render(state, openmetrics=True).decode() + END
