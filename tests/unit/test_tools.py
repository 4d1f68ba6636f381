"""What the tools decide, without a download: versions, apt's answers, ports, children, pages."""

import http.server
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.conftest import required
from tests.servers import free_port, wait_until
from tools import apt, chromium, debian, servers, stack
from tools.children import ChildError, started, wait_until_ready
from tools.loopback import HOST, is_taken
from tools.programs import Program
from tools.targets import copy_configuration
from tools.welcome import welcome

ROOT = Path(__file__).parents[2]

READY_SERVER = """
import http.server, sys

class Ready(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()

http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Ready).serve_forever()
"""

STACK_OF_ONE = f"""
import sys
from tools import programs, stack

def exporter(port, *arguments):
    return programs.Program("exporter", port, (sys.executable, "-c", {READY_SERVER!r}, str(port)))

programs.exporter = exporter
stack.real_servers = lambda ports, profile: []
sys.exit(stack.main())
"""


def executable(folder: Path, name: str, prints: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text(f"#!/bin/sh\necho '{prints}'\n")
    path.chmod(0o755)
    return path


def ready_server(port: int, log: Path) -> Program:
    return Program("first", port, (sys.executable, "-c", READY_SERVER, str(port)), log)


@contextmanager
def answering(body: bytes) -> Iterator[int]:
    """A web server that answers everything with this body, on the yielded port."""

    class Page(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with http.server.ThreadingHTTPServer((HOST, 0), Page) as server:
        threading.Thread(target=server.serve_forever).start()
        yield server.server_port
        server.shutdown()


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("prometheus, version 3.5.3+ds1 (branch: debian/sid, revision: 3.5.3+ds1-6)", (3, 5)),
        ("alertmanager, version 0.33.1 (branch: HEAD)\n  go version: go1.27.1", (0, 33)),
        ("promtool, version 10.0.0", (10, 0)),
        ("Segmentation fault", None),
    ],
)
def test_versions_are_read_from_what_the_programs_print(text: str, version: tuple[int, int] | None) -> None:
    assert servers.parse_version(text) == version


