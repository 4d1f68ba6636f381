"""The table of check families: what the last reports say, and what the exporter is to check itself.

`pipeline-health check --format openmetrics` writes the first part of the same table.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime

from exporter import names
from exporter.collector.family import Family, Series
from exporter.reports.event import SEVERITIES, TIERS, CheckOutcome, ChecksReport, Severity, Value
from exporter.state import State
from exporter.state.checks import Scheduled
from exporter.state.labels import Labels

LEVELS: dict[Severity, int] = {"PASS": 0, "INFO": 0, "WARN": 1, "CRITICAL": 2}
OWN = (names.DATASET, names.TEAM)
OF_INFO = (*OWN, names.OWNER)
OF_CHECK = (*OWN, names.TIER, names.CHECK, names.SUBJECT)
OF_TIER = (*OWN, names.TIER, names.SEVERITY)
OF_COLUMN = (*OWN, names.COLUMN)
OF_BAND = (*OF_CHECK, names.BOUND)
Sample = tuple[Labels, float]
Read = Callable[[ChecksReport], Iterable[Sample]]


def row(name: str, text: str, labels: Labels, read: Read) -> Family:
    """A gauge of what reports say."""

    def values(state: State) -> Iterable[Series]:
        samples = [sample for checked in state.checks for sample in read(checked.report)]
        yield Series([labels for labels, _ in samples], [value for _, value in samples])

    return Family(name, "gauge", text, labels, values)


def own(report: ChecksReport) -> Labels:
    """Labels of a dataset."""
    return report.dataset, report.team


def of_check(report: ChecksReport, outcome: CheckOutcome) -> Labels:
    """Labels of a check."""
    return *own(report), str(outcome.tier), outcome.check, outcome.subject


def of_checks(value: Callable[[CheckOutcome], Value]) -> Read:
    """A number of each check that has one."""

    def samples(report: ChecksReport) -> Iterator[Sample]:
        for outcome in report.outcomes:
            found = value(outcome)
            if isinstance(found, int | float):
                yield of_check(report, outcome), found

    return samples


def outcomes(report: ChecksReport) -> Iterator[Sample]:
    """How many of each tier and severity, zeros included."""
    for tier in TIERS:
        for severity in SEVERITIES:
            count = sum(one.tier == tier and one.severity == severity for one in report.outcomes)
            yield (*own(report), str(tier), severity.lower()), count


def band(report: ChecksReport) -> Iterator[Sample]:
    """The sides of each band that has one."""
    for outcome in report.outcomes:
        for bound, value in (("low", outcome.low), ("high", outcome.high)):
            if value is not None:
                yield (*of_check(report, outcome), bound), value


def nulls(report: ChecksReport) -> Iterator[Sample]:
    """By column."""
    for outcome in report.outcomes:
        if outcome.check == "nulls" and isinstance(outcome.observed, int | float):
            yield (*own(report), outcome.subject), outcome.observed


def observed(check: str) -> Read:
    """What the check saw that there is one of in a dataset."""

    def samples(report: ChecksReport) -> list[Sample]:
        found = (one.observed for one in report.outcomes if one.check == check)
        numbers = [value for value in found if isinstance(value, int | float)]
        return [(own(report), value) for value in numbers[:1]]

    return samples


def latest_date(report: ChecksReport) -> Iterator[Sample]:
    """The beginning of the newest day, as if it were one of UTC."""
    if report.date is not None:
        yield own(report), datetime.fromisoformat(report.date).replace(tzinfo=UTC).timestamp()


def scheduled(name: str, text: str, value: Callable[[Scheduled], float]) -> Family:
    """A gauge of each dataset that the exporter itself checks."""

    def values(state: State) -> Iterable[Series]:
        known = state.scheduled.values()
        yield Series([(one.dataset, one.team) for one in known], [value(one) for one in known])

    return Family(name, "gauge", text, OWN, values)


def faults(state: State) -> Iterable[Series]:
    """What is wrong with simulated datasets, with all that could be."""
    yield Series(list(state.dataset_faults), list(state.dataset_faults.values()))


def refused(state: State) -> Iterable[Series]:
    """What there was no room for."""
    yield Series([()], [state.checks.refused])


REPORT_FAMILIES = (
    row(
        names.CHECK_INFO,
        "A dataset that is checked, with who owns its business side; blank where nobody does.",
        OF_INFO,
        lambda report: [((*own(report), report.owner or ""), 1)],
    ),
    row(
        names.CHECK_STATUS,
        "A check's verdict: 0 pass or no verdict, 1 warning, 2 critical.",
        OF_CHECK,
        of_checks(lambda one: LEVELS[one.severity]),
    ),
    row(names.CHECK_OUTCOMES, "Verdicts by tier and severity; info is no verdict.", OF_TIER, outcomes),
    row(
        names.CHECK_OBSERVED,
        "What a check observed, in its own unit.",
        OF_CHECK,
        of_checks(lambda one: one.observed),
    ),
    row(
        names.CHECK_LIMIT,
        "The limit that it was held against.",
        OF_CHECK,
        of_checks(lambda one: one.expected),
    ),
    row(
        names.CHECK_BASELINE,
        "What is usual, where there is a baseline.",
        OF_CHECK,
        of_checks(lambda one: one.baseline),
    ),
    row(names.CHECK_BAND, "What a value may move between around its baseline.", OF_BAND, band),
    row(names.CHECK_NULLS, "Share of nulls in a column.", OF_COLUMN, nulls),
    row(names.CHECK_DUPLICATES, "Share of rows whose key was there before.", OWN, observed("duplicates")),
    row(names.CHECK_ROWS, "Rows of the newest day.", OWN, observed("rows")),
    row(names.CHECK_LATEST_DATE, "Beginning of the newest day in the data.", OWN, latest_date),
    row(
        names.CHECK_DURATION,
        "Time that the checks of a dataset took.",
        OWN,
        lambda report: [(own(report), report.seconds)],
    ),
    row(
        names.CHECK_LAST_RUN,
        "When a dataset was checked.",
        OWN,
        lambda report: [(own(report), report.time)],
    ),
)
CHECK_FAMILIES = (
    *REPORT_FAMILIES,
    scheduled(
        names.CHECK_INTERVAL,
        "How often the exporter is to check a dataset itself.",
        lambda one: one.every,
    ),
    scheduled(
        names.CHECK_UNREADABLE,
        "1 while the exporter's own attempts to check a dataset come to no verdict.",
        lambda one: int(bool(one.unreadable)),
    ),
    Family(
        names.DATASET_FAULT_ACTIVE,
        "gauge",
        "1 while the newest day of a simulated dataset is wrong: the simulation's ground truth.",
        (names.DATASET, names.FAULT),
        faults,
    ),
    Family(names.CHECKS_REFUSED, "counter", "Reports of checks that there was no room for.", (), refused),
)
