"""A slow disk: who tells of runs waits for it, and nobody else."""

import asyncio
import threading
from collections.abc import Callable, Sequence

import httpx
import pytest

from tests.unit.web.pipelines import Web

DEADLINE_SECONDS = 10
OTHERS = ("/metrics", "/api/v1/status", "/", "/-/healthy", "/api/v1/pipelines")


class SlowDisk:
    """An append that takes until it is let go."""

    def __init__(self, append: Callable[[Sequence[bytes]], None]) -> None:
        self.append = append
        self.begun, self.free = threading.Event(), threading.Event()

    def __call__(self, entries: Sequence[bytes]) -> None:
        self.begun.set()
        assert self.free.wait(DEADLINE_SECONDS)
        self.append(entries)


def run(number: int) -> dict[str, str]:
    return {"pipeline": "load", "run_id": str(number), "state": "succeeded"}


async def told(client: httpx.AsyncClient, number: int) -> int:
    return (await client.post("/api/v1/runs", json=run(number))).status_code


def test_while_the_disk_is_busy_everything_else_is_answered(
    web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = web.service.intake.journal
    disk = SlowDisk(journal.append)
    monkeypatch.setattr(journal, "append", disk)

    async def go() -> None:
        async with asyncio.timeout(DEADLINE_SECONDS), web.client() as client:
            telling = [asyncio.create_task(told(client, number)) for number in range(3)]
            while not disk.begun.is_set():
                await asyncio.sleep(0)
            for path in OTHERS:
                assert (await client.get(path)).status_code == 200
            assert not any(task.done() for task in telling)
            disk.free.set()
            assert await asyncio.gather(*telling) == [201] * 3

    asyncio.run(go())
    assert web.sample("pipeline_runs_total", pipeline="load", state="succeeded") == 3


def test_what_the_disk_has_not_taken_is_not_counted(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    journal = web.service.intake.journal
    disk = SlowDisk(journal.append)
    monkeypatch.setattr(journal, "append", disk)

    async def go() -> None:
        async with asyncio.timeout(DEADLINE_SECONDS), web.client() as client:
            telling = asyncio.create_task(told(client, 1))
            while not disk.begun.is_set():
                await asyncio.sleep(0)
            assert 'pipeline="load"' not in (await client.get("/metrics")).text
            disk.free.set()
            assert await telling == 201

    asyncio.run(go())
