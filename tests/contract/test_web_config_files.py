"""What the exporter takes for a web configuration, promtool takes too."""

import subprocess
from pathlib import Path

import pytest

from exporter.config.ciphers import CIPHERS_OF_TLS_1_3, OPENSSL_NAMES
from exporter.web.security import Security
from tests.certificates import Authority

HASH = "$2y$10$X0h1gDsPszWURQaxFh.zoubFi6DXncSjhoQNJgRrnGs7EsimhC7zG"
PAIR = "cert_file: certificates/server.pem, key_file: certificates/server.key"
CLIENTS = "client_ca_file: certificates/authority.pem"
REQUIRED = "client_auth_type: RequireAndVerifyClientCert"
GOOD = {
    "empty": "{}",
    "certificate": f"tls_server_config: {{{PAIR}}}",
    "clients who must": f"tls_server_config: {{{PAIR}, {CLIENTS}, {REQUIRED}}}",
    "clients who may": f"tls_server_config: {{{PAIR}, {CLIENTS}, client_auth_type: VerifyClientCertIfGiven}}",
    "clients by name": (
        f"tls_server_config: {{{PAIR}, {CLIENTS}, {REQUIRED}, "
        "client_allowed_sans: [prometheus.example, 192.0.2.1]}"
    ),
    "versions": f"tls_server_config: {{{PAIR}, min_version: TLS13, max_version: TLS13}}",
    "ciphers": (
        f"tls_server_config: {{{PAIR}, cipher_suites: [{', '.join([*OPENSSL_NAMES, *CIPHERS_OF_TLS_1_3])}], "
        "prefer_server_cipher_suites: false}"
    ),
    "headers": (
        "http_server_config: {http2: false, headers: {"
        "X-Frame-Options: deny, X-Content-Type-Options: nosniff, "
        "Strict-Transport-Security: max-age=31536000, X-XSS-Protection: '0', Content-Security-Policy: ''}}"
    ),
    "users": f"basic_auth_users: {{prometheus: {HASH}, 'müller': {HASH.replace('$2y$', '$2a$')}}}",
    "limit": "rate_limit: {interval: 500ms, burst: 20}",
    "no limit": "rate_limit: {interval: 0s, burst: 0}",
}


@pytest.mark.parametrize("name", GOOD)
def test_promtool_takes_what_the_exporter_takes(promtool: Path, tmp_path: Path, name: str) -> None:
    Authority(tmp_path / "certificates").issue("server")
    path = tmp_path / "web.yml"
    path.write_text(GOOD[name], encoding="utf-8")
    Security(web=path)
    command = [str(promtool), "check", "web-config", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=30)
    assert (done.returncode, done.stderr) == (0, f"{path} SUCCESS\n")
