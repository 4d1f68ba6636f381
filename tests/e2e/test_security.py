"""Tokens, passwords and certificates with a real process, a real Prometheus and a real Alertmanager."""

import json
import signal
import ssl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests import quick
from tests.certificates import Authority, Identity
from tests.servers import Server, free_port, serving, wait_until
from tests.unit.web.guarded import (
    BCRYPT,
    MINE,
    OURS,
    PASSWORD,
    TOKENS,
    USER,
    bearer,
    tokens,
    two_teams,
    write,
)
from tests.unit.web.pipelines import JSON_TYPE, Json, calm, written
from tools import programs
from tools.children import started
from tools.loopback import HOST

SECONDS = 30
SCRAPED = ("token", "password", "certificate", "nothing")
SAN = "spiffe://example/prometheus"


@dataclass(frozen=True)
class Secured:
    """An exporter over TLS with tokens, users and certificates, in whose folder everything lies."""

    server: Server
    folder: Path
    authority: Authority
    client: Identity

    @property
    def url(self) -> str:
        return f"https://{HOST}:{self.server.port}"

    def trusting(self, client: Identity | None = None) -> ssl.SSLContext:
        """What a client needs, with a certificate of its own or without."""
        context = ssl.create_default_context(cafile=self.authority.file)
        if client:
            context.load_cert_chain(client.certificate, client.key)
        return context

    def ask(self, path: str, visitor: str = "", client: Identity | None = None) -> httpx.Response:
        headers = {"Authorization": bearer(visitor)} if visitor else {}
        return httpx.get(f"{self.url}{path}", headers=headers, verify=self.trusting(client))

    def refusals(self, reason: str) -> float:
        """How many requests were refused for ``reason``."""
        name = f'pipeline_exporter_requests_rejected_total{{reason="{reason}"}} '
        text = self.ask("/metrics", "reader", self.client).text
        return next(float(line.rpartition(" ")[2]) for line in text.splitlines() if line.startswith(name))


@contextmanager
def secured(folder: Path, **tls: object) -> Iterator[Secured]:
    """Such an exporter; ``tls`` are further keys of its ``tls_server_config``."""
    authority = Authority(folder)
    server, client = authority.issue("server"), authority.issue("client", [SAN])
    files = {"cert_file": server.certificate.name, "key_file": server.key.name}
    web = {"tls_server_config": {**files, "client_ca_file": authority.file.name, **tls}}
    paths = {
        "--config": written(two_teams(), folder),
        "--tokens": write(tokens(), folder / "tokens.yml"),
        "--web-config": write({**web, "basic_auth_users": {USER: BCRYPT}}, folder / "web.yml"),
    }
    arguments = [str(word) for pair in paths.items() for word in pair]
    program = programs.exporter(free_port(), *arguments, log=folder / "exporter.log")
    with started([program]) as [child]:
        found = Secured(Server(program.port, child), folder, authority, client)
        wait_until(lambda: is_ready(found), SECONDS)
        yield found


def is_ready(one: Secured) -> bool:
    one.server.child.check()
    try:
        return one.ask("/-/ready", client=one.client).status_code == httpx.codes.OK
    except httpx.TransportError:
        return False


@pytest.fixture(scope="module")
def open_to_certificates(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Secured]:
    """One for all tests that change nothing; a certificate may be shown."""
    folder = tmp_path_factory.mktemp("secured")
    with secured(folder, client_auth_type="VerifyClientCertIfGiven") as one:
        yield one


def scrape(one: Secured) -> Json:
    """Prometheus' configuration, with a job for each way to say who it is."""
    tls = {"ca_file": str(one.authority.file)}
    secret = one.folder / "prometheus.token"
    secret.write_text(TOKENS["reader"])
    ways: dict[str, Json] = {
        "token": {"authorization": {"credentials_file": str(secret)}, "tls_config": tls},
        "password": {"basic_auth": {"username": USER, "password": PASSWORD}, "tls_config": tls},
        "certificate": {
            "tls_config": {**tls, "cert_file": str(one.client.certificate), "key_file": str(one.client.key)}
        },
        "nothing": {"tls_config": tls},
    }
    common = {"scheme": "https", "static_configs": [{"targets": [f"{HOST}:{one.server.port}"]}]}
    jobs = [{"job_name": name, **common, **way} for name, way in ways.items()]
    return {"global": {"scrape_interval": "1s", "scrape_timeout": "1s"}, "scrape_configs": jobs}


