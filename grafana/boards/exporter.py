"""Is the watcher well? The exporter, Prometheus and Alertmanager."""

from collections.abc import Callable, Sequence

from grafana_foundation_sdk.builders import stat, timeseries

from grafana import look, panels
from grafana.board import Board, Item
from grafana.boards import intake
from grafana.queries import monitoring
from grafana.queries.selectors import EXPORTER

JOBS = {
    "exporter": EXPORTER,
    "Prometheus": monitoring.PROMETHEUS,
    "Alertmanager": monitoring.ALERTMANAGER,
}


def content() -> Sequence[Item]:
    """From the signs of life to the machinery."""
    return [
        up(),
        watchdog(),
        configuration(),
        unforeseen(),
        panels.row("The exporter"),
        behind(),
        scrape_time(),
        series(),
        rejected(),
        memory(),
        cpu(),
        panels.row("What is told of runs"),
        *intake.content(),
        panels.row("Prometheus and Alertmanager"),
        rule_load(),
        rule_failures(),
        queue(),
        ingested(),
    ]


def up() -> stat.Panel:
    """Who answers."""
    panel = panels.named_tiles(
        "Who answers?",
        "Whether Prometheus gets an answer. Exporter down: no pipeline's alert can fire until it is back. "
        "Prometheus down: nothing is judged, and this dashboard is empty. Alertmanager down: alerts fire "
        "and nobody is told.",
    )
    for ref, (name, job) in zip("ABC", JOBS.items(), strict=True):
        panel.with_target(panels.now(monitoring.up(job), name, ref))
    return (
        panel.mappings(look.words(look.DOWN_UP, "unknown")).unit("none").no_value("unknown").span(9).height(4)
    )


def watchdog() -> stat.Panel:
    """The way to people."""
    return (
        panels.tiles(
            "Watchdog heard",
            "How long ago the alert that always fires last came through Prometheus and Alertmanager to the "
            "exporter. It comes every five minutes at least; later, the way to people is broken: start "
            "with Alertmanager.",
        )
        .with_target(panels.now(monitoring.watchdog_age()))
        .unit("s")
        .decimals(0)
        .no_value("not heard yet")
        .thresholds(look.thresholds(look.GREEN, {360: look.ORANGE, 900: look.RED}))
        .span(5)
        .height(4)
    )


def configuration() -> stat.Panel:
    """Whose will is done."""
    return (
        panels.tiles(
            "Configuration",
            "Whether the exporter's configuration in force is the last one that was asked for. Failed: its "
            "log names the key that is wrong; the one before is still in force.",
        )
        .with_target(panels.now(monitoring.config_loaded()))
        .mappings(look.words(look.REFUSED_OK, "unknown"))
        .unit("none")
        .no_value("unknown")
        .span(5)
        .height(4)
    )


def unforeseen() -> stat.Panel:
    """Bugs."""
    return (
        panels.tiles(
            "Bugs",
            "Errors that nobody foresaw, in the time that is shown, by where they were caught. Each is a "
            "bug: the log has its traceback.",
        )
        .with_target(panels.now(monitoring.errors(), "{{place}}"))
        .unit("short")
        .decimals(0)
        .no_value("none")
        .thresholds(look.thresholds(look.GREEN, {0.5: look.RED}))
        .mappings(look.words({"0": look.Word("none", look.GREEN)}))
        .span(5)
        .height(4)
    )


def plot(title: str, description: str, unit: str, decimals: int) -> timeseries.Panel:
    """One of many figures over time."""
    return panels.lines(title, description).unit(unit).decimals(decimals).span(8).height(7)


def behind() -> timeseries.Panel:
    """Old news."""
    return (
        plot(
            "Ticks behind",
            "Ticks of the simulation that are due and not made yet. More than 30 for a minute: "
            "PipelineExporterBehind; it has too little CPU, too many pipelines, or too high a speed.",
            "short",
            0,
        )
        .with_target(panels.over_time(monitoring.ticks_behind(), "{{instance}}"))
        .axis_soft_max(1)
    )


def scrape_time() -> timeseries.Panel:
    """How long an answer takes."""
    return (
        plot(
            "How long does a scrape take?",
            "Seconds in which the exporter renders its answer (95 % of them), and that Prometheus waits "
            "for it. Near the scrape interval: too many pipelines for one exporter.",
            "s",
            1,
        )
        .with_target(panels.over_time(monitoring.scrape_time(0.95), "rendered, 95 % within", "A"))
        .with_target(panels.over_time(monitoring.scrape_time_seen(), "{{instance}} seen by Prometheus", "B"))
    )


