"""Tell a pipeline health exporter how a job's runs go. One file that needs the standard library alone.

with watch("nightly-load", team="shop") as run:
    run.rows(load())

The job comes first. A daemon thread sends; errors in here are logged and never raised; what can't be sent
waits in a folder, the spool, until the exporter is back. Only at the process's end are the last reports
waited for, 2 s at most. docs/client.md says what each setting does.
"""

from __future__ import annotations

import argparse
import atexit
import codecs
import contextvars
import copy
import functools
import hashlib
import http.client
import inspect
import io
import json
import logging
import os
import queue
import re
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from datetime import datetime, timedelta, timezone
from pathlib import Path
from types import FrameType
from typing import Any, NamedTuple, TypeVar, cast
from urllib.parse import urlsplit

# Names of hosts are looked up with it, and a forked child that ends can't import it any more.
codecs.lookup("idna")

__all__ = ["Flushed", "Run", "current", "flush", "main", "run_command", "watch"]

LOG = logging.getLogger("pipeline_health_client")
DEFAULT_URL = "http://127.0.0.1:9888"
MAX_ERROR_CHARACTERS = 1000
MAX_REPORTS = 1000
MAX_REPORT_BYTES = 64 * 1024
MAX_AGE_SECONDS = 7 * 86400
# A report that was taken out to be sent belongs to its taker for so long; after that they must have died.
LEASE_SECONDS = 60
# After an answer that didn't come in time nobody asks again for so long: a loop of short runs stays fast.
REST_SECONDS = 5
REFUSED_FOR_GOOD = (400, 413)
MAX_SAID = 100
STOPS = ("SIGTERM", "SIGINT", "SIGHUP", "SIGQUIT")

Function = TypeVar("Function", bound=Callable[..., Any])
_said: set[str] = set()


def _say(what: str, detail: object) -> None:
    """Warn, once a process for each kind of trouble."""
    if what not in _said and len(_said) < MAX_SAID:
        _said.add(what)
        LOG.warning("pipeline health: %s: %s", what, detail)


def _harmless(function: Function) -> Function:
    """The edge between us and the job: whatever goes wrong in here is logged and not raised."""

    @functools.wraps(function)
    def guarded(*arguments: Any, **named: Any) -> None:
        try:
            function(*arguments, **named)
        except Exception as error:
            _say(f"{function.__name__.strip('_')} failed", f"{type(error).__name__}: {error}")

    return cast(Function, guarded)


class _Settings(NamedTuple):
    """Where to send, and how many seconds that may take; without a URL nothing is told."""

    url: str
    token: str
    spool: Path
    timeout: float
    wait: float


def _settings(
    url: str | None, token: str | None, spool: str | os.PathLike[str] | None,
    timeout: float | None, wait: float | None,
) -> _Settings:  # fmt: skip
    """Arguments, else the environment, else the defaults."""
    return _Settings(
        (os.environ.get("PIPELINE_HEALTH_URL", DEFAULT_URL) if url is None else url).rstrip("/"),
        (os.environ.get("PIPELINE_HEALTH_TOKEN", "") if token is None else token).strip(),
        Path(spool or os.environ.get("PIPELINE_HEALTH_SPOOL") or _default_spool()),
        _seconds("PIPELINE_HEALTH_TIMEOUT", 1.0) if timeout is None else timeout,
        _seconds("PIPELINE_HEALTH_WAIT", 2.0) if wait is None else wait,
    )


def _seconds(name: str, default: float) -> float:
    text = os.environ.get(name) or str(default)
    with suppress(ValueError):
        if 0 < (seconds := float(text)) <= 3600:
            return seconds
    _say(name, f"expected seconds, got {text!r}; {default:g} is used")
    return default


def _default_spool() -> str:
    """Below the user's state directory; one who has no home gets a place in the temporary directory."""
    state = os.environ.get("XDG_STATE_HOME") or os.path.expanduser("~/.local/state")
    if not os.path.isabs(state):
        state = os.path.join(tempfile.gettempdir(), f"state-{_owner()}")
    return os.path.join(state, "pipeline-health", "spool")


def _owner() -> int:
    return os.geteuid() if hasattr(os, "geteuid") else 0


