"""The web configuration file of Prometheus' exporters: certificates, users, headers, one limit.

https://github.com/prometheus/exporter-toolkit/blob/master/docs/web-configuration.md says what it may contain.
What can't be honoured here is refused: nobody shall believe in protection that isn't there.
"""

import re
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from exporter.config.ciphers import CIPHERS_OF_TLS_1_3, CipherSuite
from exporter.config.durations import parse_duration
from exporter.config.load import read_yaml, validate
from exporter.config.model import Strict

NO_CERTIFICATE, IF_GIVEN, REQUIRED = "NoClientCert", "VerifyClientCertIfGiven", "RequireAndVerifyClientCert"
Header = Literal[
    "Content-Security-Policy",
    "Strict-Transport-Security",
    "X-Content-Type-Options",
    "X-Frame-Options",
    "X-XSS-Protection",
]
HEADER_VALUES = {"X-Content-Type-Options": ("nosniff",), "X-Frame-Options": ("deny", "sameorigin")}
NOT_HONOURED = {
    "cert": "inline certificates can't be honoured, expected cert_file",
    "key": "inline keys can't be honoured, expected key_file",
    "curve_preferences": "can't be honoured, leave it out for OpenSSL's own choice",
}
BCRYPT = re.compile(r"\$2[aby]\$(\d\d)\$[./A-Za-z0-9]{53}")
# Each step doubles the time: 16 takes seconds.
LOWEST_COST, HIGHEST_COST = 4, 16


def checked_bcrypt(text: str) -> str:
    """`text`, when it is a bcrypt hash; the message doesn't repeat what may be the password itself."""
    found = BCRYPT.fullmatch(text)
    if found is None:
        raise ValueError(f"expected a bcrypt hash, as htpasswd -nBC 10 writes it, got {len(text)} characters")
    if not LOWEST_COST <= int(found[1]) <= HIGHEST_COST:
        raise ValueError(f"expected a bcrypt cost of {LOWEST_COST} to {HIGHEST_COST}, got {int(found[1])}")
    return text


def checked_user(text: str) -> str:
    """`text`, when basic authentication can tell it."""
    if not text or ":" in text or not text.isprintable():
        raise ValueError("expected a name without colon")
    return text


def http_1_only(value: object) -> object:
    """HTTP/2 is what the format takes for granted, and what is not spoken here."""
    if value is True:
        raise ValueError("expected false, since only HTTP/1.1 is spoken, got true")
    return value


def go_duration(value: object) -> float:
    """Seconds. A bare number, seconds elsewhere, is nanoseconds to Go, which knows no days either."""
    if value == 0 or (isinstance(value, str) and "d" not in value):
        return parse_duration(value)
    raise ValueError("expected a duration such as 500ms, 1s or 2m")


class TlsServer(Strict):
    """How connections are encrypted, and whether clients show certificates."""

    cert_file: Annotated[str, Field(min_length=1)]
    key_file: Annotated[str, Field(min_length=1)]
    client_auth_type: Literal["NoClientCert", "VerifyClientCertIfGiven", "RequireAndVerifyClientCert"] = (
        "NoClientCert"
    )
    client_ca_file: Annotated[str, Field(min_length=1)] | None = None
    client_ca: Annotated[str, Field(min_length=1)] | None = None
    client_allowed_sans: list[str] = Field(default_factory=list)
    min_version: Literal["TLS12", "TLS13"] = "TLS12"
    max_version: Literal["TLS12", "TLS13"] = "TLS13"
    cipher_suites: list[CipherSuite] = Field(default_factory=list)
    prefer_server_cipher_suites: bool = True

    @model_validator(mode="before")
    @classmethod
    def honoured(cls, value: object) -> object:
        """Refuse what other exporters could do."""
        for key, reason in NOT_HONOURED.items():
            if isinstance(value, dict) and key in value:
                raise ValueError(f"{key}: {reason}")
        return value

    @model_validator(mode="after")
    def clients_fit(self) -> Self:
        """Clients' certificates can be verified, and are when there is something to verify them with."""
        if self.client_ca and self.client_ca_file:
            raise ValueError("client_ca: expected nothing beside client_ca_file")
        if self.verifies and not (self.client_ca or self.client_ca_file):
            raise ValueError(f"client_ca_file: expected with {self.client_auth_type}, got nothing")
        for key in ("client_ca", "client_ca_file", "client_allowed_sans"):
            if getattr(self, key) and not self.verifies:
                raise ValueError(f"{key}: expected only with {IF_GIVEN} or {REQUIRED}")
        return self

    @model_validator(mode="after")
    def versions_fit(self) -> Self:
        """There is a version to agree on, and ciphers for the older one."""
        if self.min_version > self.max_version:
            raise ValueError(f"max_version: expected at least {self.min_version}, got {self.max_version}")
        if (
            self.cipher_suites
            and set(self.cipher_suites) <= CIPHERS_OF_TLS_1_3
            and self.min_version == "TLS12"
        ):
            raise ValueError("cipher_suites: expected at least one of TLS 1.2, or min_version TLS13")
        return self

    @property
    def verifies(self) -> bool:
        """True when a client's certificate, if there is one, is good."""
        return self.client_auth_type != NO_CERTIFICATE

    @property
    def requires(self) -> bool:
        """True when nobody gets in without a certificate."""
        return self.client_auth_type == REQUIRED

    def located(self, folder: Path) -> Self:
        """The same with files as seen from `folder`."""
        names = {key: getattr(self, key) for key in ("cert_file", "key_file", "client_ca_file")}
        return self.model_copy(update={key: str(folder / name) for key, name in names.items() if name})


class HttpServer(Strict):
    """Headers that every answer gets; a blank one says nothing."""

    http2: Annotated[bool, BeforeValidator(http_1_only)] = False
    headers: dict[Header, str] = Field(default_factory=dict)

    @model_validator(mode="after")
    def values_fit(self) -> Self:
        """Values are the ones that a browser knows, on one line."""
        for name, value in self.headers.items():
            allowed = HEADER_VALUES.get(name, (value,))
            if value not in allowed:
                raise ValueError(f"headers.{name}: expected {' or '.join(allowed)}, got {value!r}")
            if not value.isascii() or (value and not value.isprintable()):
                raise ValueError(f"headers.{name}: expected a line of ASCII, got {value!r}")
        return self


class RateLimit(Strict):
    """`burst` requests at once, then one each `interval` seconds, of all clients together; 0: no limit."""

    interval: Annotated[float, BeforeValidator(go_duration), Field(ge=0)] = 0.0
    burst: Annotated[int, Field(ge=0)] = 0

    @model_validator(mode="after")
    def something_passes(self) -> Self:
        """A limit that lets nothing through is a mistake."""
        if self.interval and not self.burst:
            raise ValueError("burst: expected > 0 with an interval, got 0")
        return self


class WebFile(Strict):
    """All of it."""

    tls_server_config: TlsServer | None = None
    http_server_config: HttpServer = HttpServer()
    basic_auth_users: dict[
        Annotated[str, AfterValidator(checked_user)], Annotated[str, AfterValidator(checked_bcrypt)]
    ] = Field(default_factory=dict)
    rate_limit: RateLimit = RateLimit()


def load_web_file(path: Path) -> WebFile:
    """What the file says; ConfigError says what is wrong. The paths in it are relative to its folder."""
    file = validate(WebFile, read_yaml(path), str(path))
    tls = file.tls_server_config
    return file.model_copy(update={"tls_server_config": tls.located(path.parent)}) if tls else file
