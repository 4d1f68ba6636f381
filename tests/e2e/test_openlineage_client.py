"""OpenLineage's own client tells a real exporter: at once and in the background, plain and compressed."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from uuid import uuid4

import httpx
import pytest
from openlineage.client import OpenLineageClient
from openlineage.client.event_v2 import Job, OutputDataset, Run, RunEvent, RunState
from openlineage.client.facet_v2 import output_statistics_output_dataset
from openlineage.client.uuid import generate_new_uuid
from requests.exceptions import RequestException

from tests.conftest import StartExporter
from tests.servers import Server, free_port, wait_until
from tools.loopback import HOST

RUNS = 50
SENDERS = ("http", "async_http")


def client(url: str, sender: str = "http", **settings: object) -> OpenLineageClient:
    """As its documentation configures it, with the patience that ours asks for."""
    transport = {"type": sender, "url": url, "timeout": 2, "retry": {"total": 0}, **settings}
    return OpenLineageClient(config={"transport": transport})


def events(job: str, last: RunState = RunState.COMPLETE) -> Iterator[RunEvent]:
    """A run that wrote ten rows."""
    run = Run(str(generate_new_uuid()))
    rows = output_statistics_output_dataset.OutputStatisticsOutputDatasetFacet(rowCount=10)
    written = OutputDataset("warehouse", job, outputFacets={"outputStatistics": rows})
    for state in (RunState.START, last):
        yield RunEvent(
            eventType=state,
            eventTime=datetime.now(UTC).isoformat(),
            run=run,
            job=Job("shop", job),
            producer="https://example.com/tests",
            outputs=[written] if state is last else [],
        )


def value(server: Server, sample: str) -> float:
    """What `/metrics` says of a sample; 0 while it is not there."""
    lines = httpx.get(f"{server.url}/metrics", trust_env=False).text.splitlines()
    return next((float(line.removeprefix(sample)) for line in lines if line.startswith(f"{sample} ")), 0.0)


def counted(server: Server, job: str, state: str = "succeeded") -> float:
    return value(server, f'pipeline_runs_total{{pipeline="shop/{job}",state="{state}"}}')


@pytest.mark.parametrize("compression", [None, "gzip"])
@pytest.mark.parametrize("sender", SENDERS)
def test_every_run_is_counted_once(
    quiet_exporter: StartExporter, sender: str, compression: str | None
) -> None:
    server = quiet_exporter()
    telling = client(server.url, sender, compression=compression)
    for _ in range(RUNS):
        for event in events("load"):
            telling.emit(event)
    assert telling.close(timeout=30)
    wait_until(lambda: counted(server, "load") == RUNS)
    assert value(server, 'pipeline_run_written_rows_total{pipeline="shop/load"}') == 10 * RUNS
    assert value(server, 'pipeline_runs_in_progress{pipeline="shop/load"}') == 0


def test_a_failed_run_is_counted_as_that(quiet_exporter: StartExporter) -> None:
    server = quiet_exporter()
    telling = client(server.url)
    for event in events("load", RunState.FAIL):
        telling.emit(event)
    assert counted(server, "load", "failed") == 1


def test_what_was_answered_survives_a_kill(
    quiet_exporter: StartExporter, tmp_path_factory: pytest.TempPathFactory
) -> None:
    data = tmp_path_factory.mktemp("data")
    first = quiet_exporter("--data", str(data))
    telling = client(first.url)
    for event in events("load"):
        telling.emit(event)
    first.child.process.kill()
    first.child.process.wait()
    assert counted(quiet_exporter("--data", str(data)), "load") == 1


def test_an_exporter_that_is_down_costs_the_job_little() -> None:
    telling = client(f"http://{HOST}:{free_port()}")
    began = time.monotonic()
    with pytest.raises(RequestException):
        telling.emit(next(events("load")))
    assert time.monotonic() - began < 2


def test_the_answer_to_a_bad_event_says_what_is_wrong(quiet_exporter: StartExporter) -> None:
    event = {"eventType": "START", "eventTime": "yesterday", "run": {"runId": str(uuid4())}}
    event |= {"job": {"namespace": "a", "name": "b"}}
    answer = httpx.post(f"{quiet_exporter().url}/api/v1/lineage", json=event, trust_env=False)
    assert answer.status_code == 400
    assert answer.json() == {
        "error": 'eventTime: expected an ISO 8601 date-time with offset, got "yesterday"'
    }
