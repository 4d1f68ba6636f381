"""Prometheus' own tool finds nothing to object to in what the exporter says."""

import subprocess
from pathlib import Path

import pytest
from prometheus_client.exposition import generate_latest

from exporter.collector import OwnMetrics, StateCollector
from exporter.config import Config, load_config
from exporter.runs.observation import FinalState, Job, RunEnded, RunOpened
from exporter.simulation import Simulation
from exporter.state import State, StreamState

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


def with_jobs(state: State) -> State:
    final: tuple[FinalState, ...] = ("succeeded", "failed", "aborted")
    for name in ("load", AWKWARD):
        job = Job(f"ns/{name}", "ns", name, team=name)
        for number, ended in enumerate(final):
            state.jobs.apply(RunEnded(job, ended, 1000.0 * number, 1000.0 * number + 90.5, was_open=False))
        state.jobs.apply(RunOpened(job))
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
    check(promtool, StateCollector(with_jobs(State())).render(openmetrics=False))


def test_promtool_accepts_a_state_without_anything(promtool: Path) -> None:
    check(promtool, StateCollector(State()).render(openmetrics=False))


def test_promtool_accepts_the_metrics_of_the_exporter_about_itself(promtool: Path) -> None:
    own = generate_latest(OwnMetrics("1.0").registry)
    state = with_jobs(simulated(load_config(None), 60))
    check(promtool, own + StateCollector(state).render(openmetrics=False))


def test_promtool_would_object_to_a_broken_line(promtool: Path) -> None:
    with pytest.raises(AssertionError):
        check(promtool, StateCollector(State()).render(openmetrics=False) + b'pipeline_broken{a="} 1\n')
