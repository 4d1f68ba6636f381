"""Simulated streams: a source of tallies, tick by tick, in virtual or real time alike."""

from exporter.simulation.simulation import Simulation

__all__ = ["Simulation"]
