"""Certificates to a TLS context, with errors that name the file; and a context that can be exchanged."""

import ssl
from pathlib import Path

from exporter.config import ConfigError
from exporter.config.ciphers import openssl_names
from exporter.config.web_file import TlsServer

VERSIONS = {"TLS12": ssl.TLSVersion.TLSv1_2, "TLS13": ssl.TLSVersion.TLSv1_3}
VERIFY = {
    "NoClientCert": ssl.CERT_NONE,
    "VerifyClientCertIfGiven": ssl.CERT_OPTIONAL,
    "RequireAndVerifyClientCert": ssl.CERT_REQUIRED,
}


class ReloadableContext(ssl.SSLContext):
    """For a server that goes on listening: each new handshake takes the context `in_force`."""

    in_force: ssl.SSLContext

    def wrap_bio(
        self,
        incoming: ssl.MemoryBIO,
        outgoing: ssl.MemoryBIO,
        server_side: bool = False,
        server_hostname: str | bytes | None = None,
        session: ssl.SSLSession | None = None,
    ) -> ssl.SSLObject:
        """What asyncio begins a connection with."""
        return self.in_force.wrap_bio(incoming, outgoing, server_side, server_hostname, session)


def reloadable(context: ssl.SSLContext) -> ReloadableContext:
    """One that begins with `context`."""
    changing = ReloadableContext(ssl.PROTOCOL_TLS_SERVER)
    changing.in_force = context
    return changing


def server_context(tls: TlsServer, source: str) -> ssl.SSLContext:
    """A context as `tls` wants it; ConfigError, beginning with `source`, for files that are none."""
    place = f"{source}: tls_server_config"
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version, context.maximum_version = VERSIONS[tls.min_version], VERSIONS[tls.max_version]
    context.options |= ssl.OP_NO_RENEGOTIATION
    if not tls.prefer_server_cipher_suites:
        context.options &= ~ssl.OP_CIPHER_SERVER_PREFERENCE
    if names := openssl_names(tls.cipher_suites):
        context.set_ciphers(names)
    context.set_alpn_protocols(["http/1.1"])
    load_certificate(context, tls, place)
    load_authorities(context, tls, place)
    context.verify_mode = VERIFY[tls.client_auth_type]
    return context


def load_certificate(context: ssl.SSLContext, tls: TlsServer, place: str) -> None:
    """The server's own; a key with a passphrase is none, for nobody is there to type it."""
    for key in ("cert_file", "key_file"):
        pem(Path(getattr(tls, key)), f"{place}.{key}")
    try:
        context.load_cert_chain(tls.cert_file, tls.key_file, password="")
    except (ssl.SSLError, OSError) as error:
        expected = "expected a certificate in cert_file and its unencrypted key in key_file"
        raise ConfigError(f"{place}: {expected}, got {reason(error)}") from error


def load_authorities(context: ssl.SSLContext, tls: TlsServer, place: str) -> None:
    """Those that clients' certificates come from."""
    if not tls.verifies:
        return
    key = "client_ca_file" if tls.client_ca_file else "client_ca"
    text = pem(Path(tls.client_ca_file), f"{place}.{key}") if tls.client_ca_file else tls.client_ca
    try:
        context.load_verify_locations(cadata=text)
    except (ssl.SSLError, ValueError) as error:
        raise ConfigError(f"{place}.{key}: expected certificates in PEM, got {reason(error)}") from error


def pem(path: Path, place: str) -> str:
    """What is in the file; ConfigError when that can't be known."""
    try:
        return path.read_text(encoding="ascii", errors="replace")
    except OSError as error:
        raise ConfigError(f"{place}: {path} can't be read: {error.strerror}") from error


def reason(error: Exception) -> str:
    """OpenSSL's word for it."""
    word = getattr(error, "reason", None)
    return word.replace("_", " ").lower() if isinstance(word, str) else str(error)
