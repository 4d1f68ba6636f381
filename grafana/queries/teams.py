"""Teams by their jobs."""

from grafana.queries import runs


def count(expr: str) -> str:
    """How many jobs of each team this is true of."""
    return f"count by (team) ({runs.with_team(expr)})"


def success_ratio() -> str:
    """The share of the last runs of each team's jobs that succeeded, a hundred a job at most."""
    ended = runs.of_job("pipeline_run_history_runs")
    good = f"{runs.success_ratio()}\n* on (pipeline) {ended}"
    return f"{total(good)}\n/ on (team) ({total(ended)} > 0)"


def total(expr: str) -> str:
    """The sum over each team's jobs."""
    return f"sum by (team) ({runs.with_team(expr)})"


def alerts(severity: str) -> str:
    """Alerts of this severity that fire for each team's jobs."""
    return f"count by (team) ({runs.alerts(severity)})"
