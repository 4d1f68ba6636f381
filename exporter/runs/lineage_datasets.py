"""What OpenLineage says of datasets: statistics, schema, assertions.

A facet of the wrong shape says nothing.
"""

from collections.abc import Iterator
from typing import Any

from exporter.decoding import InvalidBodyError, count_of, label_of, shown
from exporter.runs.event import Assertion, Dataset

MOST_DATASETS = 200
MOST_COLUMNS = 1000


def datasets(place: str, listed: object) -> tuple[Dataset, ...]:
    """The datasets in an event's list, each name once. Raises InvalidBodyError when it is no list."""
    if listed is None:
        return ()
    if not isinstance(listed, list):
        raise InvalidBodyError(f"{place}: expected an array, got {shown(listed)}")
    found: dict[str, Dataset] = {}
    for content in listed[:MOST_DATASETS]:
        if one := _dataset(content):
            found.setdefault(one.name, one)
    return tuple(found.values())


def _dataset(content: object) -> Dataset | None:
    match content:
        case {"namespace": str(namespace), "name": str(name)} if name.strip():
            label = label_of(f"{namespace}/{name}")
            return None if label is None else _described(label, content)
    return None


def _described(name: str, content: Any) -> Dataset:
    facets = _objects(content, "facets")
    output, input_ = _objects(content, "outputFacets"), _objects(content, "inputFacets")
    statistics = _objects(output, "outputStatistics") or _objects(input_, "inputStatistics")
    metrics = _objects(facets, "dataQualityMetrics") or _objects(input_, "dataQualityMetrics")
    rows = count_of(statistics.get("rowCount"))
    return Dataset(
        name=name,
        rows=count_of(metrics.get("rowCount")) if rows is None else rows,
        bytes=count_of(statistics.get("size")),
        columns=_columns(facets.get("schema")),
        assertions=tuple(_assertions(facets, input_)),
    )


def _objects(content: dict[str, object], key: str) -> dict[str, object]:
    match content.get(key):
        case dict(found):
            return found
    return {}


def _columns(schema: object) -> tuple[tuple[str, str], ...] | None:
    match schema:
        case {"fields": [*fields]}:
            return tuple(_column(field) for field in fields[:MOST_COLUMNS] if isinstance(field, dict)) or None
    return None


def _column(field: dict[str, object]) -> tuple[str, str]:
    name, kind = field.get("name"), field.get("type")
    return (name if isinstance(name, str) else ""), (kind if isinstance(kind, str) else "")


def _assertions(*places: dict[str, object]) -> Iterator[Assertion]:
    """dbt says them as a dataset's facet and as an input's: each counts once."""
    seen = set()
    for place in places:
        match place.get("dataQualityAssertions"):
            case {"assertions": [*listed]}:
                for content in listed:
                    found = _assertion(content)
                    if found and found.name not in seen:
                        seen.add(found.name)
                        yield found


def _assertion(content: Any) -> Assertion | None:
    match content:
        case {"assertion": str(assertion), "success": bool(passed)}:
            name, column = content.get("name"), content.get("column")
            called = name if isinstance(name, str) else f"{assertion} {column or ''}".strip()
            return Assertion(called, passed, "warn" if content.get("severity") == "warn" else "error")
    return None
