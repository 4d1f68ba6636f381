"""What OpenLineage says of datasets: statistics, schema, assertions."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

import msgspec

from exporter.decoding import clipped, count_of, label_of
from exporter.runs.event import Assertion, Dataset

MOST_DATASETS = 200
MOST_COLUMNS = 1000


class _Statistics(msgspec.Struct, rename="camel"):
    row_count: Any = None
    size: Any = None


class _Quality(msgspec.Struct, rename="camel"):
    row_count: Any = None
    column_metrics: Any = None


class _Assertion(msgspec.Struct):
    assertion: Any = None
    success: Any = None
    name: Any = None
    column: Any = None
    severity: Any = None


class _Assertions(msgspec.Struct):
    assertions: list[_Assertion] | None = None


class _Column(msgspec.Struct):
    name: Any = None
    type: Any = None


class _Schema(msgspec.Struct):
    fields: list[_Column] | None = None


class _Facets(msgspec.Struct, rename="camel"):
    """Those of datasets, of inputs and of outputs: the specification gives no name to two of them."""

    schema: _Schema | None = None
    output_statistics: _Statistics | None = None
    input_statistics: _Statistics | None = None
    data_quality_metrics: _Quality | None = None
    data_quality_assertions: _Assertions | None = None


class LineageDataset(msgspec.Struct, rename="camel"):
    """A dataset in an event."""

    namespace: Any = None
    name: Any = None
    facets: _Facets | None = None
    input_facets: _Facets | None = None
    output_facets: _Facets | None = None


_SILENT = _Facets()
_UNKNOWN, _UNMEASURED = _Statistics(), _Quality()


def datasets(listed: list[LineageDataset] | None) -> tuple[Dataset, ...]:
    """The datasets in an event's list, each name once."""
    if not listed:
        return ()
    found: dict[str, Dataset] = {}
    for said in listed[:MOST_DATASETS]:
        if one := dataset(said):
            found.setdefault(one.name, one)
    return tuple(found.values())


def dataset(said: LineageDataset) -> Dataset | None:
    """What is said of one; None where it has no name."""
    if not (isinstance(said.namespace, str) and isinstance(said.name, str) and said.name.strip()):
        return None
    label = label_of(f"{said.namespace}/{said.name}")
    return None if label is None else _described(label, said)


def _described(name: str, said: LineageDataset) -> Dataset:
    if not (said.facets or said.input_facets or said.output_facets):
        return Dataset(name)
    facets, read = said.facets or _SILENT, said.input_facets or _SILENT
    written = said.output_facets or _SILENT
    statistics = written.output_statistics or read.input_statistics or _UNKNOWN
    metrics = facets.data_quality_metrics or read.data_quality_metrics or _UNMEASURED
    rows = count_of(statistics.row_count)
    return Dataset(
        name=name,
        rows=count_of(metrics.row_count) if rows is None else rows,
        bytes=count_of(statistics.size),
        columns=_columns(facets.schema),
        nulls=_nulls(metrics.column_metrics),
        assertions=tuple(_assertions(facets.data_quality_assertions, read.data_quality_assertions)),
    )


def _columns(schema: _Schema | None) -> tuple[tuple[str, str], ...] | None:
    if schema is None or not schema.fields:
        return None
    return tuple((_text(column.name), _text(column.type)) for column in schema.fields[:MOST_COLUMNS])


def _nulls(columns: object) -> tuple[tuple[str, int], ...] | None:
    if not isinstance(columns, dict):
        return None
    measured = ((name, one) for name, one in islice(columns.items(), MOST_COLUMNS) if isinstance(one, dict))
    counted = ((label_of(name), count_of(one.get("nullCount"))) for name, one in measured)
    return tuple((name, count) for name, count in counted if name and count is not None) or None


def _text(value: object) -> str:
    return clipped(value) if isinstance(value, str) else ""


def _assertions(*places: _Assertions | None) -> Iterator[Assertion]:
    """dbt says them as a dataset's facet and as an input's: each counts once."""
    if not any(places):
        return
    seen = set()
    for said in _said(places):
        found = _assertion(said)
        if found and found.name not in seen:
            seen.add(found.name)
            yield found


def _said(places: Iterable[_Assertions | None]) -> Iterator[_Assertion]:
    for place in places:
        yield from (place and place.assertions) or ()


def _assertion(said: _Assertion) -> Assertion | None:
    if not (isinstance(said.assertion, str) and isinstance(said.success, bool)):
        return None
    called = said.name if isinstance(said.name, str) else f"{said.assertion} {said.column or ''}".strip()
    return Assertion(clipped(called), said.success, "warn" if said.severity == "warn" else "error")
