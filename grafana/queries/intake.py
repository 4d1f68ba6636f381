"""What is told of runs and datasets, as it comes in at the doors."""

from grafana.queries.selectors import SHOWN, WINDOW

EVENTS = "pipeline_intake_events_total"
LAG = "pipeline_intake_lag_seconds_bucket"
# What was taken in and could not be kept, or can't be right.
NOT_KEPT = {
    "datasets beyond the most": 'pipeline_datasets_refused_total{reason!="not_yours"}',
    "runs forgotten": "pipeline_runs_forgotten_total",
    "runs that ended twice": "pipeline_run_contradictions_total",
}


def taken() -> str:
    """Events a minute that were taken in, by who sent any in the time that is shown."""
    each = f'{EVENTS}{{outcome="taken"}}'
    sent = f"sum by (integration) (increase({each}{SHOWN} @ end())) > 0"
    return f"60 * sum by (integration) (rate({each}{WINDOW}))\nand on (integration) ({sent})"


def refused() -> str:
    """Events that were not taken in, in the time that is shown, by why."""
    return f'sum by (outcome) (increase({EVENTS}{{outcome!="taken"}}{SHOWN}))'


def lag(share: float) -> str:
    """Seconds within which this share of the events in the time that is shown came in."""
    return f"histogram_quantile({share}, sum by (le) (increase({LAG}{SHOWN}))) >= 0"


def lost(counter: str) -> str:
    """How often this happened in the time that is shown."""
    return f"sum (increase({counter}{SHOWN}))"
