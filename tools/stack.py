"""The exporter, Prometheus and Alertmanager together until Ctrl-C: ``python -m tools.stack``."""

import argparse
import shutil
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from types import FrameType
from typing import NamedTuple

from exporter.config import ConfigError
from tools import programs
from tools.apt import UnavailableError
from tools.children import ChildError, started, wait_until_ready, watch
from tools.loopback import HOST, is_taken
from tools.programs import Program
from tools.receivers import write_alertmanager
from tools.servers import servers
from tools.targets import CONFIGURATION, FILES, copy_configuration
from tools.welcome import welcome

RUN_FOLDER = Path(__file__).resolve().parents[1] / ".run"


class Ports(NamedTuple):
    """Where each one listens."""

    exporter: int = 9888
    prometheus: int = 9090
    alertmanager: int = 9093


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the stack: 0 when told to stop, 1 when it can't start or one of it dies."""
    ports, profile, exporter_arguments = parse(arguments)
    on_signals(interrupt)
    try:
        own = ("--data", str(RUN_FOLDER / "exporter"), "--profile", profile)
        exporter = programs.exporter(ports.exporter, *own, *exporter_arguments)
        chosen = [exporter, *real_servers(ports, profile)]
        if message := taken(chosen):
            print(message, file=sys.stderr)
            return 1
        forget()
        return run(chosen)
    except ConfigError as mistake:
        print(mistake, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 0


def parse(arguments: Sequence[str] | None) -> tuple[Ports, str, list[str]]:
    """The ports, the profile of the rules, and what is left for the exporter."""
    parser = argparse.ArgumentParser(
        prog="stack",
        description="Run the exporter with a real Prometheus and Alertmanager, all on loopback.",
        epilog="Everything else goes to the exporter's serve command.",
        allow_abbrev=False,
    )
    for name, port in Ports()._asdict().items():
        parser.add_argument(f"--{name}-port", type=int, default=port, metavar="PORT", help=f"default {port}")
    parser.add_argument("--profile", choices=FILES, default="demo", help="alert rules; default demo")
    options, rest = parser.parse_known_args(arguments)
    ports = Ports(options.exporter_port, options.prometheus_port, options.alertmanager_port)
    return ports, options.profile, rest


def on_signals(handler: Callable[[int, FrameType | None], None] | signal.Handlers) -> None:
    """Do the same for every way of ending the stack."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, handler)


def interrupt(_number: int, _frame: FrameType | None) -> None:
    """End the stack; a second Ctrl-C must not leave servers behind."""
    on_signals(signal.SIG_IGN)
    raise KeyboardInterrupt


def real_servers(ports: Ports, profile: str) -> list[Program]:
    """Prometheus and Alertmanager; none where they can't be had, and a line that says so."""
    try:
        found = servers()
    except UnavailableError as reason:
        print(f"Running the exporter alone, without Prometheus and Alertmanager: {reason}", flush=True)
        return []
    receivers, integrations = write_alertmanager(RUN_FOLDER, ports.exporter)
    if off := sum(integration.missing is not None for integration in integrations):
        print(f"{off} ways to tell people are off for want of a secret: see alertmanager/secrets/README.md")
    return [
        programs.prometheus(found.prometheus, ports.prometheus, configuration(ports, profile), RUN_FOLDER),
        programs.alertmanager(found.alertmanager, ports.alertmanager, receivers, RUN_FOLDER),
    ]


def configuration(ports: Ports, profile: str) -> Path:
    """The repository's own configuration, or a copy that knows the other ports."""
    if ports == Ports():
        return CONFIGURATION / FILES[profile]
    return copy_configuration(RUN_FOLDER / "configuration", ports._asdict(), profile)


def taken(chosen: Sequence[Program]) -> str | None:
    """What to say when a port is in use."""
    for program in chosen:
        if is_taken(program.port):
            return (
                f"Port {program.port} on {HOST} is already in use, and {program.name} needs it: "
                f"stop what uses it, or make run ARGS='--{program.name}-port {program.port + 1}'"
            )
    return None


def forget() -> None:
    """Begin with nothing: the streams begin anew, and what is remembered of them would alert for ghosts."""
    for name in ("exporter", "prometheus", "alertmanager"):
        shutil.rmtree(RUN_FOLDER / name, ignore_errors=True)


def run(chosen: Sequence[Program]) -> int:
    """Start all and say where they are; 1 when one dies, once the others are stopped."""
    with started(chosen) as children:
        try:
            wait_until_ready(children)
            print(welcome(chosen), flush=True)
            watch(children)
        except ChildError as death:
            on_signals(signal.SIG_IGN)
            print(death, file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
