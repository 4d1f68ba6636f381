"""The front door: no web page elsewhere reaches a local exporter through a browser."""

import pytest

from exporter.web import create_app
from tests.unit.web.pipelines import JSON_TYPE, URL, Web, error_of

FAULT = {"stage": "enrich", "kind": "stall", "for": "30s"}
PATHS = [
    *("/", "/page/page.js", "/metrics", "/config", "/-/healthy", "/-/ready", "/nothing"),
    *("/api/v1/status", "/api/v1/stream", "/api/v1/faults", "/api/v1/review", "/api/v1/review/x"),
]
CHANGES = [
    ("POST", "/api/v1/faults"),
    ("POST", "/api/v1/lineage"),
    ("POST", "/api/v1/review/x"),
    ("POST", "/-/reload"),
    ("PUT", "/-/reload"),
    ("DELETE", "/api/v1/faults"),
    ("PATCH", "/nothing"),
]
FOREIGN = [
    "http://evil.example",
    "http://127.0.0.1",
    "http://127.0.0.1:9889",
    "http://localhost:9888",
    "http://127.0.0.1.evil.example:9888",
    "http://127.0.0.1:9888.evil.example",
    "null",
    "",
    "127.0.0.1:9888",
    "http://[",
]
FORM_TYPES = [
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "text/plain",
    "text/plain; charset=application/json",
    "application/jsonp",
    "application/json-seq",
]


@pytest.mark.parametrize("path", PATHS)
def test_an_unknown_host_is_refused_everywhere_and_counted(web: Web, path: str) -> None:
    message = error_of(web.get(path, Host="evil.example"), 403)
    assert message.startswith("Host: expected ")
    assert message.endswith("got 'evil.example'")
    assert web.refusals("bad_host") == 1


@pytest.mark.parametrize(
    "host",
    [
        "evil.example:9888",
        "localhost.evil.example:9888",
        "127.0.0.1.evil.example:9888",
        "127.0.0.1.nip.io",
        "evil-localhost",
        "localhost@evil.example",
        "evil.example#localhost",
        "evil.example?localhost",
        "evil.example/localhost",
        "0x7f000001.example",
        "",
        ":9888",
        "[::1",
        "[evil.example]:9888",
    ],
)
def test_no_other_name_gets_in_whatever_it_resolves_to(web: Web, host: str) -> None:
    error_of(web.get("/-/healthy", Host=host), 403)


@pytest.mark.parametrize(
    "host",
    ["localhost", "localhost:9888", "LOCALHOST:1", "127.0.0.1:9888", "[::1]:9888", "[::1]", "192.0.2.7:9888"],
)
def test_localhost_and_literal_addresses_get_in(web: Web, host: str) -> None:
    assert web.get("/-/healthy", Host=host).status_code == 200


def test_configured_names_get_in_and_no_others(web: Web) -> None:
    web.app = create_app(web.service, ["Exporter.Example"])
    assert web.get("/-/healthy", Host="exporter.example:9888").status_code == 200
    error_of(web.get("/-/healthy", Host="other.example:9888"), 403)


@pytest.mark.parametrize("origin", FOREIGN)
def test_a_foreign_origin_changes_nothing_and_is_counted(web: Web, origin: str) -> None:
    answer = web.request("POST", "/api/v1/faults", json=FAULT, headers={"Origin": origin})
    assert error_of(answer, 403) == f"Origin: expected none or '127.0.0.1:9888', got {origin!r}"
    web.service.advance(1)
    assert web.get("/api/v1/faults").json() == []
    assert web.refusals("foreign_origin") == 1


@pytest.mark.parametrize(("method", "path"), CHANGES)
def test_a_foreign_origin_is_refused_for_whatever_might_change_something(
    web: Web, method: str, path: str
) -> None:
    headers = {**JSON_TYPE, "Origin": "http://evil.example"}
    error_of(web.request(method, path, content=b"{}", headers=headers), 403)


def test_a_page_elsewhere_can_not_even_reload(web: Web) -> None:
    error_of(web.request("POST", "/-/reload", headers={"Origin": "http://evil.example"}), 403)


@pytest.mark.parametrize(
    ("host", "origin"),
    [
        ("127.0.0.1:9888", URL),
        ("localhost:9888", "http://localhost:9888"),
        ("[::1]:9888", "http://[::1]:9888"),
        ("localhost:9888", "http://LOCALHOST:9888"),
    ],
)
def test_the_page_itself_may_change_things(web: Web, host: str, origin: str) -> None:
    headers = {"Host": host, "Origin": origin}
    assert web.request("POST", "/api/v1/faults", json=FAULT, headers=headers).status_code == 201


def test_a_program_without_an_origin_may_change_things(web: Web) -> None:
    assert web.post("/api/v1/faults", FAULT).status_code == 201


@pytest.mark.parametrize("kind", FORM_TYPES)
def test_what_a_form_can_send_is_refused_and_counted(web: Web, kind: str) -> None:
    answer = web.request("POST", "/api/v1/faults", content=b'{"a": 1}', headers={"Content-Type": kind})
    message = error_of(answer, 415)
    assert message.startswith("Content-Type: expected application/json, got ")
    assert web.refusals("not_json") == 1


@pytest.mark.parametrize(("method", "path"), CHANGES)
def test_a_form_is_refused_for_whatever_might_change_something(web: Web, method: str, path: str) -> None:
    headers = {"Content-Type": FORM_TYPES[0]}
    error_of(web.request(method, path, content=b"a=1", headers=headers), 415)


def test_an_empty_form_can_not_reload(web: Web) -> None:
    headers = {"Content-Type": FORM_TYPES[0], "Content-Length": "0"}
    error_of(web.request("POST", "/-/reload", headers=headers), 415)


def test_a_body_without_a_type_is_refused(web: Web) -> None:
    error_of(web.request("POST", "/api/v1/faults", content=b"{}"), 415)


def test_a_body_of_unknown_length_without_a_type_is_refused(web: Web) -> None:
    headers = {"Transfer-Encoding": "chunked"}
    error_of(web.request("POST", "/api/v1/faults", headers=headers), 415)


@pytest.mark.parametrize("kind", ["application/json", "application/json; charset=utf-8", "Application/JSON"])
def test_json_is_taken_by_any_of_its_spellings(web: Web, kind: str) -> None:
    content = b'{"stage": "enrich", "kind": "stall", "for": 30}'
    answer = web.request("POST", "/api/v1/faults", content=content, headers={"Content-Type": kind})
    assert answer.status_code == 201


def test_a_reload_needs_no_body_and_no_type(web: Web) -> None:
    assert web.request("POST", "/-/reload").status_code == 200


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
def test_a_page_elsewhere_can_not_even_read(web: Web, method: str, path: str) -> None:
    answer = web.request(method, path, headers={"Origin": "http://evil.example"})
    assert answer.status_code == 403
    assert web.refusals("foreign_origin") == 1


def test_the_page_itself_may_read(web: Web) -> None:
    assert web.get("/api/v1/status", Origin=URL).status_code == 200