def series() -> timeseries.Panel:
    """How much it says."""
    return plot(
        "Series in a scrape",
        "Samples in an answer of the exporter. It grows with pipelines, stages and signals, and with "
        "nothing else: a steady climb is a label that should not be one.",
        "short",
        0,
    ).with_target(panels.over_time(monitoring.series(), "{{instance}}"))


def rejected() -> timeseries.Panel:
    """What it did not take."""
    return (
        plot(
            "Rejected requests a second",
            "Requests that the exporter refused, by reason. Steady: some job's configuration is wrong; the "
            "answer that it got says what was expected.",
            "reqps",
            2,
        )
        .with_target(panels.over_time(monitoring.rejected(), "{{reason}}"))
        .no_value("Nothing is rejected.")
    )


def memory() -> timeseries.Panel:
    """Room."""
    panel = plot(
        "Memory",
        "Memory of each process. The exporter's is flat; a climb over days is a leak, worth a bug report.",
        "bytes",
        0,
    )
    return per_process(panel, monitoring.memory)


def cpu() -> timeseries.Panel:
    """Time."""
    panel = plot(
        "CPU",
        "Cores in use by each process. The exporter near 1 falls behind: it computes on one core.",
        "short",
        2,
    )
    return per_process(panel, monitoring.cpu)


def per_process(panel: timeseries.Panel, query: Callable[[str], str]) -> timeseries.Panel:
    """A line for each of the three."""
    for ref, job in zip("ABC", JOBS.values(), strict=True):
        panel.with_target(panels.over_time(query(job), "{{job}}", ref))
    return panel


def rule_load() -> timeseries.Panel:
    """Whether judging keeps up."""
    return (
        plot(
            "Rule evaluation by its interval",
            "Share of its interval that a group of rules takes to be evaluated. Near 100 %: evaluations "
            "are left out, and alerts come late; give Prometheus CPU, or record less.",
            "percentunit",
            1,
        )
        .with_target(panels.over_time(monitoring.rule_load(), "{{group}}"))
        .span(12)
    )


def rule_failures() -> stat.Panel:
    """Judging that failed."""
    return (
        panels.tiles(
            "Rule evaluations lost",
            "In the time that is shown. Failed: PipelineRulesFailing, Prometheus' page of rules says "
            "which. Left out: the one before had not ended.",
        )
        .with_target(panels.now(monitoring.rule_failures(), "failed", "A"))
        .with_target(panels.now(monitoring.missed_evaluations(), "left out", "B"))
        .unit("locale")
        .decimals(0)
        .thresholds(look.thresholds(look.GREEN, {0.5: look.ORANGE}))
        .mappings(look.words({"0": look.Word("none", look.GREEN)}))
        .span(6)
        .height(7)
    )


def queue() -> stat.Panel:
    """The way from Prometheus to Alertmanager and on."""
    return (
        panels.tiles(
            "Alerts not handed over",
            "Alerts that wait in Prometheus for Alertmanager, and that could not be handed over in the "
            "time that is shown. Above none: PipelineAlertmanagerUnreachable.",
        )
        .with_target(panels.now(monitoring.alerts_queued(), "waiting", "A"))
        .with_target(panels.now(monitoring.alerts_dropped(), "lost", "B"))
        .unit("short")
        .decimals(0)
        .thresholds(look.thresholds(look.GREEN, {0.5: look.RED}))
        .mappings(look.words({"0": look.Word("none", look.GREEN)}))
        .span(6)
        .height(7)
    )


def ingested() -> timeseries.Panel:
    """How much Prometheus does."""
    return (
        plot(
            "Prometheus: series and samples",
            "Series in memory, and samples taken in a second. A jump: something new is scraped, or a label "
            "has exploded.",
            "locale",
            0,
        )
        .with_target(panels.over_time(monitoring.head_series(), "series in memory", "A"))
        .with_target(panels.over_time(monitoring.ingested(), "samples a second", "B"))
        .span(24)
    )


BOARD = Board(
    uid="pipeline-exporter",
    description="Whether who watches the pipelines is well: the exporter, Prometheus, Alertmanager and the "
    "way to people.",
    chosen=(),
    panels=content,
    since="now-1h",
    refresh="15s",
)
