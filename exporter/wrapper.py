"""`pipeline-health run`: the command. How it works is the client's, `client/pipeline_health_client.py`."""

import sys

import click
from pipeline_health_client import be_quiet, run_command, watch


@click.command("run", context_settings={"allow_interspersed_args": False})
@click.argument("command", nargs=-1, required=True, type=click.UNPROCESSED, metavar="-- COMMAND...")
@click.option("--pipeline", required=True, help="What it is a run of.")
@click.option("--team", help="Whose it is.")
@click.option("--kind", help="Which pipelines it is compared with: those of the same kind.")
@click.option("--url", help="The exporter; else PIPELINE_HEALTH_URL, else http://127.0.0.1:9888.")
@click.option("--token", help="Else PIPELINE_HEALTH_TOKEN, which no list of processes shows.")
@click.option("--verbose", is_flag=True, help="Say on stderr why something can't be told.")
def wrapper_command(
    command: tuple[str, ...],
    pipeline: str,
    team: str | None,
    kind: str | None,
    url: str | None,
    token: str | None,
    verbose: bool,
) -> None:
    """Run a command and tell how it went: for cron and shell scripts.

    \b
    pipeline-health run --pipeline nightly-load --team shop -- ./load.sh --full

    Its input, output and exit code are the command's; the exporter may be down without the command noticing.
    """
    be_quiet(verbose)
    sys.exit(run_command(command, watch(pipeline, team=team, kind=kind, url=url, token=token)))
