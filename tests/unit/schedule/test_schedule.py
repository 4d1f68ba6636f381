"""Files of checks are due by the clock, one at a time, and what goes wrong with one is its own trouble."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from exporter.collector import OwnMetrics
from exporter.intake.journal import Journal
from exporter.reports.document import Reasons
from exporter.reports.event import ChecksReport
from exporter.schedule import Planned, Schedule
from exporter.schedule.attempt import NoVerdictError
from exporter.schedule.schedule import RETRY_SECONDS
from exporter.storage import StoreError
from tests.servers import POLL_SECONDS
from tests.unit.intake.told import Life
from tests.unit.web.pipelines import EPOCH, Clock

HOUR = 3600.0
DEADLINE_SECONDS = 10


def plan(name: str, every: float = HOUR, *datasets: str) -> Planned:
    return Planned(Path(f"{name}.yml"), every, 60, dict.fromkeys(datasets or (name,), "shop"))


Answer = tuple[list[ChecksReport], Reasons]


@dataclass
class Scheduling:
    """A schedule whose attempts are the test's: `answers` by file, a report of `now` without one."""

    life: Life
    now: Clock = field(default_factory=Clock)
    elapsed: Clock = field(default_factory=lambda: Clock(500.0))
    made: list[str] = field(default_factory=list)
    answers: dict[str, Exception | Callable[[], Awaitable[Answer]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.own = OwnMetrics("1.0")
        self.schedule = Schedule(
            self.life.state, self.life.intake, self.own, self.now, self.elapsed, self.attempt
        )

    async def attempt(self, file: Path, within: float) -> Answer:
        assert within == 60
        self.made.append(file.stem)
        answer = self.answers.get(file.stem)
        if isinstance(answer, Exception):
            raise answer
        return await answer() if answer else ([ChecksReport(file.stem, "shop", self.now())], {})

    def until(self, done: Callable[[], bool]) -> None:
        """Let it run until then."""

        async def go() -> None:
            running = asyncio.create_task(self.schedule.run())
            async with asyncio.timeout(DEADLINE_SECONDS):
                while not done():
                    await asyncio.sleep(0)
            running.cancel()
            await asyncio.wait([running])

        asyncio.run(go())

    def rounds(self, count: int, *, seconds: float = 0.0) -> list[str]:
        """The files of so many further attempts, after so many seconds."""
        self.pass_by(seconds)
        before = len(self.made)
        self.until(lambda: len(self.made) >= before + count and self.counted() >= before + count)
        return self.made[before:]

    def pass_by(self, seconds: float) -> None:
        self.now.seconds += seconds
        self.elapsed.seconds += seconds

    def counted(self) -> float:
        """Attempts that have ended, unforeseen ones too."""
        samples = (one for family in self.own.check_attempts.collect() for one in family.samples)
        ended = sum(one.value for one in samples if one.name.endswith("_total"))
        return ended + (self.sample("exporter_errors", place="checks") or 0)

    def sample(self, name: str, **labels: str) -> float | None:
        """A counter of the exporter's about itself."""
        return self.own.registry.get_sample_value(f"pipeline_{name}_total", labels)

    def outcome(self, name: str) -> float | None:
        return self.sample("check_attempts", outcome=name)

    def unreadable(self) -> dict[str, str]:
        return {name: one.unreadable for name, one in self.life.state.scheduled.items()}

    def held(self) -> dict[str, float]:
        return {one.dataset: one.report.time for one in self.life.state.checks}


@pytest.fixture
def scheduling() -> Iterator[Scheduling]:
    journal = Journal(None)
    life = Life(journal)
    yield Scheduling(life)
    life.end()
    journal.close()


def test_what_was_never_checked_is_checked_at_once_and_then_when_it_is_due(
    scheduling: Scheduling,
) -> None:
    scheduling.schedule.take([plan("a"), plan("b", 2 * HOUR)])
    assert scheduling.rounds(2) == ["a", "b"]
    assert scheduling.schedule.next_due() is None
    assert scheduling.rounds(1, seconds=HOUR) == ["a"]
    assert scheduling.rounds(2, seconds=HOUR) == ["a", "b"]
    assert scheduling.held() == {"a": EPOCH + 2 * HOUR, "b": EPOCH + 2 * HOUR}
    assert scheduling.outcome("judged") == 5


def test_after_a_restart_a_file_is_due_when_its_oldest_report_is_old_enough(scheduling: Scheduling) -> None:
    for dataset, age in (("x", 600), ("y", 3000), ("ahead", -9999)):
        asyncio.run(scheduling.life.intake.tell([ChecksReport(dataset, "shop", EPOCH - age)]))
    plans = [plan("some", HOUR, "x", "y"), plan("old", 1000, "y"), plan("new", HOUR, "x", "unknown")]
    scheduling.schedule.take([*plans, plan("clock", HOUR, "ahead")])
    assert {file.stem: due - 500 for file, due in scheduling.schedule.due.items()} == {
        "some": 600, "old": 0, "new": 0, "clock": HOUR,
    }  # fmt: skip


def test_new_plans_count_at_once_and_what_is_known_of_the_others_stays(scheduling: Scheduling) -> None:
    scheduling.answers["a"] = NoVerdictError("overdue", "gone")
    scheduling.schedule.take([plan("a"), plan("b")])
    scheduling.rounds(2)
    scheduling.pass_by(30)
    scheduling.schedule.take([plan("a"), plan("c")])
    assert scheduling.rounds(1) == ["c"]
    assert scheduling.unreadable() == {"a": "gone", "c": ""}
    assert scheduling.schedule.due.keys() == {Path("a.yml"), Path("c.yml")}
    scheduling.schedule.take([])
    assert scheduling.unreadable() == {}
    assert scheduling.held().keys() == {"b", "c"}


def test_who_waits_is_woken_by_new_plans(scheduling: Scheduling) -> None:
    async def go() -> None:
        running = asyncio.create_task(scheduling.schedule.run())
        await asyncio.sleep(POLL_SECONDS)
        scheduling.schedule.take([plan("a")])
        async with asyncio.timeout(DEADLINE_SECONDS):
            while not scheduling.made:
                await asyncio.sleep(0)
        running.cancel()
        await asyncio.wait([running])

    asyncio.run(go())


def test_no_verdict_is_said_once_counted_each_time_and_over_with_the_next(
    scheduling: Scheduling, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "exporter.schedule")
    scheduling.schedule.take([plan("a", HOUR, "x", "y"), plan("b")])
    scheduling.answers["a"] = NoVerdictError("unreadable", "no files at day.csv")
    scheduling.rounds(2)
    scheduling.rounds(2, seconds=HOUR)
    assert scheduling.unreadable() == {"x": "no files at day.csv", "y": "no files at day.csv", "b": ""}
    scheduling.answers["a"] = NoVerdictError("overdue", "not done within 60 s")
    scheduling.rounds(2, seconds=HOUR)
    del scheduling.answers["a"]
    scheduling.rounds(2, seconds=HOUR)
    assert scheduling.unreadable() == {"x": "", "y": "", "b": ""}
    assert caplog.messages == ["not checked", "not checked", "checked again"]
    assert [scheduling.outcome(one) for one in ("unreadable", "overdue", "judged")] == [2, 1, 5]


def test_one_that_can_not_be_read_keeps_no_other_of_its_file_without_a_verdict(
    scheduling: Scheduling,
) -> None:
    async def half() -> Answer:
        return [ChecksReport("x", "shop", scheduling.now())], {"y": "y: no files at y.csv"}

    scheduling.answers["a"] = half
    scheduling.schedule.take([plan("a", HOUR, "x", "y")])
    scheduling.rounds(1)
    scheduling.rounds(1, seconds=RETRY_SECONDS)
    assert scheduling.unreadable() == {"x": "", "y": "y: no files at y.csv"}
    assert scheduling.held() == {"x": EPOCH + RETRY_SECONDS}
    assert (scheduling.outcome("unreadable"), scheduling.schedule.troubles) == (
        2, {Path("a.yml"): "y: no files at y.csv"},
    )  # fmt: skip


def test_what_can_not_be_read_is_tried_once_more_before_it_is_said(
    scheduling: Scheduling, caplog: pytest.LogCaptureFixture
) -> None:
    scheduling.answers["a"] = NoVerdictError("unreadable", "half written")
    scheduling.schedule.take([plan("a")])
    scheduling.rounds(1)
    assert (scheduling.unreadable(), caplog.messages) == ({"a": ""}, ["not checked"])
    assert scheduling.rounds(1, seconds=RETRY_SECONDS) == ["a"]
    assert scheduling.unreadable() == {"a": "half written"}
    scheduling.pass_by(RETRY_SECONDS)
    assert scheduling.schedule.next_due() is None
    assert scheduling.rounds(1, seconds=HOUR - RETRY_SECONDS) == ["a"]
    scheduling.pass_by(RETRY_SECONDS)
    assert scheduling.schedule.next_due() is None


def test_what_can_be_read_the_second_time_is_never_said(scheduling: Scheduling) -> None:
    scheduling.answers["a"] = NoVerdictError("unreadable", "half written")
    scheduling.schedule.take([plan("a")])
    scheduling.rounds(1)
    del scheduling.answers["a"]
    scheduling.rounds(1, seconds=RETRY_SECONDS)
    assert (scheduling.unreadable(), scheduling.schedule.suspects) == ({"a": ""}, {})
    scheduling.answers["a"] = NoVerdictError("unreadable", "half written")
    scheduling.rounds(1, seconds=HOUR)
    assert scheduling.unreadable() == {"a": ""}


def test_each_dataset_of_a_file_is_tried_once_more(scheduling: Scheduling) -> None:
    reasons = {"y": "gone"}

    async def some() -> Answer:
        return [], dict(reasons)

    scheduling.answers["a"] = some
    scheduling.schedule.take([plan("a", HOUR, "x", "y")])
    scheduling.rounds(1)
    scheduling.rounds(1, seconds=RETRY_SECONDS)
    reasons["x"] = "half written"
    scheduling.rounds(1, seconds=HOUR)
    assert scheduling.unreadable() == {"x": "", "y": "gone"}
    scheduling.rounds(1, seconds=RETRY_SECONDS)
    assert scheduling.unreadable() == {"x": "half written", "y": "gone"}


def test_what_takes_too_long_is_said_at_once(scheduling: Scheduling) -> None:
    scheduling.answers["a"] = NoVerdictError("overdue", "not done within 60 s")
    scheduling.schedule.take([plan("a")])
    scheduling.rounds(1)
    scheduling.pass_by(RETRY_SECONDS)
    assert scheduling.unreadable() == {"a": "not done within 60 s"}
    assert scheduling.schedule.next_due() is None


def test_a_file_that_was_changed_is_tried_once_more_again(
    scheduling: Scheduling, caplog: pytest.LogCaptureFixture
) -> None:
    scheduling.answers["a"] = NoVerdictError("unreadable", "gone")
    scheduling.schedule.take([plan("a")])
    scheduling.rounds(1)
    scheduling.schedule.take([plan("a", 2 * HOUR)])
    scheduling.rounds(1)
    assert (scheduling.unreadable(), caplog.messages) == ({"a": ""}, ["not checked"] * 2)
    scheduling.rounds(1, seconds=RETRY_SECONDS)
    assert scheduling.unreadable() == {"a": "gone"}


def test_no_other_attempt_comes_later_than_planned(scheduling: Scheduling) -> None:
    scheduling.answers["a"] = NoVerdictError("unreadable", "half written")
    scheduling.schedule.take([plan("a", 10)])
    scheduling.rounds(1)
    assert scheduling.rounds(1, seconds=10) == ["a"]


def refuse(_: Sequence[bytes]) -> None:
    raise StoreError("the disk is full")


def test_what_can_not_be_kept_is_counted_and_tried_again(
    scheduling: Scheduling, monkeypatch: pytest.MonkeyPatch
) -> None:
    scheduling.schedule.take([plan("a")])
    with monkeypatch.context() as patch:
        patch.setattr(scheduling.life.journal, "append", refuse)
        scheduling.rounds(1)
    assert (scheduling.held(), scheduling.outcome("not_kept")) == ({}, 1)
    scheduling.rounds(1, seconds=HOUR)
    assert scheduling.held() == {"a": EPOCH + HOUR}


def test_what_nobody_foresaw_is_counted_and_keeps_no_other_file_waiting(
    scheduling: Scheduling, caplog: pytest.LogCaptureFixture
) -> None:
    scheduling.schedule.take([plan("a"), plan("b")])
    scheduling.answers["a"] = RuntimeError("a cosmic ray")
    assert scheduling.rounds(2) == ["a", "b"]
    assert caplog.messages == ["check failed"]
    assert scheduling.held() == {"b": EPOCH}
    assert scheduling.rounds(2, seconds=HOUR) == ["a", "b"]


def test_one_file_is_checked_at_a_time_however_late_the_others_are(scheduling: Scheduling) -> None:
    at_once = most = 0

    async def slow() -> Answer:
        nonlocal at_once, most
        at_once += 1
        most = max(most, at_once)
        await asyncio.sleep(0.01)
        scheduling.pass_by(5 * HOUR)
        at_once -= 1
        return [], {}

    scheduling.answers = dict.fromkeys("abc", slow)
    scheduling.schedule.take([plan("a"), plan("b"), plan("c")])
    assert scheduling.rounds(6)[:6] == ["a", "b", "c", "a", "b", "c"]
    assert most == 1


def test_a_dataset_without_room_is_counted_as_told(scheduling: Scheduling) -> None:
    names = ("a", "b", "c", "d")
    scheduling.schedule.take([plan(name) for name in names])
    scheduling.rounds(4)
    assert scheduling.held().keys() == {"a", "b", "c"}
    told = {"integration": "other", "type": "checks"}
    counts = [scheduling.sample("intake_events", **told, outcome=one) for one in ("taken", "no_room")]
    assert counts == [3, 1]
