"""The way in for real runs: what is told is on disk before it is acknowledged, and outlives the process."""

from exporter.intake.intake import FullError, Intake
from exporter.intake.watched import Watched

__all__ = ["FullError", "Intake", "Watched"]