class _Spool:
    """Reports that couldn't be sent yet, a file each, in a folder for each user and exporter.

    `.json` waits, `.sending` is in the hands of who renamed it, `.tmp` is being written. Nobody reads what
    isn't whole, and a rename decides who sends: processes share it without locks, and any may be killed.
    """

    NAME = re.compile(r"([0-9]{13})-[0-9a-f]{16}-(?:begin|end)(?:-[0-9a-f]{32})?\.(json|sending|tmp)")

    def __init__(self, settings: _Settings) -> None:
        self.folder = settings.spool / f"{_owner()}-{_digest(settings.url)}"

    def keep(self, name: str, body: bytes) -> Path:
        """Write it as one that is being sent. OSError where there is no place for it."""
        if len(body) > MAX_REPORT_BYTES:
            raise OSError(f"a report of {len(body)} bytes isn't kept, {MAX_REPORT_BYTES} is the most")
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = self.folder.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid not in (0, _owner()):
            raise OSError(f"{self.folder}: expected a folder of one's own")
        if found.st_mode & 0o077:
            self.folder.chmod(0o700)
        path, draft = self.folder / f"{name}.sending", self.folder / f"{name}-{uuid.uuid4().hex}.tmp"
        try:
            with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(body)
            draft.replace(path)
        except OSError:
            draft.unlink(missing_ok=True)
            raise
        return path

    def release(self, path: Path) -> None:
        """Let it wait."""
        with suppress(OSError):
            path.replace(path.with_suffix(".json"))

    def drop_begin(self, name: str) -> None:
        """Once a run's end is known its beginning says nothing new."""
        if name.endswith("-end"):
            (self.folder / f"{name[:-4]}-begin.json").unlink(missing_ok=True)

    def claims(self) -> Iterator[tuple[Path, bytes]]:
        """Take out what waits, one by one, the oldest first; the taker deletes or releases it."""
        for path in self.waiting():
            mine = path.with_suffix(".sending")
            try:
                os.utime(path)
                path.rename(mine)
                body = mine.read_bytes()
            except OSError:
                continue
            yield mine, body

    def waiting(self) -> list[Path]:
        """What waits, the oldest first; what is too old, too much or left over is deleted on the way."""
        try:
            paths = sorted(self.folder.iterdir())
        except OSError:
            return []
        waiting = [path for path in paths if self._waits(path)]
        for path in waiting[:-MAX_REPORTS]:
            _say("too many reports wait", f"the oldest of {len(waiting)} in {self.folder} are dropped")
            path.unlink(missing_ok=True)
        return waiting[-MAX_REPORTS:]

    def _waits(self, path: Path) -> bool:
        name = self.NAME.fullmatch(path.name)
        if name is None:
            return False
        with suppress(OSError):
            idle = time.time() - path.stat().st_mtime
            if time.time() - int(name[1]) / 1000 > MAX_AGE_SECONDS:
                _say("a report waited too long", f"{path} is dropped")
                path.unlink()
            elif name[2] == "tmp" and idle > LEASE_SECONDS:
                path.unlink()
            else:
                return name[2] == "json" or (name[2] == "sending" and idle > LEASE_SECONDS)
        return False


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:16]


class _Deadline(io.RawIOBase):
    """A socket to read from until a moment: however slowly an answer trickles in, it ends."""

    def __init__(self, connected: socket.socket, until: float) -> None:
        super().__init__()
        self._socket, self._until = connected, until

    def makefile(self, _mode: str) -> io.BufferedReader:
        """What http.client asks a socket for."""
        return io.BufferedReader(self)

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, buffer: Any) -> int:
        """TimeoutError after the moment."""
        self._socket.settimeout(max(0.001, self._until - time.monotonic()))
        return self._socket.recv_into(buffer)


