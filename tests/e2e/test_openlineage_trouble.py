"""OpenLineage's own client and an exporter that is slow, full, gone or refuses: nothing is lost that was
acknowledged, nothing counts twice, and the job makes as many attempts as it was told to, and no more."""

import time
from collections.abc import Iterable
from pathlib import Path

import pytest
from openlineage.client import OpenLineageClient
from openlineage.client.event_v2 import RunEvent, RunState
from openlineage.client.transport.async_http import AsyncHttpTransport
from requests.exceptions import HTTPError, RequestException

from tests.conftest import StartExporter
from tests.e2e.test_openlineage_client import SENDERS, client, counted, events, value
from tests.servers import Server, free_port, wait_until
from tests.trouble import Fate, full_disk, late_once, lost_once, never, relaying, standstill
from tests.unit.web.guarded import OURS, TOKENS, tokens, write
from tools.loopback import HOST

RUNS = 2
SECONDS = 30
# Enough to be answered on a busy machine, and less than an answer that comes late takes.
PATIENCE = 1.0


def tell(telling: OpenLineageClient, told: Iterable[RunEvent]) -> None:
    for event in told:
        telling.emit(event)


def refused(telling: OpenLineageClient, told: Iterable[RunEvent]) -> None:
    """Each event, though none is taken: `http` says so to the job, `async_http` to its log alone."""
    for event in told:
        if isinstance(telling.transport, AsyncHttpTransport):
            telling.emit(event)
        else:
            with pytest.raises(RequestException):
                telling.emit(event)
    telling.close(timeout=SECONDS)


def failures(telling: OpenLineageClient) -> int:
    """How many events `async_http` gave up."""
    assert isinstance(telling.transport, AsyncHttpTransport)
    return telling.transport.get_stats()["failed"]


def contradictions(server: Server) -> float:
    return value(server, 'pipeline_run_contradictions_total{pipeline="shop/load"}')


@pytest.mark.parametrize("fate", [late_once, lost_once])
@pytest.mark.parametrize("compression", [None, "gzip"])
@pytest.mark.parametrize("sender", SENDERS)
def test_what_is_told_again_because_the_answer_did_not_come_counts_once(
    quiet_exporter: StartExporter, sender: str, compression: str | None, fate: Fate
) -> None:
    server = quiet_exporter()
    with relaying(server, fate) as relay:
        telling = client(relay.url, sender, compression=compression, timeout=PATIENCE, retry={"total": 3})
        for _ in range(RUNS):
            tell(telling, events("load"))
        assert telling.close(timeout=SECONDS)
        assert list(relay.asked.values()) == [2] * 2 * RUNS
        assert relay.answered == {201: 2 * 2 * RUNS}
    assert (counted(server, "load"), contradictions(server)) == (RUNS, 0)
    assert value(server, 'pipeline_run_written_rows_total{pipeline="shop/load"}') == 10 * RUNS


@pytest.mark.parametrize("retries", [0, 1])
@pytest.mark.parametrize("sender", SENDERS)
def test_an_exporter_that_never_answers_gets_as_many_attempts_as_allowed(
    quiet_exporter: StartExporter, sender: str, retries: int
) -> None:
    server = quiet_exporter()
    with relaying(server, never) as relay:
        telling = client(relay.url, sender, timeout=PATIENCE, retry={"total": retries})
        began = time.monotonic()
        refused(telling, events("load"))
        assert time.monotonic() - began > PATIENCE * (retries + 1)
        assert list(relay.asked.values()) == [retries + 1] * 2
    assert counted(server, "load") == 1


@pytest.mark.parametrize("sender", SENDERS)
def test_an_exporter_that_stands_still_counts_what_came_when_it_goes_on(
    quiet_exporter: StartExporter, sender: str
) -> None:
    server, told = quiet_exporter(), [*events("load")]
    with standstill(server):
        refused(client(server.url, sender, timeout=0.2, retry={"total": 1}), told)
    telling = client(server.url, sender, timeout=SECONDS)
    tell(telling, told)
    assert telling.close(timeout=SECONDS)
    assert (counted(server, "load"), contradictions(server)) == (1, 0)


