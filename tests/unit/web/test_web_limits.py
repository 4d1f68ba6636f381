"""How much one client, and all of them, may ask at once."""

import asyncio
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.web.bucket import Buckets
from exporter.web.failures import MOST_CLIENTS, QUIET_SECONDS, FailureLog
from tests.unit.web.guarded import bearer, guarded, tokens, two_teams, write
from tests.unit.web.pipelines import Web, error_of

# So slow that no test sees one more.
FEW = {"limits": {"writes_at_once": 2, "writes_per_second": 0.001}}
SIZES, RATES = st.integers(1, 20), st.floats(0.01, 100)
WAITS = st.lists(st.floats(0, 30), min_size=1, max_size=50)


@given(SIZES, RATES, WAITS)
def test_a_bucket_never_gives_more_than_its_size_and_what_has_flown_in(
    size: int, rate: float, waits: list[float]
) -> None:
    buckets, now, given_out = Buckets(size, rate), 0.0, 0
    for wait in waits:
        now += wait
        given_out += buckets.take("a", now) == 0
        assert given_out <= size + now * rate + 1e-6


@given(SIZES, RATES, WAITS)
def test_after_the_seconds_that_it_names_there_is_one_again(
    size: int, rate: float, waits: list[float]
) -> None:
    buckets, now = Buckets(size, rate), 0.0
    for wait in waits:
        now += wait
        seconds = buckets.take("a", now)
        assert 0 <= seconds <= 1 / rate + 1e-9
        if seconds:
            now += seconds + 1e-6
            assert buckets.take("a", now) == 0


@given(SIZES, RATES)
def test_a_clock_that_stands_still_or_goes_back_fills_nothing(size: int, rate: float) -> None:
    buckets = Buckets(size, rate)
    answers = [buckets.take("a", 100.0 - number) for number in range(size + 1)]
    assert [answer == 0 for answer in answers] == [True] * size + [False]


def test_one_client_takes_nothing_from_another() -> None:
    buckets = Buckets(1, 1)
    assert [buckets.take(client, 0) == 0 for client in "aab"] == [True, False, True]


def test_only_the_last_clients_are_remembered() -> None:
    buckets = Buckets(1, 1, most=2)
    for client in "abcb":
        buckets.take(client, 0)
    assert list(buckets.clients) == ["c", "b"]


def busy(folder: Path, token_file: bool = True) -> Web:
    return guarded(folder, tokens() if token_file else None, config={**two_teams(), "web": FEW})


def test_writes_beyond_the_limit_are_429_with_the_seconds_to_wait(tmp_path: Path) -> None:
    web = busy(tmp_path, token_file=False)
    answers = [web.post("/api/v1/faults", {}) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [400, 400, 429]
    assert 990 <= int(answers[-1].headers["retry-after"]) <= 1000
    assert error_of(answers[-1], 429).startswith("too many writes by 127.0.0.1; try again in ")
    assert web.refusals("too_many_writes") == 1


def test_reading_is_not_limited(tmp_path: Path) -> None:
    web = busy(tmp_path, token_file=False)
    assert {web.get("/api/v1/status").status_code for _ in range(20)} == {200}


def test_each_token_has_its_own_limit(tmp_path: Path) -> None:
    web = busy(tmp_path)

    def post(visitor: str) -> int:
        headers = {"Authorization": bearer(visitor)}
        return web.request("POST", "/api/v1/lineage", json={}, headers=headers).status_code

    assert [post("ours") for _ in range(3)] == [400, 400, 429]
    assert post("theirs") == 400


def test_who_may_not_write_takes_nothing_from_who_may(tmp_path: Path) -> None:
    web = busy(tmp_path)
    assert {web.post("/api/v1/lineage", {}).status_code for _ in range(5)} == {401}
    headers = {"Authorization": bearer("ours")}
    assert web.request("POST", "/api/v1/lineage", json={}, headers=headers).status_code == 400


def test_the_web_configuration_limits_all_together_but_not_whether_it_lives(tmp_path: Path) -> None:
    web = guarded(tmp_path, web_file={"rate_limit": {"interval": "1h", "burst": 2}})
    answers = [web.get(path) for path in ("/metrics", "/", "/metrics")]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert 3590 <= int(answers[-1].headers["retry-after"]) <= 3600
    assert web.get("/-/healthy").status_code == 200


def test_a_reload_changes_the_limit_of_all(tmp_path: Path) -> None:
    web = guarded(tmp_path, web_file={"rate_limit": {"interval": "1h", "burst": 1}})
    assert [web.get("/metrics").status_code for _ in range(2)] == [200, 429]
    write({"rate_limit": {"interval": "0s"}}, tmp_path / "web.yml")
    asyncio.run(web.service.reload())
    assert [web.get("/metrics").status_code for _ in range(2)] == [200, 200]


def test_a_failure_is_logged_again_after_a_minute_with_the_number_in_between(
    caplog: pytest.LogCaptureFixture,
) -> None:
    failures = FailureLog()
    for seconds in (0, 1, 2, QUIET_SECONDS - 0.1, QUIET_SECONDS, QUIET_SECONDS + 1):
        failures.note("192.0.2.1", "bad_credentials", seconds)
    assert [vars(record)["unlogged_before"] for record in caplog.records] == [0, 3]


def test_each_client_is_logged_and_only_the_last_are_remembered(caplog: pytest.LogCaptureFixture) -> None:
    failures = FailureLog()
    for number in range(MOST_CLIENTS + 5):
        failures.note(str(number), "bad_credentials", 0)
    assert len(caplog.records) == MOST_CLIENTS + 5
    assert len(failures.clients) == MOST_CLIENTS
