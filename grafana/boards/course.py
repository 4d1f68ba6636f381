"""The chosen jobs over time: each against what is usual for it; of many jobs, those that matter most."""

from collections.abc import Iterator, Mapping

from grafana_foundation_sdk.builders import timeseries
from grafana_foundation_sdk.builders.common import StackingConfig
from grafana_foundation_sdk.models.common import GraphDrawStyle, StackingMode

from grafana import look, panels
from grafana.queries import runs

NOTHING = "No run of these in this time range."
NOT_KNOWN = "Nothing is usual yet: that takes 13 runs that succeed."
STATE_COLORS = {"succeeded": look.GREEN, "failed": look.ORANGE, "aborted": look.GREY}


def content() -> Iterator[timeseries.Panel]:
    """Time, age, amount, ends."""
    wide = (durations(), scores(), freshness(), delays(), rows(), throughput())
    yield from (one.span(12) for one in wide)
    yield from (one.span(8) for one in (ended(), reasons(), streaks()))


def durations() -> timeseries.Panel:
    """The last run's against its usual band."""
    return (
        chart(
            "How long do runs take?",
            "The last run, dotted what is usual, and dashed the lengths between which it is nothing "
            "unusual, of the three jobs that are the most unusual now; choose one job to see its band. "
            "Three runs in a row above it: PipelineRunSlow; there is more to do than usual, or something "
            "it needs is slow.",
            "s",
            1,
        )
        .with_target(panels.over_time(runs.slowest(runs.last_duration()), "{{pipeline}} took", "A"))
        .with_target(panels.over_time(runs.slowest(runs.slow_from()), "{{pipeline}} slow from", "B"))
        .with_target(panels.over_time(runs.slowest(runs.usual_duration()), "{{pipeline}} usually", "C"))
        .with_target(panels.over_time(runs.slowest(runs.short_from()), "{{pipeline}} short below", "D"))
        .with_transformation(panels.WITHOUT_JOB)
        .fill_opacity(0)
        .override_by_query("B", panels.limit(look.GREY))
        .override_by_query("C", panels.unlisted(panels.dotted(look.GREY)))
        .override_by_query("D", panels.limit(look.GREY))
        .override_by_name("slow from", panels.filled_to("short below"))
        .override_by_name("took", panels.solid(look.BLUE))
    )


def scores() -> timeseries.Panel:
    """By deviations: all jobs by one measure."""
    panel = chart(
        "Which runs are unusually long?",
        "Deviations by which the last success took longer than usual, of the jobs with the most. Told as "
        "medium when three runs in a row are above its dashed line, as high when two are: compare when it "
        "began with what changed.",
        "short",
        1,
        NOT_KNOWN,
    ).with_target(panels.over_time(runs.largest_scores(), "{{pipeline}}", "A"))
    for ref, severity in (("B", "medium"), ("C", "high")):
        limit = panels.over_time(runs.score_limit(severity), f"{severity} from", ref)
        panel.with_target(limit).override_by_query(ref, panels.limit(look.SEVERITY[severity].color))
    return panel


def freshness() -> timeseries.Panel:
    """The age of what they deliver."""
    return (
        chart(
            "How near is the deadline?",
            "The age of the last success as a share of the age from which on the job is stale, declared or "
            "learnt, of the jobs whose deadlines come first. A saw tooth is healthy; a line that goes on "
            "climbing is a job that fails or has stopped.",
            "percentunit",
            0,
            "Nobody declared when these are stale, and their rhythm is not known yet.",
        )
        .with_target(panels.over_time(runs.deadline_used(), "{{pipeline}}", "A"))
        .with_target(panels.over_time(runs.deadline_reached(), "stale from", "B"))
        .override_by_query("B", panels.limit(look.ORANGE))
    )


def delays() -> timeseries.Panel:
    """How late they begin."""
    return chart(
        "How late do runs begin?",
        "Seconds from when the last run should have begun until it did, of the jobs that wait longest. "
        "Climbing for many at once: the scheduler or its workers are overloaded. Only of those whose "
        "orchestrator says when they should begin.",
        "s",
        1,
        "Nobody says when these should begin.",
    ).with_target(panels.over_time(runs.start_delay(), "{{pipeline}}"))


def rows() -> timeseries.Panel:
    """How much they write."""
    return share(
        "Do they write as much as usual?",
        "Rows of the last success by what is usual, of the jobs that wrote least. Below the dashed line "
        "twice in a row, and below what others of its kind and earlier days write: PipelineRunRowsLow. "
        "Look at what it reads first.",
        "rows",
    )


def throughput() -> timeseries.Panel:
    """How much they write a second."""
    return share(
        "Are they as fast as usual?",
        "Rows a second of the last success by what is usual, of the slowest jobs. Below the dashed line "
        "twice in a row while there is enough to do: PipelineRunThroughputLow. What it reads from or "
        "writes to is slow.",
        "throughput",
    )


def share(title: str, description: str, measure: str) -> timeseries.Panel:
    """By what is usual."""
    return (
        chart(
            title,
            description,
            "percentunit",
            0,
            "Nobody says how many rows these write, or too few runs did.",
        )
        .with_target(panels.over_time(runs.smallest_shares(measure), "{{pipeline}}", "A"))
        .with_target(panels.over_time(runs.share_limit(measure), "high below", "B"))
        .override_by_query("B", panels.limit(look.ORANGE))
    )


def ended() -> timeseries.Panel:
    """How they end."""
    return bars(
        "Runs ended a minute",
        "Runs by how they ended. Orange bars: open the table for which jobs; no bars at all where there "
        "should be some: the orchestrator has stopped, or its reports go elsewhere.",
        runs.ended(),
        "{{state}}",
        STATE_COLORS,
    )


def reasons() -> timeseries.Panel:
    """Why they fail."""
    return bars(
        "Why do runs fail?",
        "Failed runs a minute by class of what was said of them. Access or connection: whoever runs what "
        "it reads and writes; resources: the platform; data or code: the job's own team.",
        runs.reasons(),
        "{{reason}}",
        {},
    ).no_value("No run of these failed in this time range.")


def bars(title: str, description: str, expr: str, legend: str, colors: Mapping[str, str]) -> timeseries.Panel:
    """How much of each kind, on top of each other."""
    panel = (
        chart(title, description, "short", 1)
        .with_target(panels.over_time(expr, legend))
        .draw_style(GraphDrawStyle.BARS)
        .fill_opacity(70)
        .line_width(0)
        .stacking(StackingConfig().mode(StackingMode.NORMAL).group("A"))
    )
    for name, color in colors.items():
        panel.override_by_name(name, panels.solid(color))
    return panel


def streaks() -> timeseries.Panel:
    """Again and again."""
    return (
        chart(
            "Failures in a row",
            "Failures since each job's last success, of those that failed last time. It is told as medium, "
            "high and critical by the thresholds that the configuration gives; a retry that succeeds ends "
            "it.",
            "short",
            0,
            "None of these failed last time.",
        )
        .with_target(panels.over_time(runs.streaks(), "{{pipeline}}"))
        .axis_soft_max(3)
    )


def chart(
    title: str, description: str, unit: str, decimals: int, when_empty: str = NOTHING
) -> timeseries.Panel:
    """One of these figures over time."""
    return panels.lines(title, description).unit(unit).decimals(decimals).no_value(when_empty).height(8)
