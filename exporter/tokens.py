"""The command that makes a token: only whoever reads its output ever knows it, the exporter keeps a hash."""

import json
import secrets
from collections.abc import Mapping
from hashlib import sha256

import click

from exporter.config import ConfigError, validate
from exporter.config.tokens import Token

# So that scanners for secrets, and people, see what it is.
PREFIX = "phtk_"
RANDOM_BYTES = 32


@click.command("token")
@click.option("--team", help="For a team: it may post and read what is its own.")
@click.option("--admin", is_flag=True, help="For an admin: everything.")
@click.option("--reader", is_flag=True, help="For Prometheus or people: read everything, and scrape.")
@click.option("--alertmanager", is_flag=True, help="For Alertmanager: tell of alerts.")
def token_command(team: str | None, admin: bool, reader: bool, alertmanager: bool) -> None:
    """Make a token. It is shown once; the line after it is for the file of --tokens.

    \b
    pipeline-health token --team commercial-analytics
    """
    token = f"{PREFIX}{secrets.token_urlsafe(RANDOM_BYTES)}"
    flags = {"team": team, "admin": admin, "reader": reader, "alertmanager": alertmanager}
    owner = {name: value for name, value in flags.items() if value not in (None, False)}
    entry = line(owner, sha256(token.encode()).hexdigest())
    click.echo(f"token                {token}")
    click.echo(f"line for the tokens  {entry}")


def line(owner: Mapping[str, object], digest: str) -> str:
    """The token's line in the file; UsageError says why it can't be anybody's."""
    try:
        validate(Token, {"sha256": digest, **owner}, "token")
    except ConfigError as error:
        raise click.UsageError(str(error).removeprefix("token: ")) from error
    [(name, value)] = owner.items()
    return f"- {{{name}: {json.dumps(value)}, sha256: {digest}}}"
