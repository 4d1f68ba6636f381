"""A real exporter killed again and again while it is told of runs and checks: it knows what it took."""

import json
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from threading import Event
from typing import Any

import httpx
import numpy as np
from prometheus_client.parser import text_string_to_metric_families

from tests.conftest import nothing_simulated
from tests.servers import free_port
from tools import programs
from tools.children import Child, started, wait_until_ready
from tools.loopback import HOST

LIVES = 10
CLIENTS = 4
SHORTEST, LONGEST = 0.02, 0.5
STATES = ("succeeded", "failed")
CHECKS, LAST_RUN = "/api/v1/checks", "pipeline_check_last_run_timestamp_seconds"
JUDGED_FIRST = 1_700_000_000

Request = tuple[str, str, bytes]


@dataclass
class Client:
    """Tells runs and checks of a job of its own, and tells again what was not acknowledged.

    `told` is how many runs it has begun to tell, `acknowledged` how many of those are sure to be known;
    `pending` is the request whose answer it did not get. Checks have no number: the newest one counts.
    """

    job: str
    told: Counter[str] = field(default_factory=Counter)
    acknowledged: Counter[str] = field(default_factory=Counter)
    pending: tuple[Request, Counter[str]] | None = None
    number: int = 0
    newest_check: int = 0

    def tell(self, url: str, stop: Event) -> None:
        """One request after the other until the exporter is gone."""
        with httpx.Client(base_url=url, timeout=10) as client:
            while not stop.is_set():
                try:
                    self.tell_next(client)
                except httpx.TransportError:
                    return

    def tell_next(self, client: httpx.Client) -> None:
        """What was not acknowledged before, or something new."""
        if self.pending is None:
            self.pending = self.following()
            self.told += self.pending[1]
        (path, kind, body), runs = self.pending
        answer = client.post(path, content=body, headers={"Content-Type": kind})
        assert answer.status_code in (200, 201, 204), answer.text
        self.acknowledged += runs
        if path == CHECKS:
            self.newest_check = JUDGED_FIRST + self.number
        self.pending = None

    def following(self) -> tuple[Request, Counter[str]]:
        """A request through one door after the other, and the runs by final state that it tells of."""
        self.number += 1
        match self.number % 5:
            case 0:
                lines = [self.plain(part) for part in range(1, 21)]
                body = "\n".join(map(json.dumps, lines)).encode()
                return ("/api/v1/runs", "application/x-ndjson", body), Counter(row["state"] for row in lines)
            case 1:
                body = json.dumps(self.lineage("COMPLETE")).encode()
                return ("/api/v1/lineage", "application/json", body), Counter({"succeeded": 1})
            case 2:
                body = json.dumps([self.lineage("START"), self.lineage("FAIL")]).encode()
                return ("/api/v1/lineage/batch", "application/json", body), Counter({"failed": 1})
            case 3:
                return (CHECKS, "application/json", json.dumps(self.checks()).encode()), Counter()
        row = self.plain(0)
        return ("/api/v1/runs", "application/json", json.dumps(row).encode()), Counter({row["state"]: 1})

    def plain(self, part: int) -> dict[str, Any]:
        run_id = f"{self.job}-{self.number}-{part}"
        return {"pipeline": self.job, "run_id": run_id, "state": STATES[part % 2], "rows": 1}

    def checks(self) -> dict[str, Any]:
        checked = datetime.fromtimestamp(JUDGED_FIRST + self.number, UTC).isoformat()
        told = {"dataset": self.job, "team": "shop", "checked": checked, "status": "PASS", "checks": []}
        return {"datasets": [told]}

    def lineage(self, kind: str) -> dict[str, Any]:
        namespace, name = self.job.split("/")
        time = f"2026-11-21T00:00:{self.number % 60:02}Z"
        job, run = {"namespace": namespace, "name": name}, {"runId": f"{self.job}-{self.number}"}
        return {"eventType": kind, "eventTime": time, "run": run, "job": job}


def counted(url: str) -> dict[str, Counter[str]]:
    """Runs by job and final state on /metrics."""
    found: dict[str, Counter[str]] = {}
    for family in text_string_to_metric_families(httpx.get(f"{url}/metrics").text):
        for sample in family.samples:
            if sample.name == "pipeline_runs_total" and sample.labels["state"] in STATES:
                counts = found.setdefault(sample.labels["pipeline"], Counter())
                counts[sample.labels["state"]] = int(sample.value)
    return found


def checked(url: str) -> dict[str, float]:
    """When each dataset was last checked, by /metrics."""
    families = text_string_to_metric_families(httpx.get(f"{url}/metrics").text)
    samples = (sample for family in families for sample in family.samples)
    return {one.labels["dataset"]: one.value for one in samples if one.name == LAST_RUN}


def life(folder: Path) -> Iterator[Child]:
    """An exporter on the same data as the one before it."""
    arguments = ("--config", str(nothing_simulated(folder)), "--data", str(folder / "data"))
    program = programs.exporter(free_port(), *arguments, log=folder / "exporter.log")
    with started([program]) as [child]:
        wait_until_ready([child])
        yield child


def killed_at_some_time(child: Child, clients: list[Client], dice: np.random.Generator) -> None:
    """Let the clients tell until the exporter is killed."""
    url, stop = f"http://{HOST}:{child.program.port}", Event()
    with ThreadPoolExecutor(CLIENTS) as pool:
        telling = [pool.submit(client.tell, url, stop) for client in clients]
        stop.wait(dice.uniform(SHORTEST, LONGEST))
        child.process.kill()
        for told in telling:
            told.result()
    child.process.wait()


def test_what_was_acknowledged_is_known_once_however_often_the_exporter_is_killed(tmp_path: Path) -> None:
    dice = np.random.default_rng()
    clients = [Client(f"shop/job-{number}") for number in range(CLIENTS)]
    for _ in range(LIVES):
        for child in life(tmp_path):
            url = f"http://{HOST}:{child.program.port}"
            found, judged = counted(url), checked(url)
            for client in clients:
                known = found.get(client.job, Counter())
                assert client.acknowledged <= known <= client.told
                newest = max(client.newest_check, JUDGED_FIRST + client.number)
                assert client.newest_check <= judged.get(client.job, 0) <= newest
            killed_at_some_time(child, clients, dice)
    assert sum(client.pending is not None for client in clients) > 0
    for child in life(tmp_path):
        url = f"http://{HOST}:{child.program.port}"
        for client in clients:
            with httpx.Client(base_url=url) as last:
                client.tell_next(last)
        assert counted(url) == {client.job: client.told for client in clients}
        for client in clients:
            assert checked(url)[client.job] >= client.newest_check > JUDGED_FIRST
    assert min(client.number for client in clients) > LIVES
