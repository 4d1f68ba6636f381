"""The exporter about itself: an ordinary prometheus_client registry."""

from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Info, disable_created_metrics
from prometheus_client.platform_collector import PlatformCollector
from prometheus_client.process_collector import ProcessCollector

from exporter import names
from exporter.collector.told import ToldMetrics

REASONS = (
    *("bad_host", "foreign_origin", "not_json", "invalid", "too_large"),
    *("too_many_jobs", "too_many_of_team", "too_many_faults", "too_many_incidents", "too_many_listeners"),
    *("too_many_checks", "not_found", "bad_method", "not_kept", "not_read", "too_busy"),
    *("no_credentials", "bad_credentials", "forbidden", "bad_certificate"),
    *("too_many_attempts", "too_many_requests", "too_many_writes"),
    *("too_many_connections", "header_too_large", "too_slow"),
)
PLACES = ("tick", "request", "incidents", "runs", "journal", "checks")
ATTEMPTS = ("judged", "unreadable", "overdue", "not_kept")
WITHOUT_CREATED: Callable[[], None] = disable_created_metrics


class OwnMetrics:
    """What the exporter counts and measures about itself."""

    def __init__(self, version: str) -> None:
        WITHOUT_CREATED()
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        PlatformCollector(registry=self.registry)
        Info(names.EXPORTER_BUILD, "What runs here.", registry=self.registry).info({"version": version})
        self.speed = self.gauge(names.EXPORTER_SPEED, "Seconds of the streams' time in a real second.")
        self.profile = Gauge(
            names.SLO_PROFILE,
            "1; which rules judge, and how many times shorter their windows are than in production.",
            [names.PROFILE, names.TIME_SCALE],
            registry=self.registry,
        )
        self.ticks_behind = self.gauge(
            names.EXPORTER_TICKS_BEHIND, "Ticks that are due and not simulated yet."
        )
        self.scrape_duration = Histogram(
            names.EXPORTER_SCRAPE_DURATION,
            "Time to render and compress a scrape.",
            buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5),
            registry=self.registry,
        )
        self.scrape_bytes = self.gauge(
            names.EXPORTER_SCRAPE_BYTES, "Size of the last scrape before compression."
        )
        self.rejected = self.counter(names.EXPORTER_REJECTED, "Requests refused.", names.REASON, REASONS)
        self.errors = self.counter(names.EXPORTER_ERRORS, "Errors that nobody foresaw.", names.PLACE, PLACES)
        self.told = ToldMetrics(self.registry)
        self.check_attempts = self.counter(
            names.CHECK_ATTEMPTS,
            "Attempts of the exporter itself to check a file's datasets.",
            names.OUTCOME,
            ATTEMPTS,
        )
        self.reload_success = self.gauge(
            names.EXPORTER_RELOAD_SUCCESS, "1 when the last attempt to load the configuration succeeded."
        )
        self.reload_time = self.gauge(
            names.EXPORTER_RELOAD_TIME, "When the configuration was last loaded successfully."
        )

    def gauge(self, name: str, text: str) -> Gauge:
        """A gauge without labels."""
        return Gauge(name, text, registry=self.registry)

    def counter(self, name: str, text: str, label: str, values: tuple[str, ...]) -> Counter:
        """A counter that is there from the start for each of `values`."""
        counter = Counter(name, text, [label], registry=self.registry)
        for value in values:
            counter.labels(value)
        return counter
