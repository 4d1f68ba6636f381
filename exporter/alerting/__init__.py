"""Alertmanager's configuration: what is left of it without secrets, and which notifications come of it."""

from exporter.alerting.alertmanager import Alertmanager
from exporter.alerting.episode import Episode, Notification

__all__ = ["Alertmanager", "Episode", "Notification"]
