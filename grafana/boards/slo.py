"""SLOs: what was promised, how fast the budget burns, how long it will last."""

from collections.abc import Sequence

from grafana_foundation_sdk.builders import statetimeline, table, timeseries
from grafana_foundation_sdk.models.dashboard import DynamicConfigValue

from grafana import annotations, banner, look, panels, slotable, words
from grafana.board import Board, Item
from grafana.queries import slos
from tools.rules.slo import PAGE_FAST, SLOW_TIERS, Tier

TIERS = (PAGE_FAST, *SLOW_TIERS)
REASONS = {
    str(slos.NOT_JUDGED): look.NO_DATA,
    str(slos.NOT_COVERED): look.Word("not known yet", look.GREY),
    **words.NONE,
}
NAME = "{{pipeline}} {{slo}}"


def content() -> Sequence[Item]:
    """From the balance to the events."""
    return [
        banner.time_scale(),
        balance(),
        tiers(),
        panels.row("How fast is it spent?"),
        burn(),
        budget(),
        panels.row("The events behind it"),
        good(),
        bad(),
        history(),
    ]


def balance() -> table.Panel:
    """All of it in a row each."""
    return (
        slotable.table_of(
            "What is left of the error budgets?",
            "Objective, what was achieved in the part of the period that is known, and the budget that is "
            "left of the whole period; what is not known yet counts as good. Spent: every further bad "
            "event breaks the promise, so put reliability before change.",
        )
        .span(24)
        .height(6)
    )


def tiers() -> table.Panel:
    """Which tier would tell somebody."""
    columns = {"pipeline": "Pipeline", "slo": "SLO"}
    columns |= {f"Value #{ref}": heading(tier) for ref, tier in refs()}
    panel = panels.listing(
        "Who is told at this rate?",
        "How many times too fast the budget burns in the slower of a tier's two windows, and from which "
        "factor on it tells somebody, once enough events were bad: ten, unless the configuration says "
        "otherwise. What the fastest tier does not know yet of its window counts as good. Grey: less is "
        "known than a slower tier's long window is long, or nothing valid came in one of the windows.",
    )
    for ref, tier in refs():
        panel.with_target(panels.rows(slos.tier_burn(tier), ref))
        panel.override_by_name(heading(tier), tier_cell(tier))
    return (
        panel.transformations(panels.joined(tuple(columns), columns, hidden=("team",)))
        .no_value(words.NO_SLOS)
        .span(24)
        .height(5)
    )


def refs() -> list[tuple[str, Tier]]:
    """Each tier with the letter of its query."""
    return list(zip("ABCD", TIERS, strict=True))


def heading(tier: Tier) -> str:
    """Its severity, its windows, and from which factor on it tells somebody."""
    return f"{tier.severity} {tier.long}/{tier.short} {tier.factor:g}x"


def tier_cell(tier: Tier) -> list[DynamicConfigValue]:
    """Green below the factor, grey while it does not judge."""
    steps = {0: look.GREEN, tier.factor: look.SEVERITY[tier.severity].color}
    return panels.properties(
        custom__cellOptions=look.GROUND,
        unit="suffix: x",
        decimals=1,
        mappings=look.words(REASONS),
        thresholds=look.thresholds(look.GREY, steps).build(),
    )


def burn() -> timeseries.Panel:
    """The tiers' long windows over time."""
    panel = (
        panels.lines(
            "Burn rate",
            "How many times too fast the budget burns, in each tier's long window; at 1 the budget lasts "
            "exactly the period. Dashed: the factors from which on somebody is told. The shorter the "
            "window that is high, the more recent the trouble.",
        )
        .with_transformation(panels.WITHOUT_PIPELINE)
        .unit("suffix: x")
        .decimals(1)
        .fill_opacity(0)
        .scale_distribution(panels.logarithmic(1))
        .no_value(words.NO_SLOS)
        .span(12)
        .height(9)
    )
    for ref, tier in refs():
        panel.with_target(panels.over_time(slos.long_burn(tier), f"{NAME} {tier.long}", ref))
        panel.override_by_query(ref, panels.solid(look.SEVERITY[tier.severity].color))
    for ref, tier in zip("EFGH", TIERS, strict=True):
        panel.with_target(
            panels.over_time(slos.from_factor(tier), f"{tier.severity} from {tier.factor:g}x", ref)
        )
        panel.override_by_query(ref, panels.limit(look.SEVERITY[tier.severity].color))
    return panel


def budget() -> timeseries.Panel:
    """The burn-down."""
    return (
        panels.lines(
            "Burn-down of the budget",
            "Share of the period's error budget that is left. A step down is an incident, a slope is a "
            "fault that nobody sees; at zero the promise is broken. Choose 30 days above for the whole "
            "period (12 hours in the demo).",
        )
        .with_target(panels.over_time(slos.remaining(), NAME))
        .with_transformation(panels.WITHOUT_PIPELINE)
        .unit("percentunit")
        .decimals(1)
        .max(1)
        .no_value(words.NO_SLOS)
        .span(12)
        .height(9)
    )


def good() -> timeseries.Panel:
    """What was kept."""
    return events(
        "Good events",
        "good",
        "Valid events a second that kept the promise: delivered within the time, or cycles with enough "
        "throughput. None at all: nothing comes, or nothing is judged.",
    )


def bad() -> timeseries.Panel:
    """What was not."""
    return events(
        "Bad events",
        "bad",
        "Valid events a second that broke the promise: late, failed or dropped, or cycles with too little "
        "throughput although enough was there. Each takes a little of the budget.",
    )


def events(title: str, result: str, description: str) -> timeseries.Panel:
    """Events of one result."""
    return (
        panels.lines(title, description)
        .with_target(panels.over_time(slos.events(result), NAME))
        .with_transformation(panels.WITHOUT_PIPELINE)
        .unit("evt/s")
        .decimals(2)
        .no_value(words.NO_SLOS)
        .span(12)
        .height(7)
    )


def history() -> statetimeline.Panel:
    """The verdict over time."""
    return (
        panels.states(
            "When was it missed?",
            "Met: the budget lasts at this rate. Missed: it is spent faster than it may. Spent: nothing is "
            "left of it. No data: nothing valid came for an hour of the SLOs' time. Compare with the faults "
            "and the alerts of that time.",
        )
        .with_target(panels.over_time(slos.verdict(), NAME))
        .with_transformation(panels.WITHOUT_PIPELINE)
        .mappings(look.words(slotable.VERDICT))
        .unit("none")
        .span(24)
        .height(6)
    )


BOARD = Board(
    uid="pipeline-slo",
    description="What was promised, how fast the error budget burns, how long it will last, and what is "
    "not known yet.",
    chosen=("team", "pipeline", "stream", "slo"),
    panels=content,
    since="now-1h",
    refresh="15s",
    annotated=annotations.OF_STREAMS,
)
