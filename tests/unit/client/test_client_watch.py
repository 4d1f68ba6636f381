"""`watch`: what a run tells, and that the job neither fails nor changes by telling it."""

import asyncio
import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pipeline_health_client import current, watch

from tests.servers import wait_until
from tests.unit.client.receivers import Json, Recorder

BEARER = "opaque"


def ended(recorder: Recorder, runs: int = 1) -> list[Json]:
    """The final reports, when that many have come."""

    def final() -> list[Json]:
        return [report for report in recorder.reports if report["state"] != "running"]

    wait_until(lambda: len(final()) >= runs)
    return final()


def test_a_run_is_told_when_it_starts_and_when_it_ends(recorder: Recorder) -> None:
    with watch("nightly", team="shop", kind="load", token=BEARER, run_id="monday") as run:
        wait_until(lambda: recorder.states == ["running"])
        run.rows(7)
        run.bytes(512)
    begin, end = recorder.reports[0], ended(recorder)[0]
    same = {"run_id": "monday", "pipeline": "nightly", "team": "shop", "kind": "load"}
    assert begin == {**same, "started": begin["started"], "state": "running"}
    told = {"started": begin["started"], "ended": end["ended"], "state": "succeeded"}
    assert end == {**same, **told, "rows": 7, "bytes": 512}
    assert datetime.fromisoformat(end["started"]) <= datetime.fromisoformat(end["ended"])
    for path, headers in recorder.asked:
        assert path == "/api/v1/runs"
        assert headers["Content-Type"] == "application/json"
        assert headers["Authorization"] == f"Bearer {BEARER}"


def test_what_is_not_said_is_not_told_and_zero_rows_are(recorder: Recorder) -> None:
    with watch("silent"):
        pass
    with watch("empty") as run:
        run.rows(0)
    silent, empty = ended(recorder, 2)
    assert silent.keys() == {"run_id", "pipeline", "started", "ended", "state"}
    assert empty["rows"] == 0


def test_datasets_and_the_schedule_are_told(recorder: Recorder) -> None:
    due = datetime(2026, 11, 21, 2, tzinfo=UTC)
    with watch("nightly", scheduled=due) as run:
        run.input("raw.orders", updated=due)
        run.output("shop.orders", rows=0, size_bytes=9, stale_after_seconds=3600)
        run.output("shop.customers")
    [end] = ended(recorder)
    assert end["scheduled"] == "2026-11-21T02:00:00+00:00"
    assert end["inputs"] == [{"name": "raw.orders", "updated": "2026-11-21T02:00:00+00:00"}]
    first = {"name": "shop.orders", "rows": 0, "bytes": 9, "stale_after_seconds": 3600}
    assert end["outputs"] == [first, {"name": "shop.customers"}]


def test_a_time_without_offset_is_local_time(recorder: Recorder) -> None:
    with watch("nightly", scheduled=datetime(2026, 11, 21, 2)):
        pass
    assert datetime.fromisoformat(ended(recorder)[0]["scheduled"]).tzinfo is not None


def test_an_exception_fails_the_run_and_is_raised_unchanged(recorder: Recorder) -> None:
    error = ValueError("no\nsuch\tcolumn")
    with pytest.raises(ValueError, match="column") as caught, watch("nightly"):
        raise error
    assert caught.value is error
    [end] = ended(recorder)
    assert (end["state"], end["error"]) == ("failed", "ValueError: no such column")


@pytest.mark.parametrize(
    ("error", "state", "words"),
    [
        (KeyboardInterrupt(), "aborted", "KeyboardInterrupt:"),
        (asyncio.CancelledError(), "aborted", "CancelledError:"),
        (GeneratorExit(), "aborted", "GeneratorExit:"),
        (SystemExit(3), "failed", "exit code 3"),
        (SystemExit("no disk"), "failed", "no disk"),
        (SystemExit(0), "succeeded", None),
        (SystemExit(None), "succeeded", None),
    ],
    ids=repr,
)
def test_an_interruption_aborts_and_an_exit_counts_by_its_code(
    recorder: Recorder, error: BaseException, state: str, words: str | None
) -> None:
    with pytest.raises(type(error)) as caught, watch("nightly"):
        raise error
    assert caught.value is error
    [end] = ended(recorder)
    assert (end["state"], end.get("error")) == (state, words)


def test_an_exception_without_words_is_told_by_its_type(recorder: Recorder) -> None:
    class MuteError(Exception):
        def __str__(self) -> str:
            raise RuntimeError

    with pytest.raises(MuteError), watch("nightly"):
        raise MuteError
    assert ended(recorder)[0]["error"] == "MuteError"


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(words=st.text(st.characters(exclude_categories=())) | st.just("long " * 2000))
def test_whatever_an_exception_says_is_told_in_one_bounded_line(recorder: Recorder, words: str) -> None:
    recorder.bodies.clear()
    with pytest.raises(RuntimeError), watch("nightly"):
        raise RuntimeError(words)
    error = ended(recorder)[0]["error"]
    assert error.startswith("RuntimeError:")
    assert error.isprintable()
    assert len(error) <= 1000
    error.encode()


