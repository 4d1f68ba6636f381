"""The web layer: routes requests to the state and its readers, and nothing else."""

from exporter.web.app import create_app
from exporter.web.backend import Backend

__all__ = ["Backend", "create_app"]
