"""Tokens, passwords and certificates: who gets in, how fast, and what is said of who doesn't."""

import asyncio
import logging
import threading
from base64 import b64encode
from pathlib import Path
from typing import Any

import bcrypt
import httpx
import pytest

from exporter.config import ConfigError
from exporter.web.passwords import MOST_REMEMBERED, MOST_WAITING, Passwords, TooManyWaitingError
from tests.unit.web.guarded import (
    BCRYPT,
    PASSWORD,
    TOKENS,
    USER,
    basic,
    bearer,
    guarded,
    tokens,
    two_teams,
    write,
)
from tests.unit.web.pipelines import URL, Web, error_of

USERS = {"basic_auth_users": {USER: BCRYPT}}
BASIC, BEARER = 'Basic realm="pipeline-health", charset="UTF-8"', 'Bearer realm="pipeline-health"'
NO_USER = "Authorization: not a user and a password in base64"


def status(web: Web, path: str = "/metrics", **headers: str) -> int:
    return web.get(path, **headers).status_code


def with_certificate(web: Web, path: str, name: str | None = "CN=prometheus", method: str = "GET") -> int:
    """The answer to a connection that began with a verified certificate, as the server says it."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await web.app({**scope, "extensions": {"tls": {"client_cert_name": name}}}, receive, send)

    async def ask() -> int:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=URL) as client:
            return (await client.request(method, path)).status_code

    return asyncio.run(ask())


@pytest.mark.parametrize(
    "header",
    [
        "Bearer phtk_wrong",
        "Bearer",
        "Bearer ",
        f"Bearer {TOKENS['admin']}x",
        f"Bearer {TOKENS['admin'].upper()}",
        f"Token {TOKENS['admin']}",
        TOKENS["admin"],
        "Digest username=a",
        basic("admin", TOKENS["admin"]),
    ],
)
@pytest.mark.parametrize("protect_reads", [True, False])
def test_what_is_no_token_is_refused_even_where_nobody_needs_one(
    tmp_path: Path, header: str, protect_reads: bool
) -> None:
    web = guarded(tmp_path, tokens(protect_reads))
    answer = web.get("/api/v1/status", Authorization=header)
    assert error_of(answer, 401).startswith("Authorization: ")
    assert answer.headers["www-authenticate"] == BEARER


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_a_token_is_known_by_any_spelling_of_its_scheme(tmp_path: Path, scheme: str) -> None:
    web = guarded(tmp_path, tokens())
    assert status(web, Authorization=f"{scheme}  {TOKENS['reader']} ") == 200


def test_the_hash_of_a_token_is_no_token(tmp_path: Path) -> None:
    known = tokens()
    web = guarded(tmp_path, known)
    assert status(web, Authorization=f"Bearer {known['tokens'][0]['sha256']}") == 401


def test_without_tokens_and_users_a_token_is_not_looked_at(web: Web) -> None:
    assert status(web, Authorization="Bearer anything") == 200


@pytest.mark.parametrize("path", ["/", "/metrics", "/api/v1/status", "/config", "/page/page.js", "/runbooks"])
def test_with_users_everything_wants_a_password(tmp_path: Path, path: str) -> None:
    web = guarded(tmp_path, web_file=USERS)
    answer = web.get(path)
    error_of(answer, 401)
    assert answer.headers["www-authenticate"] == BASIC
    assert status(web, path, Authorization=basic()) == 200


@pytest.mark.parametrize("path", ["/-/healthy", "/-/ready"])
def test_whether_it_lives_is_told_to_everybody(tmp_path: Path, path: str) -> None:
    web = guarded(tmp_path, tokens(), USERS)
    assert status(web, path, Authorization="Bearer wrong") in (200, 503)


@pytest.mark.parametrize(
    "header",
    [
        basic(password=PASSWORD[:-1]),
        basic(password=PASSWORD + " "),
        basic(password=""),
        basic(password="x" * 73),
        basic(user="heidi"),
        basic(user=""),
        f"Bearer {PASSWORD}",
    ],
)
def test_a_wrong_password_is_refused_and_counted(tmp_path: Path, header: str) -> None:
    web = guarded(tmp_path, web_file=USERS)
    error_of(web.get("/metrics", Authorization=header), 401)
    refused = web.service.own.registry.get_sample_value(
        "pipeline_exporter_requests_rejected_total", {"reason": "bad_credentials"}
    )
    assert refused == 1


@pytest.mark.parametrize(
    "credentials", ["", "=", "grace:password", b64encode(b"grace").decode(), b64encode(b"\xff:a").decode()]
)
def test_what_is_no_user_and_password_is_refused(tmp_path: Path, credentials: str) -> None:
    web = guarded(tmp_path, web_file=USERS)
    assert error_of(web.get("/metrics", Authorization=f"Basic {credentials}"), 401) == NO_USER


def test_a_user_may_do_everything_also_beside_tokens(tmp_path: Path) -> None:
    web = guarded(tmp_path, tokens(), USERS)
    assert web.request("POST", "/-/reload", headers={"Authorization": basic()}).status_code == 200
    assert status(web, "/config", Authorization=bearer("admin")) == 200
    assert web.get("/metrics").headers["www-authenticate"] == f"{BASIC}, {BEARER}"


def test_users_protect_reads_whatever_the_tokens_say(tmp_path: Path) -> None:
    web = guarded(tmp_path, tokens(protect_reads=False), USERS)
    assert status(web, "/api/v1/status") == 401


def test_a_certificate_reads_and_scrapes_where_there_are_tokens(tmp_path: Path) -> None:
    web = guarded(tmp_path, tokens())
    assert [with_certificate(web, path) for path in ("/metrics", "/api/v1/status", "/config")] == [
        200,
        200,
        401,
    ]
    assert with_certificate(web, "/-/reload", method="POST") == 401
    assert with_certificate(web, "/metrics", name=None) == 401


def test_a_certificate_is_no_password(tmp_path: Path) -> None:
    web = guarded(tmp_path, web_file=USERS)
    assert with_certificate(web, "/metrics") == 401


class Slow:
    """bcrypt, counted; it says in which thread it works."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.threads: list[int] = []
        check = bcrypt.checkpw

        def checkpw(password: bytes, hashed: bytes) -> bool:
            self.threads.append(threading.get_ident())
            return check(password, hashed)

        monkeypatch.setattr(bcrypt, "checkpw", checkpw)


