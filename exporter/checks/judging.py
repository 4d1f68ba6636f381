"""What judging has in common: severities, numbers in words, and the days that a day is compared with."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from math import isfinite
from statistics import fmean

from exporter.checks.config import BaselineCheck, LevelName
from exporter.checks.outcome import Severity
from exporter.checks.scan import ONE_DAY

SEVERITY: dict[LevelName, Severity] = {"critical": "CRITICAL", "warn": "WARN", "info": "INFO"}


@dataclass(frozen=True, slots=True)
class Baseline:
    """The mean of the days before, None when there are too few; `why` says so."""

    mean: float | None
    volume: float
    days: int
    why: str = ""


def severity_of(level: LevelName) -> Severity:
    """What a failed check is, in a report."""
    return SEVERITY[level]


def number(value: float) -> str:
    """`10565`, `33636`, `0.0312`: as many digits as one reads."""
    if not isfinite(value):
        return str(value)
    return f"{value:.0f}" if abs(value) >= 1000 or value == round(value) else f"{value:.4g}"


def percent(share: float) -> str:
    """`34.50%`."""
    return f"{share:.2%}"


def earlier(check: BaselineCheck, anchor: date) -> Iterator[date]:
    """The days that `anchor` is compared with, newest first."""
    step = 7 if check.weekday else 1
    yield from (anchor - offset * ONE_DAY for offset in range(step, check.days + 1, step))


def baseline(
    check: BaselineCheck, anchor: date, value: Callable[[date], float | None], volume: Callable[[date], float]
) -> Baseline:
    """The mean of `value` over the days before that have one; no verdict below the minimum days or volume."""
    known = {}
    for day in earlier(check, anchor):
        found = value(day)
        if found is not None and isfinite(found):
            known[day] = found
    if len(known) < check.min_days:
        return Baseline(
            None, 0, len(known), f"{len(known)} of at least {check.min_days} days to compare with"
        )
    usual = fmean(volume(day) for day in known)
    if usual < check.min_volume:
        why = f"{number(usual)} a day, at least {check.min_volume} are needed"
        return Baseline(None, usual, len(known), why)
    return Baseline(fmean(known.values()), usual, len(known))