def _connection(settings: _Settings) -> tuple[http.client.HTTPConnection, str]:
    """Not yet connected; and its place in words that tell no secret. ValueError for an impossible setting."""
    parts = urlsplit(settings.url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("PIPELINE_HEALTH_URL: expected http://HOST:PORT or https://HOST:PORT")
    if not (settings.token.isascii() and settings.token.isprintable()):
        raise ValueError("PIPELINE_HEALTH_TOKEN: expected printable ASCII")
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    return kind(parts.hostname, parts.port, timeout=settings.timeout), parts.netloc.rpartition("@")[2]


def _post(settings: _Settings, body: bytes) -> tuple[int, str]:
    """The answer's status and, for a refusal, its words; status 0 when there was no answer in time."""
    until = time.monotonic() + settings.timeout
    try:
        connection, place = _connection(settings)
    except ValueError as error:
        return 0, str(error)
    headers = {"Content-Type": "application/json", "Connection": "close"}
    if settings.token:
        headers["Authorization"] = f"Bearer {settings.token}"
    try:
        connection.request("POST", f"{urlsplit(settings.url).path}/api/v1/runs", body, headers)
        source = cast(socket.socket, _Deadline(connection.sock, until))
        with http.client.HTTPResponse(source, method="POST") as response:
            response.begin()
            words = "" if response.status < 300 else response.read(1000).decode("utf-8", "replace")
            return response.status, f"{place} answers {response.status}: {words}"
    except (OSError, ValueError, http.client.HTTPException) as error:
        return 0, f"{place}: {type(error).__name__}: {error}"
    finally:
        connection.close()


def _settled(status: int, words: str) -> bool:
    """True when a report is done with: it was taken, or will never be."""
    if status in REFUSED_FOR_GOOD:
        _say(f"a report was refused and dropped: {words}", "it would be refused again")
    elif not 200 <= status < 300:
        _say("a report couldn't be sent and is kept for later", words)
        return False
    return True


def _is_down(status: int) -> bool:
    return status in (0, 429) or status >= 500


class Flushed(NamedTuple):
    """How many reports were sent, how many refused and dropped, and how many still wait."""

    sent: int
    refused: int
    waiting: int


def _send_waiting(settings: _Settings, stop: Callable[[], bool]) -> Flushed:
    spool, sent, refused = _Spool(settings), 0, 0
    for path, body in spool.claims():
        status, words = _post(settings, body)
        if _settled(status, words):
            path.unlink(missing_ok=True)
            sent, refused = sent + (status < 300), refused + (status >= 300)
        else:
            spool.release(path)
        if _is_down(status) or stop():
            break
    return Flushed(sent, refused, len(spool.waiting()))


class _Report(NamedTuple):
    settings: _Settings
    name: str
    body: bytes
    path: Path | None


def _kept(report: _Report) -> _Report:
    """On disk before it is sent: whatever happens to this process now, it will be told."""
    try:
        return report._replace(path=_Spool(report.settings).keep(report.name, report.body))
    except OSError as error:
        _say("a report can't be kept", error)
        return report


class _Sender:
    """One daemon thread a process, started with its first report."""

    def __init__(self, at_each_end: bool = False) -> None:
        # A forked child may end without any farewell (multiprocessing's do): there each run's end waits.
        self.at_each_end = at_each_end
        self._reports: queue.SimpleQueue[_Report] = queue.SimpleQueue()
        self._changed = threading.Condition()
        self._unsent = 0
        self._thread: threading.Thread | None = None
        self._rests_until = 0.0
        self._wait_seconds = 0.0

    def put(self, report: _Report) -> None:
        """Returns at once."""
        with self._changed:
            if self._thread is None:
                thread = threading.Thread(target=self._work, name="pipeline-health", daemon=True)
                thread.start()
                self._thread = thread
            self._unsent += 1
            self._wait_seconds = report.settings.wait
        self._reports.put(report)

    def wait(self) -> None:
        """Until everything is sent or kept, or it has taken too long."""
        with self._changed:
            self._changed.wait_for(lambda: self._unsent == 0, self._wait_seconds)

    def _work(self) -> None:
        while True:
            report = self._reports.get()
            _harmless(self._deliver)(report)
            with self._changed:
                self._unsent -= 1
                self._changed.notify_all()

    def _deliver(self, report: _Report) -> None:
        status, words = self._ask(report)
        spool = _Spool(report.settings)
        spool.drop_begin(report.name)
        if _settled(status, words):
            if report.path is not None:
                report.path.unlink(missing_ok=True)
            if status < 300 and self._reports.empty():
                _send_waiting(report.settings, lambda: not self._reports.empty())
        else:
            spool.release(report.path or spool.keep(report.name, report.body))
            spool.waiting()

    def _ask(self, report: _Report) -> tuple[int, str]:
        asked = time.monotonic()
        if asked < self._rests_until:
            return 0, "no answer a moment ago"
        status, words = _post(report.settings, report.body)
        if status == 0 and time.monotonic() - asked > report.settings.timeout / 2:
            self._rests_until = time.monotonic() + REST_SECONDS
        return status, words


_sender = _Sender()
atexit.register(lambda: _sender.wait())


def _after_fork() -> None:
    """The parent's thread and what it has yet to send stay with the parent."""
    global _sender
    _sender = _Sender(at_each_end=True)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)


