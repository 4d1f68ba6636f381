"""What the dashboards are asked about: two streams, recorded jobs, a fleet, and their troubles."""

import json
import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import httpx

from exporter.config.fleet import FleetConfig
from exporter.fleet.plan import plan
from exporter.simulation.chance import Purpose, stream
from tests.answers import Known
from tests.dashboards import Json
from tests.servers import Server, free_port, serving
from tests.unit.checks import clickstreams
from tests.unit.web.pipelines import calm, written
from tools import programs
from tools.programs import Program
from tools.receivers import write_alertmanager
from tools.targets import copy_configuration

SCRAPES = 75
SEED = 7

STREAM, OTHER = "business-signals", "store-orders"
TEAMS = {STREAM: "commercial-analytics", OTHER: "store-operations"}
JOBS_TEAM = "finance-team"
# Runs as Airflow and dbt sent them, of jobs that end well, and of one that doesn't.
RECORDINGS = Path(__file__).parents[1] / "data/openlineage"
GOOD_JOBS = {"af-ns/shop_ok", "af-ns/shop_ok.extract", "dbt-ns/dbt-run-shop"}
GOOD_JOBS |= {"dbt-ns/shop.main.shop.stg_orders", "dbt-ns/shop.main.shop.customer_totals"}
EXPECTED_JOB = "af-ns/shop_ok"
# One that runs once, and one that never does.
ONCE, NEVER = "af-ns/shop_once", "af-ns/shop_never"
BAD_JOB = "af-ns/shop_daily"
FAILURES = 3
# What it would have written, who reads it, and where its columns come from.
ORDERS = {"namespace": "shop", "name": "orders"}
READER = "shop_reader"
# The data ends in March: how old it is says nothing, and few rows are no ground for a verdict on shares.
DATASETS = {"shop/clickstream": STREAM, "shop/sessions": OTHER}
CHECKS = (
    clickstreams.CHECKS.replace("freshness: {lag: 1d}", "freshness: {gaps: 0}")
    .replace("below: 30%, volume", "below: 30%, above: 100%, volume")
    .replace("at_most: 80%}", "at_most: 80%, min_volume: 1000000}")
    .replace("owner: analytics", f"owner: {TEAMS[OTHER]}")
)
# Of the newest day: a third of the revenue, half of the ids, phones alone; and unknown events on all days.
DEFECTS = """
UPDATE events SET amount = amount / 3, client_id = CASE WHEN event_id % 2 = 0 THEN client_id END,
device = 'phone' WHERE {last};
UPDATE events SET event = 'bogus' WHERE event_id % 50 = 0
"""
COLUMNS = ["id", "amount", "currency", "customer"]
# Jobs on schedule that never fail; the last one is slow, and runs too rarely to be judged.
FLEET = FleetConfig.model_validate(
    {
        "jobs": 24,
        "hour": "10s",
        "fails": 0,
        "faults": [{"job": 24, "kind": "slow", "at": "0s", "for": "1d"}],
    }
)
FLEET_JOBS = plan(FLEET, stream(SEED, Purpose.FLEET, 0))
OFTEN = [job for job in FLEET_JOBS if job.kind == "ingest"]
# More than 35 events a second, or the throughput's objective would have nothing to judge.
STEADY = {"steady": {"events": [36, 42], "dwell": [10, 10], "next": {"steady": 1}}}
UNEVEN = {
    "even": {"events": [36, 38], "dwell": [20, 20], "next": {"brisk": 1}},
    "brisk": {"events": [42, 46], "dwell": [8, 8], "next": {"even": 1}},
}
KNOWN = Known(
    streams=frozenset(TEAMS),
    jobs=frozenset({*GOOD_JOBS, ONCE, READER, *(job.name for job in FLEET_JOBS)}),
    values={
        "stage": frozenset({"ingest", "normalize", "enrich", "store"}),
        "signal": frozenset({"sales_activity", "field_interaction", "market_signal"}),
        "slo": frozenset({"latency", "throughput"}),
    },
    some={
        "pipeline_slo_latency_threshold_seconds": {"slo": frozenset({"latency"})},
        "pipeline_run_stale_after_seconds": {"pipeline": frozenset({EXPECTED_JOB, NEVER})},
        **{
            f"pipeline_run_{measured}": {"pipeline": frozenset(job.name for job in OFTEN)}
            for measured in ("usual_duration_seconds", "duration_zscore", "rows_usual_ratio")
        },
    },
)
PREFERRED: dict[str, tuple[str, ...]] = {
    "team": (TEAMS[STREAM], TEAMS[OTHER]),
    "pipeline": (STREAM, OTHER),
    "stage": ("enrich", "normalize"),
    "slo": ("latency", "throughput"),
    "measure": ("revenue",),
}
PREFERRED_JOBS = {"team": (OFTEN[0].team, JOBS_TEAM), "pipeline": (OFTEN[0].name, BAD_JOB)}
FAULTS = (
    {"pipeline": STREAM, "stage": "enrich", "kind": "slowdown", "factor": 4, "for": "10m"},
    {"pipeline": STREAM, "stage": "normalize", "kind": "errors", "share": 0.6, "retries": 2, "for": "10m"},
)
# Prometheus has seen how it was without any run.
WATCHED = 'up{job="pipeline-health"} offset 5s == 1'
# As much of the fleet's past as it takes to know what is usual, and its rarest runs.
KNOWN_BY_NOW = (
    f"count (pipeline_run_usual_duration_seconds) >= {len(OFTEN)}",
    f"count (pipeline_run_last_success_timestamp_seconds) >= {len(FLEET_JOBS)}",
)
# What is to be there before anybody looks: scrapes, every kind of rule, all that talk to each other.
AWAKE = (
    f'count_over_time(up{{job="pipeline-health"}}[5m]) >= {SCRAPES}',
    "slo:period_coverage:ratio > 0",
    "pipeline_alerting_last_heard_timestamp_seconds",
    "alertmanager_notifications_total > 0",
    f'increase(pipeline_runs_total{{pipeline="{EXPECTED_JOB}"}}[5m]) > 0',
    f'pipeline_runs_total{{pipeline="{ONCE}"}}',
    "count_over_time(pipeline_check_rows[5m]) > 10",
)
IN_TROUBLE = (
    'ALERTS{alertname="PipelineSloPageFast", alertstate="firing"}',
    'ALERTS{alertname="PipelineEventsDropped", alertstate="firing"}',
    'ALERTS{alertname="PipelineRunFailing", severity="high", alertstate="firing"}',
    f'pipeline_upstream_failing_runs{{pipeline="{READER}"}}',
    'increase(pipeline_stage_events_total{outcome="failed"}[1m]) > 0',
    'sum by (pipeline) (increase(pipeline_stage_events_total{outcome="dropped"}[30s])) > 100',
    "increase(pipeline_incident_time_to_detect_seconds_count[5m]) > 0",
    "increase(pipeline_incident_time_to_acknowledge_seconds_count[5m]) > 0",
    "count (pipeline_check_status == 2) >= 1 and count (pipeline_check_status == 1) >= 3",
)


