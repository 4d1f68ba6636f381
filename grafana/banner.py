"""The banner of the demonstration, on top of dashboards that speak of the SLOs' windows."""

from grafana_foundation_sdk.builders import stat

from grafana import look, panels
from grafana.queries import slos
from tools.rules.profile import PROFILES


def time_scale() -> stat.Panel:
    """How long an hour of the SLOs' time is."""
    scales = {
        str(profile.time_scale): look.Word("real time: an hour is an hour", look.GREY)
        if profile.time_scale == 1
        else look.Word(f"{profile.name}: an hour is a minute", look.PURPLE)
        for profile in PROFILES
    }
    return (
        panels.tiles(
            "SLO time scale",
            "How long an hour of the SLOs' windows is. In the demo profile windows, waiting times and the "
            "period are 60 times shorter than in production, so that you see a budget burn while you wait.",
        )
        .with_target(panels.now(slos.time_scale()))
        .mappings(look.words(scales))
        .unit("none")
        .span(24)
        .height(2)
    )
