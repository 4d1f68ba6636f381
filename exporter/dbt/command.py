"""`pipeline-health dbt`: the command."""

from pathlib import Path
from typing import Any

import click

from exporter.dbt.artifacts import ArtifactError, read_run_results, read_sources
from exporter.dbt.freshness import datasets, unanswered
from exporter.dbt.graph import read_graph
from exporter.dbt.results import project_of, runs
from exporter.dbt.sending import lines, send
from exporter.sending import SendError, place

DEFAULT_URL = "http://127.0.0.1:9888"
FOLDER = click.Path(file_okay=False, path_type=Path)


class BadArtifact(click.ClickException):
    """dbt's files aren't what they should be: exit code 2."""

    exit_code = 2


@click.command("dbt")
@click.argument("target", type=FOLDER, metavar="TARGET_DIR")
@click.option("--url", envvar="PIPELINE_HEALTH_URL", default=DEFAULT_URL, show_default=True,
              help="The running exporter; else PIPELINE_HEALTH_URL.")  # fmt: skip
@click.option("--token", envvar="PIPELINE_HEALTH_TOKEN",
              help="Else PIPELINE_HEALTH_TOKEN, which no list of processes shows.")  # fmt: skip
@click.option("--team", help="Whose the runs and datasets are.")
@click.option("--pipeline-prefix", "prefix", metavar="NAME",
              help="The invocation's pipeline; its nodes' begin with it. Default: dbt/PROJECT.")  # fmt: skip
@click.option("--dataset-namespace", "namespace", metavar="NAME",
              help="What OpenLineage has before a dataset's name, such as postgres://HOST:PORT.")  # fmt: skip
@click.option("--dry-run", is_flag=True, help="Print the lines of JSON and send nothing.")
def dbt_command(
    target: Path,
    url: str,
    token: str | None,
    team: str | None,
    prefix: str | None,
    namespace: str | None,
    dry_run: bool,
) -> None:
    """Tell what dbt did: run_results.json and sources.json of TARGET_DIR as runs and datasets.

    Reading the same files twice counts once. Exit codes: 0 told, 1 refused or no exporter, 2 bad files.
    """
    try:
        told_runs, told_datasets = _read(target, prefix, namespace, team)
    except ArtifactError as error:
        raise BadArtifact(str(error)) from error
    if dry_run:
        click.echo(b"".join(lines([*told_runs, *told_datasets])), nl=False)
        return
    try:
        for path, objects in (("/api/v1/runs", told_runs), ("/api/v1/datasets", told_datasets)):
            send(url, token, path, objects)
    except SendError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{len(told_runs)} runs and {len(told_datasets)} datasets told to {place(url)}")


def _read(
    target: Path, prefix: str | None, namespace: str | None, team: str | None
) -> tuple[list[dict[str, Any]], ...]:
    """Runs and datasets. Raises ArtifactError."""
    results, sources = read_run_results(target), read_sources(target)
    if results is None and sources is None:
        raise ArtifactError(f"{target}: expected run_results.json or sources.json, which dbt writes")
    graph = read_graph(target, namespace)
    told_runs: list[dict[str, Any]] = []
    if results is not None:
        project = graph.project or project_of(results)
        told_runs = runs(results, graph, project, prefix or f"dbt/{project}", team)
    if sources is None:
        return told_runs, []
    for sentence in unanswered(sources):
        click.echo(sentence, err=True)
    return told_runs, datasets(sources, graph, team)
