"""The table of dataset families."""

from collections.abc import Callable, Iterable, Iterator
from itertools import chain, islice

from exporter import names
from exporter.collector.family import Family, Kind, Series
from exporter.collector.jobs import Numbers
from exporter.state import State
from exporter.state.dataset import SEVERITIES, DatasetState
from exporter.state.job import UNKNOWN_TEAM
from exporter.state.waiting import whole_of


def row(kind: Kind, name: str, text: str, value: Callable[[DatasetState], float | None]) -> Family:
    """A gauge a dataset; one without the value has no child."""

    def read(state: State) -> Iterable[Series]:
        found = [(dataset.name, value(dataset)) for dataset in every(state)]
        known = [(name, number) for name, number in found if number is not None]
        yield Series([(name,) for name, _ in known], [number for _, number in known])

    return Family(name, kind, text, (names.DATASET,), read)


def by(kind: Kind, name: str, text: str, label: str, values: Callable[[DatasetState], Numbers]) -> Family:
    """A counter or gauge a dataset and value of one more label."""

    def read(state: State) -> Iterable[Series]:
        found = [(one.name, values(one)) for one in every(state)]
        children = [(name, key) for name, known in found for key in known]
        yield Series(children, [value for _, known in found for value in known.values()])

    return Family(name, kind, text, (names.DATASET, label), read)


def every(state: State) -> Iterator[DatasetState]:
    """Those of real jobs, and of simulated ones those that have names of their own."""
    known = state.datasets
    return chain(known, (one for one in state.simulated_datasets if known.get(one.name) is None))


def info(state: State) -> Iterable[Series]:
    """Who writes it: of several the one heard of first, for its owner is told of what is wrong with it."""
    children = [(one.name, *producer(state, one)) for one in every(state)]
    yield Series(children, [1] * len(children))


def producer(state: State, dataset: DatasetState) -> tuple[str, str]:
    """The pipeline that writes a dataset, and its team; where nobody writes it, whose it was said to be."""
    known = (state.jobs.get(whole_of(state.jobs, pipeline)) for pipeline in dataset.producers)
    return next(((job.pipeline, job.team) for job in known if job), ("", dataset.team or UNKNOWN_TEAM))


def nulls(state: State) -> Iterable[Series]:
    """Of as many columns of a dataset as the configuration wants."""
    most = state.runs.null_columns
    found = (
        [(one.name, pair) for one in every(state) for pair in islice(one.nulls.items(), most)] if most else []
    )
    yield Series([(name, column) for name, (column, _) in found], [count for _, (_, count) in found])


def refused(state: State) -> Iterable[Series]:
    """What was not taken."""
    counted = state.datasets.refused
    yield Series([(reason,) for reason in counted], [*counted.values()])


DATASET_FAMILIES = (
    Family(
        names.DATASET_INFO,
        "gauge",
        "1; who writes a dataset, for other series to join.",
        (names.DATASET, names.PIPELINE, names.TEAM),
        info,
    ),
    row(
        "gauge",
        names.DATASET_UPDATED,
        "When the content of a dataset is from.",
        lambda one: one.newest_update,
    ),
    row(
        "gauge",
        names.DATASET_STALE_AFTER,
        "How old a dataset may become, as somebody declared.",
        lambda one: one.stale_after,
    ),
    row("gauge", names.DATASET_ROWS, "Rows that were last written.", lambda one: one.newest_rows),
    Family(
        names.DATASET_NULLS,
        "gauge",
        "Null values of a column when they were last counted; only where runs.null_columns asks for them.",
        (names.DATASET, names.COLUMN),
        nulls,
    ),
    by(
        "gauge",
        names.DATASET_FAILING,
        "Tests of a dataset that failed last time they ran.",
        names.SEVERITY,
        lambda one: {severity: one.failures(severity) for severity in SEVERITIES},
    ),
    by(
        "counter",
        names.DATASET_SCHEMA_CHANGES,
        "Columns added, removed or given another type.",
        names.CHANGE,
        lambda one: one.schema_changes,
    ),
    Family(
        names.DATASETS_REFUSED,
        "counter",
        "What was said of datasets and not taken: no room, more than a team's share, or another team's.",
        (names.REASON,),
        refused,
    ),
)
