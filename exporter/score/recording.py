"""What Prometheus would have scraped: the samples of a scenario, taken in virtual time."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from exporter.collector.collector import FAMILIES
from exporter.collector.family import Buckets, Family
from exporter.config.scenario import Scenario
from exporter.service import Service
from exporter.state import StreamState

TARGET = {"job": "pipeline-health", "instance": "exporter:9888"}
Labels = dict[str, str]
Part = tuple[str, list[Labels], np.ndarray]


@dataclass
class Recording:
    """Samples every `interval` seconds from 0 on; rows of None while the exporter was away.

    `labels` and `rows` by sample name: n label sets, and a row of n values for each scrape.
    """

    interval: int
    labels: dict[str, list[Labels]] = field(default_factory=dict)
    rows: dict[str, list[np.ndarray | None]] = field(default_factory=dict)

    def add(self, parts: Iterator[Part]) -> None:
        """One scrape."""
        for name, labels, values in parts:
            self.labels.setdefault(name, labels)
            self.rows.setdefault(name, []).append(values)

    def add_nothing(self) -> None:
        """A scrape that was not answered."""
        for rows in self.rows.values():
            rows.append(None)
        self.rows["up"][-1] = np.zeros(1)


def record(service: Service, scenario: Scenario, interval: int, wanted: str) -> Recording:
    """Play `scenario` and keep the series whose names occur in `wanted`, the text of the rules."""
    recording = Recording(interval)
    families = [family for family in FAMILIES if family.name in wanted]
    for now in range(0, int(scenario.lasts) + 1, interval):
        service.advance(now - service.simulation.tick)
        if is_away(scenario, now):
            forget(service)
            recording.add_nothing()
        else:
            recording.add(scrape(service, families, wanted))
    return recording


def is_away(scenario: Scenario, now: int) -> bool:
    """True while the exporter restarts."""
    return any(restart.at <= now < restart.at + restart.duration for restart in scenario.restarts)


def forget(service: Service) -> None:
    """The exporter's counters begin anew; the pipelines themselves go on."""
    service.state.streams = [
        StreamState(streams.pipelines, streams.columns) for streams in service.state.streams
    ]


def scrape(service: Service, families: list[Family], wanted: str) -> Iterator[Part]:
    """Everything that `/metrics` says and `wanted` names."""
    yield "up", [TARGET], np.ones(1)
    for metric in service.own.registry.collect():
        for sample in metric.samples:
            if sample.name in wanted and not sample.name.startswith("process_"):
                yield sample.name, [{**sample.labels, **TARGET}], np.array([sample.value])
    for family in families:
        yield from read(service, family, wanted)


def read(service: Service, family: Family, wanted: str) -> Iterator[Part]:
    """The series of a family; of histograms sums and counts."""
    found: dict[str, tuple[list[Labels], list[np.ndarray]]] = {}
    for series in family.read(service.state):
        labels = [dict(zip(family.labels, child, strict=True)) | TARGET for child in series.children]
        if isinstance(series, Buckets):
            parts = {f"{family.name}_sum": series.sums, f"{family.name}_count": series.counts.sum(axis=1)}
        else:
            parts = {family.sample_name: np.asarray(series.values)}
        for name, values in parts.items():
            if name in wanted:
                known = found.setdefault(name, ([], []))
                known[0].extend(labels)
                known[1].append(values.astype(float).ravel())
    for name, (all_labels, values_of) in found.items():
        yield name, all_labels, np.concatenate(values_of) if values_of else np.empty(0)
