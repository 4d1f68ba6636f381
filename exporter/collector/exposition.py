"""The state as Prometheus text, fast: names and labels are written once, a scrape adds the numbers.

With 100,000 series most of a scrape is formatting. Each line's beginning never changes, so it is kept ready;
the numbers of a family are written in one go, by orjson, and put between the beginnings.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import orjson

from exporter import names
from exporter.collector.family import Buckets, Exemplar, Family, PlacedExemplar, Series
from exporter.state import State
from exporter.state.labels import Labels

LINES_A_PIECE = 8192


def escape(value: str) -> str:
    """A label value as both text formats write it."""
    quoted = value.replace("\\", "\\\\").replace("\n", "\\n").replace('"', '\\"')
    return f'"{quoted}"'


def label_pairs(keys: Labels, values: Labels) -> str:
    """`key="value",...` without braces."""
    return ",".join(f"{key}={escape(value)}" for key, value in zip(keys, values, strict=True))


def header(family: Family, openmetrics: bool) -> bytes:
    """HELP and TYPE; OpenMetrics names a counter's family without `_total`."""
    name = family.name if openmetrics else family.sample_name
    return f"# HELP {name} {family.help}\n# TYPE {name} {family.kind}".encode()


def numbers(values: np.ndarray | Sequence[float]) -> list[bytes]:
    """Each value as text; integers without a fraction, floats so that they read back the same."""
    array = np.ascontiguousarray(values).ravel()
    if not len(array):
        return []
    if array.dtype.kind == "f" and not np.isfinite(array).all():
        return [repr(value).replace("inf", "Inf").replace("nan", "NaN").encode() for value in array.tolist()]
    if array.dtype.kind == "b":
        array = array.astype(np.int64)
    return orjson.dumps(array, option=orjson.OPT_SERIALIZE_NUMPY)[1:-1].split(b",")


def series_lines(family: Family, series: Series) -> list[bytes]:
    """The beginning of each child's line; without labels there are no braces."""
    if not family.labels:
        return [f"\n{family.sample_name} ".encode() for _ in series.children]
    return [
        f"\n{family.sample_name}{{{label_pairs(family.labels, child)}}} ".encode()
        for child in series.children
    ]


def buckets_lines(family: Family, buckets: Buckets) -> list[bytes]:
    """The beginnings of each child's lines: buckets, sum, count."""
    limits = [*(repr(float(boundary)) for boundary in buckets.boundaries), "+Inf"]
    lines = []
    for child in buckets.children:
        pairs = label_pairs(family.labels, child)
        lines += [f'\n{family.name}_bucket{{{pairs},le="{limit}"}} '.encode() for limit in limits]
        lines += [f"\n{family.name}_{part}{{{pairs}}} ".encode() for part in ("sum", "count")]
    return lines


def bucket_numbers(buckets: Buckets, exemplars: Iterable[PlacedExemplar]) -> list[bytes]:
    """Cumulative counts, sum and count of each child, in the order of `buckets_lines`."""
    cumulative = np.cumsum(buckets.counts, axis=1)
    height, width = cumulative.shape
    values = [b""] * (height * (width + 2))
    counts = numbers(cumulative)
    for column in range(width):
        values[column :: width + 2] = counts[column::width]
    values[width :: width + 2] = numbers(buckets.sums)
    values[width + 1 :: width + 2] = counts[width - 1 :: width]
    for child, bucket, exemplar in exemplars:
        values[child * (width + 2) + bucket] += exemplar_text(exemplar)
    return values


def exemplar_text(exemplar: Exemplar) -> bytes:
    """An OpenMetrics exemplar, as it follows the value of its bucket."""
    event = escape(exemplar.event_id)
    return f" # {{{names.EVENT_ID}={event}}} {exemplar.value} {exemplar.time:.3f}".encode()


def interleave(lines: list[bytes], values: list[bytes]) -> Iterable[bytes]:
    """Each line's beginning and its value, a piece of the text at a time.

    A piece is small enough (1 MB or so) to take the memory that the one before it left.
    """
    for start in range(0, len(lines), LINES_A_PIECE):
        piece = lines[start : start + LINES_A_PIECE]
        parts = [b""] * (2 * len(piece))
        parts[::2], parts[1::2] = piece, values[start : start + LINES_A_PIECE]
        yield b"".join(parts)


@dataclass(frozen=True, slots=True)
class Form:
    """The beginnings of a family's lines, and the children and boundaries that they were written for."""

    children: Sequence[Labels]
    boundaries: Sequence[float]
    lines: list[bytes]

    def fits(self, children: Sequence[Labels], boundaries: Sequence[float]) -> bool:
        """True while neither has changed."""
        same = self.children is children or self.children == children
        return same and self.boundaries == boundaries


class Renderer:
    """Renders families; keeps the form of each until its children change."""

    def __init__(self, families: Sequence[Family]) -> None:
        self.families = families
        self.forms: dict[tuple[str, int], Form] = {}

    def render(self, state: State, openmetrics: bool) -> bytes:
        """The text of all families; for OpenMetrics with exemplars, without the closing EOF."""
        return b"".join(
            part for family in self.families for part in self.render_family(family, state, openmetrics)
        )

    def render_family(self, family: Family, state: State, openmetrics: bool) -> Iterable[bytes]:
        """Header and samples."""
        yield header(family, openmetrics)
        for index, series in enumerate(family.read(state)):
            if isinstance(series, Buckets):
                values = bucket_numbers(series, series.exemplars() if openmetrics else ())
            else:
                values = numbers(series.values)
            yield from interleave(self.lines(family, index, series), values)
        yield b"\n"

    def lines(self, family: Family, index: int, series: Series | Buckets) -> list[bytes]:
        """The beginnings of the lines of one part of a family."""
        known = self.forms.get((family.name, index))
        boundaries = series.boundaries if isinstance(series, Buckets) else ()
        if known is None or not known.fits(series.children, boundaries):
            lines = (
                buckets_lines(family, series) if isinstance(series, Buckets) else series_lines(family, series)
            )
            known = self.forms[family.name, index] = Form(series.children, boundaries, lines)
        return known.lines
