"""Certificates: read with errors that name the file, exchanged without an end to listening."""

import asyncio
import ssl
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from exporter.config import ConfigError
from exporter.config.ciphers import CIPHERS_OF_TLS_1_3, OPENSSL_NAMES
from exporter.config.web_file import TlsServer
from exporter.web.certificate import alternative_names, subject
from exporter.web.security import Security
from exporter.web.tls import reloadable, server_context
from tests.certificates import Authority, Identity
from tests.unit.web.guarded import BCRYPT, guarded, tokens, write
from tests.unit.web.pipelines import Json

PAIR = "expected a certificate in cert_file and its unencrypted key in key_file"
SHOWN: Json = {
    "subject": ((("countryName", "NZ"),), (("commonName", "prometheus"), ("serialNumber", "7"))),
    "subjectAltName": (
        ("DNS", "a.example"),
        ("IP Address", "192.0.2.1"),
        ("IP Address", "2001:DB8:0:0:0:0:0:1\n"),
        ("URI", "spiffe://example/prometheus"),
        ("email", "a@example.com"),
    ),
}


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


def tls_of(identity: Identity, **keys: object) -> TlsServer:
    files = {"cert_file": str(identity.certificate), "key_file": str(identity.key)}
    return TlsServer.model_validate({**files, **keys})


def complaint(tls: TlsServer) -> str:
    with pytest.raises(ConfigError) as caught:
        server_context(tls, "web.yml")
    return str(caught.value)


@pytest.mark.parametrize("key", ["cert_file", "key_file", "client_ca_file"])
def test_a_file_that_is_not_there_is_named(authority: Authority, tmp_path: Path, key: str) -> None:
    keys = {"client_ca_file": str(authority.file), "client_auth_type": "RequireAndVerifyClientCert"}
    tls = tls_of(authority.issue("server"), **{**keys, key: str(tmp_path / "gone.pem")})
    message = (
        f"web.yml: tls_server_config.{key}: {tmp_path}/gone.pem can't be read: No such file or directory"
    )
    assert complaint(tls) == message


def test_a_key_of_another_certificate_is_refused(authority: Authority) -> None:
    one, other = authority.issue("one"), authority.issue("other")
    message = complaint(tls_of(Identity(one.certificate, other.key)))
    assert message == f"web.yml: tls_server_config: {PAIR}, got key values mismatch"


def test_an_encrypted_key_is_refused_without_asking_for_its_passphrase(authority: Authority) -> None:
    message = complaint(tls_of(authority.issue("server", passphrase="only people know it".title())))
    assert message.startswith(f"web.yml: tls_server_config: {PAIR}, got ")


@pytest.mark.parametrize("key", ["cert_file", "key_file"])
def test_what_is_no_certificate_or_no_key_is_refused(authority: Authority, tmp_path: Path, key: str) -> None:
    (tmp_path / "text.pem").write_bytes(b"\xff not PEM")
    message = complaint(tls_of(authority.issue("server"), **{key: str(tmp_path / "text.pem")}))
    assert message.startswith(f"web.yml: tls_server_config: {PAIR}, got ")


