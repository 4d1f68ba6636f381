"""What happened, drawn across a board's panels."""

from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.models import dashboard

from grafana.look import BLUE, PURPLE
from grafana.queries import checks, pipelines, runs
from grafana.variables import DATASOURCE


class Titled(dashboard.AnnotationQuery):
    """An annotation that says in words what it is; the SDK's doesn't know this setting of Prometheus'."""

    title: str

    def to_json(self) -> dict[str, object]:
        """As Grafana has it."""
        return {**super().to_json(), "titleFormat": self.title}


class Happening(Builder[dashboard.AnnotationQuery]):
    """Each time at which `expr` has a value, said by `title` with its labels."""

    def __init__(self, name: str, color: str, expr: str, title: str, shown: bool = True) -> None:
        self._query = Titled(name, DATASOURCE, enable=shown, icon_color=color, expr=expr)
        self._query.title = title

    def build(self) -> dashboard.AnnotationQuery:
        """The model."""
        return self._query


# Bursts of traffic, and what is wrong with a fleet of jobs, are for those who turn them on: they are many.
OF_STREAMS = (
    Happening("Injected faults", PURPLE, pipelines.fault(), "{{fault}} in {{pipeline}}, {{stage}}"),
    Happening(
        "Bursts of traffic", BLUE, pipelines.burst(), "{{regime}} traffic in {{pipeline}}", shown=False
    ),
)
OF_JOBS = (Happening("Injected faults", PURPLE, runs.fault(), "{{fault}} runs of {{pipeline}}", shown=False),)
OF_DATASETS = (Happening("Injected faults", PURPLE, checks.fault(), "{{fault}} in {{dataset}}"),)
