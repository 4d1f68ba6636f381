"""A peer of the scrape: the same families as ordinary metrics of prometheus_client, as users write them."""

from collections.abc import Callable, Sequence

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, disable_created_metrics
from prometheus_client.samples import Exemplar

from exporter import names
from exporter.collector.collector import FAMILIES
from exporter.collector.family import Buckets, Family, Series
from exporter.state import State

WITHOUT_CREATED: Callable[[], None] = disable_created_metrics


class FilledHistogram(Histogram):
    """A histogram that takes over counts instead of observing millions of values."""

    def fill(self, counts: Sequence[int], total: float) -> None:
        """Counts of each bucket alone, and the sum of what was observed."""
        for bucket, count in zip(self._buckets, counts, strict=True):
            bucket.inc(count)
        self._sum.inc(total)

    def show(self, bucket: int, exemplar: Exemplar) -> None:
        """Set a bucket's exemplar."""
        self._buckets[bucket].set_exemplar(exemplar)


def plain_registry(state: State) -> CollectorRegistry:
    """A registry of its own metrics, filled with what `state` says now."""
    WITHOUT_CREATED()
    registry = CollectorRegistry()
    for family in FAMILIES:
        # A metric without labels would say 0 of what is not known.
        parts = [part for part in family.read(state) if len(part.children)]
        series = [part for part in parts if isinstance(part, Series)]
        buckets = [part for part in parts if isinstance(part, Buckets)]
        if buckets:
            add_histogram(registry, family, buckets)
        elif series and family.kind == "counter":
            add_counter(registry, family, series)
        elif series:
            add_gauge(registry, family, series)
    return registry


def add_counter(registry: CollectorRegistry, family: Family, parts: Sequence[Series]) -> None:
    """A counter and its children."""
    counter = Counter(family.name, family.help, family.labels, registry=registry)
    for part in parts:
        for child, value in zip(part.children, part.values, strict=True):
            counter.labels(*child).inc(float(value))


def add_gauge(registry: CollectorRegistry, family: Family, parts: Sequence[Series]) -> None:
    """A gauge and its children."""
    gauge = Gauge(family.name, family.help, family.labels, registry=registry)
    for part in parts:
        for child, value in zip(part.children, part.values, strict=True):
            (gauge.labels(*child) if child else gauge).set(float(value))


def add_histogram(registry: CollectorRegistry, family: Family, parts: Sequence[Buckets]) -> None:
    """A histogram, its children and their exemplars."""
    boundaries = parts[0].boundaries
    histogram = FilledHistogram(
        family.name, family.help, family.labels, buckets=boundaries, registry=registry
    )
    for part in parts:
        for child, counts, total in zip(part.children, part.counts.tolist(), part.sums.tolist(), strict=True):
            histogram.labels(*child).fill(counts, total)
        for number, bucket, seen in part.exemplars():
            exemplar = Exemplar({names.EVENT_ID: seen.event_id}, seen.value, seen.time)
            histogram.labels(*part.children[number]).show(bucket, exemplar)
