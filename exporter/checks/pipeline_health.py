"""Tier 1: did the day arrive, and all of it?"""

from collections.abc import Iterator
from datetime import date
from math import isfinite

from exporter.checks.config import BaselineCheck, Dataset, FreshnessCheck, TotalCheck
from exporter.checks.judging import baseline, number, severity_of
from exporter.checks.outcome import Outcome
from exporter.checks.plan import Plan
from exporter.checks.scan import ONE_DAY, Facts

# A day's rows are compared with those of the week before.
WEEK = BaselineCheck()
SATURDAY = 5


def judge_pipeline(dataset: Dataset, plan: Plan, facts: Facts, today: date) -> Iterator[Outcome]:
    """Outcomes of tier 1 for the newest day; `today` is what freshness is measured against."""
    checks = dataset.checks
    if facts.partial is not None:
        day, time = facts.partial
        message = f"{day} isn't complete, its newest row is of {time}: no verdict"
        yield Outcome("freshness", "partial day", 1, "INFO", message, time, dataset.complete_from, date=day)
    if checks.rows.severity != "off":
        yield rows(dataset, facts)
    for check in checks.key_events:
        if check.severity != "off":
            yield total("key_events", f"Few {check.measure}", check, plan, facts)
    for check in checks.total:
        if check.severity != "off":
            yield total("total", f"Low {check.measure}", check, plan, facts)
    if checks.freshness.severity != "off":
        yield from freshness(checks.freshness, facts, today)


def rows(dataset: Dataset, facts: Facts) -> Outcome:
    """Rows of the newest day."""
    check, anchor = dataset.checks.rows, facts.anchor
    severity = severity_of(check.severity)
    if anchor is None:
        message = f"No rows with a date, {facts.undated} without" if facts.undated else "No rows"
        return Outcome("rows", "", 1, severity, message, 0, check.at_least)
    count = facts.rows(anchor)
    usual = baseline(WEEK, anchor, lambda day: facts.rows(day) or None, facts.rows).mean
    floor = None if usual is None else usual * (1 - check.below)
    common = (usual, count, anchor, floor)
    if count < check.at_least:
        message = f"Too few rows: {count}, expected at least {check.at_least}"
        return Outcome("rows", "", 1, severity, message, count, check.at_least, *common)
    if usual is not None and floor is not None and count < floor:
        message = f"Drop in rows detected: {count} vs baseline {number(usual)}"
        return Outcome("rows", "", 1, severity, message, count, floor, *common)
    return Outcome("rows", "", 1, "PASS", f"{count} rows", count, check.at_least, *common)


def total(kind: str, words: str, check: TotalCheck, plan: Plan, facts: Facts) -> Outcome:
    """A measure of the newest day; nothing counts as 0."""
    severity, anchor = severity_of(check.severity), facts.anchor
    if anchor is None:
        message = f"{words}: no rows, expected at least {number(check.at_least)}"
        return Outcome(kind, check.measure, 1, severity, message, 0, check.at_least)
    value = facts.days[anchor][plan.measures[check.measure][0]] or 0.0
    common = (value, check.at_least, None, facts.rows(anchor), anchor)
    if not isfinite(value):
        message = f"{words}: {value} is not a number to judge"
        return Outcome(kind, check.measure, 1, severity, message, str(value), *common[1:])
    if value < check.at_least:
        message = f"{words}: {number(value)}, expected at least {number(check.at_least)}"
        return Outcome(kind, check.measure, 1, severity, message, *common)
    return Outcome(kind, check.measure, 1, "PASS", f"{check.measure}: {number(value)}", *common)


def freshness(check: FreshnessCheck, facts: Facts, today: date) -> Iterator[Outcome]:
    """The newest date against the one that is expected, and the days that are missing before it."""
    severity, anchor = severity_of(check.severity), facts.anchor
    count = 0 if anchor is None else facts.rows(anchor)
    if check.lag is not None:
        expected = today - int(check.lag // 86400) * ONE_DAY
        expected = working_day(expected) if check.calendar == "weekdays" else expected
        newest = facts.partial[0] if facts.partial is not None else anchor
        late = newest is None or newest < expected
        message = f"Stale data: latest date {newest or 'none'}, expected {expected} or later"
        message = message if late else f"Latest date {newest}"
        found = severity if late else "PASS"
        yield Outcome("freshness", "", 1, found, message, text(newest), str(expected), None, count, anchor)
    if check.calendar != "none" and anchor is not None:
        yield gaps(check, facts, anchor)


def gaps(check: FreshnessCheck, facts: Facts, anchor: date) -> Outcome:
    """Days without rows between the first and the newest."""
    first = max(min(facts.days), anchor - check.within * ONE_DAY)
    days = [first + offset * ONE_DAY for offset in range((anchor - first).days)]
    lost = [d for d in days if d not in facts.days and (check.calendar == "daily" or d.weekday() < SATURDAY)]
    count = sum(facts.rows(day) for day in days)
    common = (len(lost), check.gaps, None, count, anchor)
    if len(lost) > check.gaps:
        shown = ", ".join(map(str, lost[:5])) + (", ..." if len(lost) > 5 else "")
        noun = "day" if len(lost) == 1 else "days"
        message = f"Gap in the calendar: {len(lost)} {noun} without rows ({shown})"
        return Outcome("freshness", "gaps", 1, severity_of(check.severity), message, *common)
    return Outcome("freshness", "gaps", 1, "PASS", f"{len(lost)} days missing", *common)


def working_day(day: date) -> date:
    """The day, or the Friday before it."""
    return day - max(0, day.weekday() - SATURDAY + 1) * ONE_DAY


def text(day: date | None) -> str | None:
    """A day as text, if there is one."""
    return None if day is None else str(day)
