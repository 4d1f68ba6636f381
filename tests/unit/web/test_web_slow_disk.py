"""A slow disk: who tells of runs waits for it, and nobody else."""

import asyncio
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from exporter.incidents import Incidents
from tests.unit.incidents.notifications import T0, alert, notification
from tests.unit.test_service import run_until, running
from tests.unit.web.pipelines import Web

DEADLINE_SECONDS = 10
OTHERS = ("/metrics", "/api/v1/status", "/", "/-/healthy", "/api/v1/pipelines")


class SlowDisk:
    """A call that takes until it is let go."""

    def __init__(self, call: Callable[..., Any]) -> None:
        self.call = call
        self.begun, self.free = threading.Event(), threading.Event()

    def __call__(self, *given: object) -> Any:
        self.begun.set()
        assert self.free.wait(DEADLINE_SECONDS)
        return self.call(*given)


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


async def notified(client: httpx.AsyncClient, *alerts: Any) -> Any:
    return (await client.post("/api/v1/alerts", json=notification(*alerts))).json()


def test_while_an_incident_is_written_everything_else_is_answered(
    web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = SlowDisk(web.service.incidents.receive)
    monkeypatch.setattr(web.service.incidents, "receive", disk)

    async def go() -> None:
        async with asyncio.timeout(DEADLINE_SECONDS), web.client() as client:
            fires = asyncio.create_task(notified(client, alert()))
            while not disk.begun.is_set():
                await asyncio.sleep(0)
            ends = asyncio.create_task(notified(client, alert(ends=T0 + 60)))
            for path in (*OTHERS, "/pipelines"):
                assert (await client.get(path)).status_code == 200
            assert not any(task.done() for task in (fires, ends))
            disk.free.set()
            assert [await fires, await ends] == [{"incidents": ["1"]}] * 2
            [incident] = (await client.get("/api/v1/incidents")).json()
            assert incident["state"] == "resolved"

    asyncio.run(go())


def test_while_incidents_are_swept_the_streams_go_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    disk = SlowDisk(Incidents.sweep)
    monkeypatch.setattr(Incidents, "sweep", lambda *given: disk(*given))
    one = running(tmp_path)
    one.now.seconds += 3600
    one.elapsed.seconds += 5
    run_until(one.service, lambda: one.service.simulation.tick == 5 and disk.begun.is_set())
    disk.free.set()
