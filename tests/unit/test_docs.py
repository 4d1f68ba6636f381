"""The documents say what the code does."""

import re
from pathlib import Path

import click
import pytest
from starlette.routing import Route

from exporter.cli import main
from exporter.config import load_config
from exporter.web.app import ROUTES
from tools.docs import README, updated

TEXT = README.read_text(encoding="utf-8")
FOLDER = README.parent
DOCUMENTS = sorted([*FOLDER.glob("*.md"), *FOLDER.glob("docs/*.md")])


def test_the_metric_table_is_the_one_that_make_docs_writes() -> None:
    assert updated(TEXT) == TEXT, "run make docs"


@pytest.mark.parametrize("name", sorted(main.commands))
def test_every_command_and_each_of_its_options_is_in_the_readme(name: str) -> None:
    [row] = [line for line in TEXT.splitlines() if line.startswith(f"| `pipeline-health {name}")]
    for parameter in main.commands[name].params:
        if isinstance(parameter, click.Option):
            assert parameter.opts[0] in row


@pytest.mark.parametrize("path", sorted({route.path for route in ROUTES if isinstance(route, Route)}))
def test_every_endpoint_is_in_the_readme(path: str) -> None:
    assert f"`{path.replace(':path', '')}`" in TEXT


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_link_to_a_file_of_ours_leads_somewhere(document: Path) -> None:
    targets = re.findall(r"\]\(([^)#]+)", document.read_text(encoding="utf-8"))
    assert [t for t in targets if not t.startswith("http") and not (document.parent / t).exists()] == []


def test_the_configuration_in_the_readme_is_good(tmp_path: Path) -> None:
    [shown] = [part.partition("```")[0] for part in TEXT.split("```yaml\n") if part.startswith("pipelines:")]
    path = tmp_path / "shown.yml"
    path.write_text(shown, encoding="utf-8")
    assert [pipeline.name for pipeline in load_config(path).pipelines] == ["orders"]