@pytest.mark.parametrize(
    "text", ["not PEM", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"]
)
def test_what_is_no_authority_is_refused(authority: Authority, text: str) -> None:
    tls = tls_of(authority.issue("server"), client_ca=text, client_auth_type="VerifyClientCertIfGiven")
    message = complaint(tls)
    assert message.startswith("web.yml: tls_server_config.client_ca: expected certificates in PEM, got ")


@pytest.mark.parametrize(
    ("kind", "mode"),
    [
        ("NoClientCert", ssl.CERT_NONE),
        ("VerifyClientCertIfGiven", ssl.CERT_OPTIONAL),
        ("RequireAndVerifyClientCert", ssl.CERT_REQUIRED),
    ],
)
def test_the_context_is_as_configured(authority: Authority, kind: str, mode: ssl.VerifyMode) -> None:
    authorities = {} if mode is ssl.CERT_NONE else {"client_ca": authority.file.read_text()}
    chosen = {"max_version": "TLS12", "cipher_suites": ["TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384"]}
    tls = tls_of(authority.issue("server"), client_auth_type=kind, **authorities, **chosen)
    context = server_context(tls, "web.yml")
    assert context.verify_mode is mode
    assert (context.minimum_version, context.maximum_version) == (ssl.TLSVersion.TLSv1_2,) * 2
    names = {one["name"] for one in context.get_ciphers() if one["protocol"] == "TLSv1.2"}
    assert names == {"ECDHE-ECDSA-AES256-GCM-SHA384"}


def test_by_default_only_new_versions_are_spoken(authority: Authority) -> None:
    context = server_context(tls_of(authority.issue("server")), "web.yml")
    assert context.minimum_version is ssl.TLSVersion.TLSv1_2
    assert context.options & ssl.OP_NO_RENEGOTIATION
    assert context.options & ssl.OP_CIPHER_SERVER_PREFERENCE


def test_a_clients_order_of_ciphers_counts_when_it_shall(authority: Authority) -> None:
    tls = tls_of(authority.issue("server"), prefer_server_cipher_suites=False)
    assert not server_context(tls, "web.yml").options & ssl.OP_CIPHER_SERVER_PREFERENCE


def test_every_cipher_of_the_format_is_one_that_openssl_knows(authority: Authority) -> None:
    for suite in OPENSSL_NAMES:
        server_context(tls_of(authority.issue("server"), cipher_suites=[suite]), "web.yml")
    assert not OPENSSL_NAMES.keys() & CIPHERS_OF_TLS_1_3


def test_a_certificates_subject_and_names_are_told_as_people_and_go_write_them() -> None:
    assert subject(SHOWN) == "C=NZ,CN=prometheus,serialNumber=7"
    assert subject({}) == ""
    addresses = ["192.0.2.1", "2001:db8::1"]
    assert list(alternative_names(SHOWN)) == [
        "a.example", *addresses, "spiffe://example/prometheus", "a@example.com",
    ]  # fmt: skip


def served_name(context: ssl.SSLContext, authority: Authority) -> str:
    """The name on the certificate with which a server of that context greets."""

    async def greet() -> str:
        def nothing(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.close()

        server = await asyncio.start_server(nothing, "127.0.0.1", 0, ssl=context)
        async with server:
            trusting = ssl.create_default_context(cafile=authority.file)
            address = server.sockets[0].getsockname()
            _, writer = await asyncio.open_connection(*address, ssl=trusting)
            name = subject(writer.get_extra_info("peercert"))
            writer.close()
            return name

    return asyncio.run(greet())


def test_the_next_handshake_has_the_new_certificate(authority: Authority) -> None:
    one, other = (server_context(tls_of(authority.issue(name)), "web.yml") for name in ("one", "other"))
    context = reloadable(one)
    assert served_name(context, authority) == "CN=one"
    context.in_force = other
    assert served_name(context, authority) == "CN=other"


def web_file(folder: Path, identity: Identity, **more: Any) -> Path:
    files = {"cert_file": identity.certificate.name, "key_file": identity.key.name}
    return write({"tls_server_config": {**files, **more}}, folder / "web.yml")


def test_a_reload_takes_over_good_certificates_and_keeps_old_ones_for_bad_ones(
    authority: Authority, tmp_path: Path
) -> None:
    security = Security(web=web_file(tmp_path, authority.issue("one")))
    assert security.tls is not None
    first = security.tls.in_force
    web_file(tmp_path, Identity(authority.issue("two").certificate, authority.issue("three").key))
    with pytest.raises(ConfigError, match="got key values mismatch"):
        security.read_again()
    assert security.tls.in_force is first
    web_file(tmp_path, authority.issue("four"))
    security.take(security.read_again())
    assert served_name(security.tls, authority) == "CN=four"


def test_encryption_can_not_be_ended_or_begun_by_a_reload(authority: Authority, tmp_path: Path) -> None:
    place = f"{tmp_path}/web.yml: tls_server_config: expected"
    security = Security(web=web_file(tmp_path, authority.issue("one")))
    write({}, tmp_path / "web.yml")
    with pytest.raises(ConfigError, match=f"{place} one, as at the start"):
        security.read_again()
    plain = Security(web=tmp_path / "web.yml")
    web_file(tmp_path, authority.issue("one"))
    with pytest.raises(ConfigError, match=f"{place} none, as at the start"):
        plain.read_again()


def open_file(folder: Path, authority: Authority) -> Path:
    """Certificates that needn't be shown keep nobody out."""
    kinds = {"client_auth_type": "VerifyClientCertIfGiven", "client_ca_file": authority.file.name}
    return web_file(folder, authority.issue("one"), **kinds)


def required(folder: Path, authority: Authority) -> Path:
    kinds = {"client_auth_type": "RequireAndVerifyClientCert", "client_ca_file": authority.file.name}
    return web_file(folder, authority.issue("one"), **kinds)


def users(folder: Path, _: Authority) -> Path:
    return write({"basic_auth_users": {"grace": BCRYPT}}, folder / "web.yml")


@pytest.mark.parametrize("file", [required, users])
def test_certificates_that_must_be_shown_and_users_keep_people_out(
    authority: Authority, tmp_path: Path, file: Callable[[Path, Authority], Path]
) -> None:
    Security(web=file(tmp_path, authority)).expose("192.0.2.1:9888")


def test_tokens_keep_people_out(tmp_path: Path) -> None:
    Security(tokens=write(tokens(protect_reads=False), tmp_path / "tokens.yml")).expose("192.0.2.1:9888")


def test_where_nobody_is_kept_out_other_machines_must_not_get_in(
    authority: Authority, tmp_path: Path
) -> None:
    message = (
        "other machines can reach 192.0.2.1:9888, and nobody is asked who they are: expected --tokens, or "
        "--web-config with basic_auth_users or required client certificates, or --allow-unauthenticated"
    )
    for security in (Security(), Security(web=open_file(tmp_path, authority))):
        with pytest.raises(ConfigError) as caught:
            security.expose("192.0.2.1:9888")
        assert str(caught.value) == message


def test_a_reload_can_not_let_everybody_in_from_other_machines(tmp_path: Path) -> None:
    web = guarded(tmp_path, web_file={"basic_auth_users": {"grace": BCRYPT}})
    web.service.security.expose("192.0.2.1:9888")
    write({}, tmp_path / "web.yml")
    with pytest.raises(ConfigError, match="other machines can reach"):
        asyncio.run(web.service.reload())
    assert web.get("/metrics").status_code == 401
