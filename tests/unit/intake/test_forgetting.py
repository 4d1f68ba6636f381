"""What is not heard of any more is given up and forgotten, and nothing that is."""

import asyncio

import pytest

from exporter.intake import intake
from exporter.intake.entry import Abandoned, ChecksDropped, DatasetDropped, Dropped, Entry
from exporter.reports.event import ChecksReport
from exporter.runs.event import Dataset, DatasetEvent, RunEvent
from tests.unit.intake.told import Life, Start, run, succeeded, told

DAY = 86_400.0
SENDERS = ("load", "report", "clean")


def overdue(life: Life, now: float, forget_after: float = 1000 * DAY) -> list[Entry]:
    return life.intake.overdue(now, forget_after)


def test_a_run_of_which_nothing_is_heard_for_a_day_is_given_up(start: Start) -> None:
    life = start()
    asyncio.run(told(life, run("load", 1, "START", 10.0)))
    assert overdue(life, DAY + 9) == []
    [entry] = overdue(life, DAY + 10)
    assert entry == Abandoned("load-1", DAY + 10)
    asyncio.run(told(life, entry))
    job = life.state.jobs["ns/load"]
    assert (job.runs["abandoned"], job.in_progress, overdue(life, 3 * DAY)) == (1, 0, [])


def test_a_run_of_a_slow_job_is_given_up_later(start: Start) -> None:
    life = start()
    slow = RunEvent("slow", "ns", "load", "COMPLETE", DAY, started=0.0)
    asyncio.run(told(life, slow, run("load", 1, "START", DAY)))
    assert overdue(life, 4 * DAY - 1) == []
    assert overdue(life, 4 * DAY + 1) == [Abandoned("load-1", 4 * DAY + 1)]


def test_a_stream_is_never_given_up(start: Start) -> None:
    life = start()
    asyncio.run(told(life, RunEvent("s", "ns", "load", "START", 0.0, streaming=True)))
    assert overdue(life, 999 * DAY) == []


def test_a_job_that_is_silent_for_very_long_is_forgotten_and_makes_room(start: Start) -> None:
    life = start()
    asyncio.run(told(life, *(run(name, 1) for name in SENDERS), run("load", 2, time=50.0)))
    gone = overdue(life, 101.0, forget_after=100.0)
    assert gone == [Dropped("ns/report", 1.0), Dropped("ns/clean", 1.0)]
    asyncio.run(told(life, *gone))
    assert asyncio.run(told(life, run("send", 1))) == [None]
    before = life.everything()
    assert start().everything() == before


def test_a_dataset_of_which_nothing_is_heard_is_forgotten_and_stays_so(start: Start) -> None:
    life = start()
    old, new = (DatasetEvent(Dataset(name, rows=1), time) for name, time in (("old", 0.0), ("new", 50.0)))
    asyncio.run(told(life, old, new))
    gone = overdue(life, 101.0, forget_after=100.0)
    assert gone == [DatasetDropped("old", 1.0)]
    asyncio.run(told(life, *gone))
    assert [one.name for one in life.watched.datasets] == ["new"]
    before = life.everything()
    assert start().everything() == before


def test_checks_of_which_nothing_is_heard_are_forgotten_and_stay_so(start: Start) -> None:
    life = start()
    asyncio.run(told(life, ChecksReport("old", "shop", 0.0), ChecksReport("new", "shop", 50.0)))
    gone = overdue(life, 101.0, forget_after=100.0)
    assert gone == [ChecksDropped("old", 1.0)]
    asyncio.run(told(life, *gone))
    assert [one.dataset for one in life.watched.checks] == ["new"]
    before = life.everything()
    assert start().everything() == before


def test_a_job_whose_run_is_still_told_of_is_not_forgotten(start: Start) -> None:
    life = start()
    asyncio.run(told(life, run("load", 1, "START", 0.0), run("load", 1, "RUNNING", 50.0)))
    assert overdue(life, 149.0, forget_after=100.0) == []
    assert overdue(life, 150.0, forget_after=100.0) == [Dropped("ns/load", 50.0)]


def test_only_so_many_are_given_up_at_once(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intake, "MOST_GIVEN_UP", 1)
    monkeypatch.setattr(intake, "MOST_FORGOTTEN", 1)
    life = start()
    asyncio.run(told(life, run("load", 1, "START"), run("report", 1, "START"), run("clean", 1)))
    assert overdue(life, 9 * DAY, DAY) == [Abandoned("load-1", 9 * DAY), Dropped("ns/load", 8 * DAY)]


def test_what_comes_late_of_a_forgotten_job_begins_anew(start: Start) -> None:
    life = start()
    asyncio.run(told(life, run("load", 1), run("load", 2, "START"), Dropped("ns/load")))
    asyncio.run(told(life, run("load", 1), run("load", 2)))
    assert succeeded(life) == {"load": 2}
    assert overdue(life, DAY, forget_after=DAY) == []


def test_what_is_on_its_way_when_it_is_to_be_forgotten_is_not_lost(start: Start) -> None:
    life = start()
    raw = Dataset("raw")
    news: list[Entry] = [
        run("load", 2, "START", 100.0),
        run("report", 1, "RUNNING", 100.0),
        DatasetEvent(raw, 100.0),
        ChecksReport("raw", "shop", 100.0),
    ]

    async def both() -> None:
        olds: list[Entry] = [run("load", 1), run("report", 1, "START")]
        olds += [DatasetEvent(raw, 1.0), ChecksReport("raw", "shop", 1.0)]
        await life.intake.tell(olds)
        under_way = asyncio.create_task(life.intake.tell(news))
        await asyncio.sleep(0)
        gone = overdue(life, 101.0, forget_after=100.0)
        assert len(gone) == 4
        await asyncio.gather(under_way, life.intake.tell(gone))

    asyncio.run(both())
    assert [job.name for job in life.state.jobs] == ["load", "report"]
    assert life.tracker.open.keys() == {"load-2", "report-1"}
    assert [one.heard for one in life.watched.datasets] == [100]
    assert [one.report.time for one in life.watched.checks] == [100]
    before = life.everything()
    assert start().everything() == before
