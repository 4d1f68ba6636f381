"""The client is one file that needs nothing but Python."""

import ast
import subprocess
import sys
import tomllib
from pathlib import Path

import pipeline_health_client

SOURCE = Path(pipeline_health_client.__file__)
ROOT = Path(__file__).parents[3]
CLIENT = ROOT / "client"


def imported() -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(SOURCE.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        if isinstance(node, ast.ImportFrom):
            assert node.module is not None
            found.add(node.module.split(".")[0])
    return found


def test_it_imports_the_standard_library_alone() -> None:
    assert imported() - set(sys.stdlib_module_names) == set()


def test_a_bare_interpreter_runs_a_copy_of_it(tmp_path: Path) -> None:
    (tmp_path / SOURCE.name).write_bytes(SOURCE.read_bytes())
    script = f"""
import sys
sys.path.insert(0, {str(tmp_path)!r})
from pipeline_health_client import watch
with watch("nightly", url="") as run:
    run.rows(0)
assert not [path for path in sys.path if "site-packages" in path]
"""
    done = subprocess.run([sys.executable, "-S", "-I", "-W", "error", "-c", script], capture_output=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


def test_the_main_package_brings_the_clients_own_file_along() -> None:
    assert SOURCE == CLIENT / "pipeline_health_client.py"
    main = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    own = tomllib.loads((CLIENT / "pyproject.toml").read_text(encoding="utf-8"))
    assert main["tool"]["setuptools"]["py-modules"] == own["tool"]["setuptools"]["py-modules"]
    assert main["tool"]["setuptools"]["package-dir"][""] == "client"
    assert own["project"]["version"] == main["project"]["version"]
    assert "dependencies" not in own["project"]
