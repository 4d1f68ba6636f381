"""Home: are the pipelines healthy, what is wrong, since when, and whom does it touch?"""

from collections.abc import Sequence

from grafana_foundation_sdk.builders import stat, statetimeline, table, timeseries
from grafana_foundation_sdk.builders.common import StackingConfig, VizTextDisplayOptions
from grafana_foundation_sdk.models.common import StackingMode

from grafana import annotations, firing, look, panels, slotable, words
from grafana.board import Board, Item
from grafana.boards import headline
from grafana.queries import alerts, pipelines, stages

QUANTILES = {0.5: ("p50", "super-light-blue"), 0.95: ("p95", "blue"), 0.99: ("p99", "dark-blue")}


def content() -> Sequence[Item]:
    """From the verdict to its reasons."""
    return [
        *headline.content(),
        lights(),
        wrong(),
        panels.row("Stages"),
        stage_lights(),
        backlog(),
        throughput(),
        spread(),
        panels.row("Events"),
        traffic(),
        latency(),
        by_signal(),
        lost(),
        reviewed(),
        panels.row("Promises"),
        slo_table(),
    ]


def lights() -> stat.Panel:
    """The traffic lights."""
    return (
        panels.named_tiles(
            "Pipelines, worst first",
            f"A light for each of the {pipelines.WORST} worst pipelines. Green: healthy. Orange: a "
            "backlog, a failed run or an alert for today. Red: a stage's backlog is above its red line, or "
            "an alert is critical. Click one to see its stages, or its runs if it is a job.",
        )
        .with_target(panels.now(pipelines.worst_lights(), "{{short}}"))
        .mappings(look.words(look.HEALTH))
        .unit("none")
        .text(VizTextDisplayOptions().title_size(11).value_size(18))
        .no_value("No pipeline is known: is the exporter up?")
        .data_links(
            panels.data_links(
                words.to_board(
                    "pipeline-health",
                    "Only ${__field.labels.pipeline}",
                    pipeline="${__field.labels.pipeline}",
                ),
                words.to_board(
                    "pipeline-runs", "Its runs, if it is a job", pipeline="${__field.labels.pipeline}"
                ),
            )
        )
        .span(24)
        .height(6)
    )


def wrong() -> table.Panel:
    """The reasons."""
    return (
        firing.table_of(
            "What is wrong?",
            "Alerts that fire, the gravest first. Click what is wrong for its runbook, the stage or SLO "
            "for its dashboard. Those for the record only are on the dashboard of incidents.",
            alerts.TOLD,
        )
        .span(24)
        .height(8)
    )


def stage_lights() -> stat.Panel:
    """The stages in the order in which events pass."""
    return (
        panels.named_tiles(
            "Stages, in order",
            "Each stage's light by its backlog. The last red one is the bottleneck: what is before it "
            "waits for it. Click it for its queue.",
            size=15,
        )
        .with_target(panels.over_time(stages.lights(), "{{pipeline}} {{position}} {{stage}}"))
        .with_transformation(panels.WITHOUT_PIPELINE)
        .mappings(look.words({**look.HEALTH, **words.NONE}))
        .unit("none")
        .data_links(
            panels.data_links(
                words.to_board(
                    "pipeline-stage",
                    "Its queue",
                    pipeline="${__field.labels.pipeline}",
                    stage="${__field.labels.stage}",
                )
            )
        )
        .span(24)
        .height(5)
    )


def backlog() -> timeseries.Panel:
    """Small multiples: each stage against its own thresholds."""
    return (
        panels.lines(
            "Backlog of $stage",
            "Events waiting in front of the stage, and where its light changes. Climbing towards the red "
            "line: it gets more than it can do; see whether traffic grew or its capacity fell.",
        )
        .with_target(panels.over_time(stages.backlog(), "{{pipeline}} waiting", "A"))
        .with_target(panels.over_time(stages.backlog_threshold("degraded"), "{{pipeline}} orange above", "B"))
        .with_target(panels.over_time(stages.backlog_threshold("critical"), "{{pipeline}} red above", "C"))
        .with_transformation(panels.WITHOUT_PIPELINE)
        .override_by_query("A", panels.solid(look.BLUE))
        .override_by_query("B", panels.dashed(look.ORANGE))
        .override_by_query("C", panels.dashed(look.RED))
        .unit("short")
        .decimals(0)
        .repeat("stage")
        .repeat_direction("h")
        .max_per_row(4)
        .no_value(words.NO_STAGES)
        .span(24)
        .height(6)
    )


def throughput() -> timeseries.Panel:
    """Small multiples: what each stage does of what it could."""
    return (
        panels.lines(
            "Throughput of $stage",
            "Events finished a second, and how many the stage could finish. At its capacity with a "
            "backlog: it is the bottleneck. A fallen capacity line: what it depends on is slow.",
        )
        .with_target(panels.over_time(stages.processed(), "{{pipeline}} finished", "A"))
        .with_target(panels.over_time(stages.capacity(), "{{pipeline}} capacity", "B"))
        .with_transformation(panels.WITHOUT_PIPELINE)
        .override_by_query("A", panels.solid(look.GREEN))
        .override_by_query("B", panels.dashed(look.GREY))
        .unit("evt/s")
        .decimals(0)
        .repeat("stage")
        .repeat_direction("h")
        .max_per_row(4)
        .no_value(words.NO_STAGES)
        .span(24)
        .height(6)
    )


