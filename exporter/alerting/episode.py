"""An alert's time in firing."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Episode:
    """From `start` until before `end` (seconds); None while it still fires."""

    labels: Mapping[str, str]
    start: float
    end: float | None