@pytest.fixture
def unpacked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The folder of unpacked servers, empty; PATH leads to ``tmp_path/path`` alone."""
    monkeypatch.setenv("PATH", str(tmp_path / "path"))
    monkeypatch.setattr(servers, "CACHED_FOLDERS", str(tmp_path / "unpacked"))
    return tmp_path / "unpacked"


def test_a_new_program_on_path_comes_before_the_unpacked_one(unpacked: Path, tmp_path: Path) -> None:
    executable(unpacked, "prometheus", "prometheus, version 3.5.0")
    on_path = executable(tmp_path / "path", "prometheus", "prometheus, version 3.0.1")
    assert servers.find("prometheus") == on_path


@pytest.mark.parametrize("printed", ["prometheus, version 2.53.3", "what version?"])
def test_an_old_or_broken_program_on_path_is_passed_over(
    unpacked: Path, tmp_path: Path, printed: str
) -> None:
    executable(tmp_path / "path", "prometheus", printed)
    assert servers.find("prometheus") is None
    newer = executable(unpacked, "prometheus", "prometheus, version 3.5.0")
    assert servers.find("prometheus") == newer


@pytest.mark.usefixtures("unpacked")
def test_debians_name_for_alertmanager_is_known(tmp_path: Path) -> None:
    on_path = executable(tmp_path / "path", "prometheus-alertmanager", "alertmanager, version 0.28.0")
    assert servers.find("alertmanager") == on_path


def test_servers_that_are_here_are_not_downloaded(
    unpacked: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in servers.OLDEST:
        executable(unpacked, name, f"{name}, version 3.5.0")
    monkeypatch.setattr(servers, "fetch", lambda _: pytest.fail("downloaded"))
    assert servers.servers() == tuple(unpacked / name for name in servers.OLDEST)
    assert capsys.readouterr().out == ""


@pytest.mark.usefixtures("unpacked")
def test_without_servers_the_error_says_why_and_what_to_do(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("platform.freedesktop_os_release", lambda: {"ID": "arch", "NAME": "Arch Linux"})
    assert servers.main() == 1
    assert capsys.readouterr().err == (
        "No servers: this is Arch Linux, not Debian; put prometheus >= 3.0, promtool >= 3.0, "
        "alertmanager >= 0.28, amtool >= 0.28 on PATH\n"
    )


@pytest.mark.usefixtures("unpacked")
def test_a_debian_without_apt_is_told_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platform.freedesktop_os_release", lambda: {"ID": "debian"})
    with pytest.raises(apt.UnavailableError, match=r"apt-get is not on PATH; put prometheus >= 3\.0"):
        servers.servers()


URIS = """\
'https://vendor.test/linux/debian/dists/bookworm/InRelease' vendor 0
'http://mirror.test/debian/dists/bookworm/InRelease' main 0
'http://mirror.test/debian/dists/bookworm-updates/InRelease' updates 0
'http://mirror.test/debian-security/dists/bookworm-security/InRelease' security 0
'http://mirror.test/debian/dists/bookworm/main/binary-amd64/Packages.xz' packages 0
"""


def test_debians_own_repository_is_told_from_a_vendors() -> None:
    assert apt.repository(URIS, "bookworm") == "http://mirror.test/debian/"


def test_a_debian_without_updates_has_a_repository_too() -> None:
    assert apt.repository("'http://mirror.test/debian/dists/sid/InRelease' sid 0", "forky") == (
        "http://mirror.test/debian/"
    )


def test_apt_without_a_debian_repository_is_an_error() -> None:
    with pytest.raises(apt.UnavailableError, match=r"no Debian repository \(looked for trixie\)"):
        apt.repository("'http://vendor.test/dists/noble/InRelease' noble 0", "trixie")


def test_the_source_is_testing_signed_by_debian() -> None:
    assert apt.source("http://mirror.test/debian/", "arm64") == (
        "deb [arch=arm64 target=Packages signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] "
        "http://mirror.test/debian/ testing main\n"
    )


def test_apt_keeps_the_machines_proxy_and_none_of_its_hooks_or_folders(tmp_path: Path) -> None:
    proxy, hook = 'Acquire::http::Proxy "http://proxy.test:3128";', 'APT::Update::Post-Invoke:: "rm";'
    lines = apt.own_settings(tmp_path, f'{proxy}\n{hook}\nDir::Cache "var";\n').splitlines()
    assert proxy in lines
    assert not [line for line in lines if "Invoke" in line]
    assert [line for line in lines if line.startswith("Dir::Cache ")] == [f'Dir::Cache "{tmp_path}/cache";']


def test_a_failing_command_gives_its_complaint() -> None:
    with pytest.raises(apt.UnavailableError, match="sh -c failed: no network"):
        apt.run("sh", "-c", "echo no network >&2; echo more >&2; exit 100")


def test_the_unpacked_alertmanager_starts_where_its_templates_are(tmp_path: Path) -> None:
    binary = executable(tmp_path / "usr/bin", "prometheus-alertmanager", "/usr/share/prometheus/alertmanager")
    size = binary.stat().st_size
    debian.make_relocatable(tmp_path)
    assert binary.stat().st_size == size
    binary.write_text(binary.read_text() + 'pwd; echo "$@"\n')
    done = subprocess.run(
        [tmp_path / "bin/alertmanager", "--a", "b c"], capture_output=True, text=True, check=True
    )
    assert done.stdout == f"usr/share//prometheus/alertmanager\n{tmp_path}\n--a b c\n"


def test_a_taken_port_is_named_with_the_way_out(tmp_path: Path) -> None:
    with socket.create_server((HOST, 0)) as listening:
        port = listening.getsockname()[1]
        chosen = [ready_server(free_port(), tmp_path / "log"), Program("prometheus", port, ("true",))]
        assert stack.taken(chosen) == (
            f"Port {port} on {HOST} is already in use, and prometheus needs it: "
            f"stop what uses it, or make run ARGS='--prometheus-port {port + 1}'"
        )
    assert stack.taken(chosen) is None


def test_what_the_stack_does_not_know_goes_to_the_exporter() -> None:
    ports, profile, rest = stack.parse(["--speed", "60", "--prometheus-port", "19090"])
    assert profile == "demo"
    assert ports == stack.Ports(9888, 19090, 9093)
    assert rest == ["--speed", "60"]


def test_other_ports_need_a_copy_of_the_configuration(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(stack, "RUN_FOLDER", tmp_path)
    assert stack.configuration(stack.Ports(), "demo") == ROOT / "prometheus/prometheus.demo.yml"
    other = stack.configuration(stack.Ports(exporter=1), "prod")
    assert other == tmp_path / "configuration/prometheus.prod.yml"


def test_a_copied_configuration_has_the_given_targets_and_keeps_the_rest(tmp_path: Path) -> None:
    copied = copy_configuration(tmp_path / "copy", {"exporter": 1234})
    assert copied.read_text() == (ROOT / "prometheus/prometheus.demo.yml").read_text()
    assert (tmp_path / "copy/targets/exporter.yml").read_text() == '- targets: ["127.0.0.1:1234"]\n'
    assert (tmp_path / "copy/targets/alertmanager.yml").read_text() == '- targets: ["127.0.0.1:9093"]\n'
    assert (tmp_path / "copy/rules/demo/stages.yml").exists()


def test_a_child_that_dies_is_reported_with_its_last_lines_and_the_others_are_stopped(tmp_path: Path) -> None:
    port = free_port()
    broken = Program(
        "second", free_port(), ("sh", "-c", "seq 20; echo it broke; exit 3"), tmp_path / "second.log"
    )
    with started([ready_server(port, tmp_path / "first.log"), broken]) as [first, second]:
        wait_until_ready([first])
        with pytest.raises(ChildError) as death:
            wait_until_ready([first, second])
    lines = str(death.value).splitlines()
    assert lines[0] == "second ended by itself (exit code 3)"
    assert lines[1:] == [*(f"  {number}" for number in range(12, 21)), "  it broke"]
    assert first.process.returncode == -signal.SIGTERM
    assert not is_taken(port)


def test_a_child_that_never_gets_ready_is_given_up(tmp_path: Path) -> None:
    sleeper = Program("sleeper", free_port(), ("sleep", "60"), tmp_path / "log")
    with started([sleeper]) as children, pytest.raises(ChildError, match=r"wasn't ready after 0\.2 s"):
        wait_until_ready(children, 0.2)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_stack_stops_everything_when_told_to(number: signal.Signals) -> None:
    port = free_port()
    command = [sys.executable, "-c", STACK_OF_ONE, "--exporter-port", str(port)]
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        shown = "".join(iter(process.stdout.readline, "Ctrl-C stops all.\n"))
        assert f"http://127.0.0.1:{port}/metrics" in shown
        process.send_signal(number)
        _, errors = process.communicate(timeout=10)
    assert (process.returncode, is_taken(port)) == (0, False), errors


@pytest.mark.parametrize(
    ("body", "pages"),
    [
        (b"<title>Prometheus</title>", ["/query?g0.expr=pipeline_stage_health&g0.tab=0", "/#/alerts"]),
        (b"This Debian package has no UI", ["/api/v1/query?query=pipeline_stage_health", "/api/v2/alerts"]),
    ],
)
def test_pages_that_are_not_in_the_package_are_replaced_by_the_api(body: bytes, pages: list[str]) -> None:
    with answering(body) as port:
        shown = welcome([Program("prometheus", port, ()), Program("alertmanager", port, ())])
    assert [line.split()[1] for line in shown.splitlines()[2:4]] == [
        f"http://{HOST}:{port}{page}" for page in pages
    ]


def test_chromium_is_found_under_any_of_its_names(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert chromium.find() is None
    assert executable(tmp_path, "google-chrome", "") == chromium.find()


def test_without_chromium_the_command_to_run_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert chromium.main() == 1
    assert capsys.readouterr().err.endswith("Run: sudo apt-get install -y chromium\n")


def test_a_missing_tool_fails_under_ci_and_is_skipped_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="promtool is missing"):
        required("promtool", None)
    monkeypatch.delenv("CI")
    with pytest.raises(pytest.skip.Exception, match="promtool is missing"):
        required("promtool", None)


def test_waiting_ends_with_the_answer_or_the_last_one_seen() -> None:
    answers = iter([0, 0, 3])
    assert wait_until(lambda: next(answers)) == 3
    with pytest.raises(AssertionError, match=r"not within 0\.01 s; the last answer was \[\]"):
        wait_until(list, 0.01)


def test_make_help_names_every_target() -> None:
    environment = {"PATH": os.environ["PATH"]}
    shown = subprocess.run(
        ["make"], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    ).stdout
    lines = (ROOT / "Makefile").read_text().replace("\\\n", "").splitlines()
    phony = next(line for line in lines if line.startswith(".PHONY:"))
    assert [line.split()[1] for line in shown.splitlines()[:-1]] == phony.split()[1:]
