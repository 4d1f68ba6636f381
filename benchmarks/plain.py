"""The peer of the scrape: the same families as ordinary prometheus_client metrics, as a user would write them."""

from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, disable_created_metrics
from prometheus_client.samples import Exemplar

from exporter import names
from exporter.collector.collector import FAMILIES
from exporter.collector.family import Buckets, Family, Series
from exporter.state import State

WITHOUT_CREATED: Callable[[], None] = disable_created_metrics


def plain_registry(state: State) -> CollectorRegistry:
    """A registry with a metric a family, filled once with what `state` says now."""
    WITHOUT_CREATED()
    registry = CollectorRegistry()
    for family in FAMILIES:
        if family.kind == "histogram":
            add_histogram(registry, family, state)
        elif family.kind == "counter":
            counter = Counter(family.name, family.help, family.labels, registry=registry)
            fill(family, state, lambda child, value, metric=counter: metric.labels(*child).inc(value))
        else:
            gauge = Gauge(family.name, family.help, family.labels, registry=registry)
            fill(family, state, lambda child, value, metric=gauge: metric.labels(*child).set(value))
    return registry
