"""Servers that a client may meet: one that records what it is told, and ones that misbehave."""

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tools.loopback import HOST

Json = dict[str, Any]


class Recorder(ThreadingHTTPServer):
    """Keeps every report and answers as told: `status`, `body`, `headers`."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, port: int = 0) -> None:
        super().__init__((HOST, port), _Recording)
        self.bodies: list[bytes] = []
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.status = 201
        self.body = b'{"run_id": "x"}'
        self.headers: dict[str, str] = {}

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.server_port}"

    @property
    def reports(self) -> list[Json]:
        return [json.loads(body) for body in list(self.bodies)]

    @property
    def states(self) -> list[str]:
        return [report["state"] for report in self.reports]


class _Recording(BaseHTTPRequestHandler):
    server: Recorder

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.asked.append((self.path, dict(self.headers.items())))
        self.server.bodies.append(body)
        self.send_response(self.server.status)
        for name, value in {"Content-Length": str(len(self.server.body)), **self.server.headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(self.server.body)

    def log_message(self, *_: object) -> None:
        """Silent."""


@contextmanager
def recording(port: int = 0) -> Iterator[Recorder]:
    """A recorder that serves until the end of the block."""
    with Recorder(port) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


Misbehaviour = Callable[[socket.socket, threading.Event], None]


def hang(_: socket.socket, over: threading.Event) -> None:
    """Takes the connection and says nothing."""
    over.wait()


def trickle(connection: socket.socket, over: threading.Event) -> None:
    """Sends a header that never ends, a byte at a time: no single wait is long."""
    connection.recv(65536)
    connection.sendall(b"HTTP/1.1 201 Created\r\nX-Slow: ")
    while not over.wait(0.05):
        connection.sendall(b"z")


def half_close(connection: socket.socket, over: threading.Event) -> None:
    """Closes its sending side without an answer and keeps listening."""
    connection.recv(65536)
    connection.shutdown(socket.SHUT_WR)
    over.wait()


def hang_up(connection: socket.socket, _: threading.Event) -> None:
    """Closes in the middle of its answer's first line."""
    connection.recv(65536)
    connection.sendall(b"HTTP/1.")


def babble(connection: socket.socket, _: threading.Event) -> None:
    """Isn't HTTP at all."""
    connection.recv(65536)
    connection.sendall(b"SSH-2.0-OpenSSH_9.9\r\n" * 100)


@contextmanager
def misbehaving(how: Misbehaviour) -> Iterator[str]:
    """The URL of a server that misbehaves like this."""
    over = threading.Event()
    with ExitStack() as stack:
        door = stack.enter_context(socket.create_server((HOST, 0), backlog=128))
        stack.callback(over.set)

        def serve() -> None:
            while not over.is_set():
                try:
                    connection, _ = door.accept()
                except OSError:
                    return
                threading.Thread(target=attend, args=(connection,), daemon=True).start()

        def attend(connection: socket.socket) -> None:
            with connection:
                try:
                    how(connection, over)
                except OSError:
                    return

        threading.Thread(target=serve, daemon=True).start()
        yield f"http://{HOST}:{door.getsockname()[1]}"
        door.shutdown(socket.SHUT_RDWR)
