"""Jobs against their peers, the jobs of the same kind: what is usual among them, and the odd one out.

Parts of other jobs have no thresholds and are nobody's peers.
"""

from exporter.state.anomalies import FEWEST_RUNS, TOO_FEW_PEERS
from tools.rules.rule import OF_JOB, OWNED, Alert, Group, Recording, answer
from tools.rules.runs import FAILS_NOW_AND_THEN, RUNS_DASHBOARD

OF_KIND = "on (job, instance, kind)"
WITH_KIND = f"* {OF_JOB} group_left (kind) pipeline_info"
# The cutoff for modified z-scores of Iglewicz and Hoaglin, "How to Detect and Handle Outliers" (1993).
FAR = 3.5
# The median absolute deviation of normal values times this is their standard deviation.
TO_DEVIATION = 1.4826
# The variance of one run's success where one in twenty fails: what chance does to a share of so many runs.
CHANCE = 0.0475
SUCCESS, DURATION, ROWS = "run_success_ratio", "run_duration_zscore", "run_rows_usual_ratio"


def peer_groups() -> list[Group]:
    """What is recorded first, and what is judged by it."""
    middles = [middle(of) for of in (SUCCESS, DURATION, ROWS)]
    return [
        Group("peers", [*judged(), *middles, *spreads(), *apart(), unlike_by_success(), unlike_by_duration()])
    ]


def judged() -> list[Recording]:
    """What peers are compared by, with their kind; whoever has too little history is left out."""
    success = f"""
    (
      pipeline_run_success_ratio
      and {OF_JOB} (pipeline_run_history_runs >= {FEWEST_RUNS})
      and {OF_JOB} pipeline_run_success_threshold_ratio{{severity="medium"}}
    )
      {WITH_KIND}
    """
    return [
        Recording(f"pipeline:{SUCCESS}:judged", success),
        judged_runs(DURATION, 'pipeline_run_duration_zscore{runs="3"}', "duration_threshold_zscore"),
        judged_runs(ROWS, 'pipeline_run_rows_usual_ratio{runs="2"}', "rows_threshold_ratio"),
    ]


def judged_runs(of: str, selector: str, threshold: str) -> Recording:
    """The same of newest runs, which have no value without a history."""
    return Recording(
        f"pipeline:{of}:judged",
        f"""
        sum without (runs) (
          {selector} and {OF_JOB} pipeline_run_{threshold}{{severity="high"}}
        )
          {WITH_KIND}
        """,
    )


def middle(of: str) -> Recording:
    """The median of a kind; of a few there is none."""
    return Recording(
        f"kind:{of}:median",
        f"""
        quantile by (job, instance, kind) (0.5, pipeline:{of}:judged)
        and
        (count by (job, instance, kind) (pipeline:{of}:judged) > {TOO_FEW_PEERS})
        """,
    )


def spreads() -> list[Recording]:
    """The median absolute deviation of a kind."""
    return [
        Recording(
            f"kind:{of}:mad",
            f"""
            quantile by (job, instance, kind) (
              0.5,
              abs(pipeline:{of}:judged - {OF_KIND} group_left () kind:{of}:median)
            )
            """,
        )
        for of in (SUCCESS, DURATION)
    ]


def apart() -> list[Recording]:
    """By how many deviations a job is worse than the middle of its kind."""
    success = f"""
    (kind:{SUCCESS}:median - {OF_KIND} group_right () pipeline:{SUCCESS}:judged)
    /
    sqrt(
      ({TO_DEVIATION} * kind:{SUCCESS}:mad) ^ 2
      + {OF_KIND} group_right ()
      ({CHANCE} / (pipeline_run_history_runs {WITH_KIND}))
    )
    """
    duration = f"""
    (pipeline:{DURATION}:judged - {OF_KIND} group_left () kind:{DURATION}:median)
    / {OF_KIND} group_left ()
    clamp_min({TO_DEVIATION} * kind:{DURATION}:mad, 1)
    """
    return [
        Recording(f"pipeline:{SUCCESS}:deviations", success),
        Recording(f"pipeline:{DURATION}:deviations", duration),
    ]


def unlike_by_success() -> Alert:
    """Its kind does well, and it doesn't."""
    return unlike(
        "success",
        f"pipeline:{SUCCESS}:judged\nand (pipeline:{SUCCESS}:deviations > {FAR})\n{FAILS_NOW_AND_THEN}",
        f"""Of the last runs of {{{{ $labels.pipeline }}}} {{{{ $value | humanizePercentage }}}} succeeded; in
        the middle of its kind it is {
            answer(f"kind:{SUCCESS}:median", "{{ .Value | humanizePercentage }}", "kind")
        }. Its cause lies with this job, not with what all share.""",
    )


def unlike_by_duration() -> Alert:
    """Its kind is as fast as usual or faster, and it has become slower."""
    return unlike(
        "duration",
        f"(pipeline:{DURATION}:judged > 1)\nand (pipeline:{DURATION}:deviations > {FAR})",
        f"""The newest three runs of {{{{ $labels.pipeline }}}} took at least {{{{ $value | printf "%.1f" }}}}
        deviations longer than usual; in the middle of its kind it is {
            answer(f"kind:{DURATION}:median", '{{ .Value | printf "%.1f" }}', "kind")
        }. Its cause lies with this job, not with what all share.""",
    )


def unlike(measure: str, expr: str, description: str) -> Alert:
    """The odd one out."""
    return Alert(
        "PipelineRunUnlikePeers",
        "medium",
        f"(\n{expr}\n)\n  {OWNED}",
        "{{ $labels.pipeline }} does worse than others of its kind, {{ $labels.kind }}",
        description,
        labels={"measure": measure},
        dashboard=RUNS_DASHBOARD,
    )
