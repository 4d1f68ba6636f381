"""The browser for the browser tests: ``python -m tools.chromium`` installs it where there is none."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome")
INSTALL = "apt-get install -y chromium"


def find() -> Path | None:
    """The first Chromium on PATH."""
    return next((Path(path) for name in NAMES if (path := shutil.which(name))), None)


def install() -> None:
    """Install Debian's package as root, or through sudo where it asks for no password."""
    as_root = [] if os.geteuid() == 0 else ["sudo", "-n"]
    for command in ("apt-get update", f"{INSTALL} -o DPkg::Lock::Timeout=600"):
        subprocess.run([*as_root, *command.split()], check=True)


def main() -> int:
    """Print where Chromium is; 1 and the command to run where it can't be installed."""
    try:
        if find() is None:
            install()
    except (OSError, subprocess.CalledProcessError) as reason:
        print(f"No Chromium, and installing it failed ({reason}). Run: sudo {INSTALL}", file=sys.stderr)
        return 1
    print(f"chromium      {find()}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
