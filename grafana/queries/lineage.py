"""Who waits for whom."""

from grafana.queries import runs

FAILING = "pipeline_upstream_failing_runs"
CHOSEN = f'({FAILING}{{pipeline=~"$pipeline"}} or {FAILING}{{upstream=~"$pipeline"}})'


def impact() -> str:
    """How many pipelines wait for each failing job, over others too; before it is told, its readers."""
    counted = f'count by (upstream) ({FAILING}{{upstream=~"$pipeline"}})'
    waiting = f'max by (pipeline) (label_replace({counted}, "pipeline", "$1", "upstream", "(.+)"))'
    readers = f"({runs.readers()} > 0)\nand on (pipeline) ({runs.failures_in_a_row()} > 0)"
    return runs.with_team(f"{waiting}\nor {readers}")


def pairs() -> str:
    """Failures in a row of what each pipeline waits for, with both names and the team that waits."""
    waits = f'label_replace({CHOSEN}, "waits", "$1", "pipeline", "(.+)")'
    teams = "max by (pipeline, team) (pipeline_info)"
    return f"max by (waits, upstream, team) (({waits})\n* on (pipeline) group_left (team) {teams})"
