"""Runs of real jobs: their states, durations and freshness."""

from collections.abc import Sequence

from grafana_foundation_sdk.builders import stat, table, timeseries
from grafana_foundation_sdk.builders.common import StackingConfig
from grafana_foundation_sdk.models.common import GraphDrawStyle, StackingMode

from grafana import look, panels, words
from grafana.board import Board, Item
from grafana.queries import runs

NO_JOBS = "None of these is a job that has reported: point Airflow, dbt or Spark at the exporter."
NOTHING = "No run of these in this time range."
LAST = {
    str(runs.NONE_ENDED): look.Word("none ended", look.GREY),
    str(runs.SUCCEEDED): look.Word("succeeded", look.GREEN),
    str(runs.FAILED): look.Word("failed", look.ORANGE),
    str(runs.NEVER_REPORTED): look.Word("never reported", look.GREY),
    str(runs.KEEPS_FAILING): look.Word("keeps failing", look.RED),
}
COLUMNS = {
    "pipeline": "Job",
    "Value #L": "Last run",
    "Value #F": "Failures",
    "Value #S": "Success",
    "Value #D": "Took",
    "Value #U": "Usually",
    "Value #A": "Last success",
    "Value #T": "Stale after",
    "Value #P": "Running",
    "team": "Team",
}
STATE_COLORS = {"succeeded": look.GREEN, "failed": look.ORANGE, "aborted": look.GREY}


def content() -> Sequence[Item]:
    """From the lights to the figures."""
    return [
        *(counted(*one) for one in COUNTS),
        jobs(),
        panels.row("Over time"),
        durations(),
        ended(),
        freshness(),
        streaks(),
    ]


COUNTS = (
    (
        "Jobs",
        "Jobs that have reported a run since the exporter started. Fewer than you have: the others don't "
        "report.",
        runs.failures_in_a_row(),
        look.BLUE,
    ),
    (
        "Failed last time",
        "Jobs whose last run failed. What they should have delivered is missing or old: see the table for "
        "whose they are.",
        f"{runs.failures_in_a_row()} > 0",
        look.ORANGE,
    ),
    (
        "Stale",
        "Jobs without a success for longer than their configuration allows, those that have never reported "
        "too. Whoever reads what they deliver reads old data.",
        runs.stale(),
        look.ORANGE,
    ),
    (
        "Running now",
        "Jobs with a run in progress. One that runs for much longer than usual is stuck or has too much to "
        "do.",
        f"{runs.in_progress()} > 0",
        look.BLUE,
    ),
)


def counted(title: str, description: str, expr: str, color: str) -> stat.Panel:
    """How many jobs this is true of."""
    return (
        panels.tiles(title, description)
        .with_target(panels.now(runs.jobs(expr)))
        .unit("short")
        .decimals(0)
        .thresholds(look.thresholds(look.GREY if color == look.BLUE else look.GREEN, {1: color}))
        .mappings(look.texts({"0": "none"}))
        .span(6)
        .height(4)
    )


def jobs() -> table.Panel:
    """A row for each job."""
    panel = panels.listing(
        "Which jobs need somebody?",
        "Each job's last run, its failures in a row, the share of runs that succeeded in the time that is "
        "shown, how long the last one took and runs usually take (mean since the exporter started), and "
        "the age of its last success. The worst first: read the job's own log, then the runbook of "
        "PipelineRunFailing. Grey, never reported: it is declared and does not run, or its reports go "
        "elsewhere.",
    )
    for ref, expr in ROWS.items():
        panel.with_target(panels.rows(expr, ref))
    panels.columns(panel, SETTINGS)
    return (
        panel.transformations(panels.joined(tuple(COLUMNS), COLUMNS))
        .sort_by([panels.sorted_by(name, descending=True) for name in ("Last run", "Failures")])
        .no_value(NO_JOBS)
        .span(24)
        .height(9)
    )


