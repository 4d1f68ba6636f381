"""A web configuration that can't be honoured says where, what was expected and what was there; so does a
file of tokens: neither repeats a secret."""

from pathlib import Path

import pytest

from exporter.config import ConfigError
from exporter.config.tokens import load_tokens
from exporter.config.web_file import load_web_file

TLS = "cert_file: server.pem, key_file: server.key"
WITH_CA = f"{TLS}, client_ca_file: ca.pem, client_auth_type: RequireAndVerifyClientCert"
HASH = "$2b$04$QOauhQNbBCuQDKes6eFzPeMqBSjb7Mr5DUmpZ/VcEd00UAV/LDeSi"
A_HASH = "expected a bcrypt hash, as htpasswd -nBC 10 writes it"
DURATION = "expected a duration such as 500ms, 1s or 2m"
HEADERS = "http_server_config.headers"
AUTH_TYPES = "'NoClientCert', 'VerifyClientCertIfGiven' or 'RequireAndVerifyClientCert'"

WEB_MISTAKES = {
    "[]": "expected a mapping of keys, got []",
    "": "expected a mapping of keys, got nothing",
    "tls_sever_config: {}": "tls_sever_config: unknown key",
    "tls_server_config: {cert_file: a}": "tls_server_config.key_file: expected a value, got nothing",
    "tls_server_config: {cert_file: '', key_file: b}": (
        "tls_server_config.cert_file: expected at least 1 characters, got ''"
    ),
    "tls_server_config: {cert_file: 7, key_file: b}": "tls_server_config.cert_file: expected text, got 7",
    f"tls_server_config: {{{TLS}, ciphers: []}}": "tls_server_config.ciphers: unknown key",
    "tls_server_config: {cert: PEM, key_file: b}": (
        "tls_server_config.cert: inline certificates can't be honoured, expected cert_file"
    ),
    "tls_server_config: {cert_file: a, key: PEM}": (
        "tls_server_config.key: inline keys can't be honoured, expected key_file"
    ),
    f"tls_server_config: {{{TLS}, curve_preferences: [X25519]}}": (
        "tls_server_config.curve_preferences: can't be honoured, leave it out for OpenSSL's own choice"
    ),
    f"tls_server_config: {{{TLS}, min_version: TLS11}}": (
        "tls_server_config.min_version: expected 'TLS12' or 'TLS13', got 'TLS11'"
    ),
    f"tls_server_config: {{{TLS}, min_version: TLS13, max_version: TLS12}}": (
        "tls_server_config.max_version: expected at least TLS13, got TLS12"
    ),
    f"tls_server_config: {{{TLS}, client_auth_type: RequireAnyClientCert}}": (
        f"tls_server_config.client_auth_type: expected {AUTH_TYPES}, got 'RequireAnyClientCert'"
    ),
    f"tls_server_config: {{{TLS}, client_auth_type: RequestClientCert}}": (
        f"tls_server_config.client_auth_type: expected {AUTH_TYPES}, got 'RequestClientCert'"
    ),
    f"tls_server_config: {{{TLS}, client_auth_type: RequireAndVerifyClientCert}}": (
        "tls_server_config.client_ca_file: expected with RequireAndVerifyClientCert, got nothing"
    ),
    f"tls_server_config: {{{TLS}, client_ca_file: ca.pem}}": (
        "tls_server_config.client_ca_file: "
        "expected only with VerifyClientCertIfGiven or RequireAndVerifyClientCert"
    ),
    f"tls_server_config: {{{TLS}, client_allowed_sans: [a]}}": (
        "tls_server_config.client_allowed_sans: "
        "expected only with VerifyClientCertIfGiven or RequireAndVerifyClientCert"
    ),
    f"tls_server_config: {{{WITH_CA}, client_ca: PEM}}": (
        "tls_server_config.client_ca: expected nothing beside client_ca_file"
    ),
    f"tls_server_config: {{{TLS}, cipher_suites: [TLS_AES_128_GCM_SHA256]}}": (
        "tls_server_config.cipher_suites: expected at least one of TLS 1.2, or min_version TLS13"
    ),
    f"tls_server_config: {{{TLS}, prefer_server_cipher_suites: 1}}": (
        "tls_server_config.prefer_server_cipher_suites: expected a valid boolean, got 1"
    ),
    "http_server_config: {http2: true}": (
        "http_server_config.http2: expected false, since only HTTP/1.1 is spoken, got true"
    ),
    "http_server_config: {headers: {X-Frame-Options: allow}}": (
        "http_server_config.headers.X-Frame-Options: expected deny or sameorigin, got 'allow'"
    ),
    "http_server_config: {headers: {X-Content-Type-Options: sniff}}": (
        "http_server_config.headers.X-Content-Type-Options: expected nosniff, got 'sniff'"
    ),
    'http_server_config: {headers: {X-XSS-Protection: "1\\nSet-Cookie: a"}}': (
        "http_server_config.headers.X-XSS-Protection: expected a line of ASCII, got '1\\nSet-Cookie: a'"
    ),
    "basic_auth_users: {grace: hunter2}": f"basic_auth_users.grace: {A_HASH}, got 7 characters",
    f"basic_auth_users: {{grace: {HASH[:-1]}}}": f"basic_auth_users.grace: {A_HASH}, got 59 characters",
    f"basic_auth_users: {{grace: {HASH.replace('04', '31')}}}": (
        "basic_auth_users.grace: expected a bcrypt cost of 4 to 16, got 31"
    ),
    f'basic_auth_users: {{"gra:ce": {HASH}}}': (
        "basic_auth_users.gra:ce: expected a name without colon, got 'gra:ce'"
    ),
    "basic_auth_users: [grace]": "basic_auth_users: expected a mapping of keys, got ['grace']",
    "rate_limit: {interval: 1, burst: 1}": f"rate_limit.interval: {DURATION}, got 1",
    "rate_limit: {interval: 1d, burst: 1}": f"rate_limit.interval: {DURATION}, got '1d'",
    "rate_limit: {interval: 1s}": "rate_limit.burst: expected > 0 with an interval, got 0",
    "rate_limit: {interval: 1s, burst: -1}": "rate_limit.burst: expected >= 0, got -1",
}