@pytest.mark.parametrize("sender", SENDERS)
def test_a_full_exporter_refuses_as_often_as_it_is_asked_and_counts_what_is_told_later(
    quiet_exporter: StartExporter, sender: str
) -> None:
    server, told = quiet_exporter(), [*events("load")]
    with relaying(server) as relay:
        with full_disk(server):
            refused(client(relay.url, sender, retry={"total": 0}), told)
        assert relay.answered == {503: 2}
        assert counted(server, "load") == 0
        telling = client(relay.url, sender)
        tell(telling, told)
        assert telling.close(timeout=SECONDS)
        assert relay.answered == {503: 2, 201: 2}
    assert counted(server, "load") == 1


def test_async_http_tells_again_by_itself_while_the_exporter_is_full(quiet_exporter: StartExporter) -> None:
    server = quiet_exporter()
    with relaying(server) as relay:
        telling = client(relay.url, "async_http", retry={"total": 9})
        with full_disk(server):
            tell(telling, events("load"))
            wait_until(lambda: relay.answered[503])
        assert telling.close(timeout=SECONDS)
    assert (counted(server, "load"), failures(telling)) == (1, 0)


def test_http_waits_as_long_as_a_full_exporter_asks_for(quiet_exporter: StartExporter) -> None:
    """Retry-After is honoured once a retry: with one, the job is held up by 5 s an event and no more."""
    server = quiet_exporter()
    with relaying(server) as relay, full_disk(server):
        telling = client(relay.url, retry={"total": 1})
        began = time.monotonic()
        with pytest.raises(RequestException):
            telling.emit(next(events("load")))
        assert time.monotonic() - began >= 5
        assert relay.answered == {503: 2}


def test_what_async_http_sends_at_once_for_a_large_project_is_taken_whole(
    quiet_exporter: StartExporter,
) -> None:
    """It would not repeat what is refused with 429."""
    server = quiet_exporter()
    telling = client(server.url, "async_http", timeout=SECONDS)
    for _ in range(1000):
        tell(telling, events("load"))
    assert telling.close(timeout=2 * SECONDS)
    assert (counted(server, "load"), failures(telling)) == (1000, 0)


def test_async_http_gives_up_on_an_exporter_that_is_down_and_holds_nothing_up() -> None:
    telling = client(f"http://{HOST}:{free_port()}", "async_http")
    refused(telling, events("load"))
    assert failures(telling) == 2


@pytest.mark.parametrize("sender", SENDERS)
def test_a_token_is_sent_as_api_key_and_a_wrong_one_is_refused_at_once(
    quiet_exporter: StartExporter, tmp_path: Path, sender: str
) -> None:
    server = quiet_exporter("--tokens", str(write(tokens(protect_reads=False), tmp_path / "tokens.yml")))
    with relaying(server) as relay:
        wrong = {"type": "api_key", "apiKey": "phtk_wrong"}
        refused(client(relay.url, sender, auth=wrong, retry={"total": 3}), events("load"))
        assert relay.answered == {401: 2}
        right = {"type": "api_key", "apiKey": TOKENS["ours"]}
        telling = client(relay.url, sender, auth=right, compression="gzip")
        tell(telling, events("load"))
        assert telling.close(timeout=SECONDS)
        assert relay.answered == {401: 2, 201: 2}
    assert counted(server, "load") == 1
    assert value(server, f'pipeline_info{{pipeline="shop/load",team="{OURS}",kind="batch",mode="live"}}') == 1


def test_another_teams_token_tells_nothing_of_a_pipeline(
    quiet_exporter: StartExporter, tmp_path: Path
) -> None:
    server = quiet_exporter("--tokens", str(write(tokens(protect_reads=False), tmp_path / "tokens.yml")))
    tell(client(server.url, auth={"type": "api_key", "apiKey": TOKENS["ours"]}), events("load"))
    theirs = client(server.url, auth={"type": "api_key", "apiKey": TOKENS["theirs"]})
    with pytest.raises(HTTPError, match="403"):
        theirs.emit(next(events("load", RunState.FAIL)))
    assert (counted(server, "load"), counted(server, "load", "failed")) == (1, 0)
