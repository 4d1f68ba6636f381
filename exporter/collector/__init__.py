"""The collector: state as metric families, for Prometheus' text formats and for prometheus_client."""

from exporter.collector.collector import StateCollector

__all__ = ["StateCollector"]