ROWS = {
    "L": runs.with_team(runs.last_state()),
    "F": runs.with_team(runs.failures_in_a_row()),
    "S": runs.with_team(runs.success_share()),
    "D": runs.with_team(runs.last_duration()),
    "U": runs.with_team(runs.usual_duration()),
    "A": runs.with_team(runs.age_of_success()),
    "T": runs.with_team(runs.stale_after()),
    "P": runs.with_team(runs.in_progress()),
}
SETTINGS: dict[str, dict[str, object]] = {
    "Job": {
        "custom__minWidth": 160,
        "links": [words.to_board("pipeline-runs", "Only this job", pipeline="${__value.raw}")],
    },
    "Last run": {
        "custom__width": 120,
        "custom__cellOptions": look.GROUND,
        "mappings": look.words(LAST),
    },
    "Failures": {"custom__width": 85, "unit": "short", "decimals": 0},
    "Success": {"custom__width": 95, "unit": "percentunit", "decimals": 0, "noValue": "none ended"},
    "Took": {"custom__width": 85, "unit": "s", "decimals": 1},
    "Usually": {"custom__width": 85, "unit": "s", "decimals": 1},
    "Last success": {"custom__width": 110, "unit": "s", "decimals": 0},
    "Stale after": {"custom__width": 110, "unit": "s", "decimals": 0, "noValue": "not declared"},
    "Running": {"custom__width": 80, "unit": "short", "decimals": 0},
    "Team": {"custom__minWidth": 110},
}


def durations() -> timeseries.Panel:
    """The last run's against the usual."""
    usual = f"{runs.usual_duration()}\nand on (pipeline) {runs.largest(runs.last_duration())}"
    return (
        panels.lines(
            "How long do runs take?",
            "Duration of the last run of the jobs that take longest, and dashed the mean of all its runs "
            "since the exporter started. Far above the dashed line: more to do than usual, or something it "
            "needs is slow.",
        )
        .with_target(panels.over_time(runs.largest(runs.last_duration()), "{{pipeline}}", "A"))
        .with_target(panels.over_time(usual, "{{pipeline}} usually", "B"))
        .override_by_query("B", panels.limit(look.GREY))
        .unit("s")
        .decimals(1)
        .no_value(NOTHING)
        .span(12)
        .height(8)
    )


def ended() -> timeseries.Panel:
    """How they end."""
    panel = (
        panels.lines(
            "Runs ended a minute",
            "Runs by how they ended. Orange bars: open the table for which jobs; no bars at all where there "
            "should be some: the orchestrator has stopped, or its reports go elsewhere.",
        )
        .with_target(panels.over_time(runs.ended(), "{{state}}"))
        .unit("short")
        .decimals(1)
        .draw_style(GraphDrawStyle.BARS)
        .fill_opacity(70)
        .line_width(0)
        .stacking(StackingConfig().mode(StackingMode.NORMAL).group("A"))
        .no_value(NOTHING)
        .span(12)
        .height(8)
    )
    for state, color in STATE_COLORS.items():
        panel.override_by_name(state, panels.solid(color))
    return panel


def freshness() -> timeseries.Panel:
    """The age of what they deliver."""
    return (
        panels.lines(
            "How old is the last success?",
            "Seconds since the last success of the jobs that wait longest for one, and dashed the age from "
            "which on it is stale. A saw tooth is healthy; a line that goes on climbing is a job that "
            "fails or has stopped.",
        )
        .with_target(panels.over_time(runs.largest(runs.age_of_success()), "{{pipeline}}", "A"))
        .with_target(panels.over_time(runs.stale_after(), "{{pipeline}} stale after", "B"))
        .override_by_query("B", panels.limit(look.ORANGE))
        .unit("s")
        .decimals(0)
        .no_value(NOTHING)
        .span(12)
        .height(8)
    )


def streaks() -> timeseries.Panel:
    """Again and again."""
    return (
        panels.lines(
            "Failures in a row",
            "Failures since each job's last success, of those that failed last time. It is told as medium, "
            "high and critical by the thresholds that the configuration gives; a retry that succeeds ends "
            "it.",
        )
        .with_target(panels.over_time(runs.largest(f"{runs.failures_in_a_row()} > 0"), "{{pipeline}}"))
        .unit("short")
        .decimals(0)
        .axis_soft_max(3)
        .no_value(NOTHING)
        .span(12)
        .height(8)
    )


BOARD = Board(
    uid="pipeline-runs",
    description="The runs of real jobs: how the last one ended, how long it took, how old the last success "
    "is.",
    chosen=("team", "pipeline"),
    panels=content,
    since="now-24h",
    refresh="1m",
)
