"""Short requests take a shorter way through the server, and get the answer that the longer one gives."""

import asyncio
import gzip
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

import pytest
import uvicorn
from uvicorn.server import ServerState

from exporter.web.connection import Bounds, Connection
from exporter.web.errand import Errand, line
from tests.unit.web.pipelines import Web

DEADLINE_SECONDS = 10
EVENT = {
    "eventType": "START",
    "eventTime": "2026-11-21T00:00:00Z",
    "run": {"runId": "first"},
    "job": {"namespace": "shop", "name": "load"},
}
BODY = json.dumps(EVENT).encode()
JSON_TYPE = {"content-type": "application/json"}
LINEAGE = "/api/v1/lineage"

Headers = dict[str, str]


@asynccontextmanager
async def listening(web: Web) -> AsyncIterator[int]:
    """The port of the exporter as it is served."""
    bounds, state = Bounds(10, list, lambda _: None, DEADLINE_SECONDS, DEADLINE_SECONDS), ServerState()
    config = uvicorn.Config(web.app, lifespan="off", log_config=None, interface="asgi3")
    config.load()
    make = partial(Connection, bounds, config, state, {})
    async with await asyncio.get_running_loop().create_server(make, "127.0.0.1", 0) as server:
        yield server.sockets[0].getsockname()[1]
        while state.connections or state.tasks:
            await asyncio.sleep(0.01)


def request(method: str, target: str, headers: Headers, body: bytes) -> bytes:
    told = {"host": "127.0.0.1:9888", "content-length": str(len(body)), **headers}
    lines = [f"{method} {target} HTTP/1.1", *(f"{name}: {value}" for name, value in told.items()), "", ""]
    return "\r\n".join(lines).encode() + body


