"""Incidents and alerts: now, over time, and how well people are served by them."""

from collections.abc import Sequence

from grafana_foundation_sdk.builders import stat, statetimeline, table, timeseries
from grafana_foundation_sdk.models.common import BigValueTextMode

from grafana import firing, look, panels, words
from grafana.board import Board, Item
from grafana.queries import alerts

STATES = {
    "-1": look.Word("quiet", look.GREEN),
    "0": look.Word("waits", look.YELLOW),
    "1": look.Word("fires", look.RED),
}
TIMES = {
    "detect": (
        "Time to detect",
        "From a simulated fault's onset to the first alert that it explains: half of the incidents, and 90 "
        "% of them, within this. Of the chosen teams, whatever pipeline is chosen. Too long: look for a "
        "cause that has no alert of its own.",
    ),
    "acknowledge": (
        "Time to acknowledge",
        "From an incident's start until somebody said on the exporter's page that they have it. Of the "
        "chosen teams, whatever pipeline is chosen. Too long: it reaches the wrong people, or too many.",
    ),
    "resolve": (
        "Time to resolve",
        "From an incident's start until its last alert ended. Of the chosen teams, whatever pipeline is "
        "chosen. Too long: see whether the runbook says the right thing.",
    ),
}


def content() -> Sequence[Item]:
    """Now, then, and in between."""
    return [
        by_severity(),
        open_incidents(),
        by_team(),
        now_firing(),
        course(),
        panels.row("How well does it work?"),
        *(time_to(what, title, description) for what, (title, description) in TIMES.items()),
        noisiest(),
        opened(),
        panels.row("Alertmanager"),
        notifications(),
        in_alertmanager(),
    ]


def by_severity() -> stat.Panel:
    """How many of each severity."""
    panel = panels.named_tiles(
        "Firing now",
        "Alerts that fire, by severity, the Watchdog left out. Critical: somebody has been paged, open the "
        "runbook. High: the team's channel has been told, today. Medium: there is a ticket. Low: for the "
        "record only.",
        size=28,
    )
    for name, word in look.SEVERITY.items():
        panel.with_target(panels.now(alerts.firing(name), name, ref=name[0].upper()))
        panel.override_by_name(name, panels.coloured(look.thresholds(look.GREEN, {1: word.color})))
    return (
        panel.unit("short")
        .decimals(0)
        .mappings(look.words({"0": look.Word("none", look.GREEN)}))
        .span(8)
        .height(5)
    )


def open_incidents() -> stat.Panel:
    """What goes on."""
    panel = (
        panels.named_tiles(
            "Teams' incidents",
            "Those of the chosen teams that go on, whatever pipeline is chosen, by the worst severity that "
            "their alerts have had. Acknowledge them on the exporter's page, which also says why each was "
            "opened.",
        )
        .with_target(panels.now(alerts.open_by_severity(), "{{severity}}"))
        .unit("short")
        .decimals(0)
        .no_value("no incident")
        .thresholds(look.thresholds(look.GREEN))
        .data_links(panels.data_links(words.INCIDENTS))
        .span(5)
        .height(5)
    )
    for name, word in look.SEVERITY.items():
        panel.override_by_name(name, panels.coloured(look.thresholds(word.color)))
    return panel


def by_team() -> table.Panel:
    """Who has most to do."""
    columns = {"team": "Team", **{f"Value #{name[0].upper()}": name for name in look.SEVERITY}}
    panel = panels.listing(
        "Firing by team",
        "Alerts that fire, by the team that is told and severity. One team with very many: it is one "
        "cause; look at its pipelines in order.",
    )
    settings: dict[str, dict[str, object]] = {"Team": {"custom__minWidth": 160}}
    for name, word in look.SEVERITY.items():
        panel.with_target(panels.rows(alerts.firing_by_team(name), name[0].upper()))
        settings[name] = {
            "custom__width": 72,
            "custom__cellOptions": look.GROUND,
            "unit": "short",
            "decimals": 0,
            "thresholds": look.thresholds("transparent", {1: word.color}).build(),
        }
    return (
        panels.columns(panel, settings)
        .transformations(panels.joined(tuple(columns), columns))
        .no_value("No alert fires.")
        .span(11)
        .height(5)
    )


def now_firing() -> table.Panel:
    """All of them."""
    return (
        firing.table_of(
            "What fires now?",
            "Every alert that fires but the Watchdog, the gravest first, those for the record too. Click "
            "what is wrong for its runbook.",
            alerts.FIRING,
        )
        .span(24)
        .height(7)
    )


