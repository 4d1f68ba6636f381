"""Jobs: how their runs ended, how long they took, what they wrote, how old their last success is."""

from exporter.state.anomalies import SLOWER
from grafana.queries import pipelines
from grafana.queries.selectors import EXPORTER, PIPELINE, WINDOW, counted

# As many as a chart can show, and as many where each has its limits beside it.
SHOWN_JOBS = 8
WITH_LIMITS = 3
SUCCESS = "pipeline_run_last_success_timestamp_seconds"
LAST_DURATION = "pipeline_run_last_duration_seconds"
EACH = "pipeline, team"
AT_END = " @ end()"
# After a failed scrape all counters look newly born.
WATCHED = f" and on (job, instance) up{EXPORTER} offset $__rate_interval == 1"
# What a job's last run says: the worse, the higher.
NONE_ENDED, SUCCEEDED, FAILED, NEVER_REPORTED, KEEPS_FAILING = range(-1, 4)
# Before everything that has a score.
NO_SCORE = -99


def of_job(gauge: str, matchers: str = PIPELINE, at: str = "") -> str:
    """A gauge by job; `at` is a moment other than the one that is shown."""
    return f"max by (pipeline) ({gauge}{{{matchers}}}{at})"


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


def light() -> str:
    """The lights of jobs: 0, 1, 2."""
    return f"{pipelines.light()}\nand on (pipeline) ({known()})"


def known() -> str:
    """Jobs that have reported or are declared."""
    return f"{failures_in_a_row()}\nor {of_job('pipeline_run_stale_after_seconds')}"


def unhealthy() -> str:
    """Jobs whose light is not green."""
    return f"({light()}) > 0"


def last_state() -> str:
    """How the last run ended, as one of the numbers above."""
    often = (
        f"({failures_in_a_row()} >= on (pipeline) "
        f"{of_job('pipeline_run_failures_threshold_runs', with_severity('high'))})"
    )
    return "\nor ".join(
        (
            f"0 * {often} + {KEEPS_FAILING}",
            f"0 * ({failures_in_a_row()} > 0) + {FAILED}",
            f"0 * {of_job(SUCCESS)} + {SUCCEEDED}",
            f"0 * {failures_in_a_row()} + {NONE_ENDED}",
            f"0 * {of_job('pipeline_run_stale_after_seconds')} + {NEVER_REPORTED}",
        )
    )


def alerts(severities: str) -> str:
    """Alerts of these severities that fire for the chosen jobs."""
    firing = f'ALERTS{{alertstate="firing", severity=~"{severities}", {PIPELINE}}}'
    return f"{firing}\nand on (pipeline) ({known()})"


def waiting() -> str:
    """Jobs that wait for one that fails, over others too."""
    return of_job("pipeline_upstream_failing_runs")


def success_ratio() -> str:
    """The share of the last hundred runs that succeeded."""
    return of_job("pipeline_run_success_ratio")


def age_of_success() -> str:
    """Seconds since the last success."""
    return f"time() - {of_job(SUCCESS)}"


def stale() -> str:
    """Jobs whose last success is older than it may be, and declared ones that never had one in time."""
    return f"({age_of_success()} > {deadline()})\nor ({overdue()} unless {of_job(SUCCESS)})"


def overdue() -> str:
    """Jobs that could have succeeded since the exporter runs, had they done so in time."""
    running = f"on (job, instance) group_left () (time() - process_start_time_seconds{EXPORTER})"
    return f"max by (pipeline) (pipeline_run_stale_after_seconds{{{PIPELINE}}} < {running})"


def deadline(at: str = "") -> str:
    """Seconds without success after which a job is stale: as declared, or as alerts go by, or as learnt."""
    limits = (
        "pipeline_run_stale_after_seconds",
        "pipeline:run_silence_limit:seconds",
        "pipeline_run_learnt_stale_after_seconds",
    )
    return "({})".format("\nor ".join(of_job(one, at=at) for one in limits))


def deadline_used() -> str:
    """The age of the last success by its deadline: of those jobs whose deadlines come first."""
    due = f"{of_job(SUCCESS, at=AT_END)} + {deadline(AT_END)}"
    return f"({age_of_success()})\n/ {deadline()}\nand on (pipeline) bottomk({SHOWN_JOBS}, {due})"


def last_duration() -> str:
    """Seconds of the last run."""
    return of_job(LAST_DURATION)


def deadline_reached() -> str:
    """Where a job becomes stale, as long as there is one that can."""
    return f"max (({deadline_used()}) ^ 0)"


