"""Prometheus' own tool finds nothing to object to in what the exporter says."""

import subprocess
from pathlib import Path

import pytest
from prometheus_client.exposition import generate_latest

from exporter import names
from exporter.collector import OwnMetrics, StateCollector
from exporter.collector.checks import CHECK_FAMILIES
from exporter.collector.datasets import DATASET_FAMILIES
from exporter.collector.jobs import JOB_FAMILIES
from exporter.config import Config, load_config
from exporter.config.runs import Runs
from exporter.runs.event import Assertion, Dataset
from exporter.runs.observation import (
    FINAL_STATES,
    Job,
    Observation,
    RunContradicted,
    RunEnded,
    RunForgotten,
    RunOpened,
    RunStarted,
)
from exporter.simulation import Simulation
from exporter.state import State, StreamState
from exporter.state.checks import Scheduled
from tests.unit.reports.told_reports import DRIFT, ROWS, dataset, outcome, reports

AWKWARD = 'a "quoted" \\ name\nof 100 % ünïcode 日本 {x="y"}'


def check(promtool: Path, text: bytes) -> None:
    """`promtool check metrics`, its complaints in the failure."""
    done = subprocess.run([promtool, "check", "metrics"], input=text, capture_output=True, check=False)
    complaints = (done.stdout + done.stderr).decode()
    assert (done.returncode, complaints) == (0, "")


def simulated(config: Config, ticks: int) -> State:
    simulation = Simulation(config)
    state = State([StreamState(group.pipelines, simulation.columns) for group in simulation.groups])
    for blocks in simulation.advance(ticks):
        for streams, tallies in zip(state.streams, blocks, strict=True):
            streams.apply(tallies)
    return state


def observe(state: State, *observations: Observation) -> None:
    for observation in observations:
        state.jobs.apply(observation)
        state.datasets.apply(observation)


def with_checks(state: State) -> State:
    """Reports whose columns have awkward names, and a dataset that is only scheduled."""
    twins = [dataset(name, ROWS, outcome("duplicates", observed=0.1), DRIFT,
                     outcome("nulls", AWKWARD, "WARN", 2, observed=0.5), status="FAIL")
             for name in ("shop/orders", "quoted \"orders\"")]  # fmt: skip
    for report in reports(*twins):
        state.checks.hear(report)
    state.scheduled["mails"] = Scheduled("mails", "crm", 3600, unreadable="no file")
    state.dataset_faults = {("simulated/orders", "lost_orders"): True}
    return state


def ended(job: Job, number: int) -> RunEnded:
    """One run of each final state, then successes; each writes a dataset whose schema grows."""
    columns = tuple((f"column {column}", "int") for column in range(number))
    tests = (Assertion(job.name, number % 2 == 0), Assertion("unique", False, "warn"))
    nulls = ((job.name, number),)
    written = Dataset(
        job.name, 100, 4096, stale_after=60, columns=columns or None, nulls=nulls, assertions=tests
    )
    final, start = (*FINAL_STATES, "succeeded")[min(number, 5)], 1000.0 * number
    return RunEnded(job, str(number), final, start, start + 90.5, "data", 100, 4096, outputs=(written,))


def with_jobs(state: State) -> State:
    for name in ("load", AWKWARD):
        job = Job(f"ns/{name}", "ns", name, team=name)
        observe(state, *(ended(job, number) for number in range(20)))
        observe(state, RunOpened(job, "running", 30_000.0), RunStarted(job, 30_000.0, 29_000.0))
        observe(state, RunContradicted(job), RunForgotten(job, "forgotten"))
    return state


@pytest.mark.parametrize("ticks", [0, 1, 3600])
def test_promtool_accepts_the_metrics_of_streams(promtool: Path, ticks: int) -> None:
    check(promtool, StateCollector(simulated(load_config(None), ticks)).render(openmetrics=False))


def test_promtool_accepts_pipelines_of_different_shapes(promtool: Path) -> None:
    (pipeline,) = load_config(None).pipelines
    other = pipeline.model_copy(update={"name": "other", "stages": pipeline.stages[:1], "faults": []})
    state = simulated(Config(pipelines=[pipeline, other]), 600)
    check(promtool, StateCollector(state).render(openmetrics=False))


def test_promtool_accepts_the_metrics_of_jobs_with_awkward_names(promtool: Path) -> None:
    check(promtool, StateCollector(with_jobs(State(runs=Runs(null_columns=1)))).render(openmetrics=False))


def test_promtool_accepts_the_metrics_of_checks_with_awkward_names(promtool: Path) -> None:
    check(promtool, StateCollector(with_checks(State())).render(openmetrics=False))


def test_every_family_of_jobs_datasets_and_checks_has_samples_in_what_promtool_is_shown() -> None:
    state = with_checks(with_jobs(State(runs=Runs(null_columns=1))))
    text = StateCollector(state).render(openmetrics=False).decode()
    shown = {line.partition("{")[0].partition(" ")[0] for line in text.splitlines() if line[0] != "#"}
    families = (*JOB_FAMILIES, *DATASET_FAMILIES, *CHECK_FAMILIES)
    silent = {one.name for one in families if f"{one.name}_count" not in shown}
    silent -= {name.removesuffix("_total") for name in shown}
    assert silent == {names.RUN_STALE_AFTER, names.RUN_FAULT_ACTIVE}


def test_promtool_accepts_a_state_without_anything(promtool: Path) -> None:
    check(promtool, StateCollector(State()).render(openmetrics=False))


def test_promtool_accepts_the_metrics_of_the_exporter_about_itself(promtool: Path) -> None:
    own = generate_latest(OwnMetrics("1.0").registry)
    state = with_jobs(simulated(load_config(None), 60))
    check(promtool, own + StateCollector(state).render(openmetrics=False))


def test_promtool_would_object_to_a_broken_line(promtool: Path) -> None:
    with pytest.raises(AssertionError):
        check(promtool, StateCollector(State()).render(openmetrics=False) + b'pipeline_broken{a="} 1\n')
