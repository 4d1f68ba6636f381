"""Batches over HTTP, against reading the same bytes in a process that does nothing else with them."""

from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec

from benchmarks.contest import Apart, Contestant, Stopwatch, in_turn
from benchmarks.exporters import exporter, tell
from benchmarks.load import Traffic
from benchmarks.messages import PLAIN, filled, lineage
from benchmarks.pinned import CACHE, serving
from benchmarks.row import Row, Unit
from exporter.runs.openlineage import LineageEvent, decode_any
from exporter.runs.plain import PlainRun, decode_run
from tools.children import Child

SECONDS, JOBS, BATCH = 4, 1000, 100
NOW = 1_795_270_000.0
READ = 20_000
WANTED = 0.5

RUNS = Traffic("/api/v1/runs", PLAIN, kind="application/x-ndjson", batch=BATCH, jobs=JOBS, separator="\n")
EVENTS = Traffic(
    "/api/v1/lineage/batch",
    lineage("COMPLETE"),
    start=lineage("START"),
    batch=BATCH,
    jobs=JOBS,
    opening="[",
    separator=",",
    closing="]",
)
CONTESTS: dict[str, tuple[Traffic, type[msgspec.Struct], Callable[[bytes], object]]] = {
    f"take in {BATCH} runs as NDJSON, CPU time": (RUNS, PlainRun, partial(decode_run, now=NOW, new_id=str)),
    f"take in {BATCH} OpenLineage events, CPU time": (EVENTS, LineageEvent, decode_any),
}


class Reader:
    """Events a second of one way to read them."""

    def __init__(self, template: str, read: Callable[[bytes], object]) -> None:
        self.read = read
        self.lines = [filled(template, number).encode() for number in range(READ)]

    def __call__(self) -> float:
        """One round."""
        watch = Stopwatch()
        with watch.running():
            for line in self.lines:
                self.read(line)
        return len(self.lines) / watch.seconds


class Decoder(Reader):
    """Of msgspec alone, into the structs that the exporter has it fill."""

    def __init__(self, template: str, kind: type[msgspec.Struct]) -> None:
        decoder: msgspec.json.Decoder[Any] = msgspec.json.Decoder(kind)
        super().__init__(template, decoder.decode)


def rows(rounds: int, seconds: int = SECONDS) -> list[Row]:
    """Ours by the server's CPU time: beside reading that is HTTP, disk, tracker, state and counters."""
    CACHE.mkdir(exist_ok=True)
    with TemporaryDirectory(dir=CACHE) as folder, serving([exporter(Path(folder))]) as [child]:
        return [row for name in CONTESTS for row in contest(name, child, rounds, seconds)]


def contest(name: str, child: Child, rounds: int, seconds: int) -> list[Row]:
    """One kind of batch."""
    traffic, kind, check = CONTESTS[name]
    makers: dict[str, Callable[[], Contestant]] = {
        "msgspec alone": partial(Decoder, traffic.end, kind),
        "read and checked": partial(Reader, traffic.end, check),
    }
    with ExitStack() as stack:
        players: dict[str, Contestant] = {"ours": partial(cpu_rate, child, traffic, seconds)}
        for peer, make in makers.items():
            players[peer] = stack.enter_context(Apart(make)).round
        figures = in_turn(players, rounds)
    return [
        Row(
            name, Unit.RATE, figures["ours"], peer, figures[peer], WANTED if peer == "msgspec alone" else None
        )
        for peer in makers
    ]


def cpu_rate(child: Child, traffic: Traffic, seconds: int) -> float:
    """Events a second of CPU time."""
    return tell(child, traffic, seconds).cpu_rate
