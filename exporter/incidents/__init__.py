"""Incidents: what is wrong with a pipeline, from its first alert to its last, as Alertmanager tells them."""

from exporter.incidents.incidents import Incidents
from exporter.incidents.store import StoreError

__all__ = ["Incidents", "StoreError"]
