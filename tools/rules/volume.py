"""How much runs write and how fast, against what is usual, against peers and against a week ago."""

from exporter.state.anomalies import ROWS_BELOW, THROUGHPUT_BELOW
from tools.rules.peers import OF_KIND, ROWS
from tools.rules.rule import OF_JOB, OWNED, Alert, Group, Recording, answer
from tools.rules.runs import RUNS_DASHBOARD

EXPECTED_ROWS = "pipeline:run_rows_expected:ratio"
# Yesterday may have been no weekend, and what was so a week ago is not known yet.
UNLESS_A_WEEKEND = 0.75
# A few rows more or less are chance.
FEWEST_ROWS = 100


def volume_groups() -> list[Group]:
    """One group."""
    return [Group("volume", [expected_rows(), rows_low(), throughput_low()])]


def expected_rows() -> Recording:
    """The share of the usual rows that is to be expected now, 1 at most: as its peers have, as it had itself.

    Who has no peers and was not known yesterday has none: a night must not be taken for a loss.
    """
    ratio = 'pipeline_run_rows_usual_ratio{runs="2"}'
    return Recording(
        EXPECTED_ROWS,
        f"""
        clamp_max(
          min by (job, instance, pipeline) (
            label_replace(
              0 * pipeline:{ROWS}:judged + {OF_KIND} group_left () kind:{ROWS}:median, "of", "peers", "", ""
            )
            or
            label_replace(
              {ratio} offset 1w or {UNLESS_A_WEEKEND} * ({ratio} offset 1d), "of", "itself", "", ""
            )
          ),
          1
        )
        """,
    )


def rows_low() -> Alert:
    """It runs, and there is much less in it."""
    usual = answer("pipeline_run_usual_rows", '{{ .Value | printf "%.0f" }}')
    return Alert(
        "PipelineRunRowsLow",
        "high",
        f"""
        (
          pipeline_run_rows_usual_ratio{{runs="2"}}
          < {OF_JOB}
          (pipeline_run_rows_threshold_ratio{{severity="high"}} * {OF_JOB} {EXPECTED_ROWS})
          and {OF_JOB} (pipeline_run_rows_zscore{{runs="2"}} < -{ROWS_BELOW})
          and {OF_JOB} (pipeline_run_usual_rows >= {FEWEST_ROWS})
        )
          {OWNED}
        """,
        "{{ $labels.pipeline }} writes far fewer rows than usual",
        f"""The newest two runs of {{{{ $labels.pipeline }}}} wrote at most {{{{ $value |
        humanizePercentage }}}} of the {usual} rows that are usual, and neither its peers nor a week ago
        explain it. They succeeded, so whoever reads the result sees gaps and no error.""",
        dashboard=RUNS_DASHBOARD,
    )


def throughput_low() -> Alert:
    """It takes twice its time for what it has to do, however much that is."""
    usual = answer("pipeline_run_usual_throughput_rows_per_second", "{{ .Value | humanize }}")
    return Alert(
        "PipelineRunThroughputLow",
        "high",
        f"""
        (
          pipeline_run_throughput_usual_ratio{{runs="2"}}
          < {OF_JOB}
          (
            pipeline_run_throughput_threshold_ratio{{severity="high"}}
            * {OF_JOB}
            clamp_max(pipeline_run_rows_usual_ratio{{runs="2"}}, 1)
          )
          and {OF_JOB} (pipeline_run_throughput_zscore{{runs="2"}} < -{THROUGHPUT_BELOW})
          and {OF_JOB} (pipeline_run_usual_rows >= {FEWEST_ROWS})
        )
          {OWNED}
        """,
        "{{ $labels.pipeline }} writes far fewer rows a second than usual",
        f"""The newest two runs of {{{{ $labels.pipeline }}}} wrote at most {{{{ $value |
        humanizePercentage }}}} of the {usual} rows a second that are usual, and that there was less to
        write doesn't explain it. It, or what it works with, has become slow: what it delivers comes
        later.""",
        dashboard=RUNS_DASHBOARD,
    )
