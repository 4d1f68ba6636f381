"""Other machines get in only where somebody decides who, or where it was said that nobody does."""

import subprocess
import sys
from ipaddress import IPv4Address
from pathlib import Path

import httpx
import pytest

from exporter.server import ListenError, is_loopback
from tests.servers import free_port, serving
from tests.unit.web.guarded import bearer, tokens, write
from tests.unit.web.pipelines import calm, written
from tools.programs import Program, exporter

EVERYWHERE = str(IPv4Address(0))
TIMEOUT_SECONDS = 60


@pytest.mark.parametrize(
    ("host", "is_local"),
    [
        ("127.0.0.1", True),
        ("127.9.9.9", True),
        ("localhost", True),
        ("[::1]", True),
        (EVERYWHERE, False),
        ("[::]", False),
        ("192.0.2.1", False),
    ],
)
def test_what_only_this_machine_reaches_is_known(host: str, is_local: bool) -> None:
    assert is_loopback(f"{host}:9888") == is_local


def test_a_name_that_nobody_knows_is_said_so() -> None:
    with pytest.raises(ListenError, match=r"can't listen on nowhere\.invalid:9888: "):
        is_loopback("nowhere.invalid:9888")


def refused(*arguments: str) -> str:
    """What the exporter says when it doesn't start."""
    command = [sys.executable, "-m", "exporter", "serve", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=TIMEOUT_SECONDS)
    assert (done.returncode, done.stdout) == (2, "")
    return done.stderr


def reason(address: str) -> str:
    return (
        f"Error: other machines can reach {address}, and nobody is asked who they are: expected --tokens, or "
        "--web-config with basic_auth_users or required client certificates, or --allow-unauthenticated\n"
    )


def test_without_authentication_it_does_not_listen_to_other_machines(tmp_path: Path) -> None:
    address = f"{EVERYWHERE}:{free_port()}"
    assert refused("--listen", address, "--data", str(tmp_path)) == reason(address)


def test_the_address_may_come_from_the_configuration(tmp_path: Path) -> None:
    address = f"{EVERYWHERE}:{free_port()}"
    path = written({**calm(), "web": {"listen": address}}, tmp_path)
    assert refused("--config", str(path), "--data", str(tmp_path)) == reason(address)


def everywhere(folder: Path, *arguments: str) -> Program:
    """The exporter, for all of the machine's addresses."""
    port = free_port()
    program = exporter(port, *arguments, log=folder / "exporter.log")
    command = [f"{EVERYWHERE}:{port}" if word.endswith(f":{port}") else word for word in program.command]
    return Program(program.name, port, tuple(command), program.log)


def test_with_tokens_it_listens_to_other_machines(tmp_path: Path) -> None:
    path = write(tokens(), tmp_path / "tokens.yml")
    with serving(everywhere(tmp_path, "--tokens", str(path))) as server:
        assert httpx.get(f"{server.url}/metrics").status_code == 401
        headers = {"Authorization": bearer("reader")}
        assert httpx.get(f"{server.url}/metrics", headers=headers).status_code == 200


def test_whoever_says_so_lets_everybody_in(tmp_path: Path) -> None:
    with serving(everywhere(tmp_path, "--allow-unauthenticated")) as server:
        assert httpx.get(f"{server.url}/metrics").status_code == 200


@pytest.mark.parametrize("option", ["--tokens", "--web-config"])
def test_a_bad_file_is_exit_code_2_with_each_mistake(tmp_path: Path, option: str) -> None:
    path = tmp_path / "bad.yml"
    path.write_text("a: 1\nb: 2\n")
    said = refused(option, str(path), "--data", str(tmp_path))
    assert said.startswith("Error: ")
    for key in "ab":
        assert f"{path}: {key}: unknown key\n" in said
