"""A dashboard: what all have in common, around its own panels."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from grafana_foundation_sdk.builders.dashboard import Dashboard, DashboardLink, Row, TimePicker
from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.models import dashboard
from grafana_foundation_sdk.models.dashboard import DashboardCursorSync, DashboardLinkType

from grafana.annotations import Happening
from grafana.variables import variables

TAG = "pipeline-health"
# The other way round, a dashboard would have to import the ones that it links to.
TITLES = {
    "pipeline-health": "Pipeline health",
    "pipeline-stage": "Stages",
    "pipeline-slo": "SLOs and error budgets",
    "pipeline-incidents": "Incidents and alerts",
    "pipeline-runs": "Runs",
    "pipeline-data": "Data quality",
    "pipeline-exporter": "Exporter and monitoring",
}
REFRESH_CHOICES = ["5s", "15s", "30s", "1m", "5m", "15m"]

Panel = Builder[dashboard.Panel]
Item = Panel | Row


class Board(NamedTuple):
    """A dashboard by its uid: `since` is the time range shown at first, `chosen` its variables."""

    uid: str
    description: str
    chosen: tuple[str, ...]
    panels: Callable[[], Sequence[Item]]
    since: str = "now-15m"
    refresh: str = "5s"
    annotated: tuple[Happening, ...] = ()

    def build(self) -> dashboard.Dashboard:
        """The model that Grafana reads."""
        board = (
            Dashboard(TITLES[self.uid])
            .uid(self.uid)
            .description(self.description)
            .tags([TAG])
            .readonly()
            .timezone("browser")
            .time(self.since, "now")
            .refresh(self.refresh)
            .timepicker(TimePicker().refresh_intervals(REFRESH_CHOICES))
            .tooltip(DashboardCursorSync.CROSSHAIR)
            .links([link_to(uid) for uid in TITLES if uid != self.uid])
            .variables(variables(self.chosen))
            .annotations(list(self.annotated))
        )
        for item in self.panels():
            if isinstance(item, Row):
                board.with_row(item)
            else:
                board.with_panel(item)
        return numbered(board.build())


def numbered(board: dashboard.Dashboard) -> dashboard.Dashboard:
    """The same, each panel with a number of its own."""
    for number, panel in enumerate(board.panels or [], start=1):
        panel.id_val = number
    return board


def link_to(uid: str) -> DashboardLink:
    """A link to a dashboard that takes what is chosen along."""
    return (
        DashboardLink(TITLES[uid])
        .type(DashboardLinkType.LINK)
        .icon("dashboard")
        .tooltip("")
        .url(f"/d/{uid}")
        .include_vars(True)
        .keep_time(True)
        .target_blank(False)
        .as_dropdown(False)
        .tags([])
    )
