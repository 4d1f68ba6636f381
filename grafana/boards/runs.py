"""Runs of jobs: whose are ill, what became usual for each, who waits for them, what they deliver."""

from collections.abc import Sequence

from grafana import annotations, panels
from grafana.board import Board, Item
from grafana.boards import course, datasets, jobs, lineage, teams


def content() -> Sequence[Item]:
    """From the lights to the figures."""
    return [
        *jobs.counts(),
        teams.table_of_teams(),
        jobs.fleet(),
        panels.row("The chosen jobs over time, of many those that matter most"),
        *course.content(),
        panels.row("Who waits?"),
        lineage.impact(),
        lineage.pairs(),
        panels.row("What is delivered?"),
        datasets.quality(),
    ]


BOARD = Board(
    uid="pipeline-runs",
    description="The runs of jobs by team: how the last one ended and what is unusual about it, how old the "
    "last success is, who waits for it, and what state the datasets are in.",
    chosen=("team", "pipeline"),
    panels=content,
    since="now-24h",
    refresh="1m",
    annotated=annotations.OF_JOBS,
)
