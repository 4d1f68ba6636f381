"""Ticks as moments in time: the model counts ticks, people read clocks."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Timeline:
    """Tick 0 was at `started` (seconds since the epoch); `speed` ticks pass in a second."""

    started: float = 0.0
    speed: float = 1.0

    def at(self, tick: float) -> float:
        """The moment at which `tick` begins, in seconds since the epoch."""
        return self.started + tick / self.speed

    def end(self, tick: int) -> float:
        """The moment at which `tick` ends, when what happened in it is known."""
        return self.at(tick + 1)
