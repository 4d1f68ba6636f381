"""Serving: the socket, the event loop, signals, and an orderly end."""

import asyncio
import logging
import signal
import socket
from collections.abc import Sequence
from types import FrameType

import uvicorn
from starlette.applications import Starlette

from exporter.config import ConfigError
from exporter.service import Service
from exporter.web import create_app

log = logging.getLogger("exporter")
GRACE_SECONDS = 2


class ListenError(Exception):
    """The address can't be listened on."""


def parse_address(text: str) -> tuple[str, int]:
    """Host and port of `127.0.0.1:9888` or `[::1]:9888`; ListenError for everything else."""
    host, colon, port = text.rpartition(":")
    if not colon or not port.isdecimal() or int(port) > 65535:
        raise ListenError(f"{text}: expected HOST:PORT")
    return host.strip("[]") or "0.0.0.0", int(port)  # noqa: S104


def listen(address: str) -> socket.socket:
    """A bound socket; ListenError says why not."""
    host, port = parse_address(address)
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        bound = socket.create_server((host, port), family=family)
    except OSError as error:
        raise ListenError(f"can't listen on {address}: {error.strerror or error}") from error
    return bound


class Server(uvicorn.Server):
    """uvicorn, told to end the endless streams first."""

    def __init__(self, app: Starlette) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                log_config=None,
                access_log=False,
                lifespan="off",
                timeout_graceful_shutdown=GRACE_SECONDS,
            )
        )
        self.app = app

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """SIGINT or SIGTERM."""
        self.app.state.feed.stopping.set()
        super().handle_exit(sig, frame)


async def serve(service: Service, address: str, hosts: Sequence[str] = ()) -> None:
    """Run until SIGINT or SIGTERM; SIGHUP reloads the configuration. `hosts`: as in `Guard`."""
    bound = listen(address)
    app = create_app(service, [parse_address(address)[0], *service.config.web.hosts, *hosts])
    server = Server(app)
    asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, reload, service)
    ticking = asyncio.create_task(service.run())
    ticking.add_done_callback(lambda task: stop_on_failure(task, server, service))
    log.info("listening", extra={"url": f"http://{address}/"})
    await server.serve(sockets=[bound])
    log.info("stopped")
    failed = ticking.done() and not ticking.cancelled() and ticking.exception()
    ticking.cancel()
    if failed:
        raise failed


def reload(service: Service) -> None:
    """What SIGHUP does; a bad configuration is in the log already."""
    try:
        service.reload()
    except ConfigError:
        return


def stop_on_failure(task: asyncio.Task[None], server: uvicorn.Server, service: Service) -> None:
    """A simulation that has died must not look alive: end the process."""
    if not task.cancelled() and task.exception():
        service.own.errors.labels("tick").inc()
        server.should_exit = True
