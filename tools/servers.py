"""The real Prometheus and Alertmanager: on PATH when new enough, else unpacked below ``.cache/servers``.

``python -m tools.servers`` gets what is missing and prints where everything is.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from tools.apt import UnavailableError
from tools.debian import fetch

CACHE = Path(__file__).resolve().parents[1] / ".cache/servers"
CACHED_FOLDERS = f"{CACHE / 'bin'}{os.pathsep}{CACHE / 'usr/bin'}"

Version = tuple[int, int]

# Prometheus 3 writes bucket boundaries as le="5.0", and the rules count on it.
OLDEST: dict[str, Version] = {
    "prometheus": (3, 0),
    "promtool": (3, 0),
    "alertmanager": (0, 28),
    "amtool": (0, 28),
}
DEBIAN_NAMES = {"alertmanager": "prometheus-alertmanager"}


class Servers(NamedTuple):
    """Where the programs are. Hand them absolute paths: Alertmanager may start in a folder of its own."""

    prometheus: Path
    promtool: Path
    alertmanager: Path
    amtool: Path


def servers() -> Servers:
    """All four programs, downloaded where this machine has none; raises UnavailableError with what to do."""
    if missing := missing_programs():
        print(f"Getting {', '.join(missing)} from Debian testing (about 60 MB, once) ...", flush=True)
        try:
            fetch(CACHE)
        except UnavailableError as reason:
            raise UnavailableError(advice(missing, str(reason))) from reason
    if missing := missing_programs():
        raise UnavailableError(advice(missing, "Debian testing's don't run here or are too old"))
    return Servers(*(path for name in OLDEST if (path := find(name))))


def missing_programs() -> list[str]:
    """The programs that are neither on PATH nor unpacked, in a version that is new enough."""
    return [name for name in OLDEST if find(name) is None]


def find(name: str) -> Path | None:
    """The first program of this name that runs here and is new enough."""
    return next((path for path in candidates(name) if (version(path) or (0, 0)) >= OLDEST[name]), None)


def candidates(name: str) -> Iterator[Path]:
    """Where the program may be, PATH first."""
    for folders in (None, CACHED_FOLDERS):
        for known_as in (name, DEBIAN_NAMES.get(name, name)):
            if found := shutil.which(known_as, path=folders):
                yield Path(found)


def version(program: Path) -> Version | None:
    """What the program says of its version, or None where it doesn't run."""
    try:
        done = subprocess.run([program, "--version"], capture_output=True, text=True, check=False, timeout=30)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return parse_version(done.stdout + done.stderr)


def parse_version(text: str) -> Version | None:
    """``(3, 5)`` out of ``prometheus, version 3.5.3+ds1 (branch: ...``."""
    match = re.search(r", version (\d+)\.(\d+)", text)
    return (int(match[1]), int(match[2])) if match else None


def advice(missing: list[str], reason: str) -> str:
    """What was missing, why it can't be had, and what to do."""
    wanted = ", ".join(f"{name} >= {major}.{minor}" for name in missing for major, minor in [OLDEST[name]])
    return f"{reason}; put {wanted} on PATH"


def main() -> int:
    """Print where each program is; 1 and the reason where one can't be had."""
    try:
        found = servers()
    except UnavailableError as reason:
        print(f"No servers: {reason}", file=sys.stderr)
        return 1
    for name, path in found._asdict().items():
        print(f"{name:13} {path}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
