"""What goes into the notification model, and what comes out of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

Status = Literal["firing", "resolved"]


@dataclass(frozen=True)
class Episode:
    """One time that an alert fires, from `start` to `end` in seconds; it goes on where `end` is None."""

    labels: Mapping[str, str]
    start: float
    end: float | None

    @cached_property
    def key(self) -> frozenset[tuple[str, str]]:
        """Which alert it is: Alertmanager tells alerts apart by their labels alone."""
        return frozenset(self.labels.items())

    def is_resolved(self, at: float) -> bool:
        """Whether it is over."""
        return self.end is not None and self.end <= at


@dataclass(frozen=True)
class Notification:
    """What a receiver gets `at` a time, through all of its integrations at once.

    It is resolved when none of its alerts fires any more. `group`: the values of the labels it is grouped by.
    """

    receiver: str
    at: float
    status: Status
    group: Mapping[str, str]
    alerts: tuple[Episode, ...]
