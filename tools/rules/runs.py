"""Runs of real jobs: failing, stale, never seen. Both profiles have the same: jobs keep their own time."""

from tools.rules.rule import OWNED, Alert, Group

RUNS_DASHBOARD = "pipeline-runs?var-team={{ $labels.team }}&var-pipeline={{ $labels.pipeline }}"


def run_groups() -> list[Group]:
    """One group."""
    return [
        Group(
            "runs", [*(failing(severity) for severity in ("medium", "high", "critical")), stale(), missing()]
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
          >= on (job, instance, pipeline)
          pipeline_run_failures_threshold_runs{{severity="{severity}"}}
        )
          {OWNED}
        """,
        "{{ $labels.pipeline }} has failed",
        """The last runs of {{ $labels.pipeline }} failed, {{ $value }} in a row. What it should have
        delivered is missing or old for everybody who reads it.""",
        dashboard=RUNS_DASHBOARD,
    )


def stale() -> Alert:
    """No success for longer than the job may take between two; without any, since the exporter runs."""
    return Alert(
        "PipelineRunStale",
        "high",
        """
        (
          (time() - pipeline_run_last_success_timestamp_seconds)
          > on (job, instance, pipeline) group_left (team)
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
          and on (job, instance, pipeline) pipeline_info
          unless on (job, instance, pipeline) pipeline_run_last_success_timestamp_seconds
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
        """
        (
          pipeline_run_stale_after_seconds
          < on (job, instance) group_left ()
          (time() - process_start_time_seconds)
        )
        unless on (job, instance, pipeline) pipeline_info
        """,
        "{{ $labels.pipeline }} has not reported",
        """The configuration says that {{ $labels.pipeline }} reports its runs at least every {{ $value |
        humanizeDuration }}, and nothing has been heard of it since the exporter started. It does not run,
        or its reports go elsewhere.""",
        dashboard=RUNS_DASHBOARD,
    )