async def answered(port: int, *pieces: bytes, answers: int = 1) -> list[tuple[str, Headers, bytes]]:
    """Status line, headers and body of each answer on one connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for piece in pieces:
        writer.write(piece)
        await asyncio.sleep(0.01 * (len(pieces) > 1))
    try:
        return [await one_answer(reader) for _ in range(answers)]
    finally:
        writer.close()
        await writer.wait_closed()


async def one_answer(reader: asyncio.StreamReader) -> tuple[str, Headers, bytes]:
    status, *lines = (await reader.readuntil(b"\r\n\r\n")).decode().strip().split("\r\n")
    headers = dict(line.split(": ", 1) for line in lines)
    return status, headers, await reader.readexactly(int(headers.get("content-length", "0")))


def visited(web: Web, *pieces: bytes, answers: int = 1) -> list[tuple[str, Headers, bytes]]:
    async def go() -> list[tuple[str, Headers, bytes]]:
        async with asyncio.timeout(DEADLINE_SECONDS), listening(web) as port:
            return await answered(port, *pieces, answers=answers)

    return asyncio.run(go())


@pytest.mark.parametrize(
    ("method", "path", "headers", "body"),
    [
        ("POST", LINEAGE, JSON_TYPE, BODY),
        ("POST", LINEAGE, {**JSON_TYPE, "content-encoding": "gzip"}, gzip.compress(BODY)),
        ("POST", LINEAGE, {**JSON_TYPE, "content-encoding": "br"}, BODY),
        ("POST", LINEAGE, JSON_TYPE, b"{"),
        ("POST", LINEAGE, JSON_TYPE, b""),
        ("POST", LINEAGE, {}, BODY),
        ("POST", LINEAGE, {"content-type": "text/plain"}, BODY),
        ("POST", LINEAGE, {**JSON_TYPE, "origin": "http://evil.example"}, BODY),
        ("POST", LINEAGE, {**JSON_TYPE, "host": "evil.example"}, BODY),
        ("POST", LINEAGE, {**JSON_TYPE, "authorization": "Bearer nobody"}, BODY),
        ("POST", f"{LINEAGE}/batch", JSON_TYPE, b"[" + BODY + b"]"),
        ("POST", "/api/v1/runs", JSON_TYPE, b'{"pipeline": "load", "state": "running", "run_id": "a"}'),
        ("POST", "/api/v1/runs", {"content-type": "application/x-ndjson"}, b'{"pipeline": "load"}\n{}\n'),
        ("POST", "/api/v1/datasets", JSON_TYPE, b'{"dataset": "raw", "rows": 4}'),
        ("POST", "/api/v1/faults", JSON_TYPE, b'{"stage": "nowhere", "kind": "stall", "for": 9}'),
        ("POST", "/nowhere", JSON_TYPE, BODY),
        ("DELETE", LINEAGE, JSON_TYPE, BODY),
        ("GET", "/-/healthy", {}, b""),
    ],
)
def test_the_short_way_gives_the_same_answer(
    web: Web, method: str, path: str, headers: Headers, body: bytes
) -> None:
    short = visited(web, request(method, path, headers, body))
    long = visited(web, request(method, f"{path}?", headers, body))
    assert short == long


@pytest.mark.parametrize(
    ("method", "target", "headers", "size", "short"),
    [
        ("POST", LINEAGE, {}, 9999, 1),
        ("POST", LINEAGE, {}, 10_000, 0),
        ("POST", f"{LINEAGE}?", {}, 9, 0),
        ("POST", LINEAGE, {"expect": "100-continue"}, 9, 0),
        ("POST", LINEAGE, {"connection": "close"}, 9, 0),
        ("GET", "/-/healthy", {}, 0, 0),
    ],
)
def test_only_a_small_post_takes_the_short_way(
    web: Web,
    monkeypatch: pytest.MonkeyPatch,
    method: str,
    target: str,
    headers: Headers,
    size: int,
    short: int,
) -> None:
    taken = []
    begin = Connection.begin_errand

    def noted(connection: Connection) -> Errand:
        taken.append(begin(connection))
        return taken[-1]

    monkeypatch.setattr(Connection, "begin_errand", noted)
    visited(web, request(method, target, {**JSON_TYPE, **headers}, b"x" * size))
    assert len(taken) == short


def test_a_request_that_comes_in_parts_is_one(web: Web) -> None:
    whole = request("POST", LINEAGE, JSON_TYPE, BODY)
    [(status, _, body)] = visited(web, whole[:30], whole[30:-20], whole[-20:])
    assert (status, body) == ("HTTP/1.1 201 Created", b"{}")


def test_requests_sent_at_once_are_answered_in_their_order(web: Web) -> None:
    parts = [
        request("POST", LINEAGE, JSON_TYPE, BODY),
        request("GET", "/-/healthy", {}, b""),
        request("POST", LINEAGE, JSON_TYPE, b"{"),
        request("POST", f"{LINEAGE}?", JSON_TYPE, BODY),
        request("POST", LINEAGE, JSON_TYPE, BODY),
    ]
    answers = visited(web, b"".join(parts), answers=len(parts))
    assert [status.split()[1] for status, _, _ in answers] == ["201", "200", "400", "201", "201"]


def test_who_goes_away_before_the_answer_hinders_nobody(web: Web) -> None:
    async def go() -> None:
        async with asyncio.timeout(DEADLINE_SECONDS), listening(web) as port:
            whole = request("POST", LINEAGE, JSON_TYPE, BODY)
            for sent in (whole, whole[:-1]):
                _, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.write(sent)
                await writer.drain()
                writer.transport.abort()
            [(status, _, _)] = await answered(port, whole)
            assert status == "HTTP/1.1 201 Created"

    asyncio.run(go())


def test_the_last_request_of_a_connection_is_told_that_it_is(web: Web) -> None:
    [(_, headers, _)] = visited(web, request("POST", LINEAGE, {**JSON_TYPE, "connection": "close"}, BODY))
    assert headers["connection"] == "close"


def test_when_the_server_stops_the_connection_ends_with_the_answer(
    web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin = Connection.begin_errand

    def stopped_meanwhile(connection: Connection) -> Errand:
        connection.cycle = begin(connection)
        connection.shutdown()
        return connection.cycle

    async def go() -> None:
        # Sooner than uvicorn ends a connection that idles.
        async with asyncio.timeout(DEADLINE_SECONDS / 4), listening(web) as port:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(request("POST", LINEAGE, JSON_TYPE, BODY))
            assert (await reader.read()).startswith(b"HTTP/1.1 201 Created")
            writer.close()

    monkeypatch.setattr(Connection, "begin_errand", stopped_meanwhile)
    asyncio.run(go())


@pytest.mark.parametrize(("name", "value"), [(b"a\r\nb", b"c"), (b"a", b"b\r\nset-cookie: c"), (b"a", b"\0")])
def test_a_header_that_would_be_two_is_none(name: bytes, value: bytes) -> None:
    with pytest.raises(RuntimeError, match="invalid header"):
        line(name, value)
