"""The first row of home: what to know within five seconds."""

from collections.abc import Sequence

from grafana_foundation_sdk.builders import stat
from grafana_foundation_sdk.builders.common import VizTextDisplayOptions
from grafana_foundation_sdk.models.common import BigValueTextMode, VizOrientation

from grafana import banner, look, panels, words
from grafana.board import Item
from grafana.queries import alerts, pipelines

UNKNOWN = look.Word("nobody knows", look.GREY)


def content() -> Sequence[Item]:
    """The banner, and the rest from left to right."""
    return [banner.time_scale(), verdict(), how_many(), since_when(), whose(), incidents()]


def verdict() -> stat.Panel:
    """The one word."""
    return (
        panels.tiles(
            "All healthy?",
            "The worst light of all chosen pipelines, and of the chosen teams' data. Orange: slower than "
            "usual, or doubtful, look today. Red: users are hit or soon will be; the table below says by "
            "what. Grey: an exporter does not answer, so nobody knows of all of them.",
        )
        .with_target(panels.now(pipelines.overall()))
        .mappings(look.words({**look.HEALTH, str(pipelines.NOT_ALL_KNOWN): UNKNOWN}, UNKNOWN.text))
        .no_value(UNKNOWN.text)
        .unit("none")
        .text_mode(BigValueTextMode.VALUE)
        .span(5)
        .height(5)
    )


def how_many() -> stat.Panel:
    """Pipelines by light."""
    panel = (
        panels.named_tiles(
            "How many pipelines?",
            "Pipelines by light: the worst of their stages' lights, of their last run, and of their "
            "alerts. Start with the red ones.",
            size=28,
        )
        .unit("short")
        .decimals(0)
        .orientation(VizOrientation.VERTICAL)
        .color_scheme(look.fixed("text"))
        .span(6)
        .height(5)
    )
    for value, word in reversed(look.HEALTH.items()):
        panel.with_target(panels.now(pipelines.how_many(int(value)), word.text, ref=word.text[0].upper()))
        panel.override_by_name(word.text, panels.coloured(look.thresholds(look.GREY, {1: word.color})))
    return panel


def since_when() -> stat.Panel:
    """The oldest trouble."""
    return (
        panels.figures(
            "Since",
            "When the alert that has fired longest became true. The longer ago, the more its users have "
            "noticed.",
        )
        .with_target(panels.now(alerts.oldest()))
        .unit("dateTimeFromNow")
        .no_value("nothing fires")
        .span(4)
        .height(5)
    )


def whose() -> stat.Panel:
    """The teams that have something to do."""
    return (
        panels.figures(
            "Whose?",
            "Teams with alerts that fire, and how many. Alertmanager has told them; ask there before you "
            "repair.",
        )
        .with_target(panels.now(alerts.teams(), "{{team}}"))
        .unit("short")
        .decimals(0)
        .no_value("nobody's")
        .text_mode(BigValueTextMode.VALUE_AND_NAME)
        .text(VizTextDisplayOptions().title_size(12).value_size(28))
        .span(4)
        .height(5)
    )


def incidents() -> stat.Panel:
    """Incidents that go on."""
    return (
        panels.tiles(
            "Teams' incidents",
            "Those of the chosen teams that go on, whatever pipeline is chosen: one a team and pipeline, "
            "from its first alert to its last. The exporter's page says in words why each was opened; "
            "acknowledge it there.",
        )
        .with_target(panels.now(alerts.open_incidents()))
        .unit("short")
        .decimals(0)
        .thresholds(look.thresholds(look.GREEN, {1: look.RED}))
        .mappings(look.words({"0": look.Word("none", look.GREEN)}))
        .data_links(panels.data_links(words.INCIDENTS))
        .span(5)
        .height(5)
    )
