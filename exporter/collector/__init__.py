"""The collector: state as metric families, for Prometheus' text formats and for prometheus_client."""

from exporter.collector.collector import StateCollector
from exporter.collector.own import OwnMetrics

__all__ = ["OwnMetrics", "StateCollector"]
