"""Load: wrk on a core of its own, 16 connections that are kept, and what came of it."""

import json
import subprocess
import uuid
from dataclasses import dataclass
from pathlib import Path

from benchmarks.pinned import cores, cpu_seconds, pinned, url
from tools.children import Child
from tools.peers import find

SCRIPT = Path(__file__).with_name("load.lua")
CONNECTIONS = 16
# A machine that others use, too, is no reason to give up.
PATIENCE = "30s"
# Half a UUID that no other load has; wrk counts the rest.
PREFIX_LENGTH = 24


@dataclass(frozen=True, slots=True)
class Traffic:
    """What is sent: in each request `batch` events, of `jobs` jobs in turn.

    `end` is the event's text with places for a run's id, its job's number and the time. With a `start`, each
    run is told twice: its start, and some requests later its end. `closing` and the like are around a batch.
    """

    path: str
    end: str
    start: str = ""
    kind: str = "application/json"
    batch: int = 1
    jobs: int = 1
    opening: str = ""
    separator: str = ""
    closing: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was acknowledged, all of it with success, in how many seconds and seconds of the server's CPU."""

    events: int
    seconds: float
    cpu_seconds: float

    @property
    def rate(self) -> float:
        """Events a second."""
        return self.events / self.seconds

    @property
    def cpu_rate(self) -> float:
        """Events a second of the server's CPU time: what others do on the machine weighs less."""
        return self.events / self.cpu_seconds


def send(child: Child, traffic: Traffic, seconds: int) -> Outcome:
    """Have the server told for so long; every answer must be a success."""
    before = cpu_seconds(child)
    said = subprocess.run(command(child, traffic, seconds), capture_output=True, text=True, check=True).stdout
    used = cpu_seconds(child) - before
    child.check()
    summary = json.loads(said.splitlines()[-1])
    assert summary["requests"], said
    assert not summary["refused"] + summary["broken"], said
    return Outcome(summary["requests"] * traffic.batch, summary["microseconds"] / 1e6, used)


def command(child: Child, traffic: Traffic, seconds: int) -> tuple[str, ...]:
    """How wrk is told all that."""
    _, core = cores()
    wrk = (
        find("wrk"),
        "--threads",
        "1",
        "--connections",
        str(CONNECTIONS),
        "--duration",
        f"{seconds}s",
        "--timeout",
        PATIENCE,
    )
    prefix = str(uuid.uuid4())[:PREFIX_LENGTH]
    around = traffic.opening, traffic.separator, traffic.closing
    told = (traffic.path, traffic.kind, str(traffic.batch), str(traffic.jobs), prefix, *around)
    script = ("--script", str(SCRIPT), url(child), "--", *told, traffic.start, traffic.end)
    return pinned(core, (*wrk, *script))
