"""Incidents: what is wrong with a pipeline, from its first alert to its last, as Alertmanager tells them."""

from exporter.incidents.incidents import Incidents

__all__ = ["Incidents"]
