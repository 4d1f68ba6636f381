"""One stage as a queue: what comes, what is served, what waits, what is lost."""

from collections.abc import Sequence

from grafana_foundation_sdk.builders import bargauge, heatmap, stat, statetimeline, timeseries

from grafana import annotations, look, panels, words
from grafana.board import Board, Item
from grafana.queries import stages

STAGE = "{{pipeline}} {{stage}}"
EACH = "{{pipeline}}"


def content() -> Sequence[Item]:
    """From the light to its reasons."""
    return [
        lights(),
        fill(),
        blocked(),
        panels.row("$stage").repeat("stage"),
        arrivals(),
        backlog(),
        utilisation(),
        times(),
        service_times(),
        service(),
        losses(),
        errors(),
    ]


def lights() -> stat.Panel:
    """How it is."""
    return (
        panels.named_tiles(
            "Is it healthy?",
            "The chosen stages' lights by their backlog. Orange or red: compare what comes with what it "
            "can do, below.",
            size=15,
        )
        .with_target(panels.over_time(stages.light(), "{{pipeline}} {{position}} {{stage}}"))
        .with_transformation(panels.WITHOUT_PIPELINE)
        .mappings(look.words({**look.HEALTH, **words.NONE}))
        .unit("none")
        .span(12)
        .height(5)
    )


def fill() -> bargauge.Panel:
    """How near the end."""
    return (
        panels.bars(
            "How full is the queue?",
            "Backlog by the queue's limit. A full queue holds back the stage before it, and at the front "
            "door events are dropped.",
        )
        .with_target(panels.now(stages.backlog_fill(), STAGE))
        .with_transformation(panels.WITHOUT_PIPELINE)
        .unit("percentunit")
        .decimals(0)
        .max(1)
        .thresholds(look.thresholds(look.GREEN, {0.5: look.ORANGE, 0.9: look.RED}))
        .mappings(look.words({}, words.NO_STAGES))
        .no_value(words.NO_STAGES)
        .span(12)
        .height(5)
    )


def arrivals() -> timeseries.Panel:
    """Coming against going."""
    return (
        panels.lines(
            "Does more come than it can do?",
            "Events a second that come, those refused at a full front door too, and that it finishes, and "
            "what it could. Coming above capacity: the backlog grows. Capacity below what it is when all "
            "is well: what the stage depends on is slow. Finished far below capacity with a backlog: it is "
            "held back or its attempts fail.",
        )
        .with_target(panels.over_time(stages.arrivals(), f"{EACH} comes", "A"))
        .with_target(panels.over_time(stages.finished(), f"{EACH} finished", "B"))
        .with_target(panels.over_time(stages.capacity(), f"{EACH} capacity", "C"))
        .with_target(panels.over_time(stages.nominal_capacity(), f"{EACH} capacity when well", "D"))
        .with_transformation(panels.WITHOUT_PIPELINE)
        .override_by_query("A", panels.solid(look.BLUE))
        .override_by_query("B", panels.solid(look.GREEN))
        .override_by_query("C", panels.dashed(look.GREY))
        .override_by_query("D", panels.dotted(look.GREY))
        .unit("evt/s")
        .decimals(0)
        .no_value(words.NO_STAGES)
        .span(8)
        .height(8)
    )


def backlog() -> timeseries.Panel:
    """The queue against its thresholds."""
    return (
        panels.lines(
            "Backlog",
            "Events waiting. Dashed: where the light turns orange and red. Above red it is filling up: see "
            "beside it whether too much comes or too little is done.",
        )
        .with_target(panels.over_time(stages.backlog(), f"{EACH} waiting", "A"))
        .with_target(panels.over_time(stages.backlog_threshold("degraded"), f"{EACH} orange above", "B"))
        .with_target(panels.over_time(stages.backlog_threshold("critical"), f"{EACH} red above", "C"))
        .with_transformation(panels.WITHOUT_PIPELINE)
        .override_by_query("A", panels.solid(look.BLUE))
        .override_by_query("B", panels.dashed(look.ORANGE))
        .override_by_query("C", panels.dashed(look.RED))
        .unit("short")
        .decimals(0)
        .no_value(words.NO_STAGES)
        .span(8)
        .height(8)
    )


def utilisation() -> timeseries.Panel:
    """How busy."""
    return (
        panels.lines(
            "Utilisation",
            "Attempts by what the stage could make. Near 100 % for long: it has no room for a burst; give "
            "it capacity before the backlog grows.",
        )
        .with_target(panels.over_time(stages.utilisation(), f"{EACH} utilisation"))
        .with_transformation(panels.WITHOUT_PIPELINE)
        .override_by_query("A", panels.solid(look.BLUE))
        .unit("percentunit")
        .decimals(0)
        .axis_soft_max(1)
        .no_value(words.NO_STAGES)
        .span(8)
        .height(8)
    )


