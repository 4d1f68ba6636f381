"""The report as OpenMetrics, for node_exporter's textfile collector and whoever else reads it."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, time
from math import isfinite

from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.openmetrics import exposition
from prometheus_client.registry import Collector

from exporter import names
from exporter.checks.checking import Result
from exporter.checks.outcome import SEVERITIES, TIERS, Outcome, Severity, Value

LEVELS: dict[Severity, int] = {"PASS": 0, "INFO": 0, "WARN": 1, "CRITICAL": 2}
RENDER: Callable[[CollectorRegistry], bytes] = exposition.generate_latest
OWN = (names.DATASET, names.TEAM)
OF_CHECK = (*OWN, names.TIER, names.CHECK, names.SUBJECT)
Sample = tuple[tuple[str, ...], float]
Read = Callable[[Result, datetime], Iterable[Sample]]


def own(result: Result) -> tuple[str, ...]:
    """Labels of a dataset."""
    return result.dataset.name, result.dataset.team


def of_checks(read: Callable[[Outcome], Value]) -> Read:
    """A number of each check that has one."""

    def samples(result: Result, _now: datetime) -> Iterator[Sample]:
        for outcome in result.outcomes:
            value = read(outcome)
            if isinstance(value, int | float) and isfinite(value):
                yield (*own(result), str(outcome.tier), outcome.check, outcome.subject), value

    return samples


def outcomes(result: Result, _now: datetime) -> Iterator[Sample]:
    """How many of each tier and severity, zeros included."""
    for tier in TIERS:
        for severity in SEVERITIES:
            count = sum(one.tier == tier and one.severity == severity for one in result.outcomes)
            yield (*own(result), str(tier), severity.lower()), count


def observed(check: str, *, by_subject: bool) -> Read:
    """What one kind of check saw."""

    def samples(result: Result, _now: datetime) -> Iterator[Sample]:
        for outcome in result.outcomes:
            if outcome.check == check and isinstance(outcome.observed, int | float):
                yield (*own(result), *([outcome.subject] if by_subject else [])), outcome.observed

    return samples


def latest_date(result: Result, _now: datetime) -> Iterator[Sample]:
    """The beginning of the newest day, as if it were one of UTC."""
    if result.date is not None:
        yield own(result), midnight(result.date)


def midnight(day: date) -> float:
    """Seconds since 1970 at the beginning of a day of UTC."""
    return datetime.combine(day, time(), UTC).timestamp()


def duration(result: Result, _now: datetime) -> list[Sample]:
    """Seconds."""
    return [(own(result), result.seconds)]


def last_run(result: Result, now: datetime) -> list[Sample]:
    """Seconds since 1970."""
    return [(own(result), now.timestamp())]


STATUS = of_checks(lambda outcome: LEVELS[outcome.severity])
OBSERVED = of_checks(lambda outcome: outcome.observed)
LIMIT = of_checks(lambda outcome: outcome.expected)
BASELINE = of_checks(lambda outcome: outcome.baseline)
NULLS = observed("nulls", by_subject=True)
DUPLICATES = observed("duplicates", by_subject=False)
ROWS = observed("rows", by_subject=False)

OF_TIER, OF_COLUMN = (*OWN, names.TIER, names.SEVERITY), (*OWN, names.COLUMN)
FAMILIES: tuple[tuple[str, str, tuple[str, ...], Read], ...] = (
    (names.CHECK_STATUS, "A check's verdict: 0 pass or no verdict, 1 warning, 2 critical", OF_CHECK, STATUS),
    (names.CHECK_OUTCOMES, "Verdicts by tier and severity", OF_TIER, outcomes),
    (names.CHECK_OBSERVED, "What a check observed, in its own unit", OF_CHECK, OBSERVED),
    (names.CHECK_LIMIT, "The limit that it was held against", OF_CHECK, LIMIT),
    (names.CHECK_BASELINE, "What is usual, where there is a baseline", OF_CHECK, BASELINE),
    (names.CHECK_NULLS, "Share of nulls in a column", OF_COLUMN, NULLS),
    (names.CHECK_DUPLICATES, "Share of rows whose key was there before", OWN, DUPLICATES),
    (names.CHECK_ROWS, "Rows of the newest day", OWN, ROWS),
    (names.CHECK_LATEST_DATE, "Beginning of the newest day in the data", OWN, latest_date),
    (names.CHECK_DURATION, "Time that the checks of a dataset took", OWN, duration),
    (names.CHECK_LAST_RUN, "When a dataset was checked", OWN, last_run),
)


class CheckCollector(Collector):
    """The families of some results."""

    def __init__(self, results: Sequence[Result], now: datetime) -> None:
        self.results, self.now = results, now

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Every family, in the order of the table."""
        for name, words, labels, read in FAMILIES:
            family = GaugeMetricFamily(name, words, labels=labels)
            for result in self.results:
                for values, value in read(result, self.now):
                    family.add_metric(list(values), value)
            yield family


def openmetrics(results: Sequence[Result], now: datetime) -> str:
    """All results as text; `now` is when they were judged."""
    registry = CollectorRegistry()
    registry.register(CheckCollector(results, now))
    return RENDER(registry).decode()
