"""Tier 2: are the rows right in themselves?

Each share is judged over all days that are looked at, and day by day: a day that is wrong must not drown in a
month. A single one of many days has to be above its limit by more than chance (three deviations of a binomial
share).
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from math import sqrt

from exporter.checks.config import Dataset, LevelName
from exporter.checks.judging import percent, severity_of
from exporter.checks.outcome import Outcome, Severity
from exporter.checks.plan import Plan, Rate
from exporter.checks.scan import Facts

DEVIATIONS = 3
Counts = dict[date, tuple[int, int]]
Shown = Callable[[Rate, Sequence[date]], list[str]]


def judge_integrity(dataset: Dataset, plan: Plan, facts: Facts, shown: Shown) -> Iterator[Outcome]:
    """Outcomes of tier 2, but for the schema; `shown` says some of what a failed one found."""
    for rate, (bad, among) in zip(plan.rates, plan.rate_aliases, strict=True):
        counts = {day: (int(facts.days[day][bad]), int(facts.days[day][among])) for day in facts.judged}
        yield judged(rate, counts, dataset.min_rows, shown, facts.anchor)
    for key in plan.keys:
        repeated = facts.repeated.get(key.columns, {})
        counts = {day: (repeated.get(day, 0), facts.rows(day)) for day in facts.judged}
        words = {"duplicates": "High duplicate rate", "unique": f"Not unique: {key.subject}"}
        rate = Rate(key.check, key.subject, key.severity, key.at_most, "", "", words[key.check], "")
        yield judged(rate, counts, dataset.min_rows, shown, facts.anchor)
    yield from dates(dataset, facts)


def judged(rate: Rate, counts: Counts, min_rows: int, shown: Shown, anchor: date | None) -> Outcome:
    """A share over all days, else of the worst day that is above its limit by more than chance."""
    bad, among = (sum(pair[index] for pair in counts.values()) for index in (0, 1))
    if among == 0:
        return outcome(rate, "INFO", f"{subject(rate)}: nothing to look at, no verdict", None, 0, anchor)
    share = bad / among
    wrong = {day: b / n for day, (b, n) in counts.items() if n >= min_rows and beyond(b / n, n, rate.at_most)}
    severity = severity_of(rate.severity)
    if share > rate.at_most:
        where = f", on {len(wrong)} of {len(counts)} days" if 0 < len(wrong) < len(counts) else ""
        message = said(rate, share, shown(rate, tuple(counts))) + where
        return outcome(rate, severity, message, share, among, anchor)
    if wrong:
        worst = max(wrong, key=lambda day: (wrong[day], day))
        where = f" on {worst}" + (f", 1 of {len(wrong)} such days" if len(wrong) > 1 else "")
        message = said(rate, wrong[worst], shown(rate, (worst,))) + where
        return outcome(rate, severity, message, wrong[worst], counts[worst][1], worst)
    return outcome(rate, "PASS", f"{subject(rate)}: {percent(share)}", share, among, anchor)


def said(rate: Rate, share: float, examples: Sequence[str]) -> str:
    """The message of a failed check."""
    samples = f" (such as {', '.join(map(repr, examples))})" if examples else ""
    return f"{rate.words}: {percent(share)}{samples}"


def beyond(share: float, rows: int, limit: float) -> bool:
    """Above the limit by more than chance."""
    return share > limit + DEVIATIONS * sqrt(limit * (1 - limit) / rows)


def subject(rate: Rate) -> str:
    """What a check is about."""
    return f"{rate.check} of {rate.subject}"


def outcome(
    rate: Rate, severity: Severity, message: str, share: float | None, among: int, day: date | None
) -> Outcome:
    """An outcome of a share."""
    return Outcome(rate.check, rate.subject, 2, severity, message, share, rate.at_most, None, among, day)


def dates(dataset: Dataset, facts: Facts) -> Iterator[Outcome]:
    """Rows that belong to no day, or to one that hasn't come."""
    check = dataset.checks.dates
    if check.severity == "off":
        return
    there = sum(facts.rows(day) for day in facts.judged)
    yield no_day("undated", "Rows without a date", check.severity, check.at_most, facts.undated, there, facts)
    yield no_day("future", "Rows of the future", check.severity, check.at_most, facts.future, there, facts)


def no_day(
    what: str, words: str, level: LevelName, at_most: float, bad: int, there: int, facts: Facts
) -> Outcome:
    """A share of rows that aren't in any day's counts."""
    rows = bad + there
    share = bad / rows if rows else 0.0
    severity = severity_of(level) if share > at_most else "PASS"
    return Outcome(
        "dates", what, 2, severity, f"{words}: {percent(share)}", share, at_most, None, rows, facts.anchor
    )
