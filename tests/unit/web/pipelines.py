"""Exporters for tests: the built-in pipeline in steady traffic, where only what a test does happens."""

import asyncio
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from prometheus_client.parser import text_string_to_metric_families
from starlette.applications import Starlette

from exporter.config import load_config
from exporter.service import Options, Service
from exporter.web import create_app

EPOCH = 1_800_000_000.0
URL = "http://127.0.0.1:9888"
JSON_TYPE = {"Content-Type": "application/json"}

Json = dict[str, Any]


def calm(*faults: Json) -> Json:
    """The built-in stream in steady traffic without faults of its own; ``faults`` are scripted."""
    config = load_config(None).model_dump(mode="json", by_alias=True, exclude_none=True)
    [pipeline] = config["pipelines"]
    steady = {"events": [30, 34], "dwell": [10, 10], "next": {"steady": 1}}
    pipeline |= {"faults": [], "traffic": {"initial": "steady", "regimes": {"steady": steady}}}
    del config["fleet"], config["simulated_datasets"]
    return {**config, "scenario": {"faults": list(faults)}}


def written(config: Json, folder: Path) -> Path:
    """A configuration file: JSON is YAML."""
    path = folder / "pipelines.yml"
    path.write_text(json.dumps(config))
    return path


@dataclass
class Clock:
    """A clock that stands still until it is set."""

    seconds: float = EPOCH

    def __call__(self) -> float:
        return self.seconds


@dataclass
class Web:
    """A service and its application, asked through ASGI without a socket."""

    service: Service
    clock: Clock
    app: Starlette = field(init=False)

    def __post_init__(self) -> None:
        self.app = create_app(self.service, [])

    def get(self, path: str, **headers: str) -> httpx.Response:
        """GET with headers, underscores in place of their hyphens."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.request("GET", path, headers=named)

    def post(self, path: str, content: object) -> httpx.Response:
        """POST JSON."""
        return self.request("POST", path, json=content)

    def request(self, method: str, path: str, **options: Any) -> httpx.Response:
        """What the application answers; a failure of its own is an answer too."""

        async def ask() -> httpx.Response:
            async with self.client() as client:
                return await client.request(method, path, **options)

        return asyncio.run(ask())

    def client(self) -> httpx.AsyncClient:
        """For tests with an event loop of their own."""
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
        return httpx.AsyncClient(transport=transport, base_url=URL)

    def status(self) -> Any:
        """The status, which may be half a second old, one second later."""
        self.clock.seconds += 1
        return self.get("/api/v1/status").json()

    def sample(self, name: str, **labels: str) -> float:
        """The value of one sample on /metrics."""
        families = text_string_to_metric_families(self.get("/metrics").text)
        [value] = [
            sample.value
            for family in families
            for sample in family.samples
            if sample.name == name and labels.items() <= sample.labels.items()
        ]
        return float(value)

    def refusals(self, reason: str) -> float:
        """How many requests were refused for ``reason``."""
        return self.sample("pipeline_exporter_requests_rejected_total", reason=reason)


def web_of(config: Json, folder: Path) -> Web:
    """The configuration, running, at tick 0."""
    clock = Clock()
    return Web(Service(Options(written(config, folder)), clock, lambda: 0.0), clock)


def error_of(response: httpx.Response, status: int) -> str:
    """The message of a refusal, which is JSON with this status and nothing else."""
    assert (response.status_code, response.headers["content-type"]) == (status, "application/json")
    content: Json = response.json()
    assert content.keys() == {"error"}
    return str(content["error"])
