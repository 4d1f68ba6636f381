"""A fleet of simulated jobs: a source of runs like any orchestrator, with the truth about its troubles."""

from exporter.fleet.fleet import Fleet

__all__ = ["Fleet"]