def times() -> timeseries.Panel:
    """Where the time goes."""
    return (
        panels.lines(
            "Waiting against service time",
            "Mean seconds that an event waits in the queue (backlog by throughput) and that the stage "
            "works on it. Waiting grows first: too little capacity. Service grows: what the stage calls "
            "has become slow.",
        )
        .with_target(panels.over_time(stages.waiting_time(), f"{EACH} waits", "A"))
        .with_target(panels.over_time(stages.service_time(), f"{EACH} works", "B"))
        .with_transformation(panels.WITHOUT_PIPELINE)
        .override_by_query("A", panels.solid(look.BLUE))
        .override_by_query("B", panels.solid(look.GREEN))
        .scale_distribution(panels.logarithmic(0.001))
        .fill_opacity(0)
        .unit("s")
        .decimals(2)
        .no_value(words.NO_STAGES)
        .span(12)
        .height(9)
    )


def service() -> timeseries.Panel:
    """The mean against its threshold."""
    return (
        panels.lines(
            "Is the work slow?",
            "Mean seconds of an attempt, and the threshold above which PipelineStageSlow fires after a "
            "minute. Above it: ask who runs what the stage depends on.",
        )
        .with_target(panels.over_time(stages.service_time(), f"{EACH} mean", "A"))
        .with_target(panels.over_time(stages.service_threshold(), f"{EACH} slow above", "B"))
        .with_transformation(panels.WITHOUT_PIPELINE)
        .override_by_query("A", panels.solid(look.GREEN))
        .override_by_query("B", panels.dashed(look.ORANGE))
        .unit("s")
        .decimals(1)
        .no_value(words.NO_STAGES)
        .span(8)
        .height(7)
    )


def service_times() -> heatmap.Panel:
    """The whole distribution."""
    return (
        panels.density(
            "Service time of all attempts",
            "How many attempts took how long. A second band above the first: some events, or some calls, "
            "are slower than the rest; a mean would hide them.",
            "s",
            1,
        )
        .with_target(panels.cells(stages.service_times()))
        .no_value(words.NO_STAGES)
        .span(12)
        .height(9)
    )


def blocked() -> statetimeline.Panel:
    """Held back by the next one."""
    return (
        panels.states(
            "Held back by the next stage?",
            "Yes while the next stage's full queue lets nothing through. The cause is further on: repair "
            "the last stage that is not held back.",
        )
        .with_target(panels.over_time(stages.blocked(), "{{pipeline}} {{position}} {{stage}}"))
        .with_transformation(panels.WITHOUT_PIPELINE)
        .mappings(look.words({**look.NO_YES, **words.NONE}))
        .unit("none")
        .span(24)
        .height(6)
    )


def losses() -> timeseries.Panel:
    """Gone for good."""
    return (
        panels.lines(
            "Events lost a second",
            "Given up after all retries, or dropped at the front door because the queue is full. None of "
            "them reaches users: a line above zero is an incident.",
        )
        .with_target(panels.over_time(stages.lost("failed"), f"{EACH} failed", "A"))
        .with_target(panels.over_time(stages.lost("dropped"), f"{EACH} dropped", "B"))
        .with_transformation(panels.WITHOUT_PIPELINE)
        .override_by_query("A", panels.solid(look.ORANGE))
        .override_by_query("B", panels.solid(look.RED))
        .unit("evt/s")
        .decimals(1)
        .axis_soft_max(1)
        .no_value(words.NO_STAGES)
        .span(8)
        .height(7)
    )


def errors() -> timeseries.Panel:
    """Attempts that fail, whether or not a retry helps."""
    return (
        panels.lines(
            "Share of attempts that fail",
            "Failed and repeated attempts by all attempts, and the threshold above which "
            "PipelineStageErrors fires. Retries hide errors from users and use up capacity: look at the "
            "stage's log.",
        )
        .with_target(panels.over_time(stages.error_share(), f"{EACH} failing", "A"))
        .with_target(panels.over_time(stages.error_threshold(), f"{EACH} too many above", "B"))
        .with_transformation(panels.WITHOUT_PIPELINE)
        .override_by_query("A", panels.solid(look.ORANGE))
        .override_by_query("B", panels.dashed(look.RED))
        .unit("percentunit")
        .decimals(1)
        .no_value(words.NO_STAGES)
        .span(8)
        .height(7)
    )


BOARD = Board(
    uid="pipeline-stage",
    description="A stage as a queue: what comes, what it can do, what waits, and what goes wrong.",
    chosen=("team", "pipeline", "stream", "stage"),
    panels=content,
    annotated=annotations.OF_STREAMS,
)