def test_prometheus_scrapes_with_a_token_a_password_or_a_certificate_and_not_without(
    open_to_certificates: Secured, prometheus_binary: Path, tmp_path: Path
) -> None:
    path = tmp_path / "prometheus.json"
    path.write_text(json.dumps(scrape(open_to_certificates)))
    program = programs.prometheus(prometheus_binary, free_port(), path, tmp_path)
    with serving(program) as server:

        def targets() -> dict[str, Any]:
            found = httpx.get(f"{server.url}/api/v1/targets").json()["data"]["activeTargets"]
            return {one["labels"]["job"]: one for one in found if one["health"] != "unknown"}

        wait_until(lambda: targets().keys() == {*SCRAPED}, SECONDS)
        health = {name: one["health"] for name, one in targets().items()}
        assert health == {"token": "up", "password": "up", "certificate": "up", "nothing": "down"}
        assert "401 Unauthorized" in targets()["nothing"]["lastError"]


def test_alertmanager_tells_of_alerts_with_its_token(
    open_to_certificates: Secured, alertmanager_binary: Path, tmp_path: Path
) -> None:
    one = open_to_certificates
    secret = tmp_path / "alertmanager.token"
    secret.write_text(f"{TOKENS['alertmanager']}\n")
    http = {
        "authorization": {"credentials_file": str(secret)},
        "tls_config": {"ca_file": str(one.authority.file)},
    }
    webhook = {"url": f"{one.url}/api/v1/alerts", "http_config": http}
    configuration = {
        "route": {"receiver": "exporter", "group_wait": "0s", "group_by": ["team"]},
        "receivers": [{"name": "exporter", "webhook_configs": [webhook]}],
    }
    path = tmp_path / "alertmanager.json"
    path.write_text(json.dumps(configuration))
    with serving(programs.alertmanager(alertmanager_binary, free_port(), path, tmp_path)) as server:
        labels = {"alertname": "PipelineRunFailing", "team": OURS, "pipeline": MINE, "severity": "high"}
        quick.fire(server.url, labels)
        found = wait_until(lambda: one.ask("/api/v1/incidents", "ours").json(), SECONDS)
    assert [incident["pipeline"] for incident in found] == [MINE]
    assert one.ask("/api/v1/incidents", "theirs").json() == []


EVENT = {
    "eventType": "COMPLETE",
    "eventTime": "2026-11-21T00:00:00Z",
    "producer": "https://example.com/load",
    "schemaURL": "https://openlineage.io/spec/2-0-2/OpenLineage.json",
    "job": {"namespace": "nightly", "name": "load"},
    "run": {"runId": "0190a7e0-1111-7000-8000-000000000001"},
}


@pytest.mark.parametrize(("visitor", "status"), [("admin", 201), ("reader", 403), ("alertmanager", 403)])
def test_an_event_is_taken_from_whoever_may_write(
    open_to_certificates: Secured, visitor: str, status: int
) -> None:
    one = open_to_certificates
    headers = {**JSON_TYPE, "Authorization": bearer(visitor)}
    answer = httpx.post(f"{one.url}/api/v1/lineage", json=EVENT, headers=headers, verify=one.trusting())
    assert answer.status_code == status


def fault(one: Secured, *arguments: str, token: str = "") -> subprocess.CompletedProcess[str]:
    command = [
        sys.executable,
        "-m",
        "exporter",
        "fault",
        "enrich",
        "stall",
        "--pipeline",
        MINE,
        "--url",
        one.url,
    ]
    environment = {"PIPELINE_HEALTH_TOKEN": token} if token else {}
    return subprocess.run(
        [*command, *arguments], env=environment, capture_output=True, text=True, check=False, timeout=SECONDS
    )


