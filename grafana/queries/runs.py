"""Runs of jobs: states, durations, freshness."""

from grafana.queries.selectors import PIPELINE, SHOWN, increase, rate

SHOWN_JOBS = 8


def of_job(gauge: str) -> str:
    """A gauge by job."""
    return f"max by (pipeline) ({gauge}{{{PIPELINE}}})"


def with_team(expr: str) -> str:
    """The same, with the job's team."""
    return (
        f"({expr})\n* on (pipeline) group_left (team) max by (pipeline, team) (pipeline_info{{{PIPELINE}}})"
    )


def failures_in_a_row() -> str:
    """Failures since the last success."""
    return of_job("pipeline_run_consecutive_failures")


def last_state() -> str:
    """0 succeeded, 1 failed, 2 failed again and again: as often as the threshold for `high`."""
    failed = f"({failures_in_a_row()} > bool 0)"
    often = (
        f"({failures_in_a_row()} >= bool max by (pipeline)"
        f' (pipeline_run_failures_threshold_runs{{severity="high", {PIPELINE}}}))'
    )
    return f"{failed} + {often}"


def jobs(expr: str) -> str:
    """How many jobs this is true of."""
    return f"count ({expr}) or vector(0)"


def success_share() -> str:
    """Runs that succeeded, by those that ended, in the time that is shown; none, no share."""
    good = f'sum by (pipeline) (increase(pipeline_runs_total{{{PIPELINE}, state="succeeded"}}{SHOWN}))'
    return f"{good}\n/ ({increase('pipeline_runs_total', 'pipeline', PIPELINE)} > 0)"


def age_of_success() -> str:
    """Seconds since the last success."""
    return f"time() - {of_job('pipeline_run_last_success_timestamp_seconds')}"


def stale() -> str:
    """Jobs whose last success is older than their configuration allows."""
    return f"{age_of_success()} > {stale_after()}"


def stale_after() -> str:
    """Seconds without success after which a job is stale, where its configuration says so."""
    return of_job("pipeline_run_stale_after_seconds")


def last_duration() -> str:
    """Seconds of the last run."""
    return of_job("pipeline_run_last_duration_seconds")


def largest(expr: str) -> str:
    """As many jobs as a chart can show, those with the largest values."""
    return f"topk({SHOWN_JOBS}, {expr})"


def usual_duration() -> str:
    """Mean seconds of all runs since the exporter started."""
    total = f"sum by (pipeline) (pipeline_run_duration_seconds_sum{{{PIPELINE}}})"
    return f"{total}\n/ (sum by (pipeline) (pipeline_run_duration_seconds_count{{{PIPELINE}}}) > 0)"


def in_progress() -> str:
    """Runs that have started and not ended."""
    return of_job("pipeline_runs_in_progress")


def ended() -> str:
    """Runs that ended a second, by state."""
    return f"{rate('pipeline_runs_total', 'state', PIPELINE)} * 60"


def forgotten() -> str:
    """Runs in progress that were dropped for want of room in the time that is shown."""
    return f"sum (increase(pipeline_runs_forgotten_total{{{PIPELINE}}}{SHOWN})) or vector(0)"
