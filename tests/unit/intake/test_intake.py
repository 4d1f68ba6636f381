"""The intake: one order for all, on the disk before it is acknowledged, nothing by halves."""

import asyncio
from collections.abc import Awaitable, Sequence
from contextlib import suppress
from itertools import islice

import pytest

from exporter.intake import FullError, intake
from exporter.intake.entry import ENTRIES
from exporter.intake.journal import Part
from exporter.reports.event import ChecksReport
from exporter.runs.event import Dataset, Kind, RunEvent
from exporter.runs.refusals import TooManyJobsError
from exporter.state.datasets import REFUSALS
from exporter.storage import StoreError
from tests.unit.intake.told import Life, Start, numbered, run, succeeded, told

FULL, ROOMY = "PRAGMA max_page_count = 1", "PRAGMA max_page_count = 1073741823"
SENDERS = ("load", "report", "clean")

# What a whole snapshot of one run, its job and its dataset consists of.
PARTS = {
    *(Part("run", "first"), Part("ended", "first"), Part("job", "ns/load")),
    Part("dataset", "raw"),
    *(Part("refused", reason) for reason in (*REFUSALS, "checks")),
}


def big(number: int) -> RunEvent:
    """More than fits into the pages that are there."""
    return RunEvent(f"big-{number}", "ns", "load", "FAIL", 1.0, team="x" * 200_000)


def kept(life: Life) -> list[str]:
    """The ids of the runs in the journal, in its order."""
    found = [ENTRIES.decode(content) for content in life.journal.entries()]
    return [entry.run_id for entry in found if isinstance(entry, RunEvent)]


async def all_of(*senders: Awaitable[object]) -> None:
    await asyncio.gather(*senders)


def test_what_is_told_is_known_and_in_the_journal_when_it_is_acknowledged(start: Start) -> None:
    life = start()
    assert asyncio.run(told(life, run("load", 1), run("load", 2))) == [None, None]
    assert (succeeded(life), kept(life)) == ({"load": 2}, ["load-1", "load-2"])


def test_a_new_process_knows_what_was_acknowledged(start: Start) -> None:
    life = start()
    asyncio.run(told(life, run("load", 1), run("load", 2, "START"), run("report", 1, "FAIL")))
    before = life.everything()
    assert start().everything() == before


def test_nothing_is_known_before_it_is_on_the_disk(start: Start) -> None:
    async def scenario() -> None:
        life = start()
        telling = asyncio.create_task(told(life, run("load", 1)))
        while not kept(life):
            assert succeeded(life) == {}
            await asyncio.sleep(0)
        await telling
        assert succeeded(life) == {"load": 1}

    asyncio.run(scenario())


def test_what_many_tell_at_once_is_all_there_in_the_order_in_which_each_told_it(start: Start) -> None:
    async def sender(life: Life, name: str) -> None:
        for event in islice(numbered(name), 100):
            assert await told(life, event) == [None]

    life = start()
    asyncio.run(all_of(*(sender(life, name) for name in SENDERS)))
    assert succeeded(life) == dict.fromkeys(SENDERS, 100)
    for name in SENDERS:
        own = [run_id for run_id in kept(life) if run_id.startswith(name)]
        assert own == [f"{name}-{number}" for number in range(1, 101)]
    before = life.everything()
    assert start().everything() == before


