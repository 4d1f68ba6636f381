"""`pipeline-health dbt`: files in, lines of JSON out, and what is said when something isn't right."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from exporter.cli import main
from tests.servers import free_port
from tests.unit.client.receivers import Json, Recorder, babble, misbehaving, recording
from tests.unit.dbt.artifacts import INVOCATION, RECORDED, node, run_results, source, sources, written
from tools.loopback import HOST

ALL_TAKEN = b'{"status": "success", "summary": {"received": 1}, "failed_events": []}'


@pytest.fixture
def recorder() -> Iterator[Recorder]:
    with recording() as server:
        server.status, server.body = 200, ALL_TAKEN
        yield server


def invoke(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["dbt", *map(str, arguments)], env={"PIPELINE_HEALTH_TOKEN": None})


def told(recorder: Recorder) -> list[list[Json]]:
    """What came, request by request."""
    return [[json.loads(line) for line in body.splitlines()] for body in recorder.bodies]


def complaint(*arguments: object, code: int) -> str:
    result = invoke(*arguments)
    assert (result.exit_code, result.stdout) == (code, ""), result.output
    return result.stderr


def test_runs_and_datasets_are_told_as_lines(recorder: Recorder) -> None:
    result = invoke(RECORDED / "duckdb", "--url", recorder.url, "--team", "shop", "--token", "opaque")
    said = f"2 runs and 1 datasets told to {recorder.url}\n"
    assert (result.exit_code, result.stdout, result.stderr) == (0, said, "")
    assert [path for path, _ in recorder.asked] == ["/api/v1/runs", "/api/v1/datasets"]
    for _, headers in recorder.asked:
        assert headers["Content-Type"] == "application/x-ndjson"
        assert headers["Authorization"] == "Bearer opaque"
    runs, datasets = told(recorder)
    assert [run["pipeline"] for run in runs] == ["dbt/shop", "dbt/shop/model/stg_orders"]
    assert {one["team"] for one in [*runs, *datasets]} == {"shop"}


def test_a_dry_run_prints_the_lines_and_sends_nothing(recorder: Recorder) -> None:
    result = invoke(RECORDED / "duckdb", "--url", recorder.url, "--dry-run")
    assert result.exit_code == 0
    assert recorder.bodies == []
    printed = [json.loads(line) for line in result.stdout.splitlines()]
    assert [one.get("pipeline") or one["dataset"] for one in printed] == [
        "dbt/shop", "dbt/shop/model/stg_orders", "source:shop.raw.raw_orders",
    ]  # fmt: skip


def test_the_prefix_names_the_invocation_and_begins_its_nodes(recorder: Recorder) -> None:
    invoke(RECORDED / "duckdb", "--url", recorder.url, "--pipeline-prefix", "nightly")
    assert [run["pipeline"] for run in told(recorder)[0]] == ["nightly", "nightly/model/stg_orders"]


def test_datasets_have_the_namespace_that_is_given(recorder: Recorder) -> None:
    invoke(RECORDED / "duckdb", "--url", recorder.url, "--dataset-namespace", "duckdb:///srv/shop.duckdb")
    [_, model] = told(recorder)[0]
    assert model["outputs"] == [{"name": "duckdb:///srv/shop.duckdb/shop.main.stg_orders"}]


def test_the_project_is_the_manifests(recorder: Recorder, tmp_path: Path) -> None:
    utilities = run_results(node("model.dbt_utils.dates"))
    manifest = {"metadata": {"project_name": "shop"}, "nodes": {}}
    invoke(written(tmp_path, run_results=utilities, manifest=manifest), "--url", recorder.url)
    assert [run["pipeline"] for run in told(recorder)[0]] == ["dbt/shop", "dbt/shop/model/dbt_utils.dates"]


def test_many_nodes_go_in_requests_that_are_taken(recorder: Recorder, tmp_path: Path) -> None:
    nodes = [
        node(f"test.shop.{'x' * 300}.{number}", status="fail", message="y" * 999) for number in range(1200)
    ]
    invoke(written(tmp_path, run_results=run_results(*nodes)), "--url", recorder.url)
    assert sum(len(request) for request in told(recorder)) == 1201
    assert max(len(body) for body in recorder.bodies) <= 512 * 1024
    assert max(len(request) for request in told(recorder)) <= 500


def test_what_is_refused_is_named_with_its_reason(recorder: Recorder) -> None:
    failed = [{"index": 1, "reason": "pipeline: no", "retriable": False},
              {"index": 0, "reason": "full", "retriable": True}]  # fmt: skip
    recorder.body = json.dumps({"status": "partial_success", "failed_events": failed}).encode()
    said = complaint(RECORDED / "postgres", "--url", recorder.url, code=1)
    assert said == "Error: dbt/shop/model/from_src: pipeline: no\ndbt/shop: full (try again)\n"


def test_an_exporter_that_is_full_says_when_to_come_again(recorder: Recorder) -> None:
    recorder.status, recorder.body, recorder.headers = 503, b'{"error": "full"}', {"Retry-After": "7"}
    said = complaint(RECORDED / "postgres", "--url", recorder.url, code=1)
    assert said == f"Error: {recorder.url}/api/v1/runs answers 503: full (try again in 7 s)\n"


@pytest.mark.parametrize("body", [b"<html>", b"[]", b'{"failed_events": 3}', b"", b"\xff"])
def test_an_answer_that_is_none_is_no_exporter(recorder: Recorder, body: bytes) -> None:
    recorder.body = body
    said = complaint(RECORDED / "postgres", "--url", recorder.url, code=1)
    assert said.startswith(f"Error: no exporter at {recorder.url}: ")


def test_no_exporter_is_exit_code_1() -> None:
    with misbehaving(babble) as babbling:
        for url in (f"http://{HOST}:{free_port()}", babbling, "nowhere", "http://h:x"):
            said = complaint(RECORDED / "postgres", "--url", url, code=1)
            assert said.startswith(f"Error: no exporter at {url}: ")


def test_no_password_is_shown(recorder: Recorder) -> None:
    url = recorder.url.replace("://", "://grace:secret@")
    assert invoke(RECORDED / "postgres", "--url", url).stdout.endswith(f"told to {recorder.url}\n")
    recorder.status = 503
    assert complaint(RECORDED / "postgres", "--url", url, code=1).startswith(f"Error: {recorder.url}/")
    gone = f"http://grace:secret@{HOST}:{free_port()}"
    assert "secret" not in complaint(RECORDED / "postgres", "--url", gone, code=1)


def test_neither_file_is_exit_code_2(tmp_path: Path) -> None:
    said = complaint(tmp_path, code=2)
    assert said == f"Error: {tmp_path}: expected run_results.json or sources.json, which dbt writes\n"


GOOD = {"run_results": run_results(node()), "sources": sources(source()), "manifest": {"metadata": {}}}
STATUSES = "success, error, skipped, partial success, no-op, pass, fail, warn, runtime error"


@pytest.mark.parametrize(
    ("name", "old", "new", "words"),
    [
        ("run_results", "results/v6", "results/v7",
         "metadata.dbt_schema_version: expected one of run-results/v4, run-results/v5, run-results/v6, "
         'got "https://schemas.getdbt.com/dbt/run-results/v7.json"'),
        ("sources", "sources/v3", "sources/v2",
         "metadata.dbt_schema_version: expected one of sources/v3, "
         'got "https://schemas.getdbt.com/dbt/sources/v2.json"'),
        ("run_results", '"results"', '"outcome"', "body: object missing required field `results`"),
        ("run_results", '"unique_id"', '"id"', "results[0]: object missing required field `unique_id`"),
        ("run_results", '"success"', '"great"',
         f"results[0].status: invalid enum value 'great'; expected one of {STATUSES}"),
        ("run_results", '"execution_time": 1.5', '"execution_time": "1"',
         "results[0].execution_time: expected `float`, got `str`"),
        ("run_results", "T00:43:28", "T25:43:28",
         "results[0].timing[0].completed_at: invalid RFC3339 encoded datetime"),
        ("run_results", '"which": "build"', '"which": "generate"',
         'args.which: expected a command that builds or tests, such as build, run or test, got "generate"'),
        ("sources", '"pass"', '"great"',
         "results[0].status: invalid enum value 'great'; expected one of pass, warn, error, runtime error"),
        ("sources", '"hour"', '"week"',
         "results[0].criteria.warn_after.period: invalid enum value 'week'; expected one of minute, hour"),
        ("manifest", "{}", "3", "metadata: expected an object, got a number"),
        ("run_results", "}}", "}", "body: not JSON: ends too early near byte"),
    ],
)  # fmt: skip
def test_a_file_that_is_not_what_it_should_be_is_exit_code_2_with_file_key_and_expectation(
    tmp_path: Path, name: str, old: str, new: str, words: str
) -> None:
    text = json.dumps(GOOD[name])
    assert old in text
    said = complaint(written(tmp_path, **{**GOOD, name: text.replace(old, new)}), code=2)
    assert said.startswith(f"Error: {tmp_path / name}.json: {words}")


def test_a_file_that_can_not_be_read_is_exit_code_2(tmp_path: Path) -> None:
    (tmp_path / "run_results.json").mkdir()
    assert (
        complaint(tmp_path, code=2) == f"Error: {tmp_path}/run_results.json: can't be read: Is a directory\n"
    )


@given(content=st.binary(max_size=60) | st.from_regex(r'\A\{"metadata": .{0,40}\}\Z').map(str.encode))
def test_no_bytes_at_all_give_a_traceback(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    folder = tmp_path_factory.mktemp("target")
    (folder / "run_results.json").write_bytes(content)
    assert complaint(folder, code=2).startswith(f"Error: {folder}/run_results.json: ")


def test_the_same_invocation_has_the_same_ids_each_time(recorder: Recorder) -> None:
    for _ in range(2):
        invoke(RECORDED / "postgres", "--url", recorder.url)
    first, second = told(recorder)
    assert first == second
    assert {run["run_id"].partition("/")[0] for run in first} == {INVOCATION}
