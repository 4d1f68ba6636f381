"""`pipeline-health check`: the command."""

import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import click

from exporter.checks.checking import Asked, Result, check_all
from exporter.checks.files import DataError
from exporter.checks.html import html
from exporter.checks.junit import junit
from exporter.checks.load import read_checks
from exporter.checks.openmetrics import openmetrics
from exporter.checks.outcome import status
from exporter.checks.proposal import propose
from exporter.checks.report import report
from exporter.checks.text import text
from exporter.config import ConfigError

FILE = click.Path(dir_okay=False, path_type=Path)
Form = Literal["text", "json", "junit", "openmetrics"]
FailOn = Literal["critical", "warn"]


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
) -> None:
    """Check datasets: did the data arrive, is it right in itself, does it behave as it did?

    Windows end at the newest day in the data, not at the clock. Exit codes: 0 pass or warn, 1 a critical
    failure (or a warning, with --fail-on warn), 2 a bad configuration or data that can't be read.
    """
    asked = Asked(datetime.now(UTC), as_of.date() if as_of else None, data, days)
    if (file is None) == (not init):
        raise click.UsageError("expected CHECKS_YML, or --init with data")
    try:
        if file is None:
            click.echo(propose(init, table, asked.now), nl=False)
            return
        results = judged(file, asked)
    except (ConfigError, DataError) as error:
        raise BadInput(str(error)) from error
    if json_file is not None:
        written(json_file, f"{rendered('json', results, fail_on, asked.now)}\n")
    if html_file is not None:
        written(html_file, html(results, asked.now))
    click.echo(rendered(form, results, fail_on, asked.now), nl=form != "openmetrics")
    found = status(outcome for result in results for outcome in result.outcomes)
    if found == "FAIL" or (found == "WARN" and fail_on == "warn"):
        sys.exit(1)


def judged(file: Path, asked: Asked) -> list[Result]:
    """Results of all datasets; a terminal sees what is being done meanwhile."""
    checks = read_checks(file)
    if not sys.stderr.isatty():
        return list(check_all(checks, asked))
    with click.progressbar(
        length=len(checks.config.datasets), label="Checking", file=sys.stderr, show_eta=False,
        item_show_func=lambda step: step or "",
    ) as bar:  # fmt: skip
        results = []
        for result in check_all(checks, asked, lambda step: bar.update(0, step)):
            results.append(result)
            bar.update(1, result.dataset.name)
        return results


def rendered(form: Form, results: list[Result], fail_on: FailOn, now: datetime) -> str:
    """The report in a format."""
    if form == "json":
        return json.dumps(report(results), indent=2)
    if form == "junit":
        return junit(results, fail_on)
    return openmetrics(results, now) if form == "openmetrics" else text(results)


def written(path: Path, report: str) -> None:
    """Write a report."""
    try:
        path.write_text(report, encoding="utf-8")
    except OSError as error:
        raise BadInput(f"{path}: can't be written: {error.strerror}") from error
