"""The command line: what each command says, where it says it, and the exit codes 0, 1 and 2."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import httpx
import pytest
from click.testing import CliRunner, Result

from exporter.cli import main
from exporter.server import listen
from tests.servers import Server, free_port, wait_until
from tests.unit.web.pipelines import calm, written
from tools.loopback import HOST

StartExporter = Callable[..., Server]

NAME = "pipeline-health"
TIMEOUT_SECONDS = 60
COMMANDS = ["serve", "simulate", "check-config", "fault", "token"]
LOG_LINE = re.compile(r"ts=\S+ level=[a-z]+ logger=\S+ msg=.+")


def invoke(*arguments: object) -> Result:
    """Run the command here."""
    return CliRunner().invoke(main, [str(argument) for argument in arguments], prog_name=NAME)


def run(*arguments: object) -> subprocess.CompletedProcess[str]:
    """Run the command as a process of its own."""
    command = [sys.executable, "-m", "exporter", *(str(argument) for argument in arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=TIMEOUT_SECONDS)


def complaint(result: Result, code: int) -> str:
    """What a failed command says: on stderr, without a traceback and without output."""
    assert (result.exit_code, result.stdout) == (code, ""), result.output
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result.stderr


def simulated(*arguments: object) -> Any:
    result = invoke("simulate", "--json", *arguments)
    assert (result.exit_code, result.stderr) == (0, "")
    return json.loads(result.stdout)


@pytest.fixture
def bad_config(tmp_path: Path) -> Path:
    config = calm()
    config["pipelines"][0]["stages"][0]["capacity"] = -1
    return written(config, tmp_path)


BAD_CAPACITY = "pipelines.yml: pipelines[0].stages[0].capacity: expected > 0, got -1\n"


def test_help_teaches_the_first_steps_and_the_exit_codes() -> None:
    shown = invoke("--help").stdout
    for words in (
        "pipeline-health serve",
        "pipeline-health fault enrich",
        "pipeline-health simulate --for 24h",
    ):
        assert words in shown
    assert "Exit codes: 0 fine, 1 failed, 2 bad usage or configuration." in shown


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("option", ["--help", "-h"])
def test_every_command_explains_itself_and_its_options(command: str, option: str) -> None:
    result = invoke(command, option)
    assert (result.exit_code, result.stderr) == (0, "")
    assert command in invoke("--help").stdout
    for parameter in main.commands[command].params:
        if isinstance(parameter, click.Option):
            assert parameter.help
            assert parameter.opts[0] in result.stdout


def test_the_version_is_told() -> None:
    result = invoke("--version")
    assert (result.exit_code, result.stdout) == (0, "pipeline-health, version 0.1.0\n")


def test_the_command_is_installed_under_its_name() -> None:
    installed = shutil.which(NAME, path=str(Path(sys.executable).parent))
    assert installed is not None
    done = subprocess.run([installed, "--version"], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("pipeline-health, version ")


@pytest.mark.parametrize(
    "arguments",
    [
        ["--verbose"],
        ["start"],
        *([command, "--verbose"] for command in COMMANDS),
        ["simulate"],
        ["simulate", "--for", "0s"],
        ["simulate", "--for", "1500ms"],
        ["simulate", "--for", "-5"],
        ["simulate", "--for", "soon"],
        ["simulate", "--for", "1h", "--seed", "-1"],
        ["serve", "--speed", "0"],
        ["serve", "--speed", "fast"],
        ["serve", "--speed", "nan"],
        ["serve", "--listen", "9888"],
        ["serve", "--listen", "127.0.0.1:http"],
        ["serve", "--listen", "127.0.0.1:65536"],
        ["check-config"],
        ["fault", "enrich"],
        ["fault", "enrich", "meltdown"],
        ["fault", "enrich", "stall", "--for", "0s"],
        ["fault", "enrich", "slowdown", "--factor", "nan", "--url", "http://127.0.0.1:1"],
        ["fault", "enrich", "stall", "--url", "http://localhost:port"],
        ["fault", "enrich", "stall", "--url", "localhost:9888"],
    ],
    ids=" ".join,
)
def test_bad_usage_is_exit_code_2_with_a_word_on_what_is_wrong(arguments: list[str]) -> None:
    assert "Error: " in complaint(invoke(*arguments), 2)


@pytest.mark.parametrize(
    "arguments",
    [["serve", "--config"], ["simulate", "--for", "1h", "--config"], ["check-config"]],
    ids=" ".join,
)
def test_a_bad_configuration_is_exit_code_2_with_each_mistake_in_its_place(
    bad_config: Path, arguments: list[str]
) -> None:
    said = complaint(invoke(*arguments, bad_config), 2)
    assert said.startswith("Error: ")
    assert said.endswith(BAD_CAPACITY)


def test_a_bad_configuration_is_no_traceback_in_a_process_either(bad_config: Path) -> None:
    done = run("serve", "--config", bad_config)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"Error: {bad_config.parent}/{BAD_CAPACITY}"


@pytest.mark.parametrize("text", ["a: [", "3", "pipelines: 3", "\0", "speeed: 1"])
def test_a_file_that_is_no_configuration_is_exit_code_2(tmp_path: Path, text: str) -> None:
    path = tmp_path / "pipelines.yml"
    path.write_text(text)
    assert complaint(invoke("check-config", path), 2).startswith(f"Error: {path}")


def test_a_file_that_is_not_there_is_exit_code_2(tmp_path: Path) -> None:
    assert "can't be read" in complaint(invoke("check-config", tmp_path / "none.yml"), 2)
    assert "is a directory" in complaint(invoke("check-config", tmp_path), 2)


def test_a_good_configuration_is_told_to_be_good(tmp_path: Path) -> None:
    path = written(calm(), tmp_path)
    result = invoke("check-config", path)
    assert (result.exit_code, result.stdout) == (0, f"{path}: good: 1 pipelines, 4 stages\n")


def test_tokens_and_the_web_configuration_are_checked_when_they_are_given(tmp_path: Path) -> None:
    path, tokens, web = written(calm(), tmp_path), tmp_path / "tokens.yml", tmp_path / "web.yml"
    tokens.write_text(f"tokens: [{{admin: true, sha256: {'a' * 64}}}]")
    web.write_text("rate_limit: {interval: 10ms, burst: 100}")
    given = ("check-config", path, "--tokens", tokens, "--web-config", web)
    result = invoke(*given)
    assert (result.exit_code, result.stdout.splitlines()[1:]) == (0, [f"{tokens}: good", f"{web}: good"])
    web.write_text("tls_server_config: {cert_file: none.pem, key_file: none.key}")
    assert complaint(invoke(*given), 2).startswith(f"Error: {web}: tls_server_config")
    tokens.write_text("tokens: [{admin: true, sha256: short}]")
    assert complaint(invoke(*given), 2).startswith(f"Error: {tokens}: tokens[0]")


def test_a_scenario_is_checked_with_its_configuration(tmp_path: Path) -> None:
    story = tmp_path / "story.yml"
    story.write_text("faults: [{at: 5s, for: 5s, stage: index, kind: stall}]")
    said = complaint(invoke("check-config", written(calm(), tmp_path), "--scenario", story), 2)
    assert "scenario.faults[0].stage: expected one of ['ingest'," in said


@pytest.mark.parametrize("listen", ["9888", "127.0.0.1:http", ":::"])
def test_an_address_that_is_none_is_found_by_the_check(tmp_path: Path, listen: str) -> None:
    path = written({**calm(), "web": {"listen": listen}}, tmp_path)
    assert "web.listen: expected " in complaint(invoke("check-config", path), 2)


def test_a_simulation_conserves_its_events_and_has_the_agreed_keys() -> None:
    summary = simulated("--for", "10m")
    assert summary["ticks"] == 600
    assert summary.keys() == {"ticks", "events", "stages", "latency_seconds", "slos", "incidents", "fleet"}
    for events in summary["events"].values():
        ends = events["delivered"] + events["failed"] + events["dropped"] + events["inside"]
        assert events["arrived"] == ends > 0
    for stage in summary["stages"].values():
        assert stage["time_share"].keys() == {"healthy", "degraded", "critical"}


def test_the_built_in_story_slows_enrich_down_after_a_minute() -> None:
    summary = simulated("--for", "3m")
    assert summary["incidents"][0]["stage"] == "enrich"
    assert 60 <= summary["incidents"][0]["started"] <= 100


def test_the_same_seed_gives_the_same_output_and_another_seed_another() -> None:
    first, again, other = (simulated("--for", "5m", "--seed", seed) for seed in (3, 3, 4))
    assert first == again
    assert first != other


def test_a_simulation_plays_the_given_scenario(tmp_path: Path) -> None:
    config, story = written(calm(), tmp_path), tmp_path / "story.yml"
    story.write_text("faults: [{at: 60s, for: 2m, stage: store, kind: stall}]")
    calm_run = simulated("--for", "5m", "--config", config)
    assert calm_run["incidents"] == []
    [incident] = simulated("--for", "5m", "--config", config, "--scenario", story)["incidents"]
    assert incident["stage"] == "store"


def test_a_simulation_ends_in_words_and_shows_no_progress_where_nobody_looks() -> None:
    result = invoke("simulate", "--for", "1h")
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.startswith("1 h simulated\n")
    assert "\r" not in result.stdout


def test_a_simulation_shows_its_progress_on_a_terminal_and_its_json_elsewhere() -> None:
    here, there = os.openpty()
    command = [sys.executable, "-m", "exporter", "simulate", "--for", "1h", "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=there) as process:
        output, _ = process.communicate(timeout=TIMEOUT_SECONDS)
    os.close(there)
    with os.fdopen(here, "rb", buffering=0) as terminal:
        shown = terminal.read(65536).decode()
    assert json.loads(output)["ticks"] == 3600
    assert "Simulating 1 h" in shown
    assert "100%" in shown


def test_a_taken_port_is_exit_code_1_in_one_line(tmp_path: Path) -> None:
    with socket.create_server((HOST, 0)) as taken:
        address = f"{HOST}:{taken.getsockname()[1]}"
        done = run("serve", "--listen", address, "--data", tmp_path)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(f"Error: can't listen on {address}: Address already in use")
    assert done.stderr.count("\n") == 1


def test_data_that_can_not_be_kept_is_exit_code_1_in_one_line(tmp_path: Path) -> None:
    taken = tmp_path / "taken"
    taken.write_text("")
    said = complaint(invoke("serve", "--data", taken), 1)
    assert said == f"Error: can't keep runs in {taken}/runs.sqlite: File exists\n"


def test_two_exporters_can_not_share_their_data(exporter: StartExporter, tmp_path: Path) -> None:
    exporter("--data", str(tmp_path / "shared"))
    done = run("serve", "--listen", f"{HOST}:{free_port()}", "--data", tmp_path / "shared")
    assert (done.returncode, done.stdout) == (1, "")
    path = tmp_path / "shared/runs.sqlite"
    assert done.stderr == f"Error: can't keep runs in {path}: another exporter uses it\n"


def test_a_simulation_leaves_nothing_on_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    simulated("--for", "1m")
    assert list(tmp_path.iterdir()) == []


def test_without_an_exporter_a_fault_is_exit_code_1_in_one_line() -> None:
    url = f"http://{HOST}:{free_port()}"
    said = complaint(invoke("fault", "enrich", "stall", "--url", url), 1)
    assert said.startswith(f"Error: no exporter at {url}")
    assert said.count("\n") == 1


def test_a_fault_is_injected_into_the_running_exporter(exporter: StartExporter, tmp_path: Path) -> None:
    url = exporter("--config", str(written(calm(), tmp_path))).url
    result = invoke("fault", "enrich", "slowdown", "--factor", "3", "--for", "90s", "--url", f"{url}/")
    assert result.exit_code == 0
    assert result.stdout == "slowdown (x3) on business-signals/enrich for 1 min 30 s\n"
    [fault] = wait_until(lambda: httpx.get(f"{url}/api/v1/faults").json())
    assert (fault["stage"], fault["kind"], fault["origin"]) == ("enrich", "slowdown", "injected")


def test_what_the_running_exporter_refuses_is_exit_code_2(exporter: StartExporter, tmp_path: Path) -> None:
    url = exporter("--config", str(written(calm(), tmp_path))).url
    for wrong, message in {
        ("index", "stall"): "body: stage: expected one of ",
        ("enrich", "slowdown"): "body: factor: expected for slowdown, got nothing",
        ("enrich", "stall", "--share", "0.5"): "body: share: not used by stall",
        ("enrich", "stall", "--pipeline", "orders"): "body: pipeline: expected one of ['business-signals']",
    }.items():
        assert complaint(invoke("fault", *wrong, "--url", url), 2).startswith(f"Error: {message}")


def shown_seed(server: Server) -> str:
    return httpx.get(f"{server.url}/config").text.splitlines()[0]


def log_of(server: Server) -> str:
    assert server.child.program.log is not None
    return server.child.program.log.read_text()


def test_sighup_reads_the_configuration_again(exporter: StartExporter, tmp_path: Path) -> None:
    server = exporter("--config", str(written(calm(), tmp_path)))
    written({**calm(), "seed": 99}, tmp_path)
    server.child.process.send_signal(signal.SIGHUP)
    wait_until(lambda: shown_seed(server) == "seed: 99")


def test_sighup_with_a_bad_file_keeps_the_old_configuration_and_logs_why(
    exporter: StartExporter, tmp_path: Path
) -> None:
    server = exporter("--config", str(written(calm(), tmp_path)))
    written({**calm(), "seed": "many"}, tmp_path)
    server.child.process.send_signal(signal.SIGHUP)
    wait_until(lambda: "configuration kept" in log_of(server))
    metrics = httpx.get(f"{server.url}/metrics").text
    assert "\npipeline_exporter_config_last_reload_successful 0.0\n" in metrics
    assert shown_seed(server) == "seed: 1"
    assert "seed: expected a whole number, got 'many'" in log_of(server)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_exporter_with_exit_code_0_even_while_somebody_listens(
    exporter: StartExporter, tmp_path: Path, number: signal.Signals
) -> None:
    server = exporter("--config", str(written(calm(), tmp_path)))
    with httpx.stream("GET", f"{server.url}/api/v1/stream", timeout=10) as stream:
        lines = stream.iter_lines()
        assert next(lines).startswith("data: {")
        server.child.process.send_signal(number)
        assert server.child.process.wait(timeout=10) == 0
        assert [line for line in lines if line and not line.startswith("data: ")] == []


def test_the_log_says_where_it_listens_and_nothing_of_requests(
    exporter: StartExporter, tmp_path: Path
) -> None:
    server = exporter("--config", str(written(calm(), tmp_path)))
    for path in ("/", "/metrics", "/nothing"):
        httpx.get(f"{server.url}{path}")
    [line] = log_of(server).splitlines()
    assert LOG_LINE.fullmatch(line)
    assert line.endswith(f"msg=listening url={server.url}/")


def test_answers_on_a_kept_connection_are_not_held_back_by_the_kernel() -> None:
    with listen(f"{HOST}:0") as bound, socket.create_connection(bound.getsockname()):
        accepted, _ = bound.accept()
        with accepted:
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


BROKEN = """
from exporter.service import Service
from exporter.cli import main
from exporter.server import listen

def advance(self, ticks):
    raise RuntimeError("the model broke")

Service.advance = advance
main()
"""


def test_a_simulation_that_dies_takes_the_process_with_it(tmp_path: Path) -> None:
    command = [sys.executable, "-c", BROKEN, "serve", "--speed", "50", "--listen", f"{HOST}:{free_port()}"]
    command += ["--data", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=TIMEOUT_SECONDS)
    assert done.returncode == 1
    assert "the model broke" in done.stderr
