"""Runs of jobs: states, durations, freshness."""

from grafana.queries.selectors import EXPORTER, PIPELINE, WINDOW, counted

SHOWN_JOBS = 8
SUCCESS = "pipeline_run_last_success_timestamp_seconds"
EACH = "pipeline, team"
# After a failed scrape all counters look newly born.
WATCHED = f" and on (job, instance) up{EXPORTER} offset $__rate_interval == 1"
# What a job's last run says: the worse, the higher.
NONE_ENDED, SUCCEEDED, FAILED, NEVER_REPORTED, KEEPS_FAILING = range(-1, 4)


def of_job(gauge: str) -> str:
    """A gauge by job."""
    return f"max by (pipeline) ({gauge}{{{PIPELINE}}})"


def with_team(expr: str) -> str:
    """The same, with the job's team; of a job that has never reported the configuration knows it."""
    reported, declared = (
        f"max by ({EACH}) ({gauge}{{{PIPELINE}}} ^ 0)"
        for gauge in ("pipeline_info", "pipeline_run_stale_after_seconds")
    )
    return f"({expr})\n* on (pipeline) group_left (team) ({reported}\nor on (pipeline) {declared})"


def failures_in_a_row() -> str:
    """Failures since the last success."""
    return of_job("pipeline_run_consecutive_failures")


def last_state() -> str:
    """How the last run ended, as one of the numbers above."""
    often = (
        f"({failures_in_a_row()} >= on (pipeline) max by (pipeline)"
        f' (pipeline_run_failures_threshold_runs{{severity="high", {PIPELINE}}}))'
    )
    return "\nor ".join(
        (
            f"0 * {often} + {KEEPS_FAILING}",
            f"0 * ({failures_in_a_row()} > 0) + {FAILED}",
            f"0 * {of_job(SUCCESS)} + {SUCCEEDED}",
            f"0 * {failures_in_a_row()} + {NONE_ENDED}",
            f"0 * {stale_after()} + {NEVER_REPORTED}",
        )
    )


def jobs(expr: str) -> str:
    """How many jobs this is true of."""
    return f"count ({expr}) or vector(0)"


def success_share() -> str:
    """Runs that succeeded, by those that ended, in the time that is shown; none, no share."""
    good = counted("pipeline_runs_total", "pipeline", f'{PIPELINE}, state="succeeded"')
    return f"{good}\n/ ({counted('pipeline_runs_total', 'pipeline', PIPELINE)} > 0)"


def age_of_success() -> str:
    """Seconds since the last success."""
    return f"time() - {of_job(SUCCESS)}"


def stale() -> str:
    """Jobs whose last success is older than their configuration allows, and those that never had one."""
    return f"({age_of_success()} > {stale_after()})\nor ({overdue()} unless {of_job(SUCCESS)})"


def overdue() -> str:
    """Jobs that could have succeeded since the exporter runs, had they done so in time."""
    running = f"on (job, instance) group_left () (time() - process_start_time_seconds{EXPORTER})"
    return f"max by (pipeline) (pipeline_run_stale_after_seconds{{{PIPELINE}}} < {running})"


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
    """Runs that ended a minute, by state."""
    each = counted("pipeline_runs_total", "state", PIPELINE, WINDOW, born=WATCHED)
    return f"{each} * 60000 / $__rate_interval_ms"
