"""Servers on one core, so that the other is left to whoever asks them."""

import os
import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from tools.children import Child, started, wait_until_ready
from tools.loopback import HOST
from tools.peers import MissingError, find
from tools.programs import Program

CACHE = Path(__file__).resolve().parents[1] / ".cache"
NANOSECONDS = 1e-9


def cores() -> tuple[int, int]:
    """One for the server and one for the load; MissingError where there is only one."""
    usable = sorted(os.sched_getaffinity(0))
    if len(usable) < 2:
        raise MissingError("expected two cores, one for the server and one for the load, got one")
    return usable[0], usable[-1]


def pinned(core: int, command: Sequence[str]) -> tuple[str, ...]:
    """The command on this core alone, threads to come included."""
    return find("taskset"), "--cpu-list", str(core), *command


@contextmanager
def serving(programs: Sequence[Program]) -> Iterator[list[Child]]:
    """The servers, ready, all on the first core."""
    first, _ = cores()
    with started([replace(one, command=pinned(first, one.command)) for one in programs]) as children:
        wait_until_ready(children)
        yield children


def url(child: Child, path: str = "") -> str:
    """Where a server is asked."""
    return f"http://{HOST}:{child.program.port}{path}"


def free_port() -> int:
    """A port of loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def cpu_seconds(child: Child) -> float:
    """CPU time that a server has used so far, all threads together (Linux)."""
    threads = Path(f"/proc/{child.process.pid}/task").glob("*/schedstat")
    return sum(int(thread.read_text(encoding="ascii").split()[0]) for thread in threads) * NANOSECONDS


def resident(child: Child) -> float:
    """Bytes of a server in memory (Linux)."""
    pages = int(Path(f"/proc/{child.process.pid}/statm").read_text(encoding="ascii").split()[1])
    return float(pages * os.sysconf("SC_PAGE_SIZE"))


def pushgateway(folder: Path) -> Program:
    """Debian's, in memory alone: without the file in which Debian keeps what all others have pushed here."""
    port = free_port()
    options = (f"--web.listen-address={HOST}:{port}", "--persistence.file=", "--log.level=error")
    program = find("prometheus-pushgateway")
    return Program("pushgateway", port, (program, *options), folder / "pushgateway.log")
