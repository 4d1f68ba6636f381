"""Runs of real jobs: failing, late, stuck, slow. Both profiles have the same: jobs keep their own time."""

from exporter.state.anomalies import FEWEST_RUNS, FEWEST_STREAKS, SLOW_RUNS, SLOWER, Severity
from tools.rules.rule import OF_JOB, OWNED, Alert, Group, answer
from tools.rules.upstream import WAITING, upstream, waiting

RUNS_DASHBOARD = "pipeline-runs?var-team={{ $labels.team }}&var-pipeline={{ $labels.pipeline }}"
# What doesn't fail any more is nobody's work today.
FAILS_NOW_AND_THEN = (
    f"and {OF_JOB} (pipeline_run_failure_streaks >= {FEWEST_STREAKS}"
    f" and {OF_JOB} (time() - pipeline_run_last_failure_timestamp_seconds < 86400))"
)


def run_groups() -> list[Group]:
    """What has failed first: the alerts ask who waits for it."""
    return [
        Group(
            "runs",
            [
                *waiting(),
                *(failing(severity) for severity in ("medium", "high", "critical")),
                upstream(),
                *(success_low(severity) for severity in ("medium", "high")),
                *(slow(severity) for severity in reversed(SLOW_RUNS)),
                stuck(),
                stale(),
                missing(),
            ],
        )
    ]


def failing(severity: str) -> Alert:
    """Failures in a row; the more, the worse."""
    return Alert(
        "PipelineRunFailing",
        severity,
        f"""
        (
          pipeline_run_consecutive_failures
          >= {OF_JOB}
          pipeline_run_failures_threshold_runs{{severity="{severity}"}}
        )
          {OWNED}
        """,
        "{{ $labels.pipeline }} has failed",
        f"""The last runs of {{{{ $labels.pipeline }}}} failed, {{{{ $value }}}} in a row. What it should have
        delivered is missing or old for everybody who reads it.{WAITING}""",
        dashboard=RUNS_DASHBOARD,
    )


def success_low(severity: str) -> Alert:
    """Failures now and then, so many that a retry is no answer any more."""
    return Alert(
        "PipelineRunSuccessLow",
        severity,
        f"""
        (
          pipeline_run_success_ratio
          < {OF_JOB}
          pipeline_run_success_threshold_ratio{{severity="{severity}"}}
          and {OF_JOB} (pipeline_run_history_runs >= {FEWEST_RUNS})
          {FAILS_NOW_AND_THEN}
        )
          {OWNED}
        """,
        "{{ $labels.pipeline }} fails often",
        f"""Only {{{{ $value | humanizePercentage }}}} of the last {
            answer("pipeline_run_history_runs", "{{ .Value }}")
        } runs of {{{{ $labels.pipeline }}}} succeeded: it fails again and again, the last time less than a
        day ago. What it delivers comes late or with gaps.""",
        dashboard=RUNS_DASHBOARD,
    )


def slow(severity: Severity) -> Alert:
    """Several runs in a row took longer than usual: one alone is no news."""
    runs = SLOW_RUNS[severity]
    usual = answer("pipeline_run_usual_duration_seconds", "{{ .Value | humanizeDuration }}")
    return Alert(
        "PipelineRunSlow",
        severity,
        f"""
        (
          pipeline_run_last_duration_seconds
          and {OF_JOB} (
            pipeline_run_duration_zscore{{runs="{runs}"}}
            > {OF_JOB}
            pipeline_run_duration_threshold_zscore{{severity="{severity}"}}
          )
          and {OF_JOB} (
            pipeline_run_last_duration_seconds > {SLOWER} * pipeline_run_usual_duration_seconds
          )
        )
          {OWNED}
        """,
        "{{ $labels.pipeline }} is slow",
        f"""The last run of {{{{ $labels.pipeline }}}} took {{{{ $value | humanizeDuration }}}} where {usual}
        is usual, and each of the newest {runs} runs was far slower than usual. What it delivers comes
        later, and may come too late.""",
        dashboard=RUNS_DASHBOARD,
    )


def stuck() -> Alert:
    """A run that doesn't come to its end."""
    return Alert(
        "PipelineRunStuck",
        "high",
        f"""
        (
          (time() - pipeline_run_oldest_running_start_timestamp_seconds)
          > {OF_JOB}
          pipeline_run_stuck_after_seconds
        )
          {OWNED}
        """,
        "A run of {{ $labels.pipeline }} doesn't end",
        f"""A run of {{{{ $labels.pipeline }}}} has been going on for {{{{ $value | humanizeDuration }}}}; {
            answer("pipeline_run_usual_duration_seconds", "{{ .Value | humanizeDuration }}")
        } is usual, and none of the last hundred took a third as long. It hangs, or it has far too much to do,
        and what it should deliver is missing.""",
        dashboard=RUNS_DASHBOARD,
    )


def stale() -> Alert:
    """No success for longer than the job may take between two; without any, since the exporter runs."""
    return Alert(
        "PipelineRunStale",
        "high",
        f"""
        (
          (time() - pipeline_run_last_success_timestamp_seconds)
          > {OF_JOB} group_left (team)
          pipeline_run_stale_after_seconds
        )
        or
        (
          (
            0 * pipeline_run_stale_after_seconds
            + on (job, instance) group_left ()
            (time() - process_start_time_seconds)
          )
          > pipeline_run_stale_after_seconds
          and {OF_JOB} pipeline_info
          unless {OF_JOB} pipeline_run_last_success_timestamp_seconds
        )
        """,
        "{{ $labels.pipeline }} is stale",
        """No run of {{ $labels.pipeline }} has succeeded for at least {{ $value | humanizeDuration }}, longer
        than its configuration allows. Whoever reads what it delivers reads old data.""",
        dashboard=RUNS_DASHBOARD,
    )


def missing() -> Alert:
    """Declared, and never heard of since the exporter runs."""
    return Alert(
        "PipelineMissing",
        "high",
        f"""
        (
          pipeline_run_stale_after_seconds
          < on (job, instance) group_left ()
          (time() - process_start_time_seconds)
        )
        unless {OF_JOB} pipeline_info
        """,
        "{{ $labels.pipeline }} has not reported",
        """The configuration says that {{ $labels.pipeline }} reports its runs at least every {{ $value |
        humanizeDuration }}, and nothing has been heard of it since the exporter started. It does not run,
        or its reports go elsewhere.""",
        dashboard=RUNS_DASHBOARD,
    )
