"""Durations as people write them: `90s`, `10m`, `24h`, `1h30m`, or a plain number of seconds."""

import re
from typing import Annotated

from pydantic import BeforeValidator

SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
LONGEST = 1e12
PART = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)")


def parse_duration(text: object) -> float:
    """Seconds in `text`; ValueError says what was expected."""
    if isinstance(text, int | float) and not isinstance(text, bool) and abs(text) < LONGEST:
        return float(text)
    parts = PART.findall(text) if isinstance(text, str) else []
    if not parts or "".join(number + unit for number, unit in parts) != text:
        raise ValueError("expected a duration such as 90s, 10m or 24h")
    return sum(float(number) * SECONDS[unit] for number, unit in parts)


def format_duration(seconds: float) -> str:
    """`seconds` in the two largest units that say something: `1 h 30 min`, `45 s`."""
    left = round(seconds)
    words = []
    for unit, size in (("d", 86400), ("h", 3600), ("min", 60), ("s", 1)):
        count, left = divmod(left, size)
        if count:
            words.append(f"{count} {unit}")
    return " ".join(words[:2]) or "0 s"


Duration = Annotated[float, BeforeValidator(parse_duration)]
