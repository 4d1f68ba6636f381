"""Packages as files from another suite of Debian, beside the machine's own apt and without its notice.

Repository, proxies and credentials are those that apt has here. Lists, cache and sources are in a folder of
their own.
"""

import os
import re
import subprocess
from pathlib import Path

SUITE = "testing"
KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")


class UnavailableError(Exception):
    """Something that the servers need can't be had here; the message says what."""


def run(*command: str, folder: Path | None = None, settings: Path | None = None) -> str:
    """What the command prints; raises UnavailableError with the first line of its complaint."""
    environment = os.environ | {"LC_ALL": "C"} | ({"APT_CONFIG": str(settings)} if settings else {})
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        complaint = done.stderr.strip().splitlines() or [f"exit code {done.returncode}"]
        raise UnavailableError(f"{' '.join(command[:2])} failed: {complaint[0]}")
    return done.stdout


def download(packages: tuple[str, ...], codename: str, folder: Path) -> list[Path]:
    """The packages as files in ``folder``, signatures and hashes checked by apt."""
    uri = repository(run("apt-get", "update", "--print-uris"), codename)
    settings = folder / "apt.conf"
    settings.write_text(own_settings(folder, run("apt-config", "dump")))
    (folder / "sources.list").write_text(source(uri, run("dpkg", "--print-architecture").strip()))
    (folder / "status").touch()
    for partial in ("lists/partial", "cache/archives/partial"):
        (folder / partial).mkdir(parents=True)
    run("apt-get", "update", folder=folder, settings=settings)
    run("apt-get", "download", *packages, folder=folder, settings=settings)
    return sorted(folder.glob("*.deb"))


def repository(uris: str, codename: str) -> str:
    """Debian's repository among what ``apt-get update --print-uris`` printed.

    Other vendors serve ``codename`` too, but no updates of it: hence the order.
    """
    for suite in (f"{codename}-updates", codename, "stable", SUITE, "unstable", "sid"):
        if match := re.search(rf"'([^']+/)dists/{suite}/InRelease'", uris):
            return match[1]
    raise UnavailableError(f"apt's sources name no Debian repository (looked for {codename})")


def source(uri: str, architecture: str) -> str:
    """The one line of the sources list."""
    return f"deb [arch={architecture} target=Packages signed-by={KEYRING}] {uri} {SUITE} main\n"


def own_settings(folder: Path, machine_settings: str) -> str:
    """Own folders, the machine's way of getting files (proxies, checks), and none of its hooks."""
    own = {
        "Dir::Etc::main": "/dev/null",
        "Dir::Etc::parts": "/dev/null",
        "Dir::Etc::preferences": "/dev/null",
        "Dir::Etc::preferencesparts": "/dev/null",
        "Dir::Etc::sourceparts": "/dev/null",
        "Dir::Etc::sourcelist": folder / "sources.list",
        "Dir::State": folder,
        "Dir::State::status": folder / "status",
        "Dir::Cache": folder / "cache",
        "APT::Sandbox::User": "root",
        "APT::Update::Error-Mode": "any",
    }
    acquire = [line for line in machine_settings.splitlines() if line.startswith("Acquire::")]
    return "\n".join([*(f'{key} "{value}";' for key, value in own.items()), *acquire, ""])
