"""Only a check waits for DuckDB: neither the other commands nor the exporter load it."""

import subprocess
import sys

import pytest

LOADED = """
import sys
from click.testing import CliRunner
from exporter.cli import main
result = CliRunner().invoke(main, {arguments})
assert result.exit_code == {code}, result.output
print("duckdb" in sys.modules)
"""
SERVED = """
import sys
import exporter.server
from exporter.service import Options, Service
Service(Options())
print("duckdb" in sys.modules)
"""


def loaded(script: str) -> bool:
    """Whether a fresh process that ran the script has DuckDB in it."""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip() == "True"


@pytest.mark.parametrize(
    "arguments", [["--help"], ["check", "--help"], ["simulate", "--for", "1s"], ["token", "--admin"]], ids=str
)
def test_no_other_command_loads_it(arguments: list[str]) -> None:
    assert not loaded(LOADED.format(arguments=arguments, code=0))


def test_the_exporter_does_not_load_it() -> None:
    assert not loaded(SERVED)


def test_a_check_does() -> None:
    assert loaded(LOADED.format(arguments=["check", "missing.yml"], code=2))
