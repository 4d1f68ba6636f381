"""Thirty days of steady and busy traffic without a fault: nobody is paged.

Thirty pipelines run a day each, side by side, each with chances of its own; pages look back an hour.
"""

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from exporter.alerting import Episode
from exporter.config import Config, load_config
from exporter.config.scenario import Scenario
from exporter.score.catalog import read_scenario, scenario_path
from exporter.score.score import fired
from exporter.service import Options

ROOT = Path(__file__).parents[2]
DAYS = 30
FAULTY = Scenario.model_validate(
    {
        "lasts": "1h",
        "faults": [{"at": "20m", "for": "10m", "stage": "enrich", "kind": "stall", "pipeline": "p0"}],
    }
)


def options(config: Config, folder: Path) -> Options:
    """As if somebody had written this configuration."""
    path = folder / "pipelines.yml"
    path.write_text(config.model_dump_json(by_alias=True, exclude_none=True), encoding="utf-8")
    return Options(path)


def pipelines(traffic: str, days: int, scenario: Scenario | None = None) -> Config:
    """So many pipelines of one signal with the traffic of a scenario, for a day."""
    config = load_config(None, scenario_path("steady"))
    one = read_scenario(scenario_path(traffic)).applied_to(config.pipelines[0])
    one = one.model_copy(update={"signals": one.signals[:1]})
    many = [one.model_copy(update={"name": f"p{index}"}) for index in range(days)]
    return config.model_copy(update={"pipelines": many, "scenario": scenario or config.scenario})


@pytest.fixture(scope="module")
def paging(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The rules that can page, and what they are made of."""
    found = tmp_path_factory.mktemp("rules") / "paging.yml"
    groups = [
        {**group, "rules": [rule for rule in group["rules"] if pages(rule)]}
        for path in sorted((ROOT / "prometheus/rules/prod").glob("*.yml"))
        for group in YAML(typ="safe").load(path)["groups"]
        if group["name"] not in ("slo-slow", "slo-period", "escalation")
    ]
    YAML().dump({"groups": groups}, found)
    return [found]


def pages(rule: dict[str, Any]) -> bool:
    return "record" in rule or rule["labels"]["severity"] == "critical" or rule["alert"] == "Watchdog"


def test_nobody_is_paged(
    promtool: Path, paging: list[Path], tmp_path_factory: pytest.TempPathFactory
) -> None:
    def play(traffic: str) -> list[Episode]:
        folder = tmp_path_factory.mktemp(traffic)
        return fired(options(pipelines(traffic, DAYS // 2), folder), promtool, paging)

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        steady, busy = pool.map(play, ("steady", "busy-evening"))
    assert [*steady, *busy] == []


def test_the_same_pipelines_and_rules_do_page_for_a_fault(
    promtool: Path, paging: list[Path], tmp_path: Path
) -> None:
    episodes = fired(options(pipelines("steady", 2, FAULTY), tmp_path), promtool, paging)
    assert {episode.labels["pipeline"] for episode in episodes} == {"p0"}
    assert {"PipelineStageStalled", "PipelineEventsDropped"} <= {one.labels["alertname"] for one in episodes}
