"""The intake over HTTP: each run on disk before the answer, against pushes that stay in memory."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx

from benchmarks.contest import in_turn
from benchmarks.exporters import exporter, tell
from benchmarks.load import Outcome, Traffic, send
from benchmarks.messages import PUSH, lineage
from benchmarks.pinned import CACHE, pushgateway, serving, url
from benchmarks.row import Row, Unit
from tools.children import Child

SECONDS = 4
MANY = 1000
PUSHES = "/metrics/job/etl/pipeline/"
# How many jobs, whose groups, and how many times as fast.
CONTESTS = ((1, "pushgateway, 1 group", 5.0), (MANY, f"pushgateway, {MANY:,} groups", 50.0))


def events(jobs: int) -> Traffic:
    """Starts and ends of runs in turn, each run another one, of so many jobs."""
    return Traffic("/api/v1/lineage", start=lineage("START"), end=lineage("COMPLETE"), jobs=jobs)


def pushes(jobs: int) -> Traffic:
    """Pushes to so many groups in turn."""
    return Traffic(f"{PUSHES}orders_@job@", end=PUSH, kind="text/plain", jobs=jobs)


def fill(child: Child, groups: int) -> None:
    """Let a pushgateway have all of its groups before it is measured."""
    with httpx.Client(timeout=60) as client:
        for number in range(groups):
            client.put(url(child, f"{PUSHES}orders_{number}"), content=PUSH).raise_for_status()


def rows(rounds: int, seconds: int = SECONDS, many: int = MANY) -> list[Row]:
    """Single events over 16 connections; by the clock, and by the server's CPU time."""
    CACHE.mkdir(exist_ok=True)
    with TemporaryDirectory(dir=CACHE) as name:
        folder = Path(name)
        servers = exporter(folder), pushgateway(folder), pushgateway(folder)
        with serving(servers) as (ours, one_group, many_groups):
            fill(many_groups, many)
            contestants: dict[str, Callable[[], Outcome]] = {}
            for (jobs, peer, _), gateway in zip(CONTESTS, (one_group, many_groups), strict=True):
                count = min(jobs, many)
                contestants[f"ours, {jobs}"] = partial(tell, ours, events(count), seconds)
                contestants[peer] = partial(send, gateway, pushes(count), seconds)
            figures = in_turn(contestants, rounds)
    return [
        row
        for jobs, peer, wanted in CONTESTS
        for row in both(jobs, peer, wanted, figures[f"ours, {jobs}"], figures[peer])
    ]


def both(jobs: int, peer: str, wanted: float, ours: list[Outcome], pushed: list[Outcome]) -> list[Row]:
    """By the clock, which counts, and by CPU time."""
    name = f"take in events of 1.5 kB, {jobs:,} job{'s' if jobs > 1 else ''}"
    rates, cpu_rates = [one.rate for one in ours], [one.cpu_rate for one in ours]
    return [
        Row(name, Unit.RATE, rates, peer, [one.rate for one in pushed], wanted),
        Row(f"{name}, CPU time", Unit.RATE, cpu_rates, peer, [one.cpu_rate for one in pushed]),
    ]
