"""The state as Prometheus text, fast: the text of a family is a template, made once; a scrape fills it in.

With 100,000 series most of a scrape is formatting. Names and labels don't change, so all that is left is
one `%` over the numbers.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np

from exporter import names
from exporter.collector.family import Buckets, Exemplar, Family, Series
from exporter.state import State
from exporter.state.labels import Labels


def escape(value: str) -> str:
    """A label value as both text formats write it, ready for a template."""
    quoted = value.replace("\\", "\\\\").replace("\n", "\\n").replace('"', '\\"')
    return f'"{quoted}"'.replace("%", "%%")


def label_pairs(keys: Labels, values: Labels) -> str:
    """`key="value",...` without braces."""
    return ",".join(f"{key}={escape(value)}" for key, value in zip(keys, values, strict=True))


def header(family: Family, openmetrics: bool) -> str:
    """HELP and TYPE; OpenMetrics names a counter's family without `_total`."""
    name = family.name if openmetrics else family.sample_name
    return f"# HELP {name} {family.help}\n# TYPE {name} {family.kind}\n"


def number_format(values: np.ndarray | Sequence[float]) -> str:
    """Integers without a fraction, floats so that they read back the same."""
    return "%d" if isinstance(values, np.ndarray) and values.dtype.kind in "bui" else "%s"


def series_template(family: Family, series: Series) -> str:
    """One line a child."""
    number = number_format(series.values)
    return "".join(
        f"{family.sample_name}{{{label_pairs(family.labels, child)}}} {number}\n" for child in series.children
    )


def buckets_template(family: Family, buckets: Buckets) -> str:
    """For each child its buckets, sum and count; bucket counts are left open for exemplars."""
    limits = [*(repr(float(boundary)) for boundary in buckets.boundaries), "+Inf"]
    total = number_format(buckets.sums)
    number = "%s" if buckets.exemplars else "%d"
    lines = []
    for child in buckets.children:
        pairs = label_pairs(family.labels, child)
        lines += [f'{family.name}_bucket{{{pairs},le="{limit}"}} {number}\n' for limit in limits]
        lines.append(f"{family.name}_sum{{{pairs}}} {total}\n{family.name}_count{{{pairs}}} %d\n")
    return "".join(lines)


def bucket_values(buckets: Buckets, exemplars: Mapping[tuple[int, int], str]) -> Iterable[object]:
    """Cumulative counts, sum and count of each child in a row."""
    rows: list[list[object]] = np.cumsum(buckets.counts, axis=1).tolist()
    for (child, bucket), text in exemplars.items():
        rows[child][bucket] = f"{rows[child][bucket]}{text}"
    for row, total, count in zip(
        rows, buckets.sums.tolist(), buckets.counts.sum(axis=1).tolist(), strict=True
    ):
        row += (total, count)
    return chain.from_iterable(rows)


def exemplar_text(exemplar: Exemplar) -> str:
    """An OpenMetrics exemplar, as it follows the value of its bucket."""
    return f" # {{{names.EVENT_ID}={json.dumps(exemplar.event_id)}}} {exemplar.value} {exemplar.time:.3f}"


@dataclass(slots=True)
class Template:
    """A filled-in form and the children that it was made for."""

    children: Sequence[Labels]
    text: str


class Renderer:
    """Renders families; keeps the template of each until its children change."""

    def __init__(self, families: Sequence[Family]) -> None:
        self.families = families
        self.templates: dict[tuple[str, int, bool], Template] = {}

    def render(self, state: State, openmetrics: bool) -> str:
        """The text of all families; for OpenMetrics with exemplars, without the closing EOF."""
        return "".join(
            part for family in self.families for part in self.render_family(family, state, openmetrics)
        )

    def render_family(self, family: Family, state: State, openmetrics: bool) -> Iterable[str]:
        """Header and samples."""
        yield header(family, openmetrics)
        for index, series in enumerate(family.read(state)):
            if isinstance(series, Buckets):
                exemplars = series.exemplars if openmetrics else {}
                text = {place: exemplar_text(exemplar) for place, exemplar in exemplars.items()}
                values = bucket_values(series, text)
            else:
                values = series.values.tolist() if isinstance(series.values, np.ndarray) else series.values
            yield self.template(family, index, series) % tuple(values)

    def template(self, family: Family, index: int, series: Series | Buckets) -> str:
        """The template of one part of a family."""
        key = family.name, index, isinstance(series, Buckets) and bool(series.exemplars)
        known = self.templates.get(key)
        if known is None or (known.children is not series.children and known.children != series.children):
            make = (
                buckets_template(family, series)
                if isinstance(series, Buckets)
                else series_template(family, series)
            )
            known = self.templates[key] = Template(series.children, make)
        return known.text
