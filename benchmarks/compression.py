"""Compression: gzip of a scrape as prometheus_client does it, and as the exporter does."""

import gzip
from collections.abc import Callable
from functools import partial

from isal import igzip

from benchmarks.contest import alone, hold
from benchmarks.row import Row, Unit
from benchmarks.scrape import enough_pipelines, milliseconds, rendered, warm_streams

Compress = Callable[[bytes, int], bytes]
OURS, PEER = "ours", "gzip level 9"
WAYS: dict[str, tuple[Compress, int]] = {OURS: (igzip.compress, 1), PEER: (gzip.compress, 9)}


class Compressor:
    """Milliseconds to compress a scrape with `compress` at `level`."""

    def __init__(self, pipelines: int, compress: Compress, level: int) -> None:
        text = rendered(warm_streams(pipelines).state, openmetrics=True)()
        self.compressed = partial(compress, text, level)

    def __call__(self) -> float:
        """One round."""
        return milliseconds(self.compressed)


class CompressedSize(Compressor):
    """Megabytes of a compressed scrape."""

    def __call__(self) -> float:
        """One round."""
        return len(self.compressed()) / 1e6


def rows(rounds: int) -> list[Row]:
    """For information: time and size."""
    pipelines = enough_pipelines()
    times = hold({name: partial(Compressor, pipelines, *way) for name, way in WAYS.items()}, rounds)
    sizes = {name: [alone(partial(CompressedSize, pipelines, *way))] for name, way in WAYS.items()}
    return [
        Row("compress that scrape, OpenMetrics", Unit.MILLISECONDS, times[OURS], PEER, times[PEER]),
        Row("its size then", Unit.MEGABYTES, sizes[OURS], PEER, sizes[PEER]),
    ]
