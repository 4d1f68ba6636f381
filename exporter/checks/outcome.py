"""What a check found: plain values that every report is made of."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass

from exporter.reports.event import SEVERITIES, Severity, Status, Tier, Value, worst

__all__ = ["SEVERITIES", "TIERS", "Outcome", "Severity", "Status", "Tier", "Value", "status"]

TIERS: dict[Tier, str] = {1: "pipeline health", 2: "integrity", 3: "business drift"}


@dataclass(frozen=True, slots=True)
class Outcome:
    """One check's verdict on one subject (a column, a measure; empty for the dataset itself).

    observed, expected, baseline: in the check's own unit, shares from 0 to 1, dates as text.
    low, high: what a value may move between around its baseline.
    rows_examined: rows that the verdict is about; date: the day it is about.
    """

    check: str
    subject: str
    tier: Tier
    severity: Severity
    message: str
    observed: Value = None
    expected: Value = None
    baseline: Value = None
    rows_examined: int = 0
    date: datetime.date | None = None
    low: float | None = None
    high: float | None = None


def status(outcomes: Iterable[Outcome]) -> Status:
    """The worst of them."""
    return worst(outcome.severity for outcome in outcomes)
