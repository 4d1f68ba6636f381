"""The live stream: the very status, once a second, to a bounded number of listeners, until the end."""

import asyncio
import json
from collections.abc import Coroutine
from typing import Any, TypeVar

import httpx

from exporter.web.access import EVERYBODY
from exporter.web.stream import MAX_LISTENERS, StatusFeed
from tests.unit.web.pipelines import Web, error_of

DEADLINE_SECONDS = 10
TOO_MANY = 3

Result = TypeVar("Result")


def run(work: Coroutine[Any, Any, Result]) -> Result:
    """Its result, in an event loop of its own; fails at the deadline instead of hanging."""

    async def bounded() -> Result:
        async with asyncio.timeout(DEADLINE_SECONDS):
            return await work

    return asyncio.run(bounded())


def feed_of(web: Web) -> StatusFeed:
    feed: StatusFeed = web.app.state.feed
    return feed


def parsed(event: bytes) -> Any:
    assert event.startswith(b"data: ")
    assert event.endswith(b"\n\n")
    assert event.count(b"\n") == 2
    return json.loads(event.removeprefix(b"data: "))


async def heard(web: Web) -> None:
    """Return once somebody listens."""
    while not feed_of(web).listeners:
        await asyncio.sleep(0)


def test_the_first_event_is_the_status(web: Web) -> None:
    web.service.advance(100)

    async def first() -> bytes:
        return await anext(feed_of(web).events(EVERYBODY))

    event = parsed(run(first()))
    assert event == web.get("/api/v1/status").json()
    assert event["pipelines"][0]["time_seconds"] == 100


def test_each_event_tells_what_has_happened_since(web: Web) -> None:
    async def two() -> list[int]:
        times = []
        async for event in feed_of(web).events(EVERYBODY):
            times.append(parsed(event)["pipelines"][0]["time_seconds"])
            if len(times) == 2:
                break
            web.service.advance(7)
            web.clock.seconds += 1
        return times

    assert run(two()) == [0, 7]


def test_a_stream_ends_when_the_process_stops(web: Web) -> None:
    async def listen() -> bytes:
        async with web.client() as client:
            answer = asyncio.create_task(client.get("/api/v1/stream"))
            await heard(web)
            feed_of(web).stopping.set()
            response = await answer
            assert response.headers["content-type"].startswith("text/event-stream")
            assert response.headers["cache-control"] == "no-store"
            return response.content

    for event in run(listen()).splitlines(keepends=True)[::2]:
        assert parsed(event + b"\n")["version"] == web.service.version
    assert feed_of(web).listeners == 0


def test_listeners_beyond_the_limit_are_503_and_counted_until_somebody_leaves(web: Web) -> None:
    async def crowd() -> None:
        async with web.client() as client:

            def come() -> asyncio.Task[httpx.Response]:
                return asyncio.create_task(client.get("/api/v1/stream"))

            comers = [come() for _ in range(MAX_LISTENERS + TOO_MANY)]
            while sum(comer.done() for comer in comers) < TOO_MANY:
                await asyncio.sleep(0)
            for refused in (comer for comer in comers if comer.done()):
                error_of(refused.result(), 503)
            listening = [comer for comer in comers if not comer.done()]
            listening.pop().cancel()
            while feed_of(web).listeners == MAX_LISTENERS:
                await asyncio.sleep(0)
            listening.append(come())
            while feed_of(web).listeners < MAX_LISTENERS:
                await asyncio.sleep(0)
            feed_of(web).stopping.set()
            assert {(await listener).status_code for listener in listening} == {200}

    run(crowd())
    assert web.refusals("too_many_listeners") == TOO_MANY
    assert feed_of(web).listeners == 0


def test_a_listener_that_goes_away_makes_room(web: Web) -> None:
    async def leave() -> None:
        async with web.client() as client:
            answer = asyncio.create_task(client.get("/api/v1/stream"))
            await heard(web)
            answer.cancel()
            while feed_of(web).listeners:
                await asyncio.sleep(0.01)

    run(leave())


def test_head_of_the_stream_ends_at_once_and_takes_no_place(web: Web) -> None:
    async def head() -> int:
        async with web.client() as client:
            return (await client.head("/api/v1/stream")).status_code

    assert run(head()) == 200
    assert feed_of(web).listeners == 0
