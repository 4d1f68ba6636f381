"""`pipeline-health check`: the command. What it does is in work.py, which only its call imports."""

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

import click

from exporter.checks.files import DataError
from exporter.checks.push import push
from exporter.config import ConfigError
from exporter.sending import SendError

FILE = click.Path(dir_okay=False, path_type=Path)
Form = Literal["text", "json", "junit", "openmetrics"]
FailOn = Literal["critical", "warn"]
FAILING: dict[FailOn, tuple[str, ...]] = {"critical": ("FAIL",), "warn": ("FAIL", "WARN")}


class BadInput(click.ClickException):
    """A configuration that can't be used or data that can't be read: exit code 2."""

    exit_code = 2


@click.command("check")
@click.argument("file", type=FILE, metavar="CHECKS_YML", required=False)
@click.option("--init", "init", multiple=True, metavar="PATH",
              help="Look at data and print a commented checks.yml that it passes; repeatable.")  # fmt: skip
@click.option("--table", metavar="NAME", help="With --init of a database: the table in it.")
@click.option("--data", multiple=True, metavar="PATH|URL",
              help="Other data than the configuration's: a file, folder or glob; repeatable.")  # fmt: skip
@click.option("--as-of", type=click.DateTime(["%Y-%m-%d"]), metavar="DATE",
              help="Judge as if the data ended on this day.")  # fmt: skip
@click.option("--days", type=click.IntRange(1, 3660), metavar="N",
              help="Look at the rows of the newest N days only: 1 as a daily job's last step.")  # fmt: skip
@click.option("--json", "json_file", type=FILE, metavar="REPORT", help="Write the JSON report there, too.")
@click.option("--html", "html_file", type=FILE, metavar="REPORT",
              help="Write the report as a web page there, too: one file that needs no network.")  # fmt: skip
@click.option("--format", "form", type=click.Choice(["text", "json", "junit", "openmetrics"]), default="text",
              show_default=True, help="The report on stdout.")  # fmt: skip
@click.option("--fail-on", type=click.Choice(["critical", "warn"]), default="critical", show_default=True,
              help="From which severity on the exit code is 1.")  # fmt: skip
@click.option("--push", "url", metavar="URL",
              help="Send the JSON report to the running exporter there.")  # fmt: skip
@click.option("--token", envvar="PIPELINE_HEALTH_TOKEN",
              help="With --push; else PIPELINE_HEALTH_TOKEN, which no list of processes shows.")  # fmt: skip
def check_command(
    file: Path | None,
    init: tuple[str, ...],
    table: str | None,
    data: tuple[str, ...],
    as_of: datetime | None,
    days: int | None,
    json_file: Path | None,
    html_file: Path | None,
    form: Form,
    fail_on: FailOn,
    url: str | None,
    token: str | None,
) -> None:
    """Check datasets: did the data arrive, is it right in itself, does it behave as it did?

    Windows end at the newest day in the data, not at the clock. Exit codes: 0 pass or warn, 1 a critical
    failure (or a warning, with --fail-on warn), 2 a bad configuration or data that can't be read. An exporter
    that can't be told changes none of them.
    """
    from exporter.checks import work

    asked = work.Asked(datetime.now(UTC), as_of.date() if as_of else None, data, days)
    if (file is None) == (not init):
        raise click.UsageError("expected CHECKS_YML, or --init with data")
    try:
        if file is None:
            click.echo(work.propose(init, table, asked.now), nl=False)
            return
        results, reasons = work.judged(file, asked)
        if json_file is not None:
            work.write(json_file, work.rendered("json", results, reasons, fail_on) + "\n")
        if html_file is not None:
            work.write(html_file, work.html(results, asked.now, reasons))
    except (ConfigError, DataError) as error:
        raise BadInput(str(error)) from error
    click.echo(work.rendered(form, results, reasons, fail_on), nl=form != "openmetrics")
    if url is not None and results:
        tell(url, token, work.report(results, reasons))
    if reasons:
        raise BadInput("\n".join(reasons.values()))
    sys.exit(work.worst(results) in FAILING[fail_on])


def tell(url: str, token: str | None, report: dict[str, Any]) -> None:
    """Push the report; a line on stderr is all that comes of an exporter that doesn't take it."""
    try:
        push(url, token, report)
    except SendError as error:
        click.echo(f"pipeline-health check: not pushed: {error}", err=True)
