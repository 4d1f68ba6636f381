"""What `pipeline-health check` does; it needs DuckDB, which no other command waits for."""

import json
import sys
from pathlib import Path

import click

from exporter.checks.checking import Asked, Result, UnjudgedError, check_all
from exporter.checks.command import FailOn, Form
from exporter.checks.html import html
from exporter.checks.junit import junit
from exporter.checks.load import read_checks
from exporter.checks.openmetrics import openmetrics
from exporter.checks.outcome import Status, status
from exporter.checks.proposal import propose
from exporter.checks.report import report
from exporter.checks.text import text
from exporter.config import ConfigError
from exporter.reports.document import Reasons

__all__ = ["Asked", "html", "judged", "propose", "rendered", "report", "worst", "write"]


def worst(results: list[Result]) -> Status:
    """The worst of all datasets."""
    return status(outcome for result in results for outcome in result.outcomes)


def judged(file: Path, asked: Asked) -> tuple[list[Result], Reasons]:
    """Results, and why datasets have none; a terminal sees what is being done meanwhile.

    Raises ConfigError, and UnjudgedError for the only dataset.
    """
    checks, results = read_checks(file), list[Result]()
    try:
        with click.progressbar(
            length=len(checks.config.datasets), label="Checking", file=sys.stderr, show_eta=False,
            item_show_func=lambda step: step or "", hidden=not sys.stderr.isatty(),
        ) as bar:  # fmt: skip
            for result in check_all(checks, asked, lambda step: bar.update(0, step)):
                results.append(result)
                bar.update(1, result.dataset.name)
    except UnjudgedError as error:
        if len(error.reasons) == 1 and not results:
            raise
        return results, error.reasons
    return results, {}


def rendered(form: Form, results: list[Result], reasons: Reasons, fail_on: FailOn) -> str:
    """The report in a format."""
    if form == "json":
        return json.dumps(report(results, reasons), indent=2)
    if form == "junit":
        return junit(results, reasons, fail_on)
    return openmetrics(results) if form == "openmetrics" else text(results)


def write(path: Path, report: str) -> None:
    """Write a report. Raises ConfigError for a place where it can't be."""
    try:
        path.write_text(report, encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"{path}: can't be written: {error.strerror}") from error