def test_what_waits_together_is_written_together(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    life, written = start(), list[int]()
    append = life.journal.append

    def counted(entries: Sequence[bytes]) -> None:
        written.append(len(entries))
        append(entries)

    monkeypatch.setattr(life.journal, "append", counted)
    asyncio.run(all_of(*(told(life, event) for event in islice(numbered("load"), 50))))
    assert written == [50]


def test_an_append_that_fails_is_not_acknowledged_and_changes_nothing(start: Start) -> None:
    life = start()
    asyncio.run(told(life, run("load", 1)))
    before = life.everything()
    life.journal.connection.execute(FULL)
    with pytest.raises(StoreError, match="database or disk is full"):
        asyncio.run(told(life, big(1)))
    assert (life.everything(), kept(life), life.intake.count) == (before, ["load-1"], 0)
    life.journal.connection.execute(ROOMY)
    assert asyncio.run(told(life, big(1))) == [None]
    assert start().state.jobs["ns/load"].runs["failed"] == 1


def test_of_those_who_wait_together_all_are_told_that_the_disk_is_full(start: Start) -> None:
    async def refused(life: Life, number: int) -> None:
        with pytest.raises(StoreError):
            await told(life, big(number))

    life = start()
    asyncio.run(told(life, run("load", 1)))
    life.journal.connection.execute(FULL)
    asyncio.run(all_of(*(refused(life, number) for number in range(5))))
    assert (kept(life), life.intake.count) == (["load-1"], 0)


def test_a_snapshot_that_the_disk_refuses_loses_nothing_and_the_next_one_has_it(
    start: Start, caplog: pytest.LogCaptureFixture
) -> None:
    life, wide = start(), Dataset("raw", columns=(("x" * 200_000, "int"),))
    asyncio.run(told(life, RunEvent("first", "ns", "load", "COMPLETE", 1.0, outputs=(wide,))))
    life.journal.connection.execute(FULL)
    before, entries = life.everything(), kept(life)
    asyncio.run(life.intake.write_snapshot())
    assert (caplog.messages, set(life.intake.unwritten)) == (["snapshot not written"], PARTS)
    assert (life.everything(), kept(life)) == (before, entries)
    life.journal.connection.execute(ROOMY)
    asyncio.run(told(life, run("report", 1)))
    before = life.everything()
    asyncio.run(life.intake.write_snapshot())
    assert (kept(life), life.intake.unwritten) == ([], {})
    assert start().everything() == before


def test_a_part_that_can_not_be_kept_costs_no_other_part_and_keeps_nobody_waiting(
    start: Start, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def scenario(life: Life) -> None:
        await told(life, run("load", 1), run("report", 1))
        life.state.jobs["ns/load"].rows_total = 1 << 64  # more than msgpack has room for
        async with asyncio.timeout(5):
            await all_of(told(life, run("clean", 1)), told(life, run("clean", 2)))
            await told(life, run("clean", 3))
        assert life.intake.writing is not None
        await life.intake.writing
        life.state.jobs["ns/load"].rows_total = 0
        await life.intake.write_snapshot()

    monkeypatch.setattr(intake, "ENTRIES_A_SNAPSHOT", 3)
    life = start()
    asyncio.run(scenario(life))
    assert set(caplog.messages) == {"snapshot not written"}
    assert kept(life) == []
    before = life.everything()
    assert start().everything() == before


def test_a_snapshot_is_written_once_enough_was_told(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intake, "ENTRIES_A_SNAPSHOT", 10)

    async def scenario(life: Life) -> None:
        for event in islice(numbered("load"), 25):
            await told(life, event)
        assert life.intake.writing is not None
        await life.intake.writing

    life = start()
    asyncio.run(scenario(life))
    assert len(kept(life)) == 5
    before = life.everything()
    assert start().everything() == before


@pytest.mark.parametrize("kind", ["START", "COMPLETE"])
def test_a_run_that_there_was_no_more_room_for_is_gone_from_the_next_snapshot(
    start: Start, kind: Kind
) -> None:
    async def scenario(life: Life) -> None:
        for number in range(1, 9):
            await told(life, run("load", number, kind))
            await life.intake.write_snapshot()

    life = start()
    asyncio.run(scenario(life))
    before = life.everything()
    assert start().everything() == before


def test_entries_that_were_replayed_count_towards_the_next_snapshot(start: Start) -> None:
    asyncio.run(told(start(), run("load", 1), run("load", 2)))
    life = start()
    assert life.intake.since_snapshot == 2
    asyncio.run(life.intake.write_snapshot())
    assert (kept(life), start().intake.since_snapshot) == ([], 0)


def test_beyond_what_may_wait_it_is_full_and_nothing_is_kept(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake, "MOST_WAITING", 3)

    async def scenario(life: Life) -> None:
        first = asyncio.create_task(told(life, run("load", 1), run("load", 2)))
        await asyncio.sleep(0)
        with pytest.raises(FullError, match="2 events wait to be written"):
            await told(life, run("load", 3), run("load", 4))
        assert await told(life, run("load", 5)) == [None]
        await first

    life = start()
    asyncio.run(scenario(life))
    assert (kept(life), life.intake.count) == (["load-1", "load-2", "load-5"], 0)


def test_a_job_too_many_is_refused_by_its_place_and_the_others_are_taken(start: Start) -> None:
    life = start()
    names = ("load", "report", "clean", "send", "load")
    refusals = asyncio.run(told(life, *(run(name, 1) for name in names)))
    assert [type(refusal) for refusal in refusals] == [type(None)] * 3 + [TooManyJobsError, type(None)]
    before = life.everything()
    assert start().everything() == before


def test_who_goes_away_while_waiting_leaves_the_others_theirs(start: Start) -> None:
    async def scenario(life: Life) -> None:
        gone, stays = (asyncio.create_task(told(life, run(name, 1))) for name in ("load", "report"))
        await asyncio.sleep(0)
        gone.cancel()
        assert await stays == [None]
        with suppress(asyncio.CancelledError):
            await gone

    life = start()
    asyncio.run(scenario(life))
    assert succeeded(life) == {"load": 1, "report": 1}


def test_an_error_that_nobody_foresaw_is_told_and_the_next_one_is_taken(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: object) -> None:
        raise RuntimeError("a cosmic ray")

    async def scenario(life: Life) -> None:
        with monkeypatch.context() as patch:
            patch.setattr(life.journal, "append", broken)
            first = asyncio.create_task(told(life, run("load", 1)))
            await asyncio.sleep(0)
            with pytest.raises(RuntimeError, match="a cosmic ray"):
                await first
        assert await told(life, run("load", 2)) == [None]

    life = start()
    asyncio.run(scenario(life))
    assert kept(life) == ["load-2"]


def test_reports_are_in_the_snapshot_and_so_is_what_there_was_no_room_for(start: Start) -> None:
    life = start()
    asyncio.run(told(life, *(ChecksReport(name, "shop", 2.0) for name in ("a", "b", "c", "d"))))
    asyncio.run(life.intake.write_snapshot())
    assert kept(life) == []
    asyncio.run(told(life, ChecksReport("b", "shop", 1.0), ChecksReport("c", "shop", 3.0)))
    before = life.everything()
    restored = start()
    assert restored.everything() == before
    assert [(one.dataset, one.report.time) for one in restored.watched.checks] == [
        ("a", 2),
        ("b", 2),
        ("c", 3),
    ]
    assert restored.watched.checks.refused == 1