def test_a_password_is_worked_out_once_and_beside_the_event_loop(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow, web = Slow(monkeypatch), guarded(tmp_path, web_file=USERS)
    for _ in range(5):
        assert status(web, Authorization=basic()) == 200
    assert len(slow.threads) == 1
    assert slow.threads[0] != threading.get_ident()


def test_a_wrong_password_is_worked_out_each_time_and_so_is_an_unknown_user(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow, web = Slow(monkeypatch), guarded(tmp_path, web_file=USERS)
    for header in (basic(USER, "wrong"), basic(USER, "wrong"), basic(user="heidi")):
        assert status(web, Authorization=header) == 401
    assert len(slow.threads) == 3


def test_many_at_once_with_the_same_password_are_one_piece_of_work(monkeypatch: pytest.MonkeyPatch) -> None:
    slow, passwords = Slow(monkeypatch), Passwords({USER: BCRYPT})

    async def crowd() -> list[bool]:
        return await asyncio.gather(*(passwords.check(USER, PASSWORD) for _ in range(MOST_WAITING)))

    assert asyncio.run(crowd()) == [True] * MOST_WAITING
    assert len(slow.threads) == 1


def test_more_than_can_wait_are_told_so() -> None:
    passwords = Passwords({USER: BCRYPT})

    async def crowd() -> list[bool | BaseException]:
        checks = (passwords.check(USER, f"wrong {number}") for number in range(MOST_WAITING + 2))
        return await asyncio.gather(*checks, return_exceptions=True)

    answers = asyncio.run(crowd())
    assert sum(isinstance(answer, TooManyWaitingError) for answer in answers) == 2
    assert passwords.waiting == 0


def test_only_so_many_are_remembered() -> None:
    passwords = Passwords({})
    for number in range(MOST_REMEMBERED + 1):
        passwords.remember(passwords.digest(USER, str(number)))
    assert (passwords.knows(USER, "0"), passwords.knows(USER, "1")) == (False, True)


def test_the_work_for_nobody_is_as_much_as_for_somebody() -> None:
    assert Passwords({"a": BCRYPT, "b": BCRYPT.replace("$04$", "$11$")}).fake.startswith("$2b$11$")


def test_who_tries_many_passwords_has_to_wait_and_who_has_the_right_one_does_not(tmp_path: Path) -> None:
    web = guarded(tmp_path, web_file=USERS)
    assert status(web, Authorization=basic()) == 200
    answers = [web.get("/metrics", Authorization=basic(password=str(n))) for n in range(20)]
    assert [answer.status_code for answer in answers] == [401] * 19 + [429]
    assert 1 <= int(answers[-1].headers["retry-after"]) <= 5
    assert error_of(answers[-1], 429).startswith("too many passwords tried; try again in ")
    assert status(web, Authorization=basic()) == 200
    assert web.get("/metrics", Authorization=basic()).status_code == 200


def test_failures_are_logged_once_a_minute_for_each_client(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    web = guarded(tmp_path, tokens())
    with caplog.at_level(logging.WARNING):
        for _ in range(5):
            assert status(web, Authorization="Bearer phtk_wrong") == 401
    [record] = caplog.records
    assert (record.message, vars(record)["client"]) == ("authentication failed", "127.0.0.1")
    assert "phtk_wrong" not in str(vars(record))


def test_who_only_looks_is_not_logged(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    web = guarded(tmp_path, tokens())
    assert status(web) == 401
    assert caplog.records == []


def reload(web: Web) -> None:
    asyncio.run(web.service.reload())


def test_a_reload_takes_over_tokens_and_users(tmp_path: Path) -> None:
    web = guarded(tmp_path, tokens(), USERS)
    assert status(web, Authorization=basic()) == 200
    changed = tokens()
    changed["tokens"] = [line for line in changed["tokens"] if "reader" not in line]
    write(changed, tmp_path / "tokens.yml")
    write({"basic_auth_users": {"heidi": BCRYPT}}, tmp_path / "web.yml")
    reload(web)
    headers = [bearer("reader"), basic(), basic(user="heidi"), bearer("admin")]
    assert [status(web, Authorization=header) for header in headers] == [401, 401, 200, 200]


@pytest.mark.parametrize("name", ["tokens.yml", "web.yml", "pipelines.yml"])
def test_a_bad_file_keeps_all_three_and_says_so(tmp_path: Path, name: str) -> None:
    web = guarded(tmp_path, tokens(), USERS)
    write({"tokens": [{"admin": True, "sha256": "f" * 64}]}, tmp_path / "tokens.yml")
    write({**two_teams(), "seed": 99}, tmp_path / "pipelines.yml")
    (tmp_path / name).write_text("nonsense: true")
    with pytest.raises(ConfigError, match=f"{name}: nonsense: unknown key"):
        reload(web)
    assert [status(web, Authorization=header) for header in (bearer("reader"), basic())] == [200, 200]
    assert web.service.config.seed == 1
    success = "pipeline_exporter_config_last_reload_successful"
    assert web.service.own.registry.get_sample_value(success) == 0


def test_a_stream_ends_when_it_is_decided_anew_who_may_read(tmp_path: Path) -> None:
    web = guarded(tmp_path, tokens())

    async def listen() -> httpx.Response:
        async with web.client() as client:
            header = {"Authorization": bearer("ours")}
            answer = asyncio.create_task(client.get("/api/v1/stream", headers=header))
            while not web.app.state.feed.listeners:
                await asyncio.sleep(0)
            write(tokens(protect_reads=False), tmp_path / "tokens.yml")
            await web.service.reload()
            async with asyncio.timeout(10):
                return await answer

    assert asyncio.run(listen()).text.startswith("data: {")


def test_a_stream_outlives_a_reload_that_changes_nothing_for_anybody(tmp_path: Path) -> None:
    web = guarded(tmp_path, tokens())
    before = web.service.security.generation
    reload(web)
    assert web.service.security.generation == before
