"""A metric family as a row of a table, and what it reads from the state."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np

from exporter.state import State
from exporter.state.labels import Labels

Kind = Literal["counter", "gauge", "histogram"]


@dataclass(frozen=True, slots=True)
class Series:
    """Children and their values, one each, integers or floats."""

    children: Sequence[Labels]
    values: np.ndarray | Sequence[float]


class Exemplar(NamedTuple):
    """An event that shows what a bucket counts; value in the family's unit."""

    event_id: str
    value: float
    time: float


PlacedExemplar = tuple[int, int, Exemplar]


@dataclass(frozen=True, slots=True)
class Buckets:
    """Histograms: n children, boundaries in the family's unit, the last one +Inf left out.

    counts [n, boundaries + 1]: observations in each bucket alone; sums [n].
    exemplars: called by who wants them, gives them with child and bucket, one at a time.
    """

    children: Sequence[Labels]
    boundaries: Sequence[float]
    counts: np.ndarray
    sums: np.ndarray
    exemplars: Callable[[], Iterable[PlacedExemplar]] = tuple


@dataclass(frozen=True, slots=True)
class Family:
    """Name (without `_total`), type, help, label names, and where the values come from."""

    name: str
    kind: Kind
    help: str
    labels: Labels
    read: Callable[[State], Iterable[Series | Buckets]]

    @property
    def sample_name(self) -> str:
        """The name of a counter's or gauge's samples."""
        return f"{self.name}_total" if self.kind == "counter" else self.name
