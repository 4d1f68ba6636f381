"""Prometheus and Alertmanager from Debian testing's packages, unpacked in a folder: nothing is installed."""

import platform
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from tools.apt import KEYRING, UnavailableError, download, run

PACKAGES = ("prometheus", "promtool", "prometheus-alertmanager")

# Debian builds the folder of its templates into Alertmanager. A file can only be patched at the same length.
BUILT_IN_FOLDER = b"/usr/share/prometheus/alertmanager"
RELATIVE_FOLDER = b"usr/share//prometheus/alertmanager"

START_ALERTMANAGER = """\
#!/bin/sh
# Its templates are found from this folder, so give it absolute paths only.
cd "$(dirname "$0")/.." && exec usr/bin/prometheus-alertmanager "$@"
"""


def fetch(destination: Path) -> None:
    """Get Prometheus and Alertmanager into ``destination``; UnavailableError says what was missing."""
    unpack(PACKAGES, destination, make_relocatable)


def unpack(
    packages: tuple[str, ...], destination: Path, prepare: Callable[[Path], None] | None = None
) -> None:
    """Download packages, unpack them, `prepare` the folder, and put it in the place of ``destination``.

    Raises UnavailableError with what was missing.
    """
    codename = debian_codename()
    require_tools()
    destination.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=destination.parent, prefix="apt-") as folder:
        unpacked = Path(folder) / "unpacked"
        for package in download(packages, codename, Path(folder)):
            run("dpkg", "-x", str(package), str(unpacked))
        if prepare is not None:
            prepare(unpacked)
        shutil.rmtree(destination, ignore_errors=True)
        unpacked.rename(destination)


def debian_codename() -> str:
    """The codename of this Debian, such as ``bookworm``."""
    try:
        release = platform.freedesktop_os_release()
    except OSError:
        release = {}
    if release.get("ID") != "debian":
        raise UnavailableError(f"this is {release.get('NAME', platform.system())}, not Debian")
    return release.get("VERSION_CODENAME", "stable")


def require_tools() -> None:
    """Raise UnavailableError unless apt, dpkg and Debian's keys are here."""
    for command in ("apt-get", "apt-config", "dpkg"):
        if shutil.which(command) is None:
            raise UnavailableError(f"{command} is not on PATH")
    if not KEYRING.exists():
        raise UnavailableError(f"{KEYRING} is missing (package debian-archive-keyring)")


def make_relocatable(folder: Path) -> None:
    """Let the unpacked Alertmanager find its templates; ``bin/alertmanager`` starts it where it does."""
    binary = folder / "usr/bin/prometheus-alertmanager"
    binary.write_bytes(binary.read_bytes().replace(BUILT_IN_FOLDER, RELATIVE_FOLDER))
    starter = folder / "bin/alertmanager"
    starter.parent.mkdir()
    starter.write_text(START_ALERTMANAGER)
    starter.chmod(0o755)
