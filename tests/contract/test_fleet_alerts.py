"""A simulated fleet in virtual time, judged by the real rules: its troubles are told, and nothing else is."""

import json
import subprocess
from collections import defaultdict
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

import pytest

from exporter.collector.collector import FAMILIES
from exporter.collector.family import Family, Series
from exporter.config.fleet import FleetConfig, JobFault
from exporter.fleet import Fleet
from exporter.fleet.plan import PlannedJob, plan
from exporter.runs.tracker import RunTracker
from exporter.score.promtool import FIRING, read
from exporter.simulation.chance import Purpose, stream
from exporter.state import State
from tests.rules import RULES

SEED, MINUTE, EVERY, LASTS = 7, 60, 15, 80 * 60
SIZE = FleetConfig(jobs=30, teams=5, hour=MINUTE, fails=0)
RULE_FILES = [RULES / "prod" / f"{name}.yml" for name in ("runs", "peers", "datasets")]
TARGET = {"job": "pipeline-health", "instance": "exporter:9888"}
WANTED = "".join(path.read_text(encoding="utf-8") for path in RULE_FILES)

Told = set[tuple[str, str]]
Values = dict[str, dict[int, float]]


def jobs_in_trouble() -> tuple[PlannedJob, PlannedJob, PlannedJob, PlannedJob, set[str]]:
    """Four hourly jobs, the first of them with readers, and who reads of that one."""
    jobs = plan(SIZE, stream(SEED, Purpose.FLEET, 0))
    hourly = [job for job in jobs if job.every == MINUTE]
    read_by = {job.name: {one.name for one in jobs if job.writes in one.reads} for job in hourly}
    first, second, third, fourth = sorted(hourly, key=lambda job: -len(read_by[job.name]))[:4]
    return first, second, third, fourth, read_by[first.name]


FAILING, SLOW, EMPTY, SILENT, READERS = jobs_in_trouble()


def trouble(job: PlannedJob, kind: str, at: int, lasts: int) -> JobFault:
    return JobFault.model_validate({"job": job.name, "kind": kind, "at": at * MINUTE, "for": lasts * MINUTE})


def play() -> Values:
    """Every series of jobs, by its text: values by the number of the scrape."""
    faults = [trouble(FAILING, "failing", 25, 6), trouble(SLOW, "slow", 50, 10)]
    faults += [trouble(EMPTY, "volume", 50, 10), trouble(SILENT, "silent", 50, 10)]
    fleet = Fleet(SIZE.model_copy(update={"faults": faults}), SEED, lambda second: second)
    tracker = RunTracker(max_open=1000, max_finished=100_000, max_jobs=1000, mode="simulated")
    state, values = State(), defaultdict[str, dict[int, float]](dict)
    for number in range(LASTS // EVERY + 1):
        for event in fleet.advance(number * EVERY):
            for observation in tracker.observe(event):
                state.jobs.apply(observation)
                state.simulated_datasets.apply(observation)
        for family in FAMILIES:
            if family.name in WANTED:
                for text, value in samples(family, state):
                    values[text][number] = value
    return values


def samples(family: Family, state: State) -> Iterator[tuple[str, float]]:
    """What is said of a family, histograms aside."""
    for series in family.read(state):
        if isinstance(series, Series):
            for child, value in zip(series.children, series.values, strict=True):
                labels = dict(zip(family.labels, child, strict=True)) | TARGET
                pairs = ",".join(f"{name}={json.dumps(text)}" for name, text in labels.items())
                yield f"{family.sample_name}{{{pairs}}}", float(value)


def notation(values: dict[int, float]) -> Iterator[str]:
    """The values in promtool's notation; what is gone is stale, as Prometheus would have it."""
    numbers = range(LASTS // EVERY + 1)
    texts = (f"{values[number]:.15g}" if number in values else "_" for number in numbers)
    for index, (text, group) in enumerate(groupby(texts)):
        length = len(list(group))
        if text != "_":
            yield f"{text}x{length - 1}"
        elif index == 0:
            yield f"_x{length}"
        else:
            yield f"stale _x{length - 1}" if length > 1 else "stale"


@pytest.fixture(scope="module")
def told(promtool: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[int, Told]:
    """Which alerts fire of which pipelines, by the minute."""
    series = [{"series": text, "values": " ".join(notation(values))} for text, values in play().items()]
    asked = [{"expr": FIRING, "eval_time": f"{time}s"} for time in range(0, LASTS + 1, MINUTE)]
    test = {"interval": f"{EVERY}s", "input_series": series, "promql_expr_test": asked}
    path = tmp_path_factory.mktemp("fleet") / "fleet.test.yml"
    files = {"rule_files": [str(one) for one in RULE_FILES], "evaluation_interval": f"{EVERY}s"}
    path.write_text(json.dumps(files | {"tests": [test]}), encoding="utf-8")
    command = [str(promtool), "test", "rules", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return {
        time // MINUTE: {(dict(one)["alertname"], dict(one)["pipeline"]) for one in alerts}
        for time, alerts in read(done.stdout + done.stderr)
    }


def ever(told: dict[int, Told], start: int, end: int) -> Told:
    return {alert for minute in range(start, end) for alert in told.get(minute, ())}


def test_a_fleet_that_is_well_is_quiet(told: dict[int, Told]) -> None:
    assert ever(told, 0, 25) == set()


def test_a_job_that_fails_and_who_waits_for_it_are_all_that_fires(told: dict[int, Told]) -> None:
    found = ever(told, 25, 50)
    assert ("PipelineRunFailing", FAILING.name) in found
    assert {("PipelineUpstreamFailing", reader) for reader in READERS} <= found
    assert {name for name, _ in found} == {"PipelineRunFailing", "PipelineUpstreamFailing"}
    assert {pipeline for name, pipeline in found if name == "PipelineRunFailing"} == {FAILING.name}


def test_each_other_trouble_is_told_of_its_own_job_within_five_of_its_hours(told: dict[int, Told]) -> None:
    found = ever(told, 50, 56)
    expected = {
        ("PipelineRunSlow", SLOW.name),
        ("PipelineRunRowsLow", EMPTY.name),
        ("PipelineRunSilent", SILENT.name),
    }
    assert expected <= found


def test_of_those_in_trouble_alone_anything_is_told_and_it_ends(told: dict[int, Told]) -> None:
    named = {pipeline for name, pipeline in ever(told, 50, 81) if name != "PipelineUpstreamFailing"}
    assert named == {SLOW.name, EMPTY.name, SILENT.name}
    assert ever(told, 75, 81) == set()