def spread() -> statetimeline.Panel:
    """The lights over time."""
    return (
        panels.states(
            "Where did it start?",
            "Where trouble started and how it spread: the stages' lights over time, in order. It spreads "
            "upwards: the lane that turned first is the cause, those above it are held back by it.",
        )
        .with_target(panels.over_time(stages.lights(), "{{pipeline}} {{position}} {{stage}}", "A"))
        .with_transformation(panels.WITHOUT_PIPELINE)
        .mappings(look.words({**look.HEALTH, **words.NONE}))
        .unit("none")
        .span(24)
        .height(7)
    )


def traffic() -> timeseries.Panel:
    """What came, and what became of it."""
    return (
        panels.lines(
            "Events a second",
            "What came to the door, what was delivered, and what was lost: dropped because the queues are "
            "full, or failed after all retries. Anything lost is for good: see which stage on its "
            "dashboard.",
        )
        .with_target(panels.over_time(pipelines.arrived(), "{{pipeline}} arrived", "A"))
        .with_target(panels.over_time(pipelines.delivered(), "{{pipeline}} delivered", "B"))
        .with_target(panels.over_time(pipelines.lost("dropped"), "{{pipeline}} dropped", "C"))
        .with_target(panels.over_time(pipelines.lost("failed"), "{{pipeline}} failed", "D"))
        .with_transformation(panels.WITHOUT_PIPELINE)
        .override_by_query("A", panels.solid(look.BLUE))
        .override_by_query("B", panels.solid(look.GREEN))
        .override_by_query("C", panels.solid(look.RED))
        .override_by_query("D", panels.solid(look.ORANGE))
        .unit("evt/s")
        .decimals(1)
        .no_value(words.NO_EVENTS)
        .span(12)
        .height(8)
    )


def latency() -> timeseries.Panel:
    """How long it takes, against what was promised; dots are events to look at."""
    panel = (
        panels.lines(
            "How long does an event take?",
            "Seconds from arrival to delivery for half, 95 % and 99 % of the events, and the time that the "
            "SLO allows. Above it the budget burns: the stage with the largest backlog is where they wait. "
            "Dots are events sampled for review; click one to read its path.",
        )
        .unit("s")
        .decimals(1)
        .fill_opacity(0)
        .with_transformation(panels.WITHOUT_PIPELINE)
        .no_value(words.NO_EVENTS)
        .span(12)
        .height(8)
    )
    for ref, (share, (name, color)) in zip("ABC", QUANTILES.items(), strict=True):
        query = panels.over_time(pipelines.latency(share), f"{{{{pipeline}}}} {name}", ref)
        panel.with_target(query.exemplar(ref == "C")).override_by_query(ref, panels.solid(color))
    panel.with_target(panels.over_time(pipelines.latency_objective(), "{{pipeline}} {{slo}} objective", "D"))
    return panel.override_by_query("D", panels.dashed(look.RED))


def by_signal() -> timeseries.Panel:
    """The kinds of events."""
    return (
        panels.lines(
            "Delivered by signal",
            "Events delivered a second, by kind. One that thins out while the others don't: look at what "
            "sends it.",
        )
        .with_target(panels.over_time(pipelines.delivered_by_signal(), "{{signal}}"))
        .unit("evt/s")
        .decimals(1)
        .fill_opacity(35)
        .stacking(StackingConfig().mode(StackingMode.NORMAL).group("A"))
        .no_value(words.NO_EVENTS)
        .span(12)
        .height(7)
    )


def lost() -> stat.Panel:
    """The losses in the time that is shown."""
    return (
        panels.tiles(
            "Events lost",
            "Events dropped at the door and given up after all retries, in the time that is shown. Each is "
            "missing downstream: tell those who read it, or have it sent again.",
        )
        .with_target(panels.now(pipelines.lost_shown(), "{{outcome}}"))
        .unit("locale")
        .decimals(0)
        .thresholds(look.thresholds(look.GREEN, {0.5: look.RED}))
        .mappings(look.words({"0": look.Word("none", look.GREEN)}, "no events"))
        .no_value("no events")
        .span(6)
        .height(7)
    )


def reviewed() -> stat.Panel:
    """What waits for a human's eye."""
    return (
        panels.figures(
            "Sampled for review",
            "Delivered events that were picked for a human to look at, in the time that is shown, by kind. "
            "They are on the exporter's page with their path through the stages; give a verdict there.",
        )
        .with_target(panels.now(pipelines.reviewed(), "{{signal}}"))
        .unit("short")
        .decimals(0)
        .color_scheme(look.fixed(look.BLUE))
        .data_links(panels.data_links(words.REVIEW))
        .no_value("no events")
        .span(6)
        .height(7)
    )


def slo_table() -> table.Panel:
    """Every promise: kept, and with how much to spare."""
    return (
        slotable.table_of(
            "Are the promises kept?",
            "Each SLO's objective, what was achieved in the period so far, and how much of its error "
            "budget is left. Below a quarter: put reliability before change. Click the SLO for how fast it "
            "is being spent.",
        )
        .span(24)
        .height(6)
    )


BOARD = Board(
    uid="pipeline-health",
    description="Whether the pipelines are healthy, what is wrong, since when, and whom it touches.",
    chosen=("team", "pipeline", "stream", "stage", "slo"),
    panels=content,
    annotated=annotations.OF_STREAMS,
)
