"""The three programs as commands: the exporter, Prometheus and Alertmanager, each on a loopback port."""

import sys
from dataclasses import dataclass
from pathlib import Path

from tools.loopback import HOST


@dataclass(frozen=True)
class Program:
    """A server to start. Without a log its output goes to the terminal."""

    name: str
    port: int
    command: tuple[str, ...]
    log: Path | None = None


def exporter(port: int, *arguments: str, log: Path | None = None) -> Program:
    """The exporter with its own configuration unless the arguments name another; data lies beside its log."""
    serve = (sys.executable, "-m", "exporter", "serve", "--listen", f"{HOST}:{port}")
    data = ("--data", str(log.parent / f"data-{port}")) if log is not None else ()
    return Program("exporter", port, (*serve, *data, *arguments), log)


def prometheus(binary: Path, port: int, configuration: Path, folder: Path) -> Program:
    """Prometheus with data in ``folder/prometheus``; exemplars need their feature flag."""
    command = (
        str(binary),
        f"--config.file={configuration}",
        f"--storage.tsdb.path={folder / 'prometheus'}",
        f"--web.listen-address={HOST}:{port}",
        f"--web.external-url=http://{HOST}:{port}/",
        "--enable-feature=exemplar-storage",
    )
    return Program("prometheus", port, command, folder / "prometheus.log")


def alertmanager(binary: Path, port: int, configuration: Path, folder: Path) -> Program:
    """Alertmanager alone (no cluster) with data in ``folder/alertmanager``."""
    command = (
        str(binary),
        f"--config.file={configuration}",
        f"--storage.path={folder / 'alertmanager'}",
        f"--web.listen-address={HOST}:{port}",
        f"--web.external-url=http://{HOST}:{port}/",
        "--cluster.listen-address=",
    )
    return Program("alertmanager", port, command, folder / "alertmanager.log")
