"""What checks measured, over time: measures against what is usual, rows, age, nulls, repetitions."""

from collections.abc import Iterator

from grafana_foundation_sdk.builders import timeseries
from grafana_foundation_sdk.models.common import LineInterpolation

from grafana import look, panels
from grafana.queries import checks

NO_CHECKS = "No dataset is checked yet: pipeline-health check --init proposes what to check."
NO_MEASURES = "No measure of these has a drift check."


def against_usual() -> timeseries.Panel:
    """All measures by one measure."""
    return (
        chart(
            "How far from usual?",
            "Each measure of the newest day by its baseline, of those that are farthest from it now: 100 % "
            "is as usual. A fall of one alone: how it is collected; of all: the business, or a day that is "
            "not complete.",
            "percentunit",
            0,
            NO_MEASURES,
        )
        .with_target(
            panels.over_time(checks.by_usual("pipeline_check_observed_value"), "{{dataset}} {{subject}}")
        )
        .fill_opacity(0)
        .span(24)
        .height(8)
    )


def measure() -> timeseries.Panel:
    """Small multiples: each measure in its own unit."""
    return (
        chart(
            "$measure",
            "The measure of the newest day, dotted what is usual, dashed how far it may go. Beyond the "
            "dashed line its check fails; a baseline that falls with it has got used to the fall.",
            "short",
            2,
            NO_MEASURES,
        )
        .with_target(panels.over_time(checks.measured("pipeline_check_observed_value"), "{{dataset}}", "A"))
        .with_target(
            panels.over_time(checks.measured("pipeline_check_baseline_value"), "{{dataset}} usually", "B")
        )
        .with_target(panels.over_time(checks.allowed("high"), "{{dataset}} highest", "C"))
        .with_target(panels.over_time(checks.allowed("low"), "{{dataset}} lowest", "D"))
        .fill_opacity(0)
        .override_by_query("B", panels.unlisted(panels.dotted(look.GREY)))
        .override_by_query("C", panels.limit(look.ORANGE))
        .override_by_query("D", panels.limit(look.ORANGE))
        .repeat("measure")
        .repeat_direction("h")
        .max_per_row(3)
        .span(24)
        .height(7)
    )


def figures() -> Iterator[timeseries.Panel]:
    """What is counted whatever the checks are."""
    yield from (one.span(12) for one in (rows(), age()))
    yield from (one.span(8) for one in (nulls(), repeated(), duration()))


def rows() -> timeseries.Panel:
    """How much came."""
    return chart(
        "Rows of the newest day",
        "Rows of the newest day at each check. A step down to little: the day is still arriving, or part "
        "of it is missing.",
        "short",
        0,
    ).with_target(panels.over_time(checks.most("pipeline_check_rows"), "{{dataset}}"))


def age() -> timeseries.Panel:
    """How fresh it is."""
    return chart(
        "How old is the newest day?",
        "Time since the beginning of the newest day in the data. A saw tooth is healthy; a line that "
        "goes on climbing: nothing new arrives, or nobody checks.",
        "s",
        1,
    ).with_target(
        panels.over_time(checks.oldest("pipeline_check_latest_date_timestamp_seconds"), "{{dataset}}")
    )


def nulls() -> timeseries.Panel:
    """What is not there."""
    return (
        chart(
            "Nulls by column",
            "The share of nulls in the columns that have most. A step: whoever delivers the column has "
            "changed something on that day.",
            "percentunit",
            1,
            "No column of these is checked for nulls.",
        )
        .with_target(panels.over_time(checks.nulls(), "{{dataset}} {{column}}"))
        .axis_soft_max(0.01)
    )


def repeated() -> timeseries.Panel:
    """What is there twice."""
    return (
        chart(
            "Rows that were there before",
            "The share of rows whose key was there before. Sums count them twice: run the load again so that "
            "it replaces what it wrote.",
            "percentunit",
            2,
            "No dataset of these has a key.",
        )
        .with_target(panels.over_time(checks.most("pipeline_check_duplicate_ratio"), "{{dataset}}"))
        .axis_soft_max(0.01)
    )


def duration() -> timeseries.Panel:
    """What looking costs."""
    return chart(
        "How long do the checks take?",
        "Time of each dataset's last check. Climbing: judge the newest days alone (--days), or give "
        "DuckDB more memory.",
        "s",
        1,
    ).with_target(panels.over_time(checks.most("pipeline_check_duration_seconds"), "{{dataset}}"))


def chart(
    title: str, description: str, unit: str, decimals: int, when_empty: str = NO_CHECKS
) -> timeseries.Panel:
    """One figure over time; between two checks it stays as it was."""
    return (
        panels.lines(title, description)
        .line_interpolation(LineInterpolation.STEP_AFTER)
        .unit(unit)
        .decimals(decimals)
        .no_value(when_empty)
        .height(8)
    )
