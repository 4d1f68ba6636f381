"""What Alertmanager makes of alerts: routes, groups, notifications."""

from exporter.alerting.episode import Episode

__all__ = ["Episode"]
