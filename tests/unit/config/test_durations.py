"""Durations as people write them."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exporter.config.durations import format_duration, parse_duration

UNITS = {"d": 86400, "h": 3600, "min": 60, "s": 1}


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("90s", 90),
        ("10m", 600),
        ("24h", 86400),
        ("30d", 2_592_000),
        ("250ms", 0.25),
        ("1.5h", 5400),
        ("1h30m", 5400),
        ("1d2h3m4s", 93784),
        ("0s", 0),
        (90, 90),
        (0.5, 0.5),
        (-5, -5),
    ],
)
def test_a_duration_is_read_as_seconds(text: object, seconds: float) -> None:
    assert parse_duration(text) == seconds


@pytest.mark.parametrize(
    "text",
    ["", "s", "90", "-5s", "1 h", " 1h", "1h ", "1w", "1H", "1h30", "h1", "1e3s", ".5s", True, None, [1]],
)
def test_anything_else_is_refused_with_an_example(text: object) -> None:
    with pytest.raises(ValueError, match=r"^expected a duration such as 90s, 10m or 24h$"):
        parse_duration(text)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 s"),
        (0.4, "0 s"),
        (0.6, "1 s"),
        (45, "45 s"),
        (60, "1 min"),
        (90, "1 min 30 s"),
        (3599.7, "1 h"),
        (5400, "1 h 30 min"),
        (86399, "23 h 59 min"),
        (90000, "1 d 1 h"),
        (86405, "1 d 5 s"),
        (2_592_000, "30 d"),
    ],
)
def test_a_duration_is_written_in_its_two_largest_units(seconds: float, text: str) -> None:
    assert format_duration(seconds) == text


@settings(deadline=None)
@given(st.integers(0, 400 * 86400))
def test_what_is_written_falls_short_of_the_duration_by_less_than_its_smallest_unit(seconds: int) -> None:
    words = format_duration(seconds).split()
    written = sum(int(count) * UNITS[unit] for count, unit in zip(words[::2], words[1::2], strict=True))
    exact = len(words) == 2
    assert 0 <= seconds - written < (1 if exact else UNITS[words[-1]])
