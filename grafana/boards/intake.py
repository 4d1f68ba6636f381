"""Intake: whether what orchestrators tell of runs arrives, in time and whole."""

from collections.abc import Iterator

from grafana_foundation_sdk.builders import stat, timeseries
from grafana_foundation_sdk.models.common import BigValueTextMode

from grafana import look, panels
from grafana.queries import intake


def content() -> Iterator[stat.Panel | timeseries.Panel]:
    """What comes, how late, and what is lost."""
    yield taken()
    yield lag()
    yield refused()
    yield not_kept()


def taken() -> timeseries.Panel:
    """Who tells how much."""
    return (
        panels.lines(
            "Events on runs a minute",
            "Events on runs and datasets that were taken in, by who sent them. One that falls to nothing "
            "while its jobs run: its address, its certificate or its token is wrong; see what is rejected.",
        )
        .with_target(panels.over_time(intake.taken(), "{{integration}}"))
        .unit("short")
        .decimals(1)
        .no_value("No orchestrator has told of a run in this time.")
        .span(8)
        .height(7)
    )


def lag() -> stat.Panel:
    """How old the news is."""
    return (
        panels.figures(
            "How late is it told?",
            "From an event until it was taken in, in the time that is shown: half of the events, and 95 % "
            "of them, within this. Minutes: the sender retries, is overloaded, or its clock is wrong.",
        )
        .with_target(panels.now(intake.lag(0.5), "half within", "A"))
        .with_target(panels.now(intake.lag(0.95), "95 % within", "B"))
        .unit("s")
        .decimals(1)
        .no_value("no events")
        .text_mode(BigValueTextMode.VALUE_AND_NAME)
        .span(6)
        .height(7)
    )


def refused() -> stat.Panel:
    """What was not taken in."""
    return (
        lost(
            "Refused",
            "Events that could not be read, or for which there was no room, in the time that is shown. "
            "Invalid: the answer that the sender got says what was expected. No room: more jobs report "
            "than the configuration allows.",
        )
        .with_target(panels.now(intake.refused(), "{{outcome}}"))
        .span(4)
    )


def not_kept() -> stat.Panel:
    """What was taken in and got lost, or can't be true."""
    panel = lost(
        "Told and not kept",
        "In the time that is shown: datasets beyond the most that are kept, runs in progress that had to "
        "be forgotten, and runs that were said to have ended in two ways. Raise the limits in the "
        "configuration, or look for two that tell of the same runs.",
    )
    for ref, (name, counter) in zip("ABC", intake.NOT_KEPT.items(), strict=True):
        panel.with_target(panels.now(intake.lost(counter), name, ref))
    return panel.span(6)


def lost(title: str, description: str) -> stat.Panel:
    """How much, and green for none."""
    return (
        panels.named_tiles(title, description)
        .unit("locale")
        .decimals(0)
        .no_value("none")
        .thresholds(look.thresholds(look.GREEN, {0.5: look.ORANGE}))
        .mappings(look.words({"0": look.Word("none", look.GREEN)}))
        .height(7)
    )
