"""Writes the README's table of metrics and the page of runbooks: ``python -m tools.docs``."""

import re
from collections.abc import Iterator
from pathlib import Path

from prometheus_client.metrics_core import Metric

from exporter.collector import OwnMetrics
from exporter.collector.collector import FAMILIES
from tools import runbooks

README = Path(__file__).resolve().parents[1] / "README.md"
BEGIN, END = "<!-- metrics: written by make docs -->", "<!-- end of metrics -->"


def rows() -> Iterator[tuple[str, str, str, str]]:
    """Name, type, labels and meaning of every family of ours."""
    for family in FAMILIES:
        yield family.sample_name, family.kind, ", ".join(family.labels), family.help
    for metric in OwnMetrics("").registry.collect():
        if metric.name.startswith("pipeline_"):
            yield own_name(metric), metric.type, ", ".join(own_labels(metric)), metric.documentation


def own_name(metric: Metric) -> str:
    """The name of the samples, as PromQL asks for them."""
    return metric.name + {"counter": "_total", "info": "_info"}.get(metric.type, "")


def own_labels(metric: Metric) -> list[str]:
    """Label names, in order of appearance."""
    return list(dict.fromkeys(label for sample in metric.samples for label in sample.labels if label != "le"))


def table() -> str:
    """The metric table in Markdown."""
    lines = ["| name | type | labels | meaning |", "|---|---|---|---|"]
    lines += [f"| `{name}` | {kind} | {labels} | {text} |" for name, kind, labels, text in rows()]
    return "\n".join(lines)


def updated(readme: str) -> str:
    """`readme` with the table of today."""
    pattern = re.compile(f"{re.escape(BEGIN)}.*{re.escape(END)}", re.DOTALL)
    return pattern.sub(lambda _: f"{BEGIN}\n{table()}\n{END}", readme)


if __name__ == "__main__":
    README.write_text(updated(README.read_text(encoding="utf-8")), encoding="utf-8")
    runbooks.write()
