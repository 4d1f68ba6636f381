"""Rules and groups as plain data, and the words that every alert has."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from textwrap import dedent
from typing import Any

EXPORTER = "http://127.0.0.1:9888"
GRAFANA = "http://127.0.0.1:3000"

# What names the team of a series that has none; its value is 1.
OWNED = "* on (job, instance, pipeline) group_left (team) pipeline_info"
PLATFORM = "platform"
# One series a job: what a job's other series are matched by.
OF_JOB = "on (job, instance, pipeline)"


def expression(text: str) -> str:
    """PromQL without the indentation of the source that it stands in."""
    return dedent(text).strip()


def answer(metric: str, text: str, label: str = "pipeline") -> str:
    """A template: `text`, in which the dot is the metric's sample of the alert's `label`, or nothing."""
    selector = f"`{metric}{{job=%q, instance=%q, {label}=%q}}`"
    query = f"printf {selector} $labels.job $labels.instance $labels.{label} | query"
    return f"{{{{ with {query} }}}}{{{{ with first . }}}}{text}{{{{ end }}}}{{{{ end }}}}"


@dataclass(frozen=True)
class Recording:
    """A recording rule; the name is level:metric:operations."""

    record: str
    expr: str

    def content(self) -> dict[str, Any]:
        """As Prometheus' file has it."""
        return {"record": self.record, "expr": expression(self.expr)}


@dataclass(frozen=True)
class Alert:
    """An alert; `labels` beside the severity. Without a `dashboard` it shows the pipeline's."""

    name: str
    severity: str
    expr: str
    summary: str
    description: str
    wait: str = ""
    hold: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    dashboard: str = "pipeline-health?var-team={{ $labels.team }}&var-pipeline={{ $labels.pipeline }}"

    def content(self) -> dict[str, Any]:
        """As Prometheus' file has it."""
        return {
            "alert": self.name,
            "expr": expression(self.expr),
            **({"for": self.wait} if self.wait else {}),
            **({"keep_firing_for": self.hold} if self.hold else {}),
            "labels": {"severity": self.severity, **self.labels},
            "annotations": {
                "summary": self.summary,
                "description": " ".join(self.description.split()),
                "runbook_url": f"{EXPORTER}/runbooks#{self.name.lower()}",
                "dashboard_url": f"{GRAFANA}/d/{self.dashboard}",
            },
        }


@dataclass(frozen=True)
class Group:
    """Rules that are evaluated one after the other; without an `interval`, as often as Prometheus looks."""

    name: str
    rules: Sequence[Recording | Alert]
    interval: str = ""

    def content(self) -> dict[str, Any]:
        """As Prometheus' file has it."""
        interval = {"interval": self.interval} if self.interval else {}
        return {"name": self.name, **interval, "rules": [rule.content() for rule in self.rules]}
