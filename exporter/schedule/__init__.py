"""Checks on schedule: the exporter runs `pipeline-health check` itself; its report counts as if pushed."""

from exporter.schedule.plan import Planned, planned
from exporter.schedule.schedule import Schedule
from exporter.schedule.simulated import SimulatedData

__all__ = ["Planned", "Schedule", "SimulatedData", "planned"]
