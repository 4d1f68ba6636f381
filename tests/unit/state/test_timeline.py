"""Ticks as moments in time."""

import pytest

from exporter.state.timeline import Timeline


@pytest.mark.parametrize(("speed", "moment"), [(1, 1120), (60, 1002), (0.5, 1240)])
def test_a_tick_is_as_long_as_the_speed_says(speed: float, moment: float) -> None:
    assert Timeline(started=1000, speed=speed).at(120) == moment


def test_ticks_are_seconds_since_the_epoch_unless_told_otherwise() -> None:
    assert Timeline().at(90) == 90
