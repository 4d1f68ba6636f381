"""The exporter as the contests ask it: nothing simulated, room for thousands of jobs, no limit on writes."""

from pathlib import Path

import httpx
from prometheus_client.parser import text_string_to_metric_families

from benchmarks.load import CONNECTIONS, Outcome, Traffic, send
from benchmarks.pinned import free_port, url
from exporter import names
from tools import programs
from tools.children import Child
from tools.programs import Program

CONFIGURATION = """\
web: {limits: {writes_at_once: 1000000, writes_per_second: 1000000}}
runs: {max_jobs: 20000, max_datasets: 50000}
"""


def exporter(folder: Path) -> Program:
    """The exporter; what it is told is on disk in `folder` before it answers."""
    configuration = folder / "exporter.yml"
    configuration.write_text(CONFIGURATION)
    return programs.exporter(free_port(), "--config", str(configuration), log=folder / "exporter.log")


def metrics(child: Child) -> str:
    """What the exporter says."""
    return httpx.get(url(child, "/metrics"), timeout=60).text


def taken(child: Child) -> float:
    """Events that the exporter says it has taken in."""
    lines = [line for line in metrics(child).splitlines(keepends=True) if names.INTAKE_EVENTS in line]
    return sum(
        sample.value
        for family in text_string_to_metric_families("".join(lines))
        for sample in family.samples
        if sample.name == f"{names.INTAKE_EVENTS}_total" and sample.labels[names.OUTCOME] == "taken"
    )


def tell(child: Child, traffic: Traffic, seconds: int) -> Outcome:
    """Have the exporter told; what it counts must be what it acknowledged, and no more than was on its way
    besides when this load ended, and the one before."""
    before = taken(child)
    outcome = send(child, traffic, seconds)
    counted = taken(child) - before
    most = outcome.events + 2 * CONNECTIONS * traffic.batch
    assert outcome.events <= counted <= most, f"{outcome.events} acknowledged, {counted:.0f} counted"
    return outcome
