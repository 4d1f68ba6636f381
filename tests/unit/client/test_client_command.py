"""`run`, through both doors: the command notices nothing, and what became of it is told."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.servers import free_port, wait_until
from tests.unit.client.jobs import TIMEOUT_SECONDS, environment, kept
from tests.unit.client.receivers import Recorder, hang, misbehaving
from tools.loopback import HOST

DOORS = {"client": ["-m", "pipeline_health_client"], "exporter": ["-m", "exporter"]}


@pytest.fixture(params=list(DOORS))
def door(request: pytest.FixtureRequest) -> list[str]:
    return [sys.executable, *DOORS[str(request.param)], "run", "--pipeline", "nightly"]


CLIENT = [sys.executable, *DOORS["client"], "run", "--pipeline", "nightly"]


@pytest.fixture(autouse=True)
def heard() -> Iterator[None]:
    """What runs in the background ignores some signals, and so would all that it starts."""
    before = {number: signal.signal(number, signal.SIG_DFL) for number in (signal.SIGHUP, signal.SIGQUIT)}
    before[signal.SIGINT] = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def finished(
    door: list[str], *command: str, stdin: bytes = b"", **settings: object
) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [*door, "--", *command], input=stdin, capture_output=True, check=False,
        env=environment(**settings), timeout=TIMEOUT_SECONDS,
    )  # fmt: skip


def last(recorder: Recorder) -> tuple[str, str | None]:
    report = recorder.reports[-1]
    return report["state"], report.get("error")


def test_a_run_is_told_with_its_team_and_kind(door: list[str], recorder: Recorder) -> None:
    options = ["--team", "shop", "--kind", "load", "--token", "secret"]
    assert finished([*door, *options], "true").returncode == 0
    assert recorder.states == ["running", "succeeded"]
    for report in recorder.reports:
        assert (report["pipeline"], report["team"], report["kind"]) == ("nightly", "shop", "load")
    assert {headers["Authorization"] for _, headers in recorder.asked} == {"Bearer secret"}


@pytest.mark.parametrize("code", [0, 1, 2, 127, 255])
def test_the_exit_code_is_the_commands(door: list[str], recorder: Recorder, code: int) -> None:
    assert finished(door, "sh", "-c", f"exit {code}").returncode == code
    assert last(recorder) == (("failed", f"exit code {code}") if code else ("succeeded", None))


@pytest.mark.parametrize(
    ("name", "state"), [("KILL", "failed"), ("ABRT", "failed"), ("TERM", "aborted"), ("INT", "aborted")]
)
def test_a_command_killed_by_a_signal_gives_128_and_its_number(
    recorder: Recorder, name: str, state: str
) -> None:
    number = signal.Signals[f"SIG{name}"]
    assert finished(CLIENT, "sh", "-c", f"kill -{name} $$").returncode == 128 + number
    told, words = last(recorder)
    assert told == state
    assert str(words).startswith(f"killed by signal {number.value} (")


@pytest.mark.parametrize("listens", [True, False], ids=["exporter up", "exporter down"])
def test_input_and_output_pass_through_byte_for_byte(
    door: list[str], recorder: Recorder, listens: bool
) -> None:
    sent = os.urandom(300_000)
    url = recorder.url if listens else f"http://{HOST}:{free_port()}"
    done = finished(door, "sh", "-c", "tee /dev/stderr", stdin=sent, URL=url)
    assert (done.returncode, done.stdout, done.stderr) == (0, sent, sent)


def test_arguments_pass_through_as_they_are(door: list[str]) -> None:
    words = ["a b", "", "--", "--pipeline", "-h", "$HOME", "*", "\u00e4"]
    done = finished(door, sys.executable, "-c", "import sys; print(sys.argv[1:])", *words)
    assert done.stdout.decode() == f"{words}\n"


def test_the_dashes_before_the_command_may_be_left_out(door: list[str]) -> None:
    done = subprocess.run([*door, "echo", "-n", "--team"], capture_output=True, check=True, env=environment())
    assert done.stdout == b"--team"


@pytest.mark.parametrize(
    ("command", "code", "words"),
    [("no-such-command", 127, "command not found"), ("/etc/hostname/x", 126, "Not a directory"),
     ("/etc/passwd", 126, "Permission denied"), ("/etc", 126, "Permission denied")],
)  # fmt: skip
def test_a_command_that_can_not_start_is_a_failed_run_with_a_shells_exit_code(
    door: list[str], recorder: Recorder, command: str, code: int, words: str
) -> None:
    done = finished(door, command)
    assert (done.returncode, done.stdout) == (code, b"")
    assert done.stderr.decode() == f"pipeline-health: {command}: {words}\n"
    assert last(recorder) == ("failed", f"{command}: {words}")


def test_no_command_is_bad_usage(door: list[str], recorder: Recorder) -> None:
    done = subprocess.run([*door, "--"], capture_output=True, check=False, env=environment())
    assert done.returncode == 2
    assert recorder.bodies == []


TRAPS = "trap 'echo told; exit 7' {name}; echo ready; while :; do sleep 0.05; done"


@pytest.mark.parametrize("name", ["TERM", "INT", "HUP", "QUIT"])
def test_a_signal_is_passed_on_and_the_commands_farewell_counts(recorder: Recorder, name: str) -> None:
    with subprocess.Popen(
        [*CLIENT, "--", "sh", "-c", TRAPS.format(name=name)],
        stdout=subprocess.PIPE, env=environment(), start_new_session=True,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        process.send_signal(signal.Signals[f"SIG{name}"])
        assert process.stdout.read() == b"told\n"
        assert process.wait(TIMEOUT_SECONDS) == 7
    assert last(recorder) == ("aborted", "exit code 7")


def test_a_command_that_ends_well_when_stopped_has_succeeded(recorder: Recorder) -> None:
    script = TRAPS.format(name="TERM").replace("exit 7", "exit 0")
    with subprocess.Popen(
        [*CLIENT, "--", "sh", "-c", script], stdout=subprocess.PIPE, env=environment()
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.terminate()
        process.stdout.read()
        assert process.wait(TIMEOUT_SECONDS) == 0
    assert last(recorder) == ("succeeded", None)


ON_A_TERMINAL = """
import fcntl, os, sys, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
os.execv(sys.executable, sys.argv[1:])
"""
COUNTS = """
import signal, sys, time
told = []
signal.signal(signal.SIGINT, lambda *_: told.append(1))
print("ready", flush=True)
while not told:
    time.sleep(0.02)
