"""Real servers for the tests: the exporter, Prometheus and Alertmanager on free loopback ports."""

import socket
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar

from tools.children import Child, started, wait_until_ready
from tools.loopback import HOST
from tools.programs import Program

POLL_SECONDS = 0.05

Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Server:
    """A running server: ``url`` without a trailing slash."""

    port: int
    child: Child

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}"


def free_port() -> int:
    """A port that nobody listens on, taken from the kernel's choice."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def wait_until(predicate: Callable[[], Answer], deadline_seconds: float = 10.0) -> Answer:
    """The predicate's first true answer; fails with its last one after the deadline."""
    deadline = time.monotonic() + deadline_seconds
    while not (answer := predicate()):
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {deadline_seconds:g} s; the last answer was {answer!r}")
        time.sleep(POLL_SECONDS)
    return answer


@contextmanager
def serving(program: Program) -> Iterator[Server]:
    """The program, ready; its output is printed at the end, where pytest shows it for a failed test."""
    try:
        with started([program]) as [child]:
            wait_until_ready([child])
            yield Server(program.port, child)
    finally:
        if program.log is not None and program.log.exists():
            sys.stdout.write(f"--- {program.name} ---\n{program.log.read_text(errors='replace')}")
