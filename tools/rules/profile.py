"""The profiles: production, and a demonstration in which an hour of the SLOs' time is a minute."""

import re
from dataclasses import dataclass

SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


@dataclass(frozen=True)
class Profile:
    """How long the SLOs' windows are (divided by `time_scale`), and how often Prometheus looks (seconds)."""

    name: str
    time_scale: int
    interval: int

    def time(self, production: str) -> str:
        """A window or waiting time of production, `6h`, as this profile has it, `6m`."""
        return written(seconds(production) // self.time_scale)


PROFILES = (Profile("prod", 1, 15), Profile("demo", 60, 1))


def seconds(text: str) -> int:
    """How long `1h30m` is."""
    return sum(int(number) * SECONDS[unit] for number, unit in re.findall(r"(\d+)([smhd])", text))


def written(duration: int) -> str:
    """Seconds in the largest unit that has no fraction, as PromQL wants them."""
    unit = max((unit for unit, size in SECONDS.items() if duration % size == 0), key=lambda one: SECONDS[one])
    return f"{duration // SECONDS[unit]}{unit}"