def test_a_fault_is_injected_with_an_admins_token_over_a_checked_connection(
    open_to_certificates: Secured, tmp_path: Path
) -> None:
    one = open_to_certificates
    trusted = ("--ca-file", str(one.authority.file))
    secret = tmp_path / "admin.token"
    secret.write_text(f"{TOKENS['admin']}\n")
    done = fault(one, *trusted, "--token-file", str(secret))
    assert (done.returncode, done.stderr) == (0, "")
    assert fault(one, *trusted, token=TOKENS["admin"]).returncode == 0
    for told, code, words in (
        (fault(one, *trusted), 2, "Error: Authorization: expected an admin\n"),
        (fault(one, *trusted, token=TOKENS["ours"]), 2, "Error: Authorization: expected an admin, got team "),
        (fault(one, token=TOKENS["admin"]), 1, f"Error: no exporter at {one.url}"),
        (fault(one, "--token-file", "gone"), 2, "Error: --token-file: gone: can't be read: No such file"),
        (fault(one, "--ca-file", "gone"), 2, "Error: --ca-file: gone can't be read: No such file"),
    ):
        assert told.returncode == code
        assert told.stderr.startswith(words), told.stderr


def test_only_certificates_that_it_trusts_and_allows_get_in(tmp_path: Path) -> None:
    required = {"client_auth_type": "RequireAndVerifyClientCert", "client_allowed_sans": [SAN]}
    with secured(tmp_path, **required) as one:
        assert one.ask("/api/v1/status", "ours", one.client).status_code == 200
        strangers = Authority(tmp_path / "strangers").issue("client", [SAN])
        for client in (None, strangers, one.authority.issue("other", ["other.example"])):
            with pytest.raises(httpx.TransportError):
                one.ask("/-/healthy", client=client)
        assert one.refusals("bad_certificate") == 1


def shown_certificate(one: Secured) -> str:
    return ssl.get_server_certificate((HOST, one.server.port))


def reload(one: Secured) -> None:
    one.server.child.process.send_signal(signal.SIGHUP)


def succeeded(one: Secured) -> bool:
    name = "pipeline_exporter_config_last_reload_successful"
    return f"\n{name} 1.0\n" in one.ask("/metrics", "reader").text


def test_certificates_are_exchanged_while_it_runs_and_bad_ones_are_not(tmp_path: Path) -> None:
    with secured(tmp_path, client_auth_type="VerifyClientCertIfGiven") as one:
        first = shown_certificate(one)
        with httpx.Client(verify=one.trusting()) as kept:
            assert kept.get(f"{one.url}/-/healthy").status_code == 200
            renewed = one.authority.issue("server").certificate.read_text()
            assert shown_certificate(one) == first
            reload(one)
            wait_until(lambda: shown_certificate(one) == renewed, SECONDS)
            (tmp_path / "server.key").write_text("not a key")
            reload(one)
            wait_until(lambda: not succeeded(one), SECONDS)
            assert shown_certificate(one) == renewed
            assert kept.get(f"{one.url}/-/healthy").status_code == 200
        log = (tmp_path / "exporter.log").read_text()
        assert "configuration kept" in log
        assert "web.yml: tls_server_config: expected a certificate in cert_file" in log
        one.authority.issue("server")
        reload(one)
        wait_until(lambda: succeeded(one), SECONDS)


def test_the_log_has_no_secret_and_one_line_for_a_client_that_tries_often(tmp_path: Path) -> None:
    with secured(tmp_path, client_auth_type="VerifyClientCertIfGiven") as one:
        for number in range(5):
            headers = {"Authorization": f"Bearer phtk_guess{number}"}
            answer = httpx.get(f"{one.url}/metrics", headers=headers, verify=one.trusting())
            assert answer.status_code == 401
        assert one.refusals("bad_credentials") == 5
        log = (tmp_path / "exporter.log").read_text()
    assert log.count("authentication failed") == 1
    assert "client=127.0.0.1 reason=bad_credentials" in log
    assert not [word for word in ("phtk_", PASSWORD, BCRYPT) if word in log]
    assert f"url=https://{HOST}:{one.server.port}/" in log


def test_a_plain_exporter_speaks_no_tls(tmp_path: Path) -> None:
    arguments = ("--config", str(written(calm(), tmp_path)))
    with serving(programs.exporter(free_port(), *arguments, log=tmp_path / "exporter.log")) as server:
        with pytest.raises(httpx.ConnectError):
            httpx.get(f"https://{HOST}:{server.port}/")
        assert httpx.get(f"{server.url}/-/healthy").status_code == 200
