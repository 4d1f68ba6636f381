"""`check --push`: the exporter gets the same report, and what it does changes nothing else."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from exporter.checks import push as pushing
from exporter.cli import main
from tests.servers import free_port
from tests.unit.checks.clickstreams import CHECKS, written
from tests.unit.client.receivers import Misbehaviour, Recorder, babble, hang, misbehaving, recording, trickle
from tools.loopback import HOST

FOREVER = CHECKS.replace("freshness: {lag: 1d}", "freshness: {}")
HALF = "UPDATE events SET amount = amount * 0.4 WHERE {last};"


@pytest.fixture
def recorder() -> Iterator[Recorder]:
    with recording() as server:
        yield server


@pytest.fixture(scope="module")
def checks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clickstream of which half the revenue is missing."""
    return written(tmp_path_factory.mktemp("half"), 1, HALF, FOREVER)


def check(*arguments: object, opaque: str | None = None) -> Result:
    words = ["check", *map(str, arguments)]
    return CliRunner().invoke(main, words, env={"PIPELINE_HEALTH_TOKEN": opaque})


def not_pushed(result: Result) -> str:
    """Why, in one line on stderr, with the report and the exit code as they are without an exporter."""
    assert (result.exit_code, json.loads(result.stdout)["status"]) == (1, "FAIL")
    assert result.stderr.count("\n") == 1
    return result.stderr.removeprefix("pipeline-health check: not pushed: ").rstrip("\n")


def test_the_same_document_is_pushed_that_is_printed(checks: Path, recorder: Recorder) -> None:
    result = check(checks, "--format", "json", "--push", f"{recorder.url}/", opaque="phtk")
    assert (result.exit_code, result.stderr) == (1, "")
    assert recorder.reports == [json.loads(result.stdout)]
    [(path, headers)] = recorder.asked
    assert (path, headers["Content-Type"], headers["Authorization"]) == (
        "/api/v1/checks", "application/json", "Bearer phtk",
    )  # fmt: skip


def test_without_the_option_nothing_is_sent(checks: Path, recorder: Recorder) -> None:
    assert check(checks).exit_code == 1
    assert recorder.asked == []


def test_a_refusal_is_said_in_the_exporters_words(checks: Path, recorder: Recorder) -> None:
    recorder.status, recorder.body = 403, b'{"error": "datasets[0].team: expected crm, got growth"}'
    why = not_pushed(check(checks, "--format", "json", "--push", recorder.url, "--token", "opaque"))
    assert why == f"{recorder.url}/api/v1/checks answers 403: datasets[0].team: expected crm, got growth"


@pytest.mark.parametrize(
    "url", [f"http://{HOST}:{{port}}", "nowhere", "http://grace:secret@h:x", "", "http://"]
)
def test_no_exporter_is_said_without_a_secret(checks: Path, url: str) -> None:
    url = url.format(port=free_port())
    why = not_pushed(check(checks, "--format", "json", "--push", url))
    assert why.startswith(f"no exporter at {url.replace('grace:secret@', '')}: ")


@pytest.mark.parametrize("how", [hang, trickle, babble])
def test_an_exporter_that_never_answers_is_waited_for_so_long(
    checks: Path, how: Misbehaviour, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pushing, "TIMEOUT_SECONDS", 0.5)
    with misbehaving(how) as url:
        why = not_pushed(check(checks, "--format", "json", "--push", url))
    assert why.startswith(f"no exporter at {url}: ")


@pytest.mark.parametrize("token", ["sëcret", "sec\nret"])
def test_a_token_that_is_none_is_not_shown(checks: Path, recorder: Recorder, token: str) -> None:
    why = not_pushed(check(checks, "--format", "json", "--push", recorder.url, opaque=token))
    assert why == "token: expected printable ASCII"


def test_data_that_can_not_be_read_is_no_report(tmp_path: Path, recorder: Recorder) -> None:
    path = written(tmp_path, 1, "", FOREVER)
    (tmp_path / "events.parquet").write_text("no")
    assert check(path, "--push", recorder.url).exit_code == 2
    assert recorder.asked == []
