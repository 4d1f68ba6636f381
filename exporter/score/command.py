"""`pipeline-health score`: the command."""

import json
import shutil
import sys
from pathlib import Path

import click

from exporter.config import ConfigError
from exporter.score.catalog import scenario_names, scenario_path
from exporter.score.episodes import SilentError
from exporter.score.promtool import PromtoolError
from exporter.score.report import report, text
from exporter.score.score import Judges, scores

ROOT = Path(__file__).parents[2]
FILE = click.Path(dir_okay=False, path_type=Path)
UNPACKED = ROOT / ".cache/servers/usr/bin/promtool"


def find_promtool() -> Path:
    """The one that `make` unpacked, else the one on PATH."""
    known = UNPACKED if UNPACKED.exists() else shutil.which("promtool")
    if known is None:
        raise PromtoolError("promtool: expected on PATH, or by --promtool (make servers gets it)")
    return Path(known).resolve()


def rule_files(folder: Path) -> list[Path]:
    """The rules in a folder."""
    found = sorted(folder.glob("*.yml"))
    if not found:
        raise PromtoolError(f"{folder}: expected files with rules, *.yml; --rules names another folder")
    return found


@click.command("score")
@click.argument("scenarios", nargs=-1, metavar="[SCENARIO]...")
@click.option("--json", "as_json", is_flag=True, help="The scores as JSON with stable keys.")
@click.option("--config", type=FILE, help="Pipelines to play with, YAML; without it the built-in one.")
@click.option("--rules", type=click.Path(file_okay=False, path_type=Path), help="The rules that judge.",
              default=ROOT / "prometheus/rules/prod", show_default="prometheus/rules/prod")  # fmt: skip
@click.option("--alertmanager", type=FILE, help="Alertmanager's configuration, to count what is told.",
              default=ROOT / "alertmanager/alertmanager.yml",
              show_default="alertmanager/alertmanager.yml")  # fmt: skip
@click.option("--promtool", type=FILE, help="The promtool that evaluates the rules.")
def score_command(
    scenarios: tuple[str, ...],
    as_json: bool,
    config: Path | None,
    rules: Path,
    alertmanager: Path,
    promtool: Path | None,
) -> None:
    """Play scenarios in virtual time, and say what the alert rules make of them.

    A SCENARIO is one of ours by its name, or a file; without any, all of ours are played (some minutes).
    The exit code is 1 when anything was missed, late or false.
    """
    try:
        paths = [scenario_path(name) for name in scenarios or scenario_names()]
        judges = Judges(promtool or find_promtool(), rule_files(rules), alertmanager)
        with click.progressbar(
            scores(paths, judges, config),
            length=len(paths),
            label="Playing scenarios",
            file=sys.stderr,
            hidden=not sys.stderr.isatty(),
        ) as done:
            found = dict(done)
    except ConfigError as error:
        raise click.UsageError(str(error)) from error
    except (PromtoolError, SilentError) as error:
        raise click.ClickException(str(error)) from error
    content = report(found)
    click.echo(json.dumps(content, indent=2) if as_json else text(content))
    if not all(score.passed for score in found.values()):
        sys.exit(1)
