"""Thousands of pipelines: a scrape over HTTP against the Go client's, and what a pipeline takes of memory."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx

from benchmarks.contest import in_turn
from benchmarks.exporters import exporter, metrics
from benchmarks.messages import PLAIN, filled
from benchmarks.pinned import CACHE, cpu_seconds, pushgateway, resident, serving, url
from benchmarks.row import Row, Unit
from tools.children import Child

SIZES = (1000, 5000)
# As many as a job's history has.
RUNS = 100
A_POST = 1000
PEER = "pushgateway, same series"
ENCODINGS = {"text": "identity", "gzip": "gzip"}
# Both have these about themselves.
OWN = ("process_", "python_")


def rows(rounds: int, sizes: tuple[int, int] = SIZES, runs: int = RUNS) -> list[Row]:
    """Scrapes at both sizes, and what the pipelines between them add to the process."""
    found, memory = [], []
    for size in sizes:
        with fleet(size, runs) as (ours, peer):
            found += [scrape(size, encoding, ours, peer, rounds) for encoding in ENCODINGS]
            memory.append(resident(ours))
    each = (memory[1] - memory[0]) / (sizes[1] - sizes[0]) / 1000
    return [*found, Row(f"memory of a pipeline, {runs} runs", Unit.KILOBYTES, [each])]


@contextmanager
def fleet(size: int, runs: int) -> Iterator[tuple[Child, Child]]:
    """An exporter that was told runs of each of so many pipelines, and a pushgateway told the same."""
    CACHE.mkdir(exist_ok=True)
    with TemporaryDirectory(dir=CACHE) as name:
        folder = Path(name)
        with serving([exporter(folder), pushgateway(folder)]) as (ours, peer):
            tell(ours, size, runs)
            push(peer, without_own(metrics(ours)))
            yield ours, peer


def tell(child: Child, size: int, runs: int) -> None:
    """Runs of all pipelines in turn."""
    with httpx.Client(timeout=60, headers={"Content-Type": "application/x-ndjson"}) as client:
        for start in range(0, size * runs, A_POST):
            numbers = range(start, min(start + A_POST, size * runs))
            lines = (filled(PLAIN, number, number % size) for number in numbers)
            answer = client.post(url(child, "/api/v1/runs"), content="\n".join(lines)).raise_for_status()
            assert answer.json()["status"] == "success", answer.text


def without_own(text: str) -> str:
    """The families that are not about the process."""
    return "".join(
        line
        for line in text.splitlines(keepends=True)
        if not line.removeprefix("# HELP ").removeprefix("# TYPE ").startswith(OWN)
    )


def push(child: Child, text: str) -> None:
    """All of it as one group."""
    httpx.put(url(child, "/metrics/job/fleet"), content=text, timeout=600).raise_for_status()


def series(text: str) -> int:
    """Lines that are samples."""
    return sum(not line.startswith("#") for line in text.splitlines())


def scrape(size: int, encoding: str, ours: Child, peer: Child, rounds: int) -> Row:
    """Milliseconds of each server's CPU time for a scrape."""
    count = series(without_own(metrics(ours)))
    assert count <= series(metrics(peer))
    scrapes: dict[str, Callable[[], float]] = {
        name: partial(milliseconds, child, ENCODINGS[encoding])
        for name, child in (("ours", ours), (PEER, peer))
    }
    figures = in_turn(scrapes, rounds)
    name = f"scrape {size:,} pipelines, {count:,} series, {encoding}"
    return Row(name, Unit.MILLISECONDS, figures["ours"], PEER, figures[PEER], wanted=1)


def milliseconds(child: Child, encoding: str) -> float:
    """What one scrape costs the server."""
    before = cpu_seconds(child)
    answer = httpx.get(url(child, "/metrics"), headers={"Accept-Encoding": encoding}, timeout=60)
    assert answer.raise_for_status().headers.get("Content-Encoding", "identity") == encoding
    return (cpu_seconds(child) - before) * 1000
