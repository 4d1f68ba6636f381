"""One attempt at checking a file: `check` as a process of its own, which ends in time."""

import asyncio
import subprocess
import sys
from math import ceil
from pathlib import Path

from exporter.decoding import InvalidBodyError, clipped
from exporter.reports.document import Reasons, decode_attempt
from exporter.reports.event import ChecksReport

JUDGED = (0, 1)
# Some or all could not be judged.
UNREADABLE = 2
# Who waits for it ends it in time; so much later it ends by itself, for who waited may have been killed.
PATIENCE_SECONDS = 5


class NoVerdictError(Exception):
    """The check came to none; the message says why. `outcome` is how it is counted."""

    def __init__(self, outcome: str, message: str) -> None:
        super().__init__(message)
        self.outcome = outcome


async def attempt(file: Path, within: float) -> tuple[list[ChecksReport], Reasons]:
    """The reports on a file's datasets, and why others have none. Raises NoVerdictError where all have none;
    the process is gone when this ends.
    """
    try:
        process = started(file, within)
    except OSError as error:
        raise NoVerdictError("unreadable", f"can't be started: {error.strerror}") from error
    listening = asyncio.ensure_future(asyncio.to_thread(heard, process, within))
    try:
        output, said = await asyncio.shield(listening)
    except subprocess.TimeoutExpired as error:
        raise NoVerdictError("overdue", f"not done within {within:g} s") from error
    except asyncio.CancelledError:
        process.kill()
        await asyncio.wait([listening])
        raise
    if process.returncode not in JUDGED and not (process.returncode == UNREADABLE and output):
        raise NoVerdictError("unreadable", words(said, process.returncode))
    try:
        return await asyncio.to_thread(decode_attempt, output)
    except InvalidBodyError as error:
        raise NoVerdictError("unreadable", f"its report: {error}") from error


def started(file: Path, within: float) -> "subprocess.Popen[bytes]":
    """The process. It has a session of its own: a Ctrl-C at the terminal is the exporter's to answer.

    -P, or whatever Python lies in the folder where the exporter was started would be imported first.
    """
    by_itself = str(ceil(within) + PATIENCE_SECONDS)
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "exporter.checks", by_itself, str(file)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )


def heard(process: "subprocess.Popen[bytes]", within: float) -> tuple[bytes, bytes]:
    """All that it says on stdout and stderr until it has ended, if need be by force."""
    with process:
        try:
            return process.communicate(timeout=within)
        except subprocess.TimeoutExpired:
            process.kill()
            raise


def words(said: bytes, code: int) -> str:
    """The last line of what it said on stderr."""
    lines = said.decode(errors="replace").strip().splitlines() or [f"exit code {code}"]
    return clipped(lines[-1].removeprefix("Error: "))
