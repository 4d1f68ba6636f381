"""The file of tokens: who may do what, known by the hash of the token that they show."""

import re
from pathlib import Path
from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from exporter.config.load import read_yaml, validate
from exporter.config.model import Name, Strict

SHA256 = re.compile("[0-9a-f]{64}")
OWNERS = ("team", "admin", "reader", "alertmanager")
# What jobs without an owner have in place of a team.
NOBODY = "unknown"


def checked_hash(text: str) -> str:
    """`text`, when it is a sha256 in hex; the message doesn't repeat what may be the token itself."""
    if not SHA256.fullmatch(text):
        raise ValueError(
            f"expected the token's sha256 as 64 hexadecimal digits in lower case, got {len(text)} characters"
        )
    return text


def checked_team(text: str) -> str:
    """`text`, when pipelines can have such a team."""
    if text == NOBODY:
        raise ValueError(f"expected a team, got {text!r}, which jobs of nobody have")
    return text


def checked_flag(given: bool) -> bool:
    """True: to say that somebody is not something is to say nothing of who it is."""
    if not given:
        raise ValueError("expected true")
    return given


Flag = Annotated[bool, AfterValidator(checked_flag)]


class Token(Strict):
    """One token, and whose it is: exactly one of the four.

    A team's may write, and read, what is that team's; a reader's may read everything and scrape;
    Alertmanager's may tell of alerts; an admin's may do everything.
    """

    sha256: Annotated[str, AfterValidator(checked_hash)]
    team: Annotated[Name, AfterValidator(checked_team)] | None = None
    admin: Flag | None = None
    reader: Flag | None = None
    alertmanager: Flag | None = None

    @model_validator(mode="after")
    def one_owner(self) -> Self:
        """A token that is two things at once is a mistake."""
        given = [owner for owner in OWNERS if getattr(self, owner) is not None]
        if len(given) != 1:
            raise ValueError(
                f"expected exactly one of {', '.join(OWNERS)}, got {' and '.join(given) or 'none'}"
            )
        return self


class Tokens(Strict):
    """All tokens; with `protect_reads`, nobody reads without one either."""

    tokens: Annotated[list[Token], Field(min_length=1)]
    protect_reads: bool = False

    @model_validator(mode="after")
    def different(self) -> Self:
        """The same token twice would be of two minds."""
        first: dict[str, int] = {}
        for index, token in enumerate(self.tokens):
            if first.setdefault(token.sha256, index) != index:
                raise ValueError(f"tokens[{index}].sha256: the same as tokens[{first[token.sha256]}]")
        return self


def load_tokens(path: Path) -> Tokens:
    """The tokens in the file; ConfigError says what is wrong with it."""
    return validate(Tokens, read_yaml(path), str(path))
