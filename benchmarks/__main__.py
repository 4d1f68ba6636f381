"""The command: measures, then prints one table, or JSON."""

import json
import os
import platform
import sys
from collections.abc import Callable
from functools import partial
from importlib.metadata import version

import click

from benchmarks import batches, checks, compression, fleets, intake, memory, scrape, simulation, verdicts
from benchmarks.row import Row
from benchmarks.table import table
from tools.peers import MissingError

PARTS: dict[str, list[Callable[[int], list[Row]]]] = {
    "simulation": [simulation.rows],
    "scrape": [scrape.rows, compression.rows],
    "memory": [memory.rows],
    "intake": [intake.rows],
    "batches": [batches.rows],
    "fleets": [fleets.rows],
    "verdicts": [verdicts.rows],
    "checks": [checks.rows],
}
NOTE = """
Medians of {rounds} rounds; all contestants take turns, each in a process of its own. Times are CPU time; what
servers take in is by the clock, server and load on a core each, where the row doesn't say CPU time.
Times as good: the median of the rounds' ratios (their lowest to their highest).
{machine}
"""


def machine() -> str:
    """What the figures were measured on, and with."""
    packages = ", ".join(
        f"{name} {version(name)}" for name in ("numpy", "prometheus-client", "isal", "duckdb")
    )
    return f"Python {platform.python_version()}, {packages}, {os.cpu_count()} CPUs ({platform.machine()})"


@click.command()
@click.argument("parts", nargs=-1, type=click.Choice(list(PARTS)))
@click.option(
    "--rounds", default=5, show_default=True, type=click.IntRange(min=1), help="Rounds of each contest."
)
@click.option(
    "--dataset-rows", default=checks.ROWS, show_default=True, type=click.IntRange(min=100_000),
    help="Rows of the dataset that is checked.",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="JSON instead of the table.")
def main(parts: tuple[str, ...], rounds: int, dataset_rows: int, as_json: bool) -> None:
    """Measure speed as ratios against named peers: all PARTS unless some are named."""
    rows: list[Row] = []
    measures = PARTS | {"checks": [partial(checks.rows, count=dataset_rows)]}
    for part in parts or PARTS:
        print(f"measuring {part} ...", file=sys.stderr)
        try:
            rows += [row for measure in measures[part] for row in measure(rounds)]
        except MissingError as error:
            raise click.ClickException(f"{part}: {error}") from error
    if as_json:
        report = {"machine": machine(), "rounds": rounds, "rows": [row.to_json() for row in rows]}
        print(json.dumps(report, indent=2))
    else:
        print(table(rows) + "\n" + NOTE.format(rounds=rounds, machine=machine()))


if __name__ == "__main__":
    main()
