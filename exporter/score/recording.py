"""What Prometheus would have scraped: the samples of a scenario, taken in virtual time."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby

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
    """Samples every `interval` seconds from 0 on: by sample name and number of the scrape n label sets and
    their n values. A scrape that was not answered has `up` alone, which is 0."""

    interval: int
    scrapes: int = 0
    parts: dict[str, dict[int, tuple[list[Labels], np.ndarray]]] = field(default_factory=dict)

    def add(self, parts: Iterable[Part]) -> None:
        """One scrape."""
        for name, labels, values in parts:
            seen = self.parts.setdefault(name, {})
            before, _ = seen.get(self.scrapes - 1, ([], None))
            seen[self.scrapes] = before if before == labels else labels, values
        self.scrapes += 1

    def series(self, name: str) -> Iterator[tuple[Labels, np.ndarray]]:
        """Each series of this name with its value at every scrape; NaN where it was not there."""
        found: dict[tuple[tuple[str, str], ...], np.ndarray] = {}
        for _, scrapes in groupby(self.parts[name].items(), lambda scrape: id(scrape[1][0])):
            numbers, parts = zip(*scrapes, strict=True)
            labels, values = parts[0][0], np.stack([part[1] for part in parts])
            for column, one in enumerate(labels):
                row = found.setdefault(tuple(one.items()), np.full(self.scrapes, np.nan))
                row[list(numbers)] = values[:, column]
        yield from ((dict(pairs), row) for pairs, row in found.items())


def record(service: Service, scenario: Scenario, interval: int, wanted: str) -> Recording:
    """Play `scenario` and keep the series whose names occur in `wanted`, the text of the rules."""
    recording = Recording(interval)
    families = [family for family in FAMILIES if family.name in wanted]
    for now in range(0, int(scenario.lasts) + 1, interval):
        service.advance(now - service.simulation.tick)
        if is_away(scenario, now):
            forget(service)
            recording.add([("up", [TARGET], np.zeros(1))])
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
