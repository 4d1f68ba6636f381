"""Jobs that nobody declared and that have gone quiet, by the rhythm that they have shown."""

from tools.rules.rule import OF_JOB, OWNED, Alert, Group, Recording, answer
from tools.rules.runs import RUNS_DASHBOARD

LIMIT = "pipeline:run_silence_limit:seconds"
# As long as Prometheus remembers, a job's weekends are in it; a day of them may be missing.
MEMORY, REMEMBERED_HOURS = "[8d:1h]", 168


def silence_groups() -> list[Group]:
    """A week's memory is read less often than the clock."""
    return [Group("silence-limit", [silence_limit()], "4m"), Group("silence", [silent()])]


def silence_limit() -> Recording:
    """Seconds without success that are unusual: the longest that the exporter found in the last week.

    A job that is quiet on weekends runs too often for the exporter to remember one, and a new one has had
    none: who is not known for a week is not judged. Simulated jobs have no weekends.
    """
    learnt = "pipeline_run_learnt_stale_after_seconds"
    return Recording(
        LIMIT,
        f"""
        ({learnt} and {OF_JOB} pipeline_info{{mode="simulated"}})
        or
        (
          max_over_time({learnt}{MEMORY})
          and (count_over_time({learnt}{MEMORY}) >= {REMEMBERED_HOURS})
        )
        unless {OF_JOB} pipeline_run_stale_after_seconds
        """,
    )


def silent() -> Alert:
    """No success for unusually long, and no failures that say why."""
    return Alert(
        "PipelineRunSilent",
        "medium",
        f"""
        (
          (time() - pipeline_run_last_success_timestamp_seconds)
          > {OF_JOB}
          {LIMIT}
          unless {OF_JOB} (
            pipeline_run_consecutive_failures
            >= {OF_JOB}
            pipeline_run_failures_threshold_runs{{severity="medium"}}
          )
        )
          {OWNED}
        """,
        "{{ $labels.pipeline }} has gone silent",
        f"""No run of {{{{ $labels.pipeline }}}} has succeeded for {{{{ $value | humanizeDuration }}}}; {
            answer(LIMIT, "{{ .Value | humanizeDuration }}")
        } is already twice as long as it was in the last days. It does not run, or its reports get lost, and
        whoever reads what it delivers reads old data.""",
        dashboard=RUNS_DASHBOARD,
    )
