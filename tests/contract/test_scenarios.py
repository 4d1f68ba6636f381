"""The keystone: every scenario, played in virtual time, raises exactly the alerts that it names, in time."""

import os
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest

from exporter.alerting import Alertmanager, Episode
from exporter.score.catalog import read_scenario, scenario_names, scenario_path
from exporter.score.judgement import Score
from exporter.score.report import report, text
from exporter.score.score import fired, judged
from exporter.service import Options
from tools.score import BEGIN, END, block

ROOT = Path(__file__).parents[2]
RULES = sorted((ROOT / "prometheus/rules/prod").glob("*.yml"))
ALERTMANAGER = Alertmanager.load(ROOT / "alertmanager/alertmanager.yml")
SHIPPED = {
    *("steady", "busy-evening", "spike", "slowdown-mild", "slowdown-hard", "stall", "error-burst"),
    *("slow-dependency", "ingest-overload", "two-faults", "flapping", "slow-burn", "exporter-restart"),
    *("cold-start", "low-traffic", "fleet-well", "fleet-upstream", "fleet-troubles"),
}
LOSING = {"PipelineEventsDropped", "PipelineEventsFailed", "PipelineStageStalled"}

Played = dict[str, Future[list[Episode]]]
Break = Callable[[str, str, str], list[Path]]


@pytest.fixture(scope="module")
def played(promtool: Path) -> Iterator[Played]:
    """All scenarios, the longest first, as many at a time as there are processors."""
    names = sorted(scenario_names(), key=lambda name: -read_scenario(scenario_path(name)).lasts)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        yield {
            name: pool.submit(fired, Options(None, scenario_path(name)), promtool, RULES) for name in names
        }


@pytest.fixture
def broken(tmp_path: Path) -> Break:
    """The rules with one text replaced in one file."""

    def replace(file: str, old: str, new: str) -> list[Path]:
        for path in RULES:
            text = path.read_text(encoding="utf-8")
            if path.stem == file:
                assert old in text
                text = text.replace(old, new)
            (tmp_path / path.name).write_text(text, encoding="utf-8")
        return sorted(tmp_path.glob("*.yml"))

    return replace


def scored(name: str, episodes: list[Episode]) -> Score:
    return judged(read_scenario(scenario_path(name)), episodes, ALERTMANAGER)


def replayed(name: str, promtool: Path, rules: list[Path]) -> Score:
    return scored(name, fired(Options(None, scenario_path(name)), promtool, rules))


def test_all_scenarios_are_there() -> None:
    assert set(scenario_names()) == SHIPPED


@pytest.mark.parametrize("name", sorted(SHIPPED))
def test_a_scenario_raises_exactly_what_it_names(name: str, played: Played) -> None:
    score = scored(name, played[name].result())
    assert score.passed, [*score.missed, *score.unmet, *score.false_alerts]


def test_every_fault_that_must_be_told_is_counted() -> None:
    silent = {name for name in SHIPPED if not read_scenario(scenario_path(name)).expect}
    assert silent == {"steady", "busy-evening", "spike", "low-traffic", "fleet-well"}


@pytest.mark.parametrize("name", sorted(SHIPPED))
def test_what_loses_events_pages_within_two_minutes_by_its_own_alert(name: str, played: Played) -> None:
    scenario = read_scenario(scenario_path(name))
    for expected in scenario.expect:
        if expected.alert in LOSING:
            assert expected.within <= 120
    for episode in played[name].result():
        if episode.labels["alertname"] in LOSING:
            assert episode.labels["severity"] == "critical"


@pytest.mark.parametrize("name", sorted(SHIPPED))
def test_hard_faults_are_told_to_the_team_within_three_minutes(name: str, played: Played) -> None:
    if name in ("slowdown-mild", "slow-burn"):
        assert scored(name, played[name].result()).false_pages == 0
    else:
        assert all(seconds <= 180 for seconds in scored(name, played[name].result()).times_to_detect)


def test_the_table_of_the_readme_is_the_score_of_today(played: Played) -> None:
    scores = {name: scored(name, played[name].result()) for name in sorted(SHIPPED)}
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert readme.partition(BEGIN)[2].partition(END)[0].strip() == block(text(report(scores)))


def test_an_alert_that_was_taken_away_is_missed(promtool: Path, broken: Break) -> None:
    rules = broken(
        "stages", "pipeline_stage_service_threshold_seconds", "1e9 * pipeline_stage_service_threshold_seconds"
    )
    score = replayed("slow-dependency", promtool, rules)
    assert (score.faults, score.detected) == (1, 0)
    assert score.missed == ["fault 0 (enrich latency)"]


def test_a_threshold_that_was_moved_fires_falsely(promtool: Path, broken: Break) -> None:
    rules = broken("stages", "(pipeline_stage_health[1m]) == 2", "(pipeline_stage_health[1m]) >= 0")
    score = replayed("spike", promtool, rules)
    assert not score.passed
    assert score.false_alerts[0].startswith("PipelineStageCritical business-signals")


def test_a_tier_that_was_removed_is_noticed(promtool: Path, broken: Break) -> None:
    rules = broken("slo", "/ slo:error_budget:ratio > 14.4)", "/ slo:error_budget:ratio > 144)")
    score = replayed("stall", promtool, rules)
    assert score.detected == 1
    assert score.unmet == [
        "fault 0 (store stall): PipelineSloPageFast throughput never fired",
        "fault 0 (store stall): PipelineSloPageFast latency never fired",
    ]


def test_a_wait_that_is_too_long_is_late(promtool: Path, broken: Break) -> None:
    rules = broken("stages", "for: 1m\n", "for: 5m\n")
    score = replayed("slow-dependency", promtool, rules)
    assert score.missed == ["fault 0 (enrich latency)"]
    assert "PipelineStageSlow enrich fired after 5 min" in score.unmet[0]