class Stack(NamedTuple):
    """The three programs."""

    exporter: Server
    prometheus: Server

    def has(self, expr: str) -> bool:
        answer: Any = httpx.get(f"{self.prometheus.url}/api/v1/query", params={"query": expr}).json()
        return bool(answer["data"]["result"])

    def post(self, path: str, content: object) -> None:
        answer = httpx.post(f"{self.exporter.url}{path}", json=content)
        assert answer.is_success, answer.text


def configuration() -> Json:
    """Two streams of the built-in kind in which nothing happens by itself, and a job that must report."""
    config = calm()
    [stream] = config["pipelines"]
    first = {**stream, "traffic": {"initial": "steady", "regimes": STEADY}}
    second = {
        **stream,
        "name": OTHER,
        "team": TEAMS[OTHER],
        "traffic": {"initial": "even", "regimes": UNEVEN},
    }
    expected = [{"pipeline": job, "team": JOBS_TEAM, "stale_after": "1h"} for job in (EXPECTED_JOB, NEVER)]
    fleet = FLEET.model_dump(mode="json", by_alias=True, exclude_none=True)
    return {**config, "pipelines": [first, second], "runs": {"expected": expected}, "fleet": fleet}


def recorded(recording: str, jobs: set[str], ending: str, number: int) -> Iterator[tuple[str, Json]]:
    """Path and event of these jobs' runs that ended so, as if just now; each number gives other runs."""
    lines = map(json.loads, (RECORDINGS / f"{recording}.jsonl").read_text().splitlines())
    listed = [(line["path"], line["event"]) for line in lines]
    ended = {event["run"]["runId"] for _, event in listed if event["eventType"] == ending}
    wanted = [
        (path, event)
        for path, event in listed
        if event["run"]["runId"] in ended and f"{event['job']['namespace']}/{event['job']['name']}" in jobs
    ]
    last = max(datetime.fromisoformat(event["eventTime"]) for _, event in wanted)
    later = datetime.now(last.tzinfo) - last
    return ((path, moved(event, later, number)) for path, event in wanted)


