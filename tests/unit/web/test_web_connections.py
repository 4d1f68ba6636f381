"""Connections that come too slowly, too large or too many are ended; good ones are not."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeAlias

import pytest
import uvicorn
from uvicorn.server import ServerState

from exporter.web.connection import MAX_HEADER, Bounds, Connection

DEADLINE_SECONDS = 10
SHORT = 0.2
GET = b"GET / HTTP/1.1\r\nhost: localhost\r\n\r\n"
POST = b"POST / HTTP/1.1\r\nhost: localhost\r\ncontent-length: 4\r\n\r\n"

Reader: TypeAlias = asyncio.StreamReader
Writer: TypeAlias = asyncio.StreamWriter
Visit = Callable[[Reader, Writer], Awaitable[None]]


@dataclass
class Listening:
    """A server that answers each body with itself."""

    port: int = 0
    state: ServerState = field(default_factory=ServerState)
    refused: Counter[str] = field(default_factory=Counter)
    certificates: list[Any] = field(default_factory=list)


async def answer(listening: Listening, scope: Any, receive: Any, send: Any) -> None:
    listening.certificates.append(scope["extensions"]["tls"]["client_cert_name"])
    body, more = b"", True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        body, more = body + message["body"], message["more_body"]
    length = str(len(body)).encode()
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", length)]})
    await send({"type": "http.response.body", "body": body})


@asynccontextmanager
async def listening(connections: int, header: float, body: float) -> AsyncIterator[Listening]:
    found = Listening()
    bounds = Bounds(connections, list, lambda reason: found.refused.update([reason]), header, body)
    config = uvicorn.Config(partial(answer, found), lifespan="off", log_config=None, interface="asgi3")
    config.load()
    make = partial(Connection, bounds, config, found.state, {})
    async with await asyncio.get_running_loop().create_server(make, "127.0.0.1", 0) as server:
        found.port = server.sockets[0].getsockname()[1]
        yield found
        while found.state.connections:
            await asyncio.sleep(0.01)


def visited(visit: Visit, connections: int = 10, header: float = SHORT, body: float = SHORT) -> Counter[str]:
    """Why connections were ended while somebody visited."""

    async def go() -> Counter[str]:
        async with asyncio.timeout(DEADLINE_SECONDS), listening(connections, header, body) as server:
            reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
            await visit(reader, writer)
            writer.close()
            assert set(server.certificates) <= {None}
            return server.refused

    return asyncio.run(go())


async def said(reader: Reader, writer: Writer, *parts: bytes, pause: float = 0.0) -> bytes:
    """All that is answered to these parts until the connection ends."""
    for part in parts:
        writer.write(part)
        await asyncio.sleep(pause)
    return await reader.read()


def first_line(content: bytes) -> str:
    return content.partition(b"\r\n")[0].decode()


async def ended(work: Coroutine[Any, Any, bytes], line: str) -> None:
    assert first_line(await work) == line


@pytest.mark.parametrize("start", [b"G", b"\r\n", GET[:-2], GET + b"G"], ids=repr)
def test_a_header_that_trickles_in_is_cut_off(start: bytes) -> None:
    async def visit(reader: Reader, writer: Writer) -> None:
        content = await said(reader, writer, start)
        assert content.rpartition(b"HTTP/1.1 ")[2].startswith(b"408 Request Timeout\r\n")

    assert visited(visit) == {"too_slow": 1}


def test_one_line_at_a_time_gains_no_time() -> None:
    async def visit(reader: Reader, writer: Writer) -> None:
        writer.write(b"GET / HTTP/1.1\r\n")
        clock = asyncio.get_running_loop().time
        began, answering = clock(), asyncio.create_task(reader.read())
        while not answering.done():
            writer.write(b"x: y\r\n")
            await asyncio.sleep(SHORT / 10)
        assert clock() - began < 10 * SHORT

    assert visited(visit) == {"too_slow": 1}


def test_who_says_nothing_is_let_go_without_a_word() -> None:
    async def visit(reader: Reader, writer: Writer) -> None:
        assert await said(reader, writer) == b""

    assert visited(visit) == {}


def test_a_body_that_trickles_in_is_cut_off() -> None:
    async def visit(reader: Reader, writer: Writer) -> None:
        assert await said(reader, writer, POST + b"ab") == b""

    assert visited(visit) == {"too_slow": 1}


def test_an_endless_header_is_refused() -> None:
    async def visit(reader: Reader, writer: Writer) -> None:
        large = b"GET / HTTP/1.1\r\nx: " + b"y" * (MAX_HEADER + 1)
        await ended(said(reader, writer, large), "HTTP/1.1 431 Request Header Fields Too Large")

    assert visited(visit, header=DEADLINE_SECONDS) == {"header_too_large": 1}


@pytest.mark.parametrize(
    "content", [b"\x16\x03\x01\x02\x00\x01\x00", b"GET / HTTP/9.9\r\n\r\n", b"\0"], ids=repr
)
def test_what_is_not_http_is_refused_and_counted(content: bytes) -> None:
    async def visit(reader: Reader, writer: Writer) -> None:
        await ended(said(reader, writer, content), "HTTP/1.1 400 Bad Request")

    assert visited(visit, header=DEADLINE_SECONDS) == {"invalid": 1}


def test_good_requests_on_a_kept_connection_are_answered_one_after_the_other() -> None:
    async def visit(reader: Reader, writer: Writer) -> None:
        for _ in range(5):
            writer.write(POST + b"abcd")
            assert (await reader.readuntil(b"abcd")).startswith(b"HTTP/1.1 200 OK\r\n")
            await asyncio.sleep(SHORT * 1.5)

    assert visited(visit) == {}


def test_a_request_that_comes_in_parts_but_in_time_is_answered() -> None:
    async def visit(reader: Reader, writer: Writer) -> None:
        for part in (POST[:10], POST[10:30], POST[30:], b"ab", b"cd"):
            writer.write(part)
            await asyncio.sleep(0.01)
        assert (await reader.readuntil(b"abcd")).startswith(b"HTTP/1.1 200 OK\r\n")

    assert visited(visit, header=DEADLINE_SECONDS, body=DEADLINE_SECONDS) == {}


def test_many_requests_at_once_may_be_larger_than_one_header() -> None:
    number = 2 * MAX_HEADER // len(GET)

    async def visit(reader: Reader, writer: Writer) -> None:
        writer.write(GET * number)
        for _ in range(number):
            assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 200 OK\r\n")

    assert visited(visit, header=DEADLINE_SECONDS) == {}


def test_one_connection_too_many_is_503_and_makes_no_difference_to_the_others() -> None:
    async def go() -> Counter[str]:
        async with asyncio.timeout(DEADLINE_SECONDS), listening(2, DEADLINE_SECONDS, 1) as server:
            visits = [await asyncio.open_connection("127.0.0.1", server.port) for _ in range(3)]
            await ended(visits[2][0].read(), "HTTP/1.1 503 Service Unavailable")
            for reader, writer in visits[:2]:
                writer.write(POST + b"abcd")
                assert (await reader.readuntil(b"abcd")).startswith(b"HTTP/1.1 200 OK\r\n")
            visits[0][1].close()
            await visits[0][1].wait_closed()
            await asyncio.sleep(0.05)
            reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
            writer.write(POST + b"efgh")
            assert (await reader.readuntil(b"efgh")).startswith(b"HTTP/1.1 200 OK\r\n")
            for _, open_writer in [*visits, (reader, writer)]:
                open_writer.close()
            return server.refused

    assert asyncio.run(go()) == {"too_many_connections": 1}