def usual_duration() -> str:
    """Seconds of most runs."""
    return of_job("pipeline_run_usual_duration_seconds")


def slow_from() -> str:
    """Seconds above which a run counts as slow."""
    factor = f"clamp_min({deviations_allowed()}, {SLOWER})"
    return f"{usual_duration()}\n* on (pipeline) {factor}"


def short_from() -> str:
    """Seconds below which a run is as unusually short."""
    return f"{usual_duration()}\n/ on (pipeline) {deviations_allowed()}"


def deviations_allowed() -> str:
    """The factor by which a run may take longer than usual."""
    allowed = of_job("pipeline_run_duration_threshold_zscore", with_severity("medium"))
    return f"({of_job('pipeline_run_duration_deviation_ratio')} ^ on (pipeline) {allowed})"


def slowest(expr: str) -> str:
    """This of the jobs whose last run was the most unusually long; of a new job nothing is unusual."""
    score = of_job("pipeline_run_duration_zscore", newest(), AT_END)
    none = f"0 * {of_job(LAST_DURATION, at=AT_END)} + {NO_SCORE}"
    return f"{expr}\nand on (pipeline) topk({WITH_LIMITS}, {score}\nor {none})"


def duration_score() -> str:
    """Deviations by which the last run took longer than usual."""
    return of_job("pipeline_run_duration_zscore", newest())


def largest_scores() -> str:
    """The same of those jobs that have the largest now."""
    return f"{duration_score()}\nand on (pipeline) {topmost('pipeline_run_duration_zscore', newest())}"


def score_limit(severity: str) -> str:
    """Deviations from which on slowness is told as this severe, as long as some job has any."""
    limit = of_job("pipeline_run_duration_threshold_zscore", with_severity(severity))
    return f"min ({limit}\nand on (pipeline) {duration_score()})"


def usual_share(measure: str) -> str:
    """Rows of the last run, or rows a second, as a share of what is usual."""
    return of_job(f"pipeline_run_{measure}_usual_ratio", newest())


def smallest_shares(measure: str) -> str:
    """The same of those jobs that have the smallest now."""
    now = of_job(f"pipeline_run_{measure}_usual_ratio", newest(), AT_END)
    return f"{usual_share(measure)}\nand on (pipeline) bottomk({SHOWN_JOBS}, {now})"


def share_limit(measure: str) -> str:
    """The share below which little is told, as long as some job has one."""
    limit = of_job(f"pipeline_run_{measure}_threshold_ratio", with_severity("high"))
    return f"max ({limit}\nand on (pipeline) {usual_share(measure)})"


def start_delay() -> str:
    """Seconds by which the last run began late, of those jobs that have the longest now."""
    delay = "pipeline_run_last_start_delay_seconds"
    return f"{of_job(delay)}\nand on (pipeline) {topmost(delay)}"


def topmost(gauge: str, matchers: str = PIPELINE) -> str:
    """The jobs that have the largest values at the end of the time that is shown."""
    return f"topk({SHOWN_JOBS}, {of_job(gauge, matchers, AT_END)})"


def streaks() -> str:
    """Failures since the last success, of those that failed last time: the longest now."""
    return f"{failures_in_a_row()} > 0\nand on (pipeline) {topmost('pipeline_run_consecutive_failures')}"


def newest(runs: int = 1) -> str:
    """What is said of so many of the newest runs."""
    return f'{PIPELINE}, runs="{runs}"'


def with_severity(severity: str) -> str:
    """The limit for this severity."""
    return f'{PIPELINE}, severity="{severity}"'


def in_progress() -> str:
    """Runs that have started and not ended."""
    return of_job("pipeline_runs_in_progress")


def unhealthy_upstream() -> str:
    """How many of the pipelines that a job reads from have failed."""
    return of_job("pipeline_upstream_unhealthy_pipelines")


def readers() -> str:
    """Pipelines that read what a job writes."""
    return of_job("pipeline_downstream_pipelines")


def ended() -> str:
    """Runs that ended a minute, by state."""
    return a_minute("pipeline_runs_total", "state")


def reasons() -> str:
    """Runs that failed a minute, by class of what was said of them."""
    return f"{a_minute('pipeline_run_failures_total', 'reason')} > 0"


def a_minute(counter: str, by: str) -> str:
    """How often it happened a minute."""
    return f"{counted(counter, by, PIPELINE, WINDOW, born=WATCHED)} * 60000 / $__rate_interval_ms"


def fault() -> str:
    """What is wrong with simulated jobs just now."""
    return f"max by (pipeline, fault) (pipeline_run_fault_active{{{PIPELINE}}}) == 1"
