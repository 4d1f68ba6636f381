"""The report for people."""

from collections.abc import Iterator, Sequence

import click

from exporter.checks.checking import Result
from exporter.checks.outcome import SEVERITIES, TIERS, Outcome, Severity, Status, status

COLOURS: dict[Severity | Status, str] = {
    "CRITICAL": "red", "FAIL": "red", "WARN": "yellow", "INFO": "cyan", "PASS": "green",
}  # fmt: skip
WIDTH = max(len(severity) for severity in SEVERITIES)


def text(results: Sequence[Result]) -> str:
    """What is wrong in each dataset, what has no verdict, and how much is fine."""
    return "\n".join(line for result in results for line in lines(result))


def lines(result: Result) -> Iterator[str]:
    """A dataset's part of the report."""
    day = "no day" if result.date is None else str(result.date)
    words = (
        f"{result.dataset.name} ({result.dataset.team}), {day}: "
        f"{result.rows} rows looked at in {result.seconds:.2f} s"
    )
    yield f"{painted(result.status, result.status)}  {words}"
    for tier, title in TIERS.items():
        outcomes = [outcome for outcome in result.outcomes if outcome.tier == tier]
        if not outcomes:
            continue
        passed = [outcome for outcome in outcomes if outcome.severity == "PASS"]
        light = painted(status(outcomes), f"{len(passed)} of {len(outcomes)} pass")
        yield f"\n  Tier {tier}, {title}: {light}"
        yield from (line(outcome) for outcome in outcomes if outcome.severity != "PASS")
    yield ""


def line(outcome: Outcome) -> str:
    """An outcome that is no pass."""
    return f"    {painted(outcome.severity, outcome.severity.ljust(WIDTH))}  {outcome.message}"


def painted(kind: Severity | Status, words: str) -> str:
    """Words in the colour of what they mean; click takes it off again where nobody sees colours."""
    return click.style(words, fg=COLOURS[kind], bold=kind in ("CRITICAL", "FAIL"))