def _iso(moment: datetime | str) -> str:
    """With an offset: a naive datetime is local time. Words are passed on as they are."""
    if isinstance(moment, str):
        return moment
    return (moment if moment.tzinfo else moment.astimezone()).isoformat()


def _known_time(name: str, moment: datetime | str | None) -> str | None:
    """The same of what an argument says; what is no time is logged and not known."""
    if moment is None:
        return None
    try:
        return _iso(moment)
    except Exception as error:
        _say(f"{name}: expected a datetime or ISO 8601 with offset", f"{type(error).__name__}: {error}")
        return None


def _count(number: object) -> int:
    count = int(cast(int, number))
    if count < 0:
        raise ValueError(f"expected 0 or more, got {count}")
    return count


def _line(text: str) -> str:
    """One line of bounded length that survives JSON and UTF-8."""
    shown = "".join(each if each.isprintable() else " " for each in text[: 2 * MAX_ERROR_CHARACTERS])
    return shown.strip()[:MAX_ERROR_CHARACTERS]


class Run:
    """One run of a pipeline, told from `with` to its end; as a decorator, every call is a run of its own."""

    def __init__(self, facts: dict[str, Any], settings: _Settings) -> None:
        self._facts, self._settings = facts, settings
        self._verdict: tuple[str, str | None] = ("succeeded", None)
        self._told: dict[str, Any] = {}
        self._pid = 0

    @_harmless
    def rows(self, count: int) -> None:
        """How many rows this run wrote; 0 is a number, not saying it means unknown."""
        self._told["rows"] = _count(count)

    @_harmless
    def bytes(self, count: int) -> None:
        """How many bytes this run wrote."""
        self._told["bytes"] = _count(count)

    @_harmless
    def input(self, name: str, *, updated: datetime | str | None = None) -> None:
        """A dataset that it read, and when that one's data is from."""
        self._dataset("inputs", name=name, updated=updated and _iso(updated))

    @_harmless
    def output(
        self, name: str, *, rows: int | None = None, size_bytes: int | None = None,
        updated: datetime | str | None = None, stale_after_seconds: float | None = None,
    ) -> None:  # fmt: skip
        """A dataset that it wrote, and after how long without news that one is stale."""
        counts = {"rows": rows, "bytes": size_bytes}
        told: dict[str, Any] = {key: _count(count) for key, count in counts.items() if count is not None}
        if stale_after_seconds is not None and not 0 < stale_after_seconds < float("inf"):
            raise ValueError(f"stale_after_seconds: expected more than 0, got {stale_after_seconds}")
        told |= {"updated": updated and _iso(updated), "stale_after_seconds": stale_after_seconds}
        self._dataset("outputs", name=name, **told)

    @_harmless
    def skip(self) -> None:
        """Say that there was nothing to do."""
        self._verdict = ("skipped", None)

    @_harmless
    def fail(self, error: str, *, aborted: bool = False) -> None:
        """Say that it failed, or was stopped, though no exception will tell."""
        self._verdict = ("aborted" if aborted else "failed", _line(str(error)))

    def __enter__(self) -> Run:
        self._begin()
        return self

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        self._end(error)

    def __call__(self, function: Function) -> Function:
        """The function, each call of it a run; a generator's run lasts until it is exhausted."""

        @functools.wraps(function)
        def plain(*arguments: Any, **named: Any) -> Any:
            with copy.copy(self):
                return function(*arguments, **named)

        @functools.wraps(function)
        def generator(*arguments: Any, **named: Any) -> Any:
            with copy.copy(self):
                return (yield from function(*arguments, **named))

        @functools.wraps(function)
        async def coroutine(*arguments: Any, **named: Any) -> Any:
            with copy.copy(self):
                return await function(*arguments, **named)

        if inspect.isasyncgenfunction(function):
            raise TypeError(f"{function.__name__}: an async generator can't be watched; use `with` in it")
        if inspect.iscoroutinefunction(function):
            return cast(Function, coroutine)
        return cast(Function, generator if inspect.isgeneratorfunction(function) else plain)

    def _dataset(self, key: str, **facts: Any) -> None:
        known = {name: value for name, value in facts.items() if value is not None}
        self._told.setdefault(key, []).append({**known, "name": str(known["name"])})

    @_harmless
    def _begin(self) -> None:
        self._pid, self._verdict = os.getpid(), ("succeeded", None)
        self._clock, self._started = time.monotonic(), datetime.now(timezone.utc)
        self._told = {"run_id": str(uuid.uuid4()), **self._facts, "started": _iso(self._started)}
        self._name = f"{int(self._started.timestamp() * 1000):013d}-{_digest(self._told['run_id'])}"
        self._outer = _current.set(self)
        self._tell("running")

    @_harmless
    def _end(self, error: BaseException | None) -> None:
        if self._pid != os.getpid():
            return  # a fork of the process that began it: that one will tell
        with suppress(ValueError):
            _current.reset(self._outer)
        state, words = self._verdict if error is None else _verdict(error, self._verdict)
        elapsed = timedelta(seconds=time.monotonic() - self._clock)
        self._told["ended"] = _iso(self._started + elapsed)
        self._pid = 0
        self._tell(state, words)

    def _tell(self, state: str, error: str | None = None) -> None:
        if not self._settings.url:
            return
        told = {**self._told, "state": state} | ({} if error is None else {"error": error})
        body = json.dumps(told).encode()
        if state == "running":
            _sender.put(_Report(self._settings, f"{self._name}-begin", body, None))
        else:
            _sender.put(_kept(_Report(self._settings, f"{self._name}-end", body, None)))
            if _sender.at_each_end:
                _sender.wait()


