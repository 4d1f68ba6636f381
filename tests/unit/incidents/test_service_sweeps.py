"""The running exporter gives up what is not heard of any more, and outlives a disk that fails it."""

import asyncio
from pathlib import Path

import pytest

from tests.unit.incidents.notifications import HOUR, alert
from tests.unit.test_service import Running, run_until, running


def told(folder: Path) -> Running:
    one = running(folder)
    asyncio.run(one.service.desk.receive([alert()], one.now()))
    return one


def test_time_that_passes_ends_what_is_not_heard_of(tmp_path: Path) -> None:
    one = told(tmp_path)
    one.now.seconds += 3 * HOUR
    run_until(one.service, lambda: one.service.incidents.recent[None][0].ended is not None)


def test_a_disk_that_fails_is_counted_and_does_not_end_the_exporter(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    one = told(tmp_path)
    one.service.incidents.store.close()
    one.now.seconds += 3 * HOUR
    one.elapsed.seconds += 5

    def failed() -> bool:
        labels = {"place": "incidents"}
        return one.service.own.registry.get_sample_value("pipeline_exporter_errors_total", labels) == 1

    run_until(one.service, lambda: one.service.simulation.tick == 5 and failed())
    assert [record.message for record in caplog.records] == ["incidents not swept"]
