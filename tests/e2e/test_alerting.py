"""The real Prometheus and Alertmanager on a real exporter: scraped, queried, alerted, resolved."""

import json
import math
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.servers import Server, free_port, serving, wait_until
from tests.unit.web.pipelines import calm, written
from tools import programs
from tools.loopback import HOST
from tools.programs import Program
from tools.receivers import write_alertmanager
from tools.targets import copy_configuration

STAGES = {"ingest", "normalize", "enrich", "store"}
SPEED = 10
ALERT_SECONDS = 180
QUERY_SECONDS = 30


@dataclass(frozen=True)
class Watched:
    """Two exporters, the Prometheus that scrapes them, and the Alertmanager that is told."""

    exporter: Server
    doomed: Server
    prometheus: Server
    alertmanager: Server

    def ask(self, path: str, **parameters: str) -> Any:
        """What Prometheus' API answers."""
        answer = httpx.get(f"{self.prometheus.url}/api/v1/{path}", params=parameters).json()
        assert answer["status"] == "success", answer
        return answer["data"]

    def query(self, expression: str) -> Any:
        """The series of an instant query, each with its labels and its value."""
        found = self.ask("query", query=expression)["result"]
        return [(series["metric"], float(series["value"][1])) for series in found]

    def value(self, expression: str) -> float:
        """The one value of a query, 0 while there is none."""
        found = self.query(expression)
        assert len(found) <= 1
        return float(found[0][1]) if found else 0.0

    def alerts(self, name: str) -> Any:
        """What the Alertmanager knows to be firing under this name."""
        active = httpx.get(f"{self.alertmanager.url}/api/v2/alerts", params={"active": "true"}).json()
        return [alert for alert in active if alert["labels"]["alertname"] == name]


@pytest.fixture(scope="module")
def watched(
    prometheus_binary: Path, alertmanager_binary: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Watched]:
    """A calm pipeline at ten times its speed, an exporter without one, and both servers with their rules."""
    folder = tmp_path_factory.mktemp("watched")
    empty = folder / "empty.yml"
    empty.write_text("pipelines: []\n")
    calmly = ("--speed", str(SPEED), "--config", str(written(calm(), folder)))
    with ExitStack() as started:

        def start(program: Program) -> Server:
            return started.enter_context(serving(program))

        exporter = start(programs.exporter(free_port(), *calmly, log=folder / "exporter.log"))
        doomed = start(programs.exporter(free_port(), "--config", str(empty), log=folder / "doomed.log"))
        receivers, _ = write_alertmanager(folder, exporter.port, folder / "no-secrets")
        alertmanager = start(programs.alertmanager(alertmanager_binary, free_port(), receivers, folder))
        ports = {"alertmanager": alertmanager.port, "prometheus": free_port()}
        configuration = copy_configuration(folder / "configuration", ports)
        targets = [f"{HOST}:{one.port}" for one in (exporter, doomed)]
        (configuration.parent / "targets/exporter.yml").write_text(json.dumps([{"targets": targets}]))
        program = programs.prometheus(prometheus_binary, ports["prometheus"], configuration, folder)
        yield Watched(exporter, doomed, start(program), alertmanager)


@pytest.fixture(scope="module")
def struck(watched: Watched) -> Watched:
    """Both stories begin together, since alerts take their time: a slow stage, an exporter that dies."""
    wait_until(lambda: watched.value('sum(up{job="pipeline-health"})') == 2, QUERY_SECONDS)
    fault = {"stage": "enrich", "kind": "slowdown", "factor": 5, "for": "1000s"}
    assert httpx.post(f"{watched.exporter.url}/api/v1/faults", json=fault).status_code == 201
    watched.doomed.child.process.kill()
    watched.doomed.child.process.wait()
    return watched


def test_every_target_is_up_and_scraped_without_a_complaint(watched: Watched) -> None:
    def healthy() -> bool:
        targets = watched.ask("targets", state="active")["activeTargets"]
        return len(targets) == 4 and {target["health"] for target in targets} == {"up"}

    wait_until(healthy, QUERY_SECONDS)
    targets = watched.ask("targets", state="active")["activeTargets"]
    assert {target["lastError"] for target in targets} == {""}


def test_every_stage_has_a_backlog_and_its_thresholds(watched: Watched) -> None:
    backlogs = wait_until(lambda: watched.query("pipeline_stage_queue_events"), QUERY_SECONDS)
    assert {labels["stage"] for labels, _ in backlogs} == STAGES
    critical = watched.query('pipeline_stage_queue_threshold_events{level="critical"}')
    limits = {labels["stage"]: value for labels, value in critical}
    assert limits == {"ingest": 200, "normalize": 180, "enrich": 150, "store": 120}


