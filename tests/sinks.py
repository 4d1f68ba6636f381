"""What stands for services outside: whatever is posted or mailed to them is kept with its time."""

import http.server
import json
import socketserver
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_string, policy
from typing import Any, ClassVar, NamedTuple

from tests.servers import free_port
from tools.loopback import HOST


class Delivery(NamedTuple):
    """What came: to which path, when (monotonic seconds), and the JSON."""

    path: str
    at: float
    content: Any


class Web:
    """Slack, PagerDuty, a dead man's switch: a web server that takes everything."""

    def __init__(self, port: int) -> None:
        self.url = f"http://{HOST}:{port}"
        self.deliveries: list[Delivery] = []

    def to(self, path: str) -> list[Delivery]:
        """What came to a path, in order."""
        return [delivery for delivery in self.deliveries if delivery.path == path]


@contextmanager
def web() -> Iterator[Web]:
    """A web server for as long as the block lasts."""
    sink = Web(free_port())

    class Answer(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            sink.deliveries.append(Delivery(self.path.strip("/"), time.monotonic(), json.loads(body)))
            self.send_response(202 if self.path.startswith("/pagerduty") else 200)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"ok")

        def log_request(self, *_: object) -> None:
            pass

    with serving(http.server.ThreadingHTTPServer((HOST, int(sink.url.rpartition(":")[2])), Answer)):
        yield sink


@contextmanager
def serving(server: socketserver.BaseServer) -> Iterator[None]:
    """The server, at work in a thread."""
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class Mailbox(NamedTuple):
    """A mail server, and the texts that came: subject, recipient, plain text; and how senders logged in."""

    port: int
    mails: list[tuple[str, str, str]]
    logins: list[str]


class Talk(socketserver.StreamRequestHandler):
    """As much of SMTP as Alertmanager speaks."""

    ANSWERS: ClassVar[dict[str, str]] = {
        "EHLO": "250-here\r\n250 AUTH PLAIN",
        "AUTH": "235 welcome",
        "DATA": "354 go on",
        "QUIT": "221 bye",
    }

    def handle(self) -> None:
        """Answer until the other side says QUIT."""
        self.say("220 here")
        while line := self.rfile.readline().decode().strip():
            verb = line[:4].upper()
            self.say(self.ANSWERS.get(verb, "250 fine"))
            if verb == "AUTH":
                self.box.logins.append(line)
            if verb == "DATA":
                self.take()
            if verb == "QUIT":
                return

    @property
    def box(self) -> Mailbox:
        """Where mails go."""
        assert isinstance(self.server, MailServer)
        return self.server.box

    def say(self, line: str) -> None:
        """A line to the other side."""
        self.wfile.write(f"{line}\r\n".encode())

    def take(self) -> None:
        """A mail, up to the line with nothing but a dot."""
        lines = iter(lambda: self.rfile.readline().decode().rstrip("\r\n"), ".")
        mail = message_from_string("\n".join(lines), policy=policy.default)
        body = mail.get_body(("plain",))
        assert body is not None
        self.box.mails.append((mail["Subject"], mail["To"], body.get_content()))
        self.say("250 taken")


class MailServer(socketserver.ThreadingTCPServer):
    """A mail server that keeps all mails."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, box: Mailbox) -> None:
        super().__init__((HOST, box.port), Talk)
        self.box = box


@contextmanager
def mailbox() -> Iterator[Mailbox]:
    """A mail server for as long as the block lasts."""
    box = Mailbox(free_port(), [], [])
    with serving(MailServer(box)):
        yield box
