"""Tier 3: does the business behave as it did? Measures, shares and mixes of the newest day."""

from collections.abc import Iterator
from datetime import date
from math import isfinite

from exporter.checks.config import Dataset, DriftCheck, MixCheck, ShareCheck
from exporter.checks.judging import Baseline, baseline, earlier, number, percent, severity_of
from exporter.checks.outcome import Outcome
from exporter.checks.plan import Plan
from exporter.checks.scan import Facts


def judge_drift(dataset: Dataset, plan: Plan, facts: Facts) -> Iterator[Outcome]:
    """Outcomes of tier 3; none without a day."""
    anchor, checks = facts.anchor, dataset.checks
    if anchor is None:
        return
    for drift in checks.drift:
        if drift.severity != "off":
            yield measured(drift, plan, facts, anchor)
    for alias, share in zip(plan.shares, checks.share, strict=True):
        if share.severity != "off":
            yield shared(share, alias, facts, anchor)
    for mix, counts in zip(plan.mixes, facts.mixes, strict=True):
        yield mixed(checks.mix[mix.index], counts, anchor)


def measured(check: DriftCheck, plan: Plan, facts: Facts, anchor: date) -> Outcome:
    """A measure against its days before."""
    alias, rows_alias = plan.measures[check.measure]
    volume = rows_alias if check.volume is None else plan.measures[check.volume][0]

    def value(day: date) -> float | None:
        found: float | None = facts.days[day][alias] if day in facts.days else None
        return found

    usual = baseline(check, anchor, value, lambda day: float(facts.days[day][volume] or 0))
    now, rows = value(anchor), facts.rows(anchor)
    if usual.mean is None:
        return quiet(check, now, usual, rows, anchor)
    return against(check, now, usual.mean, rows, anchor)


def quiet(check: DriftCheck, now: float | None, usual: Baseline, rows: int, anchor: date) -> Outcome:
    """No verdict."""
    message = f"{check.measure}: no verdict: {usual.why}"
    return Outcome("drift", check.measure, 3, "INFO", message, shown(now), None, None, rows, anchor)


def against(check: DriftCheck, now: float | None, usual: float, rows: int, anchor: date) -> Outcome:
    """The verdict on a measure with a baseline."""
    name = check.measure.replace("_", " ").capitalize()
    severity = severity_of(check.severity)
    low = None if check.below is None else usual - abs(usual) * check.below
    high = None if check.above is None else usual + abs(usual) * check.above
    common = (usual, rows, anchor, low, high)
    if now is None or not isfinite(now):
        what = "no value" if now is None else str(now)
        message = f"{name} missing: {what} vs baseline {number(usual)}"
        return Outcome("drift", check.measure, 3, severity, message, shown(now), None, *common)
    words = f"{number(now)} vs baseline {number(usual)}"
    if low is not None and now < low:
        return Outcome(
            "drift", check.measure, 3, severity, f"{name} drop detected: {words}", now, low, *common
        )
    if high is not None and now > high:
        return Outcome(
            "drift", check.measure, 3, severity, f"{name} rise detected: {words}", now, high, *common
        )
    limit = low if low is not None else high
    return Outcome("drift", check.measure, 3, "PASS", f"{name}: {words}", now, limit, *common)


def shown(value: float | None) -> float | str | None:
    """A number as JSON can have it."""
    return value if value is None or isfinite(value) else str(value)


def shared(check: ShareCheck, alias: str, facts: Facts, anchor: date) -> Outcome:
    """A share of the newest day's rows."""
    rows = facts.rows(anchor)
    share = int(facts.days[anchor][alias]) / rows
    common = (share, check.at_most, None, rows, anchor)
    if rows < check.min_volume:
        message = f"{check.name}: no verdict: {rows} rows, at least {check.min_volume} are needed"
        return Outcome("share", check.name, 3, "INFO", message, *common)
    if share > check.at_most:
        message = f"High share of {check.name}: {percent(share)}"
        return Outcome("share", check.name, 3, severity_of(check.severity), message, *common)
    return Outcome("share", check.name, 3, "PASS", f"Share of {check.name}: {percent(share)}", *common)


def mixed(check: MixCheck, counts: dict[date, dict[str | None, int]], anchor: date) -> Outcome:
    """The value whose share moved most against the days before."""
    sums = {day: sum(values.values()) for day, values in counts.items()}
    usual = baseline(check, anchor, lambda day: sums.get(day), lambda day: sums[day])
    rows = sums.get(anchor, 0)
    if usual.mean is None or rows < check.min_volume:
        why = usual.why or f"{rows} rows, at least {check.min_volume} are needed"
        message = f"{check.column}: no verdict: {why}"
        return Outcome("mix", check.column, 3, "INFO", message, None, check.at_most, None, rows, anchor)
    before: dict[str | None, int] = {}
    for day in earlier(check, anchor):
        for value, count in counts.get(day, {}).items():
            before[value] = before.get(value, 0) + count
    then, now = shares(before), shares(counts[anchor])
    moved = {value: now.get(value, 0.0) - then.get(value, 0.0) for value in then | now}
    most = max(moved, key=lambda value: (abs(moved[value]), str(value)))
    name = "nothing" if most is None else repr(most)
    words = f"{name} {percent(now.get(most, 0.0))} vs baseline {percent(then.get(most, 0.0))}"
    found = abs(moved[most]) > check.at_most
    severity = severity_of(check.severity) if found else "PASS"
    message = f"Mix of {check.column} shifted: {words}" if found else f"Mix of {check.column}: {words}"
    return Outcome("mix", check.column, 3, severity, message, abs(moved[most]), check.at_most,
                   then.get(most, 0.0), rows, anchor)  # fmt: skip


def shares(counts: dict[str | None, int]) -> dict[str | None, float]:
    """Counts as shares of their sum."""
    total = sum(counts.values())
    return {value: count / total for value, count in counts.items()}
