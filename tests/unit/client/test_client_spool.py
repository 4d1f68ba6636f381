"""The spool: what can't be sent is kept, within bounds, for its owner alone, and sent later."""

import json
import os
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pipeline_health_client as client
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pipeline_health_client import flush, watch

from tests.servers import free_port, wait_until
from tests.unit.client.jobs import environment, job, kept, start
from tests.unit.client.receivers import Recorder, recording
from tools.loopback import HOST

NIGHTLY = """
    from pipeline_health_client import watch
    with watch("nightly", token="secret") as run:
        run.rows(3)
"""


@pytest.fixture
def down(monkeypatch: pytest.MonkeyPatch) -> int:
    """The port of an exporter that is down."""
    port = free_port()
    monkeypatch.setenv("PIPELINE_HEALTH_URL", f"http://{HOST}:{port}")
    return port


def waiting(spool: Path, count: int = 1) -> list[Path]:
    wait_until(lambda: len(kept(spool, "json")) == count and not kept(spool, "sending"))
    return kept(spool, "json")


def grow_old(path: Path, seconds: float) -> None:
    """As if nobody had touched it for so long."""
    then = time.time() - seconds
    os.utime(path, (then, then))


@pytest.mark.usefixtures("down")
def test_what_could_not_be_sent_is_kept_for_its_owner_alone_and_without_the_token(
    spool: Path,
) -> None:
    assert job(NIGHTLY).returncode == 0
    [path] = waiting(spool)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    report = json.loads(path.read_text())
    assert (report["pipeline"], report["state"], report["rows"]) == ("nightly", "succeeded", 3)
    assert "secret" not in path.read_text()


def test_the_next_watch_sends_what_was_kept(spool: Path, down: int) -> None:
    for _ in range(3):
        job(NIGHTLY)
    with recording(down) as recorder:
        job(NIGHTLY)
        assert recorder.states.count("succeeded") == 4
        assert len({report["run_id"] for report in recorder.reports}) == 4
    assert kept(spool) == []


def test_a_flush_sends_what_was_kept_and_says_how_much(down: int) -> None:
    job(NIGHTLY)
    command = [sys.executable, "-m", "pipeline_health_client", "flush"]
    said = subprocess.run(command, env=environment(), capture_output=True, text=True, check=False)
    assert (said.returncode, said.stdout) == (1, "0 sent, 0 refused, 1 waiting\n")
    with recording(down):
        said = subprocess.run(command, env=environment(), capture_output=True, text=True, check=False)
    assert (said.returncode, said.stdout, said.stderr) == (0, "1 sent, 0 refused, 0 waiting\n", "")


@pytest.mark.usefixtures("down")
def test_a_run_that_began_and_ended_while_nobody_listened_is_kept_once(spool: Path) -> None:
    with watch("nightly"):
        wait_until(lambda: len(kept(spool, "json")) == 1)
    [path] = waiting(spool)
    assert json.loads(path.read_text())["state"] == "succeeded"


@pytest.mark.parametrize("status", [401, 403, 404, 429, 500, 502, 503])
def test_a_refusal_that_may_pass_keeps_the_report(spool: Path, recorder: Recorder, status: int) -> None:
    recorder.status, recorder.headers = status, {"Retry-After": "1"}
    with watch("nightly"):
        pass
    waiting(spool)
    recorder.status = 201
    assert flush() == (1, 0, 0)


@pytest.mark.parametrize("status", [400, 413])
def test_a_refusal_for_good_drops_the_report_and_names_the_reason(
    spool: Path, recorder: Recorder, caplog: pytest.LogCaptureFixture, status: int
) -> None:
    recorder.status, recorder.body = status, b'{"error": "pipeline: expected a name"}'
    with watch("nightly"):
        pass
    wait_until(lambda: len(recorder.bodies) == 2 and not kept(spool))
    assert f"answers {status}: " in caplog.text
    assert "pipeline: expected a name" in caplog.text


@pytest.mark.usefixtures("down")
def test_reports_for_another_exporter_stay(spool: Path, recorder: Recorder) -> None:
    job(NIGHTLY)
    assert flush(recorder.url) == (0, 0, 0)
    assert recorder.bodies == []
    waiting(spool)


def test_one_forbidden_report_does_not_stop_the_others(down: int) -> None:
    for _ in range(3):
        job(NIGHTLY)
    with recording(down) as recorder:
        recorder.status = 403
        assert flush() == (0, 0, 3)
        assert len(recorder.bodies) == 3
        recorder.status = 503
        assert flush() == (0, 0, 3)
        assert len(recorder.bodies) == 4


@pytest.mark.usefixtures("down")
def test_the_oldest_are_dropped_when_too_many_wait(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, spool: Path
) -> None:
    monkeypatch.setattr(client, "MAX_REPORTS", 3)
    for number in range(5):
        with watch("nightly") as run:
            run.rows(number)
        time.sleep(0.002)
    assert [json.loads(path.read_text())["rows"] for path in waiting(spool, 3)] == [2, 3, 4]
    assert "too many reports wait" in caplog.text