def test_deliveries_have_the_rate_of_what_arrives(watched: Watched) -> None:
    delivered = 'sum(rate(pipeline_stage_events_total{stage="store", outcome="processed"}[5s]))'
    lowest, highest = 30 * SPEED, 34 * SPEED
    wait_until(lambda: 0.8 * lowest < watched.value(delivered) < 1.2 * highest, QUERY_SECONDS)


def test_latency_is_a_quantile_of_its_histogram(watched: Watched) -> None:
    buckets = "sum by (le) (rate(pipeline_end_to_end_latency_seconds_bucket[10s]))"
    p95 = wait_until(lambda: watched.query(f"histogram_quantile(0.95, {buckets}) > 0"), QUERY_SECONDS)
    assert 0 < p95[0][1] <= 4


def test_a_pipelines_team_joins_its_series(watched: Watched) -> None:
    joined = "pipeline_stage_health * on (pipeline) group_left (team) pipeline_info"
    series = wait_until(lambda: watched.query(joined), QUERY_SECONDS)
    assert {labels["stage"]: labels["team"] for labels, _ in series} == dict.fromkeys(
        STAGES, "commercial-analytics"
    )


def test_every_question_of_the_readme_has_an_answer(watched: Watched) -> None:
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    block = readme.partition("Good questions to ask:")[2].split("```")[1]
    questions = [part.partition("\n")[2] for part in block.split("# ")[1:]]
    assert len(questions) == 5
    for question in questions:
        watched.query(question)
    for question in (question for question in questions if "rate(" in question):
        wait_until(partial(watched.query, question), QUERY_SECONDS)


def test_sampled_events_are_kept_as_exemplars_that_the_api_explains(watched: Watched) -> None:
    def exemplars() -> Any:
        query = "pipeline_end_to_end_latency_seconds_bucket"
        now = watched.ask("query", query="time()")["result"][1]
        series = watched.ask("query_exemplars", query=query, start=str(float(now) - 600), end=str(now))
        return [exemplar for one in series for exemplar in one["exemplars"]]

    def explained() -> Any:
        events = httpx.get(f"{watched.exporter.url}/api/v1/review").json()
        known = {event["id"]: event for event in events}
        return [
            (float(exemplar["value"]), known[exemplar["labels"]["event_id"]]["latency_seconds"])
            for exemplar in exemplars()
            if exemplar["labels"]["event_id"] in known
        ]

    for shown, kept in wait_until(explained, QUERY_SECONDS):
        assert shown == kept


def test_every_rule_is_evaluated_without_an_error(watched: Watched) -> None:
    def rules(longest: float) -> Any:
        groups = [group for group in watched.ask("rules")["groups"] if group["interval"] <= longest]
        return [rule for group in groups for rule in group["rules"]]

    wait_until(lambda: {rule["health"] for rule in rules(QUERY_SECONDS)} == {"ok"}, QUERY_SECONDS)
    assert {rule["health"] for rule in rules(math.inf)} <= {"ok", "unknown"}
    known = {rule["name"] for rule in rules(QUERY_SECONDS)}
    assert {"PipelineStageCritical", "PipelineExporterDown"} <= known


def test_an_exporter_that_dies_is_told(struck: Watched) -> None:
    [alert] = wait_until(lambda: struck.alerts("PipelineExporterDown"), ALERT_SECONDS)
    assert alert["labels"]["team"] == "platform"
    assert alert["labels"]["instance"] == f"{HOST}:{struck.doomed.port}"
    assert f"{HOST}:{struck.doomed.port}" in alert["annotations"]["description"]


def test_a_stage_that_stays_critical_is_told_to_its_team_and_resolved_when_it_recovers(
    struck: Watched,
) -> None:
    alerts = wait_until(lambda: struck.alerts("PipelineStageCritical"), ALERT_SECONDS)
    [alert] = [alert for alert in alerts if alert["labels"]["stage"] == "enrich"]
    assert alert["labels"]["team"] == "commercial-analytics"
    assert alert["labels"]["pipeline"] == "business-signals"
    assert alert["labels"]["severity"] == "high"
    assert alert["annotations"]["summary"] == "business-signals: stage enrich is critical"
    assert {receiver["name"] for receiver in alert["receivers"]} == {
        "incident-log",
        "commercial-analytics-channel",
    }
    wait_until(lambda: not struck.alerts("PipelineStageCritical"), ALERT_SECONDS)
