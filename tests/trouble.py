"""Trouble between a client and a real exporter: late or lost answers, a full disk, a standstill."""

import http.client
import os
import resource
import signal
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tests.servers import Server
from tools.loopback import HOST

PASSED_ON = ("Content-Type", "Content-Encoding", "Authorization")
SECONDS = 60
# What becomes of an answer, by how often the same body had been sent before; ConnectionError: it is lost.
Fate = Callable[["Relay", int], None]


class Relay(ThreadingHTTPServer):
    """Passes every request on to the server at once, and its answer as `fate` has it.

    `asked` counts the bodies, `answered` the server's answers by status.
    """

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, port: int, fate: Fate) -> None:
        super().__init__((HOST, 0), _Passing)
        self.behind, self.fate = port, fate
        self.asked: Counter[bytes] = Counter()
        self.answered: Counter[int] = Counter()
        self.over = threading.Event()

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.server_port}"


class _Passing(BaseHTTPRequestHandler):
    server: Relay
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        times = self.server.asked[body]
        self.server.asked[body] += 1
        self.close_connection = True
        try:
            answer, content = self.passed_on(body)
            self.server.fate(self.server, times)
            self.send_response(answer.status)
            for name, value in answer.getheaders():
                self.send_header(name, value)
            self.send_header("Connection", "close")
            self.end_headers()
            self.wfile.write(content)
        except OSError:
            return

    def passed_on(self, body: bytes) -> tuple[http.client.HTTPResponse, bytes]:
        """The server's answer."""
        headers = {name: self.headers[name] for name in PASSED_ON if name in self.headers}
        server = http.client.HTTPConnection(HOST, self.server.behind, timeout=SECONDS)
        try:
            server.request("POST", self.path, body, headers)
            answer = server.getresponse()
            content = answer.read()
        finally:
            server.close()
        self.server.answered[answer.status] += 1
        return answer, content

    def log_message(self, *_: object) -> None:
        """Silent."""


def at_once(_: Relay, __: int) -> None:
    """Every answer arrives."""


def lost_once(_: Relay, times: int) -> None:
    """The first answer to each body is lost."""
    if times == 0:
        raise ConnectionAbortedError


def never(relay: Relay, _: int) -> None:
    """No answer comes as long as the relay is there."""
    relay.over.wait(SECONDS)
    raise ConnectionAbortedError


def late_once(relay: Relay, times: int) -> None:
    """The first answer to each body comes when nobody waits for it any more."""
    if times == 0:
        relay.over.wait(2)


@contextmanager
def relaying(server: Server, fate: Fate = at_once) -> Iterator[Relay]:
    """A relay before the server until the end of the block."""
    with Relay(server.port, fate) as relay:
        thread = threading.Thread(target=relay.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield relay
        finally:
            relay.over.set()
            relay.shutdown()
            thread.join()


@contextmanager
def full_disk(server: Server) -> Iterator[None]:
    """The kernel refuses every byte that the server would write to a file."""
    pid = server.child.process.pid
    before = resource.prlimit(pid, resource.RLIMIT_FSIZE)
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (0, before[1]))
    try:
        yield
    finally:
        resource.prlimit(pid, resource.RLIMIT_FSIZE, before)


@contextmanager
def standstill(server: Server) -> Iterator[None]:
    """The server does nothing; the kernel goes on taking connections and what is sent for it."""
    pid = server.child.process.pid
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)
