"""What real orchestrators sent, sent again over HTTP: /metrics has the numbers counted in the files."""

import gzip
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample

from tests.servers import Server
from tests.unit.runs.test_run_replay import EXPECTED, at

RECORDINGS = Path(__file__).parents[1] / "data/openlineage"
STATES = ("succeeded", "failed", "aborted")
LAST = ("start", "success", "failure")

Samples = dict[tuple[str, str, str], float]
# Labels beside the pipeline, of which a sample has one at most.
LABELS = ("state", "reason", "runs", "severity")


def recorded(recording: str) -> list[tuple[str, bytes]]:
    """Path and body of each event."""
    lines = (RECORDINGS / f"{recording}.jsonl").read_text().splitlines()
    return [(line["path"], json.dumps(line["event"]).encode()) for line in map(json.loads, lines)]


def send(server: Server, events: list[tuple[str, bytes]], packed: int) -> None:
    """Send all events, every other one packed: those with an even place (0) or an odd one (1)."""
    with httpx.Client(base_url=server.url) as client:
        for place, (path, body) in enumerate(events):
            headers = {"Content-Type": "application/json"}
            if place % 2 == packed:
                headers["Content-Encoding"], body = "gzip", gzip.compress(body)
            answer = client.post(path, content=body, headers=headers)
            assert (answer.status_code, answer.json()) == (201, {})


def more(sample: Sample) -> str:
    """The value of the label that a sample has beside its pipeline."""
    return "".join(sample.labels.get(label, "") for label in LABELS)


def run_samples(server: Server) -> Samples:
    """All samples of runs by name, pipeline and one more label; histogram buckets left out."""
    families = text_string_to_metric_families(httpx.get(f"{server.url}/metrics").text)
    return {
        (sample.name, sample.labels["pipeline"], more(sample)): sample.value
        for family in families
        for sample in family.samples
        if sample.name.startswith("pipeline_run") and "le" not in sample.labels
    }


def expected(recording: str) -> Samples:
    """The same, from the numbers counted by hand."""
    namespace, table = EXPECTED[recording]
    rows = [line.split() for line in table.splitlines()]
    return {key: value for name, *row in rows for key, value in of_job(f"{namespace}/{name}", row)}


def of_job(pipeline: str, row: list[str]) -> Iterator[tuple[tuple[str, str, str], float]]:
    """The samples of one row: three counts, last state, three last times, durations."""
    durations = [float(seconds) for seconds in row[7:]]
    for state, count in zip(STATES, row, strict=False):
        yield ("pipeline_runs_total", pipeline, state), float(count)
    for what, time in zip(LAST, row[4:7], strict=True):
        if time not in ("-", "?"):
            yield (f"pipeline_run_last_{what}_timestamp_seconds", pipeline, ""), at(time) or 0.0
    yield ("pipeline_run_duration_seconds_count", pipeline, ""), len(durations)
    yield ("pipeline_run_duration_seconds_sum", pipeline, ""), sum(durations)
    if durations:
        yield ("pipeline_run_last_duration_seconds", pipeline, ""), durations[-1]
    yield ("pipeline_runs_in_progress", pipeline, ""), 0.0
    yield ("pipeline_runs_forgotten_total", pipeline, ""), 0.0


@pytest.mark.parametrize("recording", EXPECTED)
def test_a_recording_sent_twice_gives_the_numbers_counted_in_the_file_once(
    quiet_exporter: Callable[..., Server], recording: str
) -> None:
    server = quiet_exporter()
    events = recorded(recording)
    send(server, events, packed=0)
    once = run_samples(server)
    for key, value in expected(recording).items():
        assert once[key] == pytest.approx(value, abs=1e-5), key
    jobs = {pipeline for _, pipeline, _ in expected(recording)}
    assert {pipeline for _, pipeline, _ in once} == jobs
    send(server, events, packed=1)
    assert run_samples(server) == once
    status: Any = httpx.get(f"{server.url}/api/v1/status").json()
    assert status["jobs_total"] == len(jobs)
