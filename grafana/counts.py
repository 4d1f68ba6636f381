"""Tiles that say of how many things something is true."""

from typing import NamedTuple

from grafana_foundation_sdk.builders import stat

from grafana import look, panels


class Count(NamedTuple):
    """A tile: how many series `expr` has; blue ones are no news, whatever they say."""

    title: str
    description: str
    expr: str
    color: str


def counted(count: Count) -> stat.Panel:
    """One of six in a row."""
    base = look.GREY if count.color == look.BLUE else look.GREEN
    return (
        panels.tiles(count.title, count.description)
        .with_target(panels.now(f"count ({count.expr}) or vector(0)"))
        .unit("short")
        .decimals(0)
        .thresholds(look.thresholds(base, {1: count.color}))
        .mappings(look.texts({"0": "none"}))
        .span(4)
        .height(4)
    )
