"""What an operator asks of the process: is it alive, what runs, load it again; and how it says no."""

import asyncio
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from exporter.config import Config, load_config, validate
from tests.unit.web.pipelines import Web, calm, error_of, web_of, written

DEADLINE_SECONDS = 10
PATHS = [
    "/",
    "/runbooks",
    "/page/page.js",
    "/page/page.css",
    "/page/favicon.svg",
    "/metrics",
    "/config",
    "/-/healthy",
    "/api/v1/status",
    "/api/v1/faults",
    "/api/v1/review",
]


def test_the_process_is_healthy_before_its_first_tick(web: Web) -> None:
    answer = web.get("/-/healthy")
    assert (answer.status_code, answer.text) == (200, "healthy\n")


def test_it_is_ready_once_it_runs(web: Web) -> None:
    async def until_ready() -> None:
        running = asyncio.create_task(web.service.run())
        async with web.client() as client, asyncio.timeout(DEADLINE_SECONDS):
            while (await client.get("/-/ready")).status_code != 200:
                await asyncio.sleep(0)
        running.cancel()

    assert web.get("/-/ready").status_code == 503
    asyncio.run(until_ready())


@pytest.mark.parametrize("path", PATHS)
def test_head_answers_like_get_without_a_body(web: Web, path: str) -> None:
    got, head = web.get(path), web.request("HEAD", path)
    assert (head.status_code, head.content) == (200, b"")
    assert got.content
    assert head.headers["content-type"] == got.headers["content-type"]


@pytest.mark.parametrize(
    "config",
    [
        load_config(None).model_dump(mode="json", by_alias=True, exclude_none=True),
        calm({"at": 5, "for": 9, "stage": "normalize", "kind": "errors", "share": 0.5, "retries": 1}),
        {"pipelines": [], "web": {"hosts": ["yes", "no", "1.0", "#"]}},
    ],
    ids=["built-in", "scenario", "without pipelines"],
)
def test_the_configuration_shown_is_the_one_in_force(config: dict[str, object], tmp_path: Path) -> None:
    web = web_of(config, tmp_path)
    shown = YAML(typ="safe", pure=True).load(web.get("/config").text)
    assert validate(Config, shown, "shown") == web.service.config


@pytest.mark.parametrize(
    "path", ["/nothing", "/api/v1/nothing", "/page/nothing.js", "/page/../api.py", "/-/"]
)
def test_a_path_that_is_not_there_is_404_and_counted(web: Web, path: str) -> None:
    error_of(web.get(path), 404)
    assert web.refusals("not_found") == 1


def test_files_beside_the_page_are_not_served(web: Web) -> None:
    for path in ("/page/%2e%2e/api.py", "/page/..%2fapi.py", "/page//etc/passwd", "/page/%00", "/page/"):
        error_of(web.get(path), 404)


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("DELETE", "/", {"GET"}),
        ("PUT", "/page/page.js", {"GET"}),
        ("POST", "/metrics", {"GET"}),
        ("OPTIONS", "/api/v1/status", {"GET"}),
        ("GET", "/-/reload", {"POST", "PUT"}),
        ("PUT", "/api/v1/faults", {"GET", "POST"}),
        ("PUT", "/api/v1/review/some-event", {"GET", "POST"}),
        ("GET", "/api/v1/lineage/batch", {"POST"}),
    ],
)
def test_a_bad_method_is_405_naming_the_good_ones_and_counted(
    web: Web, method: str, path: str, allowed: set[str]
) -> None:
    answer = web.request(method, path)
    error_of(answer, 405)
    assert set(answer.headers["allow"].split(", ")) | {"HEAD"} == allowed | {"HEAD"}
    assert web.refusals("bad_method") == 1


@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_reload_reads_the_file_again(web: Web, tmp_path: Path, method: str) -> None:
    written({**calm(), "seed": 99}, tmp_path)
    assert web.request(method, "/-/reload").status_code == 200
    assert web.service.config.seed == 99


def test_reloading_a_bad_file_says_what_is_wrong_and_keeps_the_old_configuration(
    web: Web, tmp_path: Path
) -> None:
    before = web.get("/config").text
    written({**calm(), "speeed": 1}, tmp_path)
    message = error_of(web.request("POST", "/-/reload"), 400)
    assert message.startswith("configuration kept: ")
    assert message.endswith("pipelines.yml: speeed: unknown key")
    assert web.get("/config").text == before
    assert web.sample("pipeline_exporter_config_last_reload_successful") == 0


@pytest.mark.parametrize("path", ["/", "/page/page.js", "/metrics", "/api/v1/status", "/nothing"])
def test_every_answer_keeps_the_browser_strict(web: Web, path: str) -> None:
    headers = web.get(path).headers
    policy = dict(
        directive.strip().split(" ", 1) for directive in headers["content-security-policy"].split(";")
    )
    assert policy["default-src"] == "'self'"
    assert policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"


def test_a_refusal_at_the_door_keeps_the_browser_strict_too(web: Web) -> None:
    assert web.get("/", Host="evil.example").headers["x-content-type-options"] == "nosniff"


def test_no_answer_lets_another_origin_read_it(web: Web) -> None:
    for path in PATHS:
        headers = web.get(path, Origin="http://evil.example").headers
        assert not [name for name in headers if name.startswith("access-control-")]


def test_nothing_live_is_served_from_a_cache(web: Web) -> None:
    assert web.get("/api/v1/status").headers["cache-control"] == "no-store"
    for path in ("/", "/page/page.js", "/metrics"):
        assert web.get(path).headers["cache-control"] == "no-cache"


def test_an_error_that_nobody_foresaw_is_500_without_its_details_and_counted(
    web: Web, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def break_down() -> None:
        raise RuntimeError("secret")

    monkeypatch.setattr(web.service, "reload", break_down)
    assert "secret" not in error_of(web.request("POST", "/-/reload"), 500)
    assert web.sample("pipeline_exporter_errors_total", place="request") == 1
    assert "secret" in caplog.text