def test_what_waited_too_long_is_dropped(monkeypatch: pytest.MonkeyPatch, spool: Path, down: int) -> None:
    job(NIGHTLY)
    waiting(spool)
    monkeypatch.setattr(client, "MAX_AGE_SECONDS", 0)
    with recording(down) as recorder:
        assert flush() == (0, 0, 0)
        assert recorder.bodies == []
    assert kept(spool) == []


def test_a_report_that_is_too_long_is_sent_but_not_kept(
    spool: Path, recorder: Recorder, caplog: pytest.LogCaptureFixture
) -> None:
    with watch("nightly") as run:
        for number in range(300):
            run.output(f"{'long' * 100}{number}")
    wait_until(lambda: recorder.states[-1:] == ["succeeded"])
    assert kept(spool) == []
    assert "isn't kept" in caplog.text


def test_what_is_being_sent_is_left_alone_until_its_sender_must_have_died(spool: Path, down: int) -> None:
    job(NIGHTLY)
    [path] = waiting(spool)
    mine = path.rename(path.with_suffix(".sending"))
    with recording(down) as recorder:
        assert flush() == (0, 0, 0)
        grow_old(mine, client.LEASE_SECONDS + 1)
        assert flush() == (1, 0, 0)
        assert recorder.states == ["succeeded"]


KILLED_WHILE_WRITING = """
    import os, pathlib, signal
    from pipeline_health_client import watch
    def die(*_):
        os.kill(os.getpid(), signal.SIGKILL)
    pathlib.Path.replace = die
    with watch("nightly"):
        pass
"""


def test_a_job_killed_while_it_writes_leaves_nothing_that_is_read(spool: Path, down: int) -> None:
    assert job(KILLED_WHILE_WRITING).returncode == -signal.SIGKILL
    drafts = kept(spool, "tmp")
    assert drafts
    job(NIGHTLY)
    with recording(down) as recorder:
        assert flush() == (1, 0, 0)
        assert recorder.states == ["succeeded"]
        for draft in drafts:
            grow_old(draft, client.LEASE_SECONDS + 1)
        assert flush() == (0, 0, 0)
    assert kept(spool) == []


ALWAYS = """
    from pipeline_health_client import watch
    print("ready", flush=True)
    while True:
        with watch("nightly") as run:
            run.rows(3)
"""


def test_jobs_killed_at_any_moment_leave_only_whole_reports(spool: Path, down: int) -> None:
    for tenths in range(1, 6):
        with start(ALWAYS) as process:
            assert process.stdout is not None
            process.stdout.readline()
            time.sleep(tenths / 50)
            process.kill()
    for path in kept(spool, "sending"):
        grow_old(path, client.LEASE_SECONDS + 1)
    with recording(down) as recorder:
        sent = flush()
        assert sent.sent == len(recorder.reports) > 0
        assert (sent.refused, sent.waiting) == (0, 0)


def test_many_processes_share_a_spool_and_lose_nothing(spool: Path, down: int) -> None:
    many = """
        from pipeline_health_client import watch
        for _ in range(20):
            with watch("nightly"):
                pass
    """
    processes = [start(many) for _ in range(4)]
    assert [process.wait() for process in processes] == [0] * 4
    for process in processes:
        process.communicate()
    waiting(spool, 80)
    with recording(down) as recorder:
        flushing = [start("from pipeline_health_client import flush; flush()") for _ in range(4)]
        for process in flushing:
            process.communicate()
        runs = [report["run_id"] for report in recorder.reports if report["state"] == "succeeded"]
        assert len(runs) == len(set(runs)) == 80
    assert kept(spool) == []


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    content=st.binary(max_size=200),
    name=st.from_regex(r"\A[0-9a-f-]{1,30}\.(json|sending|tmp)?\Z")
    | st.from_regex(r"\A1[0-9]{12}-[0-9a-f]{16}-(begin|end)\.json\Z"),
)
def test_no_rubbish_in_the_spool_stops_a_flush(
    spool: Path, recorder: Recorder, name: str, content: bytes
) -> None:
    if not spool.exists():
        recorder.status = 503
        job(NIGHTLY)
        recorder.status = 201
    [folder] = spool.iterdir()
    good = b'{"pipeline": "nightly"}'
    (folder / f"{int(time.time() * 1000)}-0123456789abcdef-end.json").write_bytes(good)
    (folder / name).write_bytes(content)
    assert flush().waiting == 0
    assert good in recorder.bodies[-2:]
    (folder / name).unlink(missing_ok=True)


@pytest.mark.parametrize("obstacle", ["file", "link", "read-only"])
def test_without_a_place_to_keep_reports_they_are_still_sent(
    spool: Path, recorder: Recorder, tmp_path: Path, obstacle: str
) -> None:
    if obstacle == "file":
        spool.write_text("not a folder")
    if obstacle == "read-only":
        spool.symlink_to("/proc/sys")
    if obstacle == "link":
        other = tmp_path / "other"
        other.mkdir()
        recorder.status = 503
        job(NIGHTLY)
        [path] = waiting(spool)
        path.unlink()
        path.parent.rmdir()
        path.parent.symlink_to(other)
        recorder.status = 201
    done = job(NIGHTLY)
    assert done.returncode == 0
    assert recorder.states[-2:] == ["running", "succeeded"]
    assert not list(tmp_path.glob("other/*"))
    assert "a report can't be kept" in done.stderr
