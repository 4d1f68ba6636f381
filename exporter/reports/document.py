"""The JSON report of `pipeline-health check`, read and written; docs/check-report.schema.json describes it.

What it has beside the datasets (its date, its status, its alerts) follows from them.
"""

import datetime
from collections.abc import Iterable, Mapping, Sequence
from sys import intern
from types import MappingProxyType
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from exporter.decoding import MAX_NAME_CHARACTERS, InvalidBodyError, clipped, name_at, parse, time_at
from exporter.reports.event import CheckOutcome, ChecksReport, Measures, Severity, Status, Tier, Value

Json = dict[str, Any]
# Why there is no report on a dataset.
Reasons = Mapping[str, str]
NO_REASONS: Reasons = MappingProxyType({})
MOST_DATASETS = 1000
# Of one dataset.
MOST_CHECKS = 1000
MOST_MEASURES = 200
# So many of the newest are kept; what was before them, Prometheus knows.
MOST_DAYS = 90
WORST: tuple[Status, ...] = ("FAIL", "WARN", "PASS")

Count = Annotated[int, Meta(ge=0, lt=1 << 53)]
Seconds = Annotated[float, Meta(ge=0, le=366 * 86400)]
Kind = Annotated[str, Meta(pattern=r"^[a-z][a-z_]{0,39}$")]


class _Outcome(msgspec.Struct):
    check: Kind
    subject: str
    tier: Tier
    severity: Severity
    message: str
    observed: Value = None
    expected: Value = None
    baseline: Value = None
    low: float | None = None
    high: float | None = None
    rows_examined: Count = 0
    date: datetime.date | None = None


class _Dataset(msgspec.Struct):
    dataset: str
    team: str
    checked: str
    status: Status
    checks: list[_Outcome]
    owner: str | None = None
    date: datetime.date | None = None
    rows: Count = 0
    duration_seconds: Seconds = 0.0
    measures: dict[str, dict[datetime.date, float | None]] = {}


class _Unreadable(msgspec.Struct):
    dataset: str
    reason: str


class _Document(msgspec.Struct):
    datasets: list[_Dataset]
    unreadable: list[_Unreadable] = []


_DOCUMENT = msgspec.json.Decoder(_Document)


def decode_reports(body: bytes) -> list[ChecksReport]:
    """One for each dataset, at least one. Raises InvalidBodyError, which names the place."""
    return _reports(parse(_DOCUMENT, body).datasets, at_least=1)


def decode_attempt(body: bytes) -> tuple[list[ChecksReport], Reasons]:
    """Reports, and why other datasets have none. Raises InvalidBodyError, which names the place."""
    found = parse(_DOCUMENT, body)
    return _reports(found.datasets, at_least=0), {
        one.dataset: clipped(one.reason) for one in found.unreadable
    }


def _reports(datasets: Sequence[_Dataset], at_least: int) -> list[ChecksReport]:
    if not at_least <= len(datasets) <= MOST_DATASETS:
        raise InvalidBodyError(f"datasets: expected {at_least} to {MOST_DATASETS}, got {len(datasets)}")
    places: dict[str, int] = {}
    for index, said in enumerate(datasets):
        if places.setdefault(said.dataset, index) != index:
            raise InvalidBodyError(f"datasets[{index}].dataset: the same as datasets[{places[said.dataset]}]")
    return [_report(f"datasets[{index}]", said) for index, said in enumerate(datasets)]


def _report(place: str, said: _Dataset) -> ChecksReport:
    if len(said.checks) > MOST_CHECKS:
        raise InvalidBodyError(f"{place}.checks: expected at most {MOST_CHECKS}, got {len(said.checks)}")
    found = ChecksReport(
        dataset=name_at(f"{place}.dataset", said.dataset),
        team=name_at(f"{place}.team", said.team),
        time=time_at(f"{place}.checked", said.checked),
        owner=None if said.owner is None else name_at(f"{place}.owner", said.owner),
        date=_text(said.date),
        rows=said.rows,
        seconds=said.duration_seconds,
        outcomes=_outcomes(f"{place}.checks", said.checks),
        measures=_measures(f"{place}.measures", said.measures),
    )
    if said.status != found.status:
        raise InvalidBodyError(f"{place}.status: expected {found.status} by its checks, got {said.status}")
    return found


def _outcomes(place: str, said: Sequence[_Outcome]) -> tuple[CheckOutcome, ...]:
    """Each of another check or another subject, since they are told apart by nothing else."""
    places: dict[tuple[str, str], int] = {}
    found = []
    for index, one in enumerate(said):
        subject = readable(one.subject)
        if places.setdefault((one.check, subject), index) != index:
            first = places[one.check, subject]
            raise InvalidBodyError(
                f"{place}[{index}]: expected another check or subject than {place}[{first}]"
            )
        found.append(
            CheckOutcome(
                one.check,
                subject,
                one.tier,
                one.severity,
                clipped(one.message),
                _short(one.observed),
                _short(one.expected),
                _short(one.baseline),
                one.low,
                one.high,
                one.rows_examined,
                _text(one.date),
            )
        )
    return tuple(found)


def readable(subject: str) -> str:
    """A subject as a label: the columns of a file may have any name."""
    return "".join(letter if letter.isprintable() else " " for letter in subject[:MAX_NAME_CHARACTERS])


def _short(value: Value) -> Value:
    return clipped(value) if isinstance(value, str) else value


def _text(day: datetime.date | None) -> str | None:
    return None if day is None else str(day)


def _measures(place: str, said: dict[str, dict[datetime.date, float | None]]) -> Measures:
    if len(said) > MOST_MEASURES:
        raise InvalidBodyError(f"{place}: expected at most {MOST_MEASURES}, got {len(said)}")
    return {
        name_at(place, name): {intern(str(day)): values[day] for day in sorted(values)[-MOST_DAYS:]}
        for name, values in said.items()
    }


def document(reports: Iterable[ChecksReport], reasons: Reasons = NO_REASONS) -> Json:
    """Reports as the JSON that they came in. What has none is no success, whatever the others say."""
    listed = list(reports)
    datasets = [_dataset(report) for report in listed]
    found: set[Status] = {report.status for report in listed} | ({"FAIL"} if reasons else set())
    unreadable = [{"dataset": dataset, "reason": reason} for dataset, reason in reasons.items()]
    return {
        "date": max((report.date for report in listed if report.date), default=None),
        "status": next((status for status in WORST if status in found), "PASS"),
        "alerts": [one for dataset in datasets for one in dataset["checks"] if one["severity"] != "PASS"],
        "datasets": datasets,
        **({"unreadable": unreadable} if unreadable else {}),
    }


def _dataset(report: ChecksReport) -> Json:
    return {
        "dataset": report.dataset,
        "team": report.team,
        "owner": report.owner,
        "checked": iso(report.time),
        "date": report.date,
        "status": report.status,
        "rows": report.rows,
        "duration_seconds": report.seconds,
        "checks": [{"dataset": report.dataset, **msgspec.to_builtins(one)} for one in report.outcomes],
        "measures": report.measures,
    }


def iso(time: float) -> str:
    """Seconds since 1970 UTC as ISO 8601."""
    moment = datetime.datetime.fromtimestamp(time, datetime.UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
