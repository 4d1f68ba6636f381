"""Headers of the web configuration come before the exporter's own."""

import asyncio
from pathlib import Path

import pytest

from exporter.config.model import InjectedFault
from exporter.web import api
from tests.unit.web.guarded import MINE, guarded, write


def web_file(**headers: str) -> dict[str, object]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return {"http_server_config": {"headers": named}}


def test_configured_headers_are_on_every_answer(tmp_path: Path) -> None:
    wanted = {"Strict-Transport-Security": "max-age=86400", "X-Frame-Options": "deny"}
    web = guarded(tmp_path, web_file={"http_server_config": {"headers": wanted}})
    for path in ("/", "/metrics", "/nothing"):
        assert wanted.items() <= {name.title(): text for name, text in web.get(path).headers.items()}.items()


def test_a_configured_header_replaces_ours_and_a_blank_one_does_not(tmp_path: Path) -> None:
    web = guarded(
        tmp_path, web_file=web_file(Content_Security_Policy="default-src 'none'", X_XSS_Protection="")
    )
    headers = web.get("/metrics").headers
    assert headers["content-security-policy"] == "default-src 'none'"
    assert "x-xss-protection" not in headers
    assert headers["x-content-type-options"] == "nosniff"


def test_what_nobody_foresaw_is_answered_with_the_same_headers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(*_: object) -> None:
        raise ZeroDivisionError

    web = guarded(tmp_path, web_file=web_file(X_Frame_Options="deny"))
    expected = web.get("/api/v1/faults").headers
    monkeypatch.setattr(api, "fault", failing)
    web.service.inject(
        InjectedFault.model_validate({"stage": "store", "pipeline": MINE, "kind": "stall", "for": "10s"})
    )
    web.service.advance(1)
    answer = web.get("/api/v1/faults")
    assert answer.status_code == 500
    assert answer.headers["x-frame-options"] == "deny"
    assert {*expected} - {"content-length"} == {*answer.headers} - {"content-length"}


def test_a_reload_changes_the_headers(tmp_path: Path) -> None:
    web = guarded(tmp_path, web_file=web_file(X_Frame_Options="deny"))
    write(web_file(X_Frame_Options="sameorigin"), tmp_path / "web.yml")
    asyncio.run(web.service.reload())
    assert web.get("/").headers["x-frame-options"] == "sameorigin"
