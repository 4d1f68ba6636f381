"""What the files of tokens and of the web configuration say, now; read again at each reload."""

import ssl
from dataclasses import dataclass, field
from pathlib import Path

from exporter.config import ConfigError
from exporter.config.tokens import Tokens, load_tokens
from exporter.config.web_file import WebFile, load_web_file
from exporter.web.passwords import Passwords
from exporter.web.tls import reloadable, server_context

EXPOSED = (
    "other machines can reach {address}, and nobody is asked who they are: expected --tokens, "
    "or --web-config with basic_auth_users or required client certificates, or --allow-unauthenticated"
)


@dataclass(frozen=True, slots=True)
class Settings:
    """Both files as they were at one time, with the certificates that they name."""

    tokens: Tokens | None = None
    web: WebFile = field(default_factory=WebFile)
    context: ssl.SSLContext | None = None

    @property
    def authenticates(self) -> bool:
        """True when somebody can be kept out."""
        tls = self.web.tls_server_config
        return bool(self.tokens or self.web.basic_auth_users or (tls and tls.requires))


class Security:
    """The settings in force. Built from paths, each None without such a file; ConfigError for a bad one."""

    def __init__(self, tokens: Path | None = None, web: Path | None = None) -> None:
        self.paths = (tokens, web)
        self.exposed: str | None = None
        first = self.read()
        self.tls = reloadable(first.context) if first.context else None
        self.settings = first
        self.passwords = Passwords(first.web.basic_auth_users)
        # Counts how often it was decided anew who may do what.
        self.generation = 0

    def read(self) -> Settings:
        """What the files say; ConfigError says what is wrong with them. Slow enough for a thread."""
        tokens, web = self.paths
        file = load_web_file(web) if web else WebFile()
        tls = file.tls_server_config
        return Settings(
            tokens=load_tokens(tokens) if tokens else None,
            web=file,
            context=server_context(tls, str(web)) if tls else None,
        )

    def read_again(self) -> Settings:
        """The same for who runs already; ConfigError also for what would open a door that was shut."""
        found = self.read()
        self.check(found)
        return found

    def check(self, found: Settings) -> None:
        """ConfigError for settings that can't be in force here."""
        if self.exposed and not found.authenticates:
            raise ConfigError(EXPOSED.format(address=self.exposed))
        if bool(found.context) != bool(self.tls):
            wanted = "one, as at the start" if self.tls else "none, as at the start"
            raise ConfigError(f"{self.paths[1]}: tls_server_config: expected {wanted}")

    def take(self, found: Settings) -> None:
        """Put them in force: for the next request, and the next handshake."""
        before, self.settings = self.settings, found
        if found.web.basic_auth_users != before.web.basic_auth_users or found.tokens != before.tokens:
            self.passwords = Passwords(found.web.basic_auth_users)
            self.generation += 1
        if self.tls and found.context:
            self.tls.in_force = found.context

    def expose(self, address: str) -> None:
        """Other machines reach `address`: from now on somebody must be kept out; else ConfigError."""
        self.exposed = address
        self.check(self.settings)
