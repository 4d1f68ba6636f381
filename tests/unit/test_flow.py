"""Imports follow the data, from the configuration to the page; no arrow goes back."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "exporter"

# Each part may import the parts before its line, and the modules of its own.
FLOW = (
    {"names", "logs", "decoding", "storage", "sending"},
    {"config"},
    {"alerting"},
    {"observations"},
    {"simulation", "runs", "reports"},
    {"fleet", "simulated_datasets"},
    {"state"},
    {"incidents", "intake"},
    {"desk"},
    {"collector", "summary"},
    {"web"},
    {"checks"},
    {"schedule"},
    {"service"},
    {"server", "score", "dbt", "wrapper", "tokens"},
    {"cli"},
    {"__main__"},
)
RANK = {part: rank for rank, parts in enumerate(FLOW) for part in parts}
MODULES = sorted(PACKAGE.rglob("*.py"))
# The model is told the time and given its chances.
MODEL = (
    *("config", "alerting", "observations", "simulation", "runs", "reports", "fleet", "simulated_datasets"),
    *("state", "incidents"),
)
CLOCKS_AND_DICE = {"time", "random", "secrets", "asyncio", "threading"}


def part_of(path: Path) -> str:
    """`simulation` for exporter/simulation/lanes.py, `names` for exporter/names.py."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports(source: str) -> Iterator[str]:
    """Every module that `source` imports, wherever in it, with the names it takes from it."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        if isinstance(node, ast.ImportFrom):
            yield from (f"{'.' * node.level}{node.module or ''}.{alias.name}" for alias in node.names)


def own_parts(source: str) -> set[str]:
    """The parts of the package that `source` imports."""
    split = [name.split(".") for name in imports(source)]
    return {name[1] for name in split if name[0] == "exporter" and len(name) > 1}


def arrows_back(part: str, source: str) -> set[str]:
    """Parts that `source`, a module of `part`, must not import."""
    return {other for other in own_parts(source) - {part} if RANK.get(other, len(FLOW)) >= RANK[part]}


def read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def test_every_part_has_its_place_in_the_flow() -> None:
    assert {part_of(path) for path in MODULES} - {"__init__"} == RANK.keys()


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_no_import_goes_against_the_flow(path: Path) -> None:
    part = part_of(path)
    if part == "__init__":
        assert own_parts(read(path)) == set()
    else:
        assert arrows_back(part, read(path)) == set()


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_the_package_imports_nothing_of_its_workshop(path: Path) -> None:
    first = {imported.split(".")[0] for imported in imports(read(path))}
    assert not first & {"tests", "tools", "benchmarks"}


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_imports_are_written_in_full(path: Path) -> None:
    assert not [imported for imported in imports(read(path)) if imported.startswith(".")]


@pytest.mark.parametrize("path", [path for path in MODULES if part_of(path) in MODEL], ids=name)
def test_the_model_reads_no_clock_and_throws_no_dice_of_its_own(path: Path) -> None:
    first = {imported.split(".")[0] for imported in imports(read(path))}
    assert not first & CLOCKS_AND_DICE


@pytest.mark.parametrize(
    ("part", "source"),
    [
        ("config", "from exporter.state import State"),
        ("simulation", "import exporter.collector.collector"),
        ("simulation", "from exporter.runs.event import RunEvent"),
        ("runs", "def late():\n    from exporter import web"),
        ("state", "if TYPE_CHECKING:\n    from exporter.service import Service"),
        ("names", "import exporter.config"),
        ("web", "from exporter import brandnew"),
    ],
)
def test_an_arrow_back_would_be_found(part: str, source: str) -> None:
    assert arrows_back(part, source)


@pytest.mark.parametrize(
    ("part", "source"),
    [
        ("collector", "from exporter import names\nfrom exporter.state import State"),
        ("web", "from exporter.web.errors import Rejected\nimport numpy"),
        ("cli", "from exporter.service import Service"),
    ],
)
def test_an_arrow_forward_would_be_let_pass(part: str, source: str) -> None:
    assert arrows_back(part, source) == set()
