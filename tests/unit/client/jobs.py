"""Jobs as processes of their own, with settings of the test's choice."""

import os
import subprocess
import sys
import textwrap
from pathlib import Path

TIMEOUT_SECONDS = 60


def environment(**settings: object) -> dict[str, str]:
    """This process' environment with `PIPELINE_HEALTH_` settings: `environment(URL=..., WAIT=1)`."""
    chosen = {f"PIPELINE_HEALTH_{name}": str(value) for name, value in settings.items()}
    return {**os.environ, **chosen}


def job(script: str, **settings: object) -> subprocess.CompletedProcess[str]:
    """Run a script to its end."""
    return subprocess.run(
        command(script), env=environment(**settings), capture_output=True, text=True, check=False,
        timeout=TIMEOUT_SECONDS,
    )  # fmt: skip


def start(script: str, **settings: object) -> "subprocess.Popen[str]":
    """Start a script."""
    return subprocess.Popen(
        command(script),
        env=environment(**settings),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def command(script: str) -> list[str]:
    return [sys.executable, "-W", "error", "-c", textwrap.dedent(script)]


def kept(spool: Path, suffix: str = "*") -> list[Path]:
    """The files below the spool."""
    return sorted(path for path in spool.rglob(f"*.{suffix}") if path.is_file())