def course() -> statetimeline.Panel:
    """When each came and went."""
    return (
        panels.states(
            "What fired when?",
            "A lane for each alert: yellow while it waits to be sure, red while it fires. The first lane "
            "that turned red is nearest to the cause; lanes that come and go are noise: raise their "
            "threshold or their waiting time.",
        )
        .with_target(panels.over_time(alerts.course(), "{{alertname}} {{short}} {{stage}}{{slo}}"))
        .with_transformation(panels.renamed("^Pipeline(.+)$"))
        .mappings(look.words(STATES, ""))
        .unit("none")
        .span(24)
        .height(9)
    )


def time_to(what: str, title: str, description: str) -> stat.Panel:
    """Half of them, and nine in ten."""
    return (
        panels.figures(title, description)
        .with_target(panels.now(alerts.time_to(what, 0.5), "half within", "A"))
        .with_target(panels.now(alerts.time_to(what, 0.9), "90 % within", "B"))
        .unit("s")
        .decimals(0)
        .no_value("none in this time")
        .text_mode(BigValueTextMode.VALUE_AND_NAME)
        .span(8)
        .height(5)
    )


def noisiest() -> table.Panel:
    """What to improve first."""
    columns = {"alertname": "Alert", "Value #A": "Times", "Value #B": "Firing for"}
    return (
        panels.listing(
            "The noisiest alerts",
            "How often each alert became true in the time that is shown, and how long it fired in all. "
            "Often and briefly: it is too nervous. For long: it has become furniture; repair what it says, "
            "or delete it.",
        )
        .with_target(panels.rows(alerts.times_fired(), "A"))
        .with_target(panels.rows(alerts.firing_time(), "B"))
        .transformations(panels.joined(tuple(columns), columns))
        .sort_by([panels.sorted_by("Times", descending=True)])
        .override_by_name("Alert", panels.properties(links=[words.RUNBOOK], custom__minWidth=200))
        .override_by_name("Times", panels.properties(unit="short", decimals=0, custom__width=80))
        .override_by_name("Firing for", panels.properties(unit="s", decimals=0, custom__width=110))
        .no_value("No alert fired in this time.")
        .span(12)
        .height(8)
    )


def opened() -> stat.Panel:
    """How many there were."""
    return (
        panels.figures(
            "Incidents opened",
            "Incidents of the chosen teams, whatever pipeline is chosen, opened in the time that is shown, "
            "by the severity that they opened with. More critical ones than last week: is it the pipelines "
            "or the thresholds?",
        )
        .with_target(panels.now(alerts.opened(), "{{severity}}"))
        .unit("short")
        .decimals(0)
        .no_value("no incident")
        .color_scheme(look.fixed(look.BLUE))
        .span(12)
        .height(8)
    )


def notifications() -> timeseries.Panel:
    """What reaches people."""
    return (
        panels.lines(
            "Notifications a day",
            "Messages that Alertmanager sent in the 24 hours before, by the way they took; webhooks are "
            "the exporter's log of incidents, not people. Failed ones did not arrive: see the runbook of "
            "PipelineNotificationsFailing.",
        )
        .with_target(panels.over_time(alerts.notifications(), "{{integration}}", "A"))
        .with_target(panels.over_time(alerts.notifications_failed(), "{{integration}} failed", "B"))
        .override_by_query("B", panels.dashed(look.ORANGE))
        .unit("short")
        .decimals(0)
        .no_value("Alertmanager has sent nothing in a day.")
        .span(12)
        .height(8)
    )


def in_alertmanager() -> timeseries.Panel:
    """What it holds."""
    return (
        panels.lines(
            "Alerts in Alertmanager",
            "Alerts that it knows, by state: active ones are told, suppressed ones are held back by a "
            "silence or by a graver alert. The Watchdog is always among the active ones. Silences in "
            "force: is each still wanted?",
        )
        .with_target(panels.over_time(alerts.in_alertmanager(), "{{state}}", "A"))
        .with_target(panels.over_time(alerts.silences(), "silences", "B"))
        .override_by_query("B", panels.dashed(look.GREY))
        .unit("short")
        .decimals(0)
        .span(12)
        .height(8)
    )


BOARD = Board(
    uid="pipeline-incidents",
    description="What fires now, what fired when, how fast people were told and could help, and what is "
    "only noise.",
    chosen=("team", "pipeline"),
    panels=content,
    since="now-3h",
    refresh="15s",
)
