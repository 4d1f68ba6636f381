"""Fixtures for every test: the real programs on free ports with the repository's own configuration."""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import NoReturn

import pytest

from tests.servers import Server, free_port, serving
from tools import chromium as browser
from tools import programs
from tools.receivers import ALERTMANAGER, write_alertmanager
from tools.servers import find
from tools.targets import copy_configuration

StartExporter = Callable[..., Server]
StartPrometheus = Callable[..., Server]
StartAlertmanager = Callable[..., Server]


def nothing_simulated(folder: Path) -> Path:
    """A configuration."""
    path = folder / "nothing.yml"
    path.write_text("pipelines: []\n")
    return path


def required(name: str, path: Path | None) -> Path:
    """The tool's path; without it the test fails under CI and is skipped elsewhere."""
    if path is None:
        lacking(f"{name} is missing: make servers chromium compose")
    return path


def lacking(what: str) -> NoReturn:
    """End the test that can't do without: it fails under CI and is skipped elsewhere."""
    if "CI" in os.environ:
        pytest.fail(what)
    pytest.skip(what)


@pytest.fixture(scope="session")
def promtool() -> Path:
    return required("promtool", find("promtool"))


@pytest.fixture(scope="session")
def amtool() -> Path:
    return required("amtool", find("amtool"))


@pytest.fixture(scope="session")
def prometheus_binary() -> Path:
    return required("prometheus", find("prometheus"))


@pytest.fixture(scope="session")
def alertmanager_binary() -> Path:
    return required("alertmanager", find("alertmanager"))


@pytest.fixture(scope="session")
def chromium() -> Path:
    return required("chromium", browser.find())


@pytest.fixture
def exporter(tmp_path: Path) -> Iterator[StartExporter]:
    """Call it with ``serve``'s arguments to start a real exporter; as often as needed."""
    with ExitStack() as started:

        def start(*arguments: str) -> Server:
            port = free_port()
            program = programs.exporter(port, *arguments, log=tmp_path / f"exporter-{port}.log")
            return started.enter_context(serving(program))

        yield start


@pytest.fixture
def quiet_exporter(exporter: StartExporter, tmp_path: Path) -> StartExporter:
    """The same for an exporter that simulates nothing: it knows what it is told, and checks no data."""
    config = nothing_simulated(tmp_path)
    return lambda *arguments: exporter("--config", str(config), *arguments)


@pytest.fixture
def alertmanager(alertmanager_binary: Path, tmp_path: Path) -> Iterator[StartAlertmanager]:
    """Call it to start a real Alertmanager with the repository's configuration, or another.

    ``alertmanager(exporter=port, secrets=folder, source=file)``: without them it tells nobody.
    """
    with ExitStack() as started:

        def start(
            exporter: int | None = None, secrets: Path | None = None, source: Path = ALERTMANAGER
        ) -> Server:
            port = free_port()
            folder = tmp_path / f"alertmanager-{port}"
            configuration, _ = write_alertmanager(folder, exporter, secrets or folder / "none", source)
            program = programs.alertmanager(alertmanager_binary, port, configuration, folder)
            return started.enter_context(serving(program))

        yield start


@pytest.fixture
def prometheus(prometheus_binary: Path, tmp_path: Path) -> Iterator[StartPrometheus]:
    """Call it to start a real Prometheus with the repository's configuration and rules, and these targets.

    ``prometheus(exporter=one.port, alertmanager=other.port)``
    """
    with ExitStack() as started:

        def start(**ports: int) -> Server:
            port = free_port()
            configuration = copy_configuration(tmp_path / "configuration", {"prometheus": port, **ports})
            program = programs.prometheus(prometheus_binary, port, configuration, tmp_path)
            return started.enter_context(serving(program))

        yield start
