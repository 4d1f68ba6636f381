"""Simulated datasets: daily files that are checked as real ones are, and the truth about them."""

from exporter.simulated_datasets.deliveries import CHECKS, Deliveries

__all__ = ["CHECKS", "Deliveries"]