time.sleep(0.3)
sys.exit(len(told))
"""


def test_ctrl_c_at_a_terminal_reaches_the_command_once(recorder: Recorder) -> None:
    ours, theirs = os.openpty()
    command = [sys.executable, "-c", ON_A_TERMINAL, *CLIENT, "--", sys.executable, "-c", COUNTS]
    with subprocess.Popen(
        command, stdin=theirs, stdout=subprocess.PIPE, env=environment(), start_new_session=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        os.write(ours, b"\x03")
        assert process.wait(TIMEOUT_SECONDS) == 1
    os.close(ours)
    os.close(theirs)
    assert last(recorder) == ("aborted", "exit code 1")


def test_a_parent_that_ignores_its_childrens_ends_hides_no_failure(recorder: Recorder) -> None:
    ignoring = "import os, signal, sys; signal.signal(signal.SIGCHLD, signal.SIG_IGN); os.execv(sys.argv[1], "
    ignoring += "sys.argv[1:])"
    done = finished([sys.executable, "-c", ignoring, *CLIENT], "sh", "-c", "exit 3")
    assert done.returncode == 3
    assert last(recorder) == ("failed", "exit code 3")


def test_what_nohup_ignores_stays_ignored(recorder: Recorder) -> None:
    script = "kill -HUP $PPID; kill -HUP $$; sleep 0.2; echo survived"
    done = finished(["nohup", *CLIENT], "sh", "-c", script)
    assert (done.returncode, done.stdout) == (0, b"survived\n")
    assert last(recorder) == ("succeeded", None)


def test_the_command_does_not_wait_for_a_hanging_exporter(spool: Path) -> None:
    with misbehaving(hang) as url, subprocess.Popen(
        [*CLIENT, "--", "echo", "done"],
        stdout=subprocess.PIPE, env=environment(URL=url, TIMEOUT=5, WAIT=8),
    ) as process:  # fmt: skip
        assert process.stdout is not None
        assert process.stdout.readline() == b"done\n"
        wait_until(lambda: kept(spool))
        assert process.poll() is None
        process.kill()


def test_trouble_is_told_only_when_asked_for(door: list[str], recorder: Recorder) -> None:
    recorder.status, recorder.body = 400, b'{"error": "pipeline: expected something else"}'
    assert finished(door, "true").stderr == b""
    said = finished([*door, "--verbose"], "true").stderr.decode()
    assert "pipeline: expected something else" in said
    assert said.count("\n") == 1
