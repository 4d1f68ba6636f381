"""A dataset from its configuration to its outcomes."""

import datetime
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from time import perf_counter
from zoneinfo import ZoneInfo

from exporter.checks.binder import Binder
from exporter.checks.config import Dataset
from exporter.checks.drift import judge_drift
from exporter.checks.files import DataError, common_format, find, format_of
from exporter.checks.integrity import judge_integrity
from exporter.checks.load import ChecksFile
from exporter.checks.outcome import SEVERITIES, Outcome, Status, status
from exporter.checks.pipeline_health import judge_pipeline, rows
from exporter.checks.plan import Plan, make_plan, reference_view
from exporter.checks.scan import ONE_DAY, Facts, FailedExpressionError, Span, examples, scan
from exporter.checks.schema import judge_schema
from exporter.checks.session import Session, opened
from exporter.checks.sources import Source, open_source, prepare
from exporter.config import ConfigError

WEEK_DAYS = 7
Progress = Callable[[str], None]
Measured = dict[str, dict[datetime.date, float | None]]


@dataclass(frozen=True, slots=True)
class Result:
    """A dataset judged, and when: outcomes, worst first; the newest day; rows of the days looked at; seconds
    it took.

    measures: values by day, of the days that were read.
    """

    dataset: Dataset
    date: datetime.date | None
    rows: int
    seconds: float
    outcomes: tuple[Outcome, ...]
    measures: Measured
    checked: datetime.datetime

    @property
    def status(self) -> Status:
        """The worst of it."""
        return status(self.outcomes)


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be judged: at which time (aware), as of which day, which data in place of the configured,
    and how many of the newest days.
    """

    now: datetime.datetime
    as_of: datetime.date | None = None
    data: tuple[str, ...] = ()
    judge: int | None = None


class UnjudgedError(DataError):
    """Datasets that could not be judged: `reasons` by name, each a line that says where."""

    def __init__(self, reasons: Mapping[str, str]) -> None:
        super().__init__("\n".join(reasons.values()))
        self.reasons = reasons


def check_all(file: ChecksFile, asked: Asked, progress: Progress = lambda _: None) -> Iterator[Result]:
    """Judge one dataset after the other. Raises UnjudgedError after the last that could be."""
    datasets = file.config.datasets
    if asked.data and len(datasets) > 1:
        raise ConfigError(f"--data: expected a configuration with one dataset, got {len(datasets)}")
    reasons: dict[str, str] = {}
    for index, dataset in enumerate(datasets):
        try:
            yield check_dataset(file, index, asked, progress)
        except ConfigError as error:
            reasons[dataset.name] = str(error)
        except DataError as error:
            reasons[dataset.name] = f"{dataset.name}: {error}"
    if reasons:
        raise UnjudgedError(reasons)


def check_dataset(file: ChecksFile, index: int, asked: Asked, progress: Progress) -> Result:
    """Judge one dataset. Raises ConfigError and DataError."""
    started = perf_counter()
    dataset, place = file.config.datasets[index], f"datasets[{index}]"
    with opened(file.config.limits, dataset.timezone) as session:
        progress(f"{dataset.name}: opening")
        source = open_all(session, file, dataset, asked)
        if source.empty:
            return nothing(dataset, perf_counter() - started, asked.now)
        binder = Binder(session, source, file.mistake)
        plan = make_plan(dataset, binder, place)
        facts = ask(
            session, file, plan, span_of(dataset, asked), lambda step: progress(f"{dataset.name}: {step}")
        )
        today = asked.as_of or asked.now.astimezone(ZoneInfo(dataset.timezone)).date()
        outcomes = [
            *judge_pipeline(dataset, plan, facts, today),
            *judge_integrity(dataset, plan, facts, partial(examples, session, plan)),
            *judge_schema(session, dataset, source, binder, plan, facts),
            *judge_drift(dataset, plan, facts),
        ]
    outcomes = numbered(outcomes)
    outcomes.sort(key=lambda outcome: (SEVERITIES.index(outcome.severity), outcome.tier))
    count = sum(facts.rows(day) for day in facts.judged)
    seconds = perf_counter() - started
    return Result(dataset, facts.anchor, count, seconds, tuple(outcomes), measured(plan, facts), asked.now)


def nothing(dataset: Dataset, seconds: float, now: datetime.datetime) -> Result:
    """The result of files in which there is no row."""
    outcomes = () if dataset.checks.rows.severity == "off" else (rows(dataset, Facts(None)),)
    return Result(dataset, None, 0, seconds, outcomes, {}, now)


def numbered(outcomes: Sequence[Outcome]) -> list[Outcome]:
    """Outcomes that can be told apart: of a second check of the same thing, the subject ends in ` #2`."""
    seen: dict[tuple[str, str], int] = {}
    found = []
    for outcome in outcomes:
        count = seen[outcome.check, outcome.subject] = seen.get((outcome.check, outcome.subject), 0) + 1
        found.append(
            outcome if count == 1 else replace(outcome, subject=f"{outcome.subject} #{count}".strip())
        )
    return found


def open_all(session: Session, file: ChecksFile, dataset: Dataset, asked: Asked) -> Source:
    """The views of a dataset's data and of what it refers to, in a session that can open nothing else.

    It is locked before the first of them is opened: a database file brings views of its own.
    """
    base = Path(file.path).parent
    files = find(asked.data, Path()) if asked.data else find(dataset.data, base)
    if asked.data and format_of(files[0]) is not None:
        dataset = dataset.model_copy(update={"format": None})
    bare = dataset.model_copy(update={"format": None, "columns": {}})
    others = {
        reference_view(index): find(check.data, base)
        for index, check in enumerate(dataset.checks.references)
        if check.severity != "off"
    }
    for one, listed in ((dataset, files), *((bare, listed) for listed in others.values())):
        prepare(session, common_format(one, listed), listed)
    session.lock([*files, *(other for listed in others.values() for other in listed)])
    for name, listed in others.items():
        open_source(session, bare, listed, name)
    return open_source(session, dataset, files)


def span_of(dataset: Dataset, asked: Asked) -> Span:
    """Which days are to be read. A day that has begun somewhere on Earth is not the future yet."""
    today = asked.now.astimezone(ZoneInfo(dataset.timezone)).date()
    judge = asked.judge or (None if dataset.judge == "all" else dataset.judge)
    compared = [check.days for check in (*dataset.checks.drift, *dataset.checks.mix)]
    return Span(asked.as_of or today + ONE_DAY, asked.as_of is not None, judge, max([WEEK_DAYS, *compared]))


def ask(session: Session, file: ChecksFile, plan: Plan, span: Span, progress: Progress) -> Facts:
    """The facts; a mistake that only shows on the data gets its line."""
    try:
        for step in scan(session, plan, span):
            if isinstance(step, Facts):
                return step
            progress(step)
    except FailedExpressionError as error:
        raise file.mistake(error.place, error.message) from error
    raise AssertionError("a scan ends with its facts")


def measured(plan: Plan, facts: Facts) -> Measured:
    """Measures by day."""
    days = sorted(facts.days)
    return {name: {day: facts.days[day][alias] for day in days} for name, (alias, _) in plan.measures.items()}
