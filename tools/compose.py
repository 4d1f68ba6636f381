"""Docker Compose: on this machine, else from Debian testing's package below ``.cache/compose``.

``python -m tools.compose`` gets it. Bringing containers up needs a Docker engine, reading the file doesn't.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from tools.apt import UnavailableError
from tools.debian import unpack

CACHE = Path(__file__).resolve().parents[1] / ".cache/compose"
PLUGIN = "usr/libexec/docker/cli-plugins/docker-compose"
# The first of those that Docker still documents.
OLDEST = (2, 20)


def find() -> list[str] | None:
    """The command that is Compose here, new enough; None where there is none."""
    return next((command for command in candidates() if version(command) >= OLDEST), None)


def candidates() -> Iterator[list[str]]:
    """Where it may be: Docker's plugin, a program of its own, the unpacked one."""
    if docker := shutil.which("docker"):
        yield [docker, "compose"]
    if program := shutil.which("docker-compose"):
        yield [program]
    if os.access(CACHE / PLUGIN, os.X_OK):
        yield [str(CACHE / PLUGIN)]


def version(command: list[str]) -> tuple[int, int]:
    """What it says of its version; nothing comes out as the oldest."""
    try:
        done = subprocess.run([*command, "version"], capture_output=True, text=True, check=False, timeout=30)
    except (OSError, subprocess.TimeoutExpired):
        return 0, 0
    match = re.search(r"version v?(\d+)\.(\d+)", done.stdout)
    return (int(match[1]), int(match[2])) if match else (0, 0)


def main() -> int:
    """Print the command; 1 and the reason where it can't be had."""
    try:
        if find() is None:
            unpack(("docker-compose",), CACHE)
    except UnavailableError as reason:
        print(f"No Docker Compose: {reason}; install Docker's Compose plugin", file=sys.stderr)
        return 1
    if (found := find()) is None:
        print("No Docker Compose: Debian testing's doesn't run here", file=sys.stderr)
        return 1
    print(f"compose       {' '.join(found)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
