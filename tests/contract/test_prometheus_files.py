"""Prometheus accepts both configurations, and finds by them what it shall look at and tell."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from tests.servers import Server, wait_until
from tools.targets import CONFIGURATION, FILES


@pytest.mark.parametrize("name", FILES.values())
def test_prometheus_accepts_its_configuration(promtool: Path, name: str) -> None:
    command = (promtool, "check", "config", "--lint=all", "--lint-fatal", CONFIGURATION / name)
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_prometheus_finds_its_targets_and_its_alertmanager(
    prometheus: Callable[..., Server], alertmanager: Callable[[], Server]
) -> None:
    receiving = alertmanager()
    scraping = prometheus(alertmanager=receiving.port)

    def jobs_that_are_up() -> set[str]:
        answer = httpx.get(f"{scraping.url}/api/v1/query", params={"query": "up == 1"}).json()
        return {series["metric"]["job"] for series in answer["data"]["result"]}

    def alertmanagers() -> list[str]:
        answer = httpx.get(f"{scraping.url}/api/v1/alertmanagers").json()
        return [active["url"] for active in answer["data"]["activeAlertmanagers"]]

    wait_until(lambda: {"prometheus", "alertmanager"} <= jobs_that_are_up())
    assert wait_until(alertmanagers) == [f"{receiving.url}/api/v2/alerts"]
