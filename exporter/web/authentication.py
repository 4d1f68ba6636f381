"""Who asks: by a token, a password, or the certificate that the connection began with."""

import binascii
from base64 import b64decode
from hashlib import sha256
from hmac import compare_digest
from typing import NamedTuple

from starlette.types import Scope

from exporter.config.tokens import Token, Tokens
from exporter.web.access import ANONYMOUS, EVERYBODY, NOBODY, Access
from exporter.web.bucket import Buckets
from exporter.web.header import header
from exporter.web.passwords import TooManyWaitingError
from exporter.web.refusals import TooMany, Unauthorized
from exporter.web.security import Security, Settings

# Passwords that one client may try at once, and then a second; those that were right before don't count.
ATTEMPTS_AT_ONCE, ATTEMPTS_PER_SECOND = 20, 0.2
SHOWN_DIGITS = 8


class Asker(NamedTuple):
    """What a request says of who sent it. `certificate` is its subject, None without a verified one."""

    client: str
    authorization: str
    certificate: str | None


def asker_of(scope: Scope) -> Asker:
    """The one behind a request; the server has put the certificate where ASGI's TLS extension wants it."""
    address = scope.get("client") or ("unknown", 0)
    tls = scope.get("extensions", {}).get("tls", {})
    return Asker(address[0], header(scope, b"authorization") or "", tls.get("client_cert_name"))


class Authenticator:
    """Finds out who asks, by the settings in force."""

    def __init__(self, security: Security) -> None:
        self.security = security
        self.attempts = Buckets(ATTEMPTS_AT_ONCE, ATTEMPTS_PER_SECOND)

    async def access(self, asker: Asker, now: float) -> Access:
        """What they may do; Rejected for credentials that are none. `now`: seconds of a steady clock."""
        settings = self.security.settings
        if not settings.tokens and not settings.web.basic_auth_users:
            return EVERYBODY
        scheme, _, credentials = asker.authorization.partition(" ")
        match scheme.lower():
            case "":
                return without_credentials(settings, asker.certificate)
            case "bearer":
                return by_token(settings, credentials.strip())
            case "basic":
                return await self.by_password(asker.client, *user_and_password(settings, credentials), now)
        raise wrong(settings, "expected Bearer or Basic, got another scheme")

    async def by_password(self, client: str, user: str, password: str, now: float) -> Access:
        """A user of the web configuration: everything is theirs."""
        passwords = self.security.passwords
        if not passwords.knows(user, password):
            if seconds := self.attempts.take(client, now):
                raise TooMany("too_many_attempts", "too many passwords tried", seconds)
            try:
                right = await passwords.check(user, password)
            except TooManyWaitingError as error:
                raise TooMany("too_many_attempts", str(error), 1) from error
            if not right:
                raise wrong(self.security.settings, "not a known user and their password")
        return Access(f"user {user}", admin=True)


def without_credentials(settings: Settings, certificate: str | None) -> Access:
    """Who shows at most a certificate: it lets read and scrape where there are tokens for the rest."""
    if settings.tokens is None:
        return NOBODY
    if certificate is not None:
        return Access(f"certificate {certificate}", reads_all=True)
    return Access(ANONYMOUS, reads_all=open_to_readers(settings))


def by_token(settings: Settings, shown: str) -> Access:
    """Whose the token is. Every hash is compared, whichever one fits."""
    digest = sha256(shown.encode()).hexdigest()
    tokens = settings.tokens.tokens if settings.tokens else []
    found = [token for token in tokens if compare_digest(digest, token.sha256)]
    if not found:
        raise wrong(settings, "not a known token")
    return access_by(found[0], open_to_readers(settings))


def access_by(token: Token, everybody_reads: bool) -> Access:
    """What the token is for."""
    owner = (
        f"team {token.team}" if token.team else "admin" if token.admin else "reader" if token.reader else ""
    )
    return Access(
        name=f"{owner or 'alertmanager'} with token {token.sha256[:SHOWN_DIGITS]}",
        admin=bool(token.admin),
        team=token.team,
        reads_all=bool(token.reader) or everybody_reads,
        alertmanager=bool(token.alertmanager),
    )


def open_to_readers(settings: Settings) -> bool:
    """True when nobody needs a name to read."""
    tokens: Tokens | None = settings.tokens
    return tokens is not None and not tokens.protect_reads and not settings.web.basic_auth_users


def user_and_password(settings: Settings, credentials: str) -> tuple[str, str]:
    """What basic authentication says."""
    try:
        text = b64decode(credentials.strip(), validate=True).decode()
    except (binascii.Error, ValueError) as error:
        raise wrong(settings, "not a user and a password in base64") from error
    user, colon, password = text.partition(":")
    if not colon or "\0" in text:
        raise wrong(settings, "not a user and a password in base64")
    return user, password


def wrong(settings: Settings, what: str) -> Unauthorized:
    """The refusal of credentials that are none."""
    return Unauthorized("bad_credentials", f"Authorization: {what}", challenges(settings))


def challenges(settings: Settings) -> str:
    """What may be shown. Users come first: a browser then asks for name and password by itself."""
    basic = ['Basic realm="pipeline-health", charset="UTF-8"'] if settings.web.basic_auth_users else []
    bearer = ['Bearer realm="pipeline-health"'] if settings.tokens else []
    return ", ".join([*basic, *bearer])