def test_a_job_can_say_that_it_failed_or_had_nothing_to_do(recorder: Recorder) -> None:
    with watch("bad") as run:
        run.fail("3 files are missing")
    with watch("stopped") as run:
        run.fail("told to stop", aborted=True)
    with watch("idle") as run:
        run.skip()
    told = {end["pipeline"]: (end["state"], end.get("error")) for end in ended(recorder, 3)}
    assert told["bad"] == ("failed", "3 files are missing")
    assert told["stopped"] == ("aborted", "told to stop")
    assert told["idle"] == ("skipped", None)


def test_a_decorated_function_is_a_run_each_time(recorder: Recorder) -> None:
    @watch("nightly")
    def load(rows: int) -> int:
        """Loads."""
        current().rows(rows)
        return rows + 1

    assert [load(1), load(rows=2)] == [2, 3]
    assert (load.__name__, load.__doc__) == ("load", "Loads.")
    ends = ended(recorder, 2)
    assert [end["rows"] for end in ends] == [1, 2]
    assert len({end["run_id"] for end in ends}) == 2


def test_a_coroutine_function_stays_one_and_runs_side_by_side(recorder: Recorder) -> None:
    @watch("nightly")
    async def load(rows: int) -> int:
        await asyncio.sleep(0)
        current().rows(rows)
        await asyncio.sleep(0)
        return rows

    async def both() -> list[int]:
        return list(await asyncio.gather(load(1), load(2)))

    assert asyncio.iscoroutinefunction(load)
    assert asyncio.run(both()) == [1, 2]
    assert sorted(end["rows"] for end in ended(recorder, 2)) == [1, 2]


def test_a_generators_run_lasts_until_it_is_exhausted(recorder: Recorder) -> None:
    @watch("nightly")
    def rows() -> Iterator[int]:
        yield 1
        yield 2

    waiting = rows()
    assert next(waiting) == 1
    wait_until(lambda: recorder.states == ["running"])
    assert list(waiting) == [2]
    assert ended(recorder)[0]["state"] == "succeeded"


def test_an_async_generator_is_refused_when_it_is_defined() -> None:
    async def rows() -> Any:
        yield 1

    with pytest.raises(TypeError, match="rows: an async generator can't be watched"):
        watch("nightly")(rows)


def test_threads_run_side_by_side(recorder: Recorder) -> None:
    @watch("nightly")
    def load(rows: int) -> None:
        current().rows(rows)

    threads = [threading.Thread(target=load, args=(number,)) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(end["rows"] for end in ended(recorder, 16)) == list(range(16))


def test_the_current_run_is_the_innermost(recorder: Recorder) -> None:
    with watch("outer"):
        with watch("inner"):
            current().rows(1)
        current().rows(2)
    current().rows(3)
    assert {end["pipeline"]: end["rows"] for end in ended(recorder, 2)} == {"outer": 2, "inner": 1}


@pytest.mark.parametrize("rows", [-1, "many", None, float("nan"), float("inf")])
def test_a_number_that_is_none_is_logged_and_left_out(
    recorder: Recorder, caplog: pytest.LogCaptureFixture, rows: Any
) -> None:
    with watch("nightly") as run:
        run.rows(rows)
        run.output("shop.orders", rows=rows)
        run.output("shop.customers", stale_after_seconds=float("nan"))
    [end] = ended(recorder)
    assert end["state"] == "succeeded"
    assert "rows" not in end
    assert "rows failed" in caplog.text


def test_trouble_is_logged_once(recorder: Recorder, caplog: pytest.LogCaptureFixture) -> None:
    with watch("nightly") as run:
        for _ in range(5):
            run.rows(-1)
    ended(recorder)
    assert [record.getMessage() for record in caplog.records] == [
        "pipeline health: rows failed: ValueError: expected 0 or more, got -1"
    ]


@pytest.mark.parametrize(
    ("name", "value"),
    [("URL", ""), ("URL", "exporter:9888"), ("URL", "http://[::1"), ("URL", "ftp://x"), ("URL", "http://h:x"),
     ("TOKEN", "a\nb"), ("TOKEN", "\u00e4"), ("TIMEOUT", "soon"), ("WAIT", "-1"), ("SPOOL", "/dev/null/x")],
)  # fmt: skip
def test_no_setting_fails_the_job(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(f"PIPELINE_HEALTH_{name}", value)
    with watch("nightly") as run:
        run.rows(1)


@pytest.mark.parametrize("scheduled", [date(2026, 11, 21), 1795221865])
def test_a_schedule_that_is_no_time_is_left_out_and_fails_no_job(recorder: Recorder, scheduled: Any) -> None:
    with watch("nightly", scheduled=scheduled):
        pass
    [report] = ended(recorder)
    assert (report["state"], "scheduled" in report) == ("succeeded", False)


def test_without_a_url_nothing_is_told_and_nothing_is_kept(spool: Path, recorder: Recorder) -> None:
    with watch("nightly", url=""):
        pass
    assert not spool.exists()
    with watch("other"):
        pass
    assert {report["pipeline"] for report in [*ended(recorder), *recorder.reports]} == {"other"}
