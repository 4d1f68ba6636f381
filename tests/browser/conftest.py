"""A real browser on a real exporter; whatever the page complains about fails the test."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect, sync_playwright

from tests.servers import Server, free_port, serving
from tests.unit.web.pipelines import calm, written
from tools import programs

ARGUMENTS = [
    *("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"),
    *("--disable-component-update", "--disable-sync", "--disable-quic"),
]
SPEED = 10
PATIENCE_MS = 20_000

OpenPage = Callable[..., "Visit"]


@dataclass
class Visit:
    """A page, what it complained about, and whom it asked."""

    page: Page
    complaints: list[str] = field(default_factory=list)
    hosts: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.page.on("console", self.listen)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", lambda request: self.hosts.add(urlsplit(request.url).netloc))

    def listen(self, message: ConsoleMessage) -> None:
        """Warnings and errors, violations of the security policy among them."""
        if message.type in ("error", "warning"):
            self.complaints.append(message.text)


@contextmanager
def launched(chromium: Path) -> Iterator[Browser]:
    """Chromium without a window."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def browser(chromium: Path) -> Iterator[Browser]:
    """A module's, since its event loop is in the way of others."""
    with launched(chromium) as one:
        yield one


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A calm pipeline at ten times its speed."""
    folder = tmp_path_factory.mktemp("live")
    calmly = ("--speed", str(SPEED), "--config", str(written(calm(), folder)))
    with serving(programs.exporter(free_port(), *calmly, log=folder / "exporter.log")) as server:
        yield server


@pytest.fixture
def visit(browser: Browser) -> Iterator[OpenPage]:
    """Call it with a server, perhaps a path, and a context's options to open its page.

    Complaints fail the test at its end.
    """
    expect.set_options(timeout=PATIENCE_MS)
    visits: list[tuple[Visit, Server]] = []
    with ExitStack() as opened:

        def start(server: Server, path: str = "/", **options: Any) -> Visit:
            context = browser.new_context(**options)
            opened.callback(context.close)
            one = Visit(context.new_page())
            visits.append((one, server))
            one.page.goto(f"{server.url}{path}")
            return one

        yield start
        for one, server in visits:
            assert one.complaints == []
            assert one.hosts == {urlsplit(server.url).netloc}
            assert one.page.locator("[data-broken]").count() == 0
