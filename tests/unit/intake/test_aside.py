"""What raises an error that nobody foresaw keeps nobody else out, and is there to be looked at."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from exporter.intake.aside import FILE, MOST_KEPT, Aside
from exporter.intake.journal import Journal
from exporter.runs.event import RunEvent
from exporter.runs.observation import Job
from exporter.state.jobs import JobStates
from tests.unit.intake.told import Life


def run(name: str) -> RunEvent:
    return RunEvent(f"{name}-1", "ns", name, "COMPLETE", 1.0)


def fail_on(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Let a job of this name be something that nobody foresaw."""
    original = JobStates.describe

    def describe(jobs: JobStates, job: Job) -> object:
        if job.name == name:
            raise ZeroDivisionError(f"of {name}")
        return original(jobs, job)

    monkeypatch.setattr(JobStates, "describe", describe)


def put_aside(folder: Path) -> list[dict[str, Any]]:
    return [msgspec.json.decode(line) for line in (folder / FILE).read_bytes().splitlines()]


@pytest.fixture
def life(tmp_path: Path) -> Iterator[Life]:
    """A process in which the job `odd` can't be applied."""
    with pytest.MonkeyPatch.context() as patch:
        fail_on(patch, "odd")
        life = Life(Journal(tmp_path))
        yield life
        life.end()
        life.journal.close()


def tell(life: Life, *names: str) -> None:
    assert asyncio.run(life.intake.tell([run(name) for name in names])) == [None] * len(names)


def succeeded(life: Life) -> dict[str, int]:
    return {job.name: job.runs["succeeded"] for job in life.state.jobs}


def test_one_that_can_not_be_applied_keeps_no_other_out(life: Life, tmp_path: Path) -> None:
    tell(life, "load", "odd", "report")
    tell(life, "clean")
    assert succeeded(life) == {"load": 1, "report": 1, "clean": 1}
    assert len(life.unforeseen) == 1
    assert life.tracker.jobs.keys() == {"ns/load", "ns/report", "ns/clean"}
    assert len(life.intake.overdue(1e9, 1)) == 3
    [aside] = put_aside(tmp_path)
    assert (aside["entry"]["name"], aside["place"]) == ("odd", 2)
    assert "ZeroDivisionError: of odd" in aside["error"]


def test_it_does_not_keep_the_exporter_from_starting_and_is_kept_once(life: Life, tmp_path: Path) -> None:
    tell(life, "load", "odd", "report")
    life.journal.close()
    again = Life(Journal(tmp_path))
    again.end()
    assert (succeeded(again), len(again.unforeseen)) == ({"load": 1, "report": 1}, 1)
    assert [one["place"] for one in put_aside(tmp_path)] == [2]
    again.journal.close()


def test_a_mended_exporter_applies_it_at_its_start(tmp_path: Path) -> None:
    with pytest.MonkeyPatch.context() as patch:
        fail_on(patch, "odd")
        life = Life(Journal(tmp_path))
        tell(life, "odd")
        life.end()
        life.journal.close()
    mended = Life(Journal(tmp_path))
    mended.end()
    mended.journal.close()
    assert (succeeded(mended), mended.unforeseen) == ({"odd": 1}, [])


def test_what_can_not_be_read_any_more_is_put_aside_too(life: Life, tmp_path: Path) -> None:
    tell(life, "load")
    life.journal.append([b"\xc1"])
    life.journal.close()
    again = Life(Journal(tmp_path))
    again.end()
    again.journal.close()
    assert (succeeded(again), len(again.unforeseen)) == ({"load": 1}, 1)
    assert [(one["entry"], one["place"]) for one in put_aside(tmp_path)] == [("c1", 2)]


def test_only_the_first_ones_are_kept_and_logged_and_all_are_counted(
    life: Life, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    events = [RunEvent(f"odd-{number}", "ns", "odd", "COMPLETE", 1.0) for number in range(2 * MOST_KEPT)]
    asyncio.run(life.intake.tell(events))
    assert len(life.unforeseen) == 2 * MOST_KEPT
    assert len(put_aside(tmp_path)) == MOST_KEPT
    assert caplog.messages == ["entry not applied"] * MOST_KEPT


def test_a_disk_that_refuses_it_is_logged_and_no_more(
    life: Life, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / FILE).mkdir()
    tell(life, "odd", "load")
    tell(life, "report")
    assert succeeded(life) == {"load": 1, "report": 1}
    assert caplog.messages == ["entry not applied", "entries not put aside"]


def test_in_memory_it_is_in_the_log_alone(caplog: pytest.LogCaptureFixture) -> None:
    aside = Aside(None, lambda: None)
    aside.put(run("odd"), 1, ValueError("odd"))
    aside.write(aside.taken())
    assert caplog.messages == ["entry not applied"]
