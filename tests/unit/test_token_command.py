"""`pipeline-health token`: what it prints can be used as it stands, and is never the same."""

from hashlib import sha256
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from exporter.cli import main
from exporter.config.tokens import Token, load_tokens
from exporter.tokens import PREFIX

ONE_OF = "expected exactly one of team, admin, reader, alertmanager"


def made(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["token", *arguments])


def parts(output: str) -> tuple[str, str]:
    """The token, and the line for the file."""
    first, second = output.splitlines()
    return first.removeprefix("token").strip(), second.removeprefix("line for the tokens").strip()


@pytest.mark.parametrize(
    ("arguments", "owner"),
    [
        (["--team", "commercial-analytics"], {"team": "commercial-analytics"}),
        (["--team", "true"], {"team": "true"}),
        (["--team", "007"], {"team": "007"}),
        (["--admin"], {"admin": True}),
        (["--reader"], {"reader": True}),
        (["--alertmanager"], {"alertmanager": True}),
    ],
)
def test_the_line_is_one_for_the_file_and_has_the_hash_of_the_token(
    tmp_path: Path, arguments: list[str], owner: dict[str, object]
) -> None:
    result = made(*arguments)
    assert (result.exit_code, result.stderr) == (0, "")
    token, line = parts(result.stdout)
    path = tmp_path / "tokens.yml"
    path.write_text(f"tokens:\n  {line}\n")
    digest = sha256(token.encode()).hexdigest()
    assert load_tokens(path).tokens == [Token.model_validate({"sha256": digest, **owner})]
    assert token not in line


def test_a_token_is_long_random_and_known_for_what_it_is() -> None:
    tokens = {parts(made("--admin").stdout)[0] for _ in range(20)}
    assert len(tokens) == 20
    assert all(token.startswith(PREFIX) and len(token) >= len(PREFIX) + 43 for token in tokens)
    assert all(token.isascii() and token.isprintable() and " " not in token for token in tokens)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], f"{ONE_OF}, got none"),
        (["--admin", "--team", "a"], f"{ONE_OF}, got team and admin"),
        (
            ["--team", "a b"],
            "team: expected a name of 1 to 63 letters, digits and _ . : -, the first no . : -",
        ),
        (["--team", "unknown"], "team: expected a team, got 'unknown', which jobs of nobody have"),
    ],
    ids=str,
)
def test_a_token_that_could_be_nobodys_is_not_made(arguments: list[str], message: str) -> None:
    result = made(*arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert f"Error: {message}" in result.stderr