_current: contextvars.ContextVar[Run] = contextvars.ContextVar("pipeline_health_run")


def _verdict(error: BaseException, so_far: tuple[str, str | None]) -> tuple[str, str | None]:
    """A run that ends by an exception: failed, or aborted by what is no error (Ctrl-C, a cancelled task)."""
    if isinstance(error, SystemExit):
        if error.code in (None, 0):
            return so_far
        return "failed", _line(f"exit code {error.code}" if isinstance(error.code, int) else str(error.code))
    try:
        words = f"{type(error).__name__}: {error}"
    except Exception:
        words = type(error).__name__
    return "failed" if isinstance(error, Exception) else "aborted", _line(words)


def watch(
    pipeline: str, *, team: str | None = None, kind: str | None = None, run_id: str | None = None,
    scheduled: datetime | str | None = None, url: str | None = None, token: str | None = None,
    spool: str | os.PathLike[str] | None = None, timeout: float | None = None, wait: float | None = None,
) -> Run:  # fmt: skip
    """Watch a run: `with watch("nightly-load") as run: ...`, or `@watch("nightly-load")` above a function.

    `kind` names the pipelines that are each other's peers, `scheduled` is when the run should have started.
    What isn't given is read from PIPELINE_HEALTH_URL, _TOKEN, _SPOOL, _TIMEOUT and _WAIT; an empty URL tells
    nobody.
    """
    facts = {"pipeline": pipeline, "team": team, "kind": kind, "run_id": run_id}
    facts["scheduled"] = _known_time("scheduled", scheduled)
    known = {key: str(value) for key, value in facts.items() if value is not None}
    return Run(known, _settings(url, token, spool, timeout, wait))


def current() -> Run:
    """The run that this code is part of; outside of any run one that nobody hears of."""
    return _current.get(None) or Run({}, _settings("", None, None, None, None))


def flush(url: str | None = None, token: str | None = None, *, spool: str | None = None,
          timeout: float | None = None) -> Flushed:  # fmt: skip
    """Send what waits, now and in this thread, until all is sent or the exporter stops answering."""
    return _send_waiting(_settings(url, token, spool, timeout, None), lambda: False)