def moved(event: Json, later: timedelta, number: int) -> Json:
    """The event of another run at another time."""
    run = str(uuid.uuid5(uuid.UUID(event["run"]["runId"]), str(number)))
    at = datetime.fromisoformat(event["eventTime"]) + later
    return {**event, "eventTime": at.isoformat(), "run": {**event["run"], "runId": run}}


@contextmanager
def watched(prometheus_binary: Path, alertmanager_binary: Path, folder: Path) -> Iterator[Stack]:
    """The three programs, watching all of it, until the end of the block."""
    ports = {name: free_port() for name in ("exporter", "prometheus", "alertmanager")}
    serve = ("--profile", "demo", "--seed", str(SEED), "--config", str(written(configuration(), folder)))
    receivers, _ = write_alertmanager(folder, ports["exporter"], folder / "no-secrets")
    targets = copy_configuration(folder / "configuration", ports)
    with ExitStack() as started:

        def start(program: Program) -> Server:
            return started.enter_context(serving(program))

        exporter = start(programs.exporter(ports["exporter"], *serve, log=folder / "exporter.log"))
        start(programs.alertmanager(alertmanager_binary, ports["alertmanager"], receivers, folder))
        yield Stack(
            exporter, start(programs.prometheus(prometheus_binary, ports["prometheus"], targets, folder))
        )


def run_well(stack: Stack, number: int) -> None:
    """A run of each job that ends well."""
    for recording in ("af_scheduler", "dbt_default"):
        for path, event in recorded(recording, GOOD_JOBS, "COMPLETE", number):
            stack.post(path, event)


def check(stack: Stack, folder: Path, defects: str = "") -> None:
    """The checks of all datasets, told by the command that makes them; of the first one some fail."""
    for seed, (name, owner) in enumerate(DATASETS.items()):
        place = folder / f"data-{seed}"
        place.mkdir(exist_ok=True)
        checks = CHECKS.replace("shop/clickstream", name).replace("growth", TEAMS[owner])
        path = clickstreams.written(place, seed, "" if seed else defects, checks)
        subprocess.run(
            (
                sys.executable,
                "-m",
                "exporter",
                "check",
                path,
                "--push",
                stack.exporter.url,
                "--fail-on",
                "critical",
            ),
            check=not (defects and seed == 0),
            capture_output=True,
        )


def run_once(stack: Stack) -> None:
    """The only run of a job."""
    _, name = ONCE.split("/")
    for path, event in recorded("af_scheduler", {EXPECTED_JOB}, "COMPLETE", 0):
        stack.post(path, {**event, "job": {**event["job"], "name": name}})


def read(stack: Stack) -> None:
    """A job that reads what the bad one writes; how old that may become is declared."""
    orders = "/".join(ORDERS.values())
    stack.post("/api/v1/runs", {"pipeline": READER, "state": "succeeded", "inputs": [orders]})
    stack.post("/api/v1/datasets", {"dataset": orders, "stale_after_seconds": 3600})


def fail(stack: Stack, number: int) -> None:
    """A run of the bad job, which says that what it would write has one column more than before."""
    fields = [{"name": name, "type": "text"} for name in COLUMNS[: number + 1]]
    output = {**ORDERS, "facets": {"schema": {"fields": fields}}}
    for path, event in recorded("af_scheduler", {BAD_JOB}, "FAIL", number):
        stack.post(path, {**event, "outputs": [output]})


def open_incidents(stack: Stack) -> set[str]:
    """The pipelines that have one."""
    found: Any = httpx.get(f"{stack.exporter.url}/api/v1/incidents?state=open").json()
    return {one["pipeline"] for one in found}
