"""Serving: the socket, the event loop, signals, and an orderly end."""

import asyncio
import gc
import logging
import signal
import socket
import ssl
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from ipaddress import ip_address
from types import FrameType

import uvicorn
from starlette.applications import Starlette

from exporter.config import ConfigError
from exporter.config.addresses import parse_address
from exporter.service import Service
from exporter.web import create_app
from exporter.web.connection import Bounds, Connection

log = logging.getLogger("exporter")
GRACE_SECONDS = 2
HANDSHAKE_SECONDS = 10
# Longer than most scrape intervals, so that a scrape doesn't begin with a handshake.
KEEP_ALIVE_SECONDS = 65
# Objects, then collections of younger ones. A scrape of thousands of pipelines makes hundreds of thousands of
# objects and no garbage in circles; by Python's own measure, a third of it was spent looking for some.
COLLECTED_AFTER = 50_000, 20, 20


class ListenError(Exception):
    """The address can't be listened on."""


def resolve(address: str) -> tuple[socket.AddressFamily, str, int]:
    """Family, host and port; ListenError for a name that nobody knows."""
    host, port = parse_address(address)
    try:
        family, _, _, _, place = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except OSError as error:
        raise ListenError(f"can't listen on {address}: {error.strerror or error}") from error
    return family, str(place[0]), port


def is_loopback(address: str) -> bool:
    """True when only this machine can connect to it."""
    return ip_address(resolve(address)[1].partition("%")[0]).is_loopback


def listen(address: str) -> socket.socket:
    """A bound socket; ListenError says why not."""
    family, host, port = resolve(address)
    try:
        bound = socket.create_server((host, port), family=family)
    except OSError as error:
        raise ListenError(f"can't listen on {address}: {error.strerror or error}") from error
    # asyncio does it for sockets of its own only; without it every kept connection waits 40 ms an answer.
    bound.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return bound


class Server(uvicorn.Server):
    """uvicorn with our connections, told to end the endless streams first."""

    def __init__(self, app: Starlette, bounds: Bounds, tls: ssl.SSLContext | None) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                ws="none",
                log_config=None,
                access_log=False,
                proxy_headers=False,
                lifespan="off",
                server_header=False,
                timeout_keep_alive=KEEP_ALIVE_SECONDS,
                timeout_graceful_shutdown=GRACE_SECONDS,
            )
        )
        self.app = app
        self.bounds = bounds
        self.tls = tls

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen. uvicorn's own would let a TLS handshake take a minute."""
        loop = asyncio.get_running_loop()
        connection = partial(Connection, self.bounds, self.config, self.server_state, {})
        self.servers = [
            await loop.create_server(
                connection,
                sock=one,
                ssl=self.tls,
                ssl_handshake_timeout=HANDSHAKE_SECONDS if self.tls else None,
                ssl_shutdown_timeout=GRACE_SECONDS if self.tls else None,
            )
            for one in sockets or []
        ]
        self.started = True

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """SIGINT or SIGTERM."""
        self.app.state.feed.stopping.set()
        super().handle_exit(sig, frame)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Take the signals for good: an orderly end is success, uvicorn would raise them once more."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self.handle_exit, number, None)
        yield


def run(service: Service, address: str, hosts: Sequence[str] = ()) -> None:
    """`serve` in an event loop of its own."""
    # What is here by now stays: the garbage collector need not look through it over and over.
    gc.freeze()
    gc.set_threshold(*COLLECTED_AFTER)
    with asyncio.Runner(loop_factory=fastest_loop()) as runner:
        runner.run(serve(service, address, hosts))


def fastest_loop() -> Callable[[], asyncio.AbstractEventLoop]:
    """uvloop's where it is installed, else the standard library's, which does the same more slowly."""
    try:
        import uvloop
    except ImportError:
        return asyncio.new_event_loop
    return uvloop.new_event_loop


def bounds_of(service: Service) -> Bounds:
    """What connections must keep to."""

    def allowed_names() -> list[str]:
        tls = service.security.settings.web.tls_server_config
        return tls.client_allowed_sans if tls else []

    return Bounds(
        connections=service.config.web.limits.connections,
        allowed_names=allowed_names,
        refused=lambda reason: service.own.rejected.labels(reason).inc(),
    )


async def serve(service: Service, address: str, hosts: Sequence[str] = ()) -> None:
    """Run until SIGINT or SIGTERM; SIGHUP reloads the configuration. `hosts`: as in `Guard`."""
    bound = listen(address)
    app = create_app(service, [parse_address(address)[0], *service.config.web.hosts, *hosts])
    server = Server(app, bounds_of(service), service.security.tls)
    reloads: set[asyncio.Task[None]] = set()
    asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, start_reload, service, reloads)
    ticking = asyncio.create_task(service.run())
    ticking.add_done_callback(lambda task: stop_on_failure(task, server, service))
    checking = asyncio.create_task(service.schedule.run())
    scheme = "https" if service.security.tls else "http"
    log.info("listening", extra={"url": f"{scheme}://{address}/"})
    await server.serve(sockets=[bound])
    checking.cancel()
    await asyncio.wait([checking])
    log.info("stopped")
    failed = ticking.done() and not ticking.cancelled() and ticking.exception()
    ticking.cancel()
    if failed:
        raise failed


def start_reload(service: Service, reloads: set[asyncio.Task[None]]) -> None:
    """What SIGHUP does; `reloads` keeps the task alive."""
    task = asyncio.get_running_loop().create_task(reload(service))
    reloads.add(task)
    task.add_done_callback(reloads.discard)


async def reload(service: Service) -> None:
    """Read the configuration again; a bad one is in the log already."""
    with suppress(ConfigError):
        await service.reload()


def stop_on_failure(task: asyncio.Task[None], server: uvicorn.Server, service: Service) -> None:
    """A simulation that has died must not look alive: end the process."""
    if not task.cancelled() and task.exception():
        service.own.errors.labels("tick").inc()
        server.should_exit = True