def run_command(command: Sequence[str], job: Run) -> int:
    """Run a command as a run, with our own input and output; its exit code, as a shell would give it.

    SIGTERM, SIGINT, SIGHUP and SIGQUIT are passed on to it. For the main thread of a process that does
    nothing else: the handlers stay, so that no signal during the last report changes the exit code.
    """
    stopped: list[int] = []
    children: list[subprocess.Popen[bytes]] = []

    def stop(number: int, _frame: FrameType | None = None) -> None:
        stopped.append(number)
        for child in children if not _typed(number) else ():
            with suppress(OSError):
                os.kill(child.pid, number)

    with job:
        for name in STOPS:
            number = getattr(signal, name, None)
            if number is not None and signal.getsignal(number) != signal.SIG_IGN:
                signal.signal(number, stop)
        if hasattr(signal, "SIGCHLD"):
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)  # where it is ignored, exit codes are lost
        try:
            child = subprocess.Popen(command, close_fds=False)
        except OSError as error:
            return _not_started(command[0], error, job)
        children.append(child)
        for number in stopped[:]:
            os.kill(child.pid, number)
        return _ended(child.wait(), stopped, job)


def _typed(number: int) -> bool:
    """True for what was typed at the terminal: the command, in its foreground too, has had it already."""
    if number not in (signal.SIGINT, signal.SIGQUIT):
        return False
    try:
        with open("/dev/tty", "rb") as terminal:
            return os.tcgetpgrp(terminal.fileno()) == os.getpgrp()
    except OSError:
        return False


def _not_started(command: str, error: OSError, job: Run) -> int:
    missing = isinstance(error, FileNotFoundError)
    words = f"{command}: {'command not found' if missing else error.strerror or error}"
    job.fail(words)
    sys.stderr.write(f"pipeline-health: {words}\n")
    return 127 if missing else 126


def _ended(code: int, stopped: list[int], job: Run) -> int:
    if code != 0:
        words = f"exit code {code}" if code > 0 else f"killed by signal {-code} ({signal.strsignal(-code)})"
        named = [getattr(signal, name, None) for name in STOPS]
        job.fail(words, aborted=bool(stopped) or -code in named)
    return code if code >= 0 else 128 - code


def main(arguments: Sequence[str] | None = None) -> int:
    """`python -m pipeline_health_client run --pipeline NAME -- COMMAND...`, and `flush`; the exit code."""
    parser = argparse.ArgumentParser(prog="pipeline_health_client", description="Tell how a job's runs go.")
    verbs = parser.add_subparsers(dest="verb", required=True)
    run = verbs.add_parser("run", help="run a command and tell how it went; exits as the command does")
    run.add_argument("--pipeline", required=True, help="what it is a run of")
    for name in ("team", "kind"):
        run.add_argument(f"--{name}", help=f"the pipeline's {name}")
    run.add_argument("--verbose", action="store_true", help="say on stderr why something can't be told")
    run.add_argument("command", nargs=argparse.REMAINDER, metavar="-- COMMAND...")
    later = verbs.add_parser("flush", help="send what could not be sent before")
    for verb in (run, later):
        verb.add_argument("--url", help=f"the exporter; else PIPELINE_HEALTH_URL, else {DEFAULT_URL}")
        verb.add_argument("--token", help="else PIPELINE_HEALTH_TOKEN, which no list of processes shows")
    given = parser.parse_args(arguments)
    if given.verb == "flush":
        done = flush(given.url, given.token)
        sys.stdout.write(f"{done.sent} sent, {done.refused} refused, {done.waiting} waiting\n")
        return int(done.waiting > 0)
    command = given.command[given.command[:1] == ["--"] :]
    if not command:
        run.error("expected a command after --")
    be_quiet(given.verbose)
    job = watch(given.pipeline, team=given.team, kind=given.kind, url=given.url, token=given.token)
    return run_command(command, job)


def be_quiet(verbose: bool = False) -> None:
    """Leave stderr to the command; `verbose`: say there what can't be told, and why."""
    LOG.addHandler(logging.StreamHandler() if verbose else logging.NullHandler())


if __name__ == "__main__":
    sys.exit(main())