SHA = "0" * 64
A_SHA = "expected the token's sha256 as 64 hexadecimal digits in lower case"
A_NAME = "expected a name of 1 to 63 letters, digits and _ . : -, the first no . : -"
OWNERS = "expected exactly one of team, admin, reader, alertmanager"

TOKEN_MISTAKES = {
    "": "expected a mapping of keys, got nothing",
    "{}": "tokens: expected a value, got nothing",
    "tokens: []": "tokens: expected at least 1, got []",
    "tokens: [{admin: true}]": "tokens[0].sha256: expected a value, got nothing",
    "tokens: [{admin: true, sha256: phtk_secret}]": f"tokens[0].sha256: {A_SHA}, got 11 characters",
    f"tokens: [{{admin: true, sha256: {'A' * 64}}}]": f"tokens[0].sha256: {A_SHA}, got 64 characters",
    f"tokens: [{{sha256: '{SHA}'}}]": f"tokens[0]: {OWNERS}, got none",
    f"tokens: [{{admin: true, team: a, sha256: '{SHA}'}}]": f"tokens[0]: {OWNERS}, got team and admin",
    f"tokens: [{{admin: false, sha256: '{SHA}'}}]": "tokens[0].admin: expected true, got false",
    f"tokens: [{{team: a/b, sha256: '{SHA}'}}]": f"tokens[0].team: {A_NAME}, got 'a/b'",
    f"tokens: [{{team: unknown, sha256: '{SHA}'}}]": (
        "tokens[0].team: expected a team, got 'unknown', which jobs of nobody have"
    ),
    f"tokens: [{{user: a, sha256: '{SHA}'}}]": "tokens[0].user: unknown key",
    f"tokens: [{{team: a, sha256: '{SHA}'}}, {{admin: true, sha256: '{SHA}'}}]": (
        "tokens[1].sha256: the same as tokens[0]"
    ),
    f"tokens: [{{team: a, sha256: '{SHA}'}}]\nprotect_reads: 1": (
        "protect_reads: expected a valid boolean, got 1"
    ),
}


def write(folder: Path, text: str) -> Path:
    path = folder / "file.yml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(("text", "message"), WEB_MISTAKES.items(), ids=range(len(WEB_MISTAKES)))
def test_a_web_configuration_with_one_mistake_names_it(tmp_path: Path, text: str, message: str) -> None:
    path = write(tmp_path, text)
    with pytest.raises(ConfigError) as caught:
        load_web_file(path)
    assert str(caught.value) == f"{path}: {message}"


def test_a_header_that_the_format_does_not_have_is_refused_with_those_it_has(tmp_path: Path) -> None:
    path = write(tmp_path, "http_server_config: {headers: {Server: mine}}")
    with pytest.raises(ConfigError) as caught:
        load_web_file(path)
    assert str(caught.value).startswith(f"{path}: {HEADERS}.Server: expected 'Content-Security-Policy', ")
    assert str(caught.value).endswith("or 'X-XSS-Protection', got 'Server'")


def test_a_cipher_that_is_not_safe_is_refused_with_those_that_are(tmp_path: Path) -> None:
    path = write(tmp_path, f"tls_server_config: {{{TLS}, cipher_suites: [TLS_RSA_WITH_AES_128_CBC_SHA]}}")
    with pytest.raises(ConfigError) as caught:
        load_web_file(path)
    assert str(caught.value).startswith(f"{path}: tls_server_config.cipher_suites[0]: expected 'TLS_AES_")
    assert str(caught.value).endswith(", got 'TLS_RSA_WITH_AES_128_CBC_SHA'")


@pytest.mark.parametrize(("text", "message"), TOKEN_MISTAKES.items(), ids=range(len(TOKEN_MISTAKES)))
def test_a_file_of_tokens_with_one_mistake_names_it(tmp_path: Path, text: str, message: str) -> None:
    path = write(tmp_path, text)
    with pytest.raises(ConfigError) as caught:
        load_tokens(path)
    assert str(caught.value) == f"{path}: {message}"


def test_paths_are_relative_to_the_file(tmp_path: Path) -> None:
    tls = load_web_file(write(tmp_path, f"tls_server_config: {{{WITH_CA}}}")).tls_server_config
    assert tls is not None
    found = [tls.cert_file, tls.key_file, tls.client_ca_file]
    assert found == [str(tmp_path / name) for name in ("server.pem", "server.key", "ca.pem")]


def test_an_absolute_path_stays_as_it_is(tmp_path: Path) -> None:
    text = "tls_server_config: {cert_file: /etc/server.pem, key_file: /etc/server.key}"
    tls = load_web_file(write(tmp_path, text)).tls_server_config
    assert tls is not None
    assert (tls.cert_file, tls.key_file) == ("/etc/server.pem", "/etc/server.key")


def test_what_is_left_out_protects_nothing(tmp_path: Path) -> None:
    file = load_web_file(write(tmp_path, "{}"))
    assert (file.tls_server_config, file.basic_auth_users, file.rate_limit.interval) == (None, {}, 0)
