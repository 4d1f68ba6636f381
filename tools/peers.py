"""What the benchmarks need beside Python: ``python -m tools.peers`` installs what is missing."""

import os
import shutil
import subprocess
import sys

# The package of each program, in Debian.
PACKAGES = {"wrk": "wrk", "prometheus-pushgateway": "prometheus-pushgateway", "taskset": "util-linux"}


class MissingError(Exception):
    """A program is missing; the message says how to get it."""


def find(program: str) -> str:
    """Where a program is."""
    if found := shutil.which(program):
        return found
    raise MissingError(f"{program} is not on PATH: make peers, or apt-get install {PACKAGES[program]}")


def install() -> None:
    """Install Debian's packages as root, or through sudo where it asks for no password."""
    as_root = [] if os.geteuid() == 0 else ["sudo", "-n"]
    packages = " ".join(PACKAGES.values())
    for command in ("apt-get update", f"apt-get install -y {packages} -o DPkg::Lock::Timeout=600"):
        subprocess.run([*as_root, *command.split()], check=True)


def main() -> int:
    """Print where everything is; 1 and the reason where it can't be had."""
    try:
        if not all(map(shutil.which, PACKAGES)):
            install()
        for program in PACKAGES:
            print(f"{program:23} {find(program)}")
    except (OSError, subprocess.CalledProcessError, MissingError) as reason:
        print(f"No benchmarks of servers: {reason}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
