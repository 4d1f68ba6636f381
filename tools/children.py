"""Programs as child processes: start, wait until ready, notice a death, stop."""

import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import NoReturn

from tools.loopback import is_ready
from tools.programs import Program

POLL_SECONDS = 0.1
READY_SECONDS = 60.0
STOP_SECONDS = 5.0
LAST_LINES = 10


class ChildError(Exception):
    """A program didn't get ready or ended by itself; the message holds its last log lines."""


@dataclass(frozen=True)
class Child:
    """A started program."""

    program: Program
    process: subprocess.Popen[bytes]

    def check(self) -> None:
        """Raise ChildError when it has ended."""
        code = self.process.poll()
        if code is not None:
            raise ChildError(self.report(f"ended by itself (exit code {code})"))

    def report(self, what: str) -> str:
        """``what`` happened to the program, and the end of its log."""
        return "\n".join([f"{self.program.name} {what}", *last_lines(self.program)])


def start(program: Program) -> Child:
    """Start it in a process group of its own: Ctrl-C is for the one who started it to pass on."""
    if program.log is None:
        return Child(program, subprocess.Popen(program.command, start_new_session=True))
    program.log.parent.mkdir(parents=True, exist_ok=True)
    with program.log.open("wb") as log:
        process = subprocess.Popen(program.command, stdout=log, stderr=log, start_new_session=True)
    return Child(program, process)


def wait_until_ready(children: Sequence[Child], deadline_seconds: float = READY_SECONDS) -> None:
    """Return once every child's readiness page says yes; raise ChildError when one dies or takes too long."""
    deadline = time.monotonic() + deadline_seconds
    waiting = list(children)
    while waiting := [child for child in waiting if not is_ready(child.program.port)]:
        for child in children:
            child.check()
        if time.monotonic() > deadline:
            raise ChildError(waiting[0].report(f"wasn't ready after {deadline_seconds:g} s"))
        time.sleep(POLL_SECONDS)


def watch(children: Sequence[Child]) -> NoReturn:
    """Raise ChildError when one of them ends."""
    while True:
        for child in children:
            child.check()
        time.sleep(POLL_SECONDS)


def stop(children: Sequence[Child]) -> None:
    """Ask all to end, insist after a few seconds."""
    for child in children:
        child.process.terminate()
    deadline = time.monotonic() + STOP_SECONDS
    for child in children:
        try:
            child.process.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            child.process.kill()
            child.process.wait()


@contextmanager
def started(programs: Sequence[Program]) -> Iterator[list[Child]]:
    """All of them for as long as the block lasts, the first ones too when a later one doesn't start."""
    children: list[Child] = []
    try:
        for program in programs:
            child = start(program)
            children.append(child)
        yield children
    finally:
        stop(children)


def last_lines(program: Program) -> list[str]:
    """The end of its log; nothing where it wrote to the terminal."""
    if program.log is None:
        return []
    return [f"  {line}" for line in program.log.read_text(errors="replace").splitlines()[-LAST_LINES:]]
