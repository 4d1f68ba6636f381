"""A fault that strikes a stage: the ground truth that a simulation knows beside its tallies."""

from dataclasses import dataclass
from typing import Literal

from exporter.config.model import FaultKind

Origin = Literal["chance", "scenario", "injected"]


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault, active at the ticks start <= tick < end."""

    id: str
    pipeline: str
    stage: str
    kind: FaultKind
    start: int
    end: int
    origin: Origin
    factor: float = 1.0
    share: float = 0.0
    retries: int = 0

    @property
    def strength(self) -> str:
        """How hard it strikes, for people."""
        if self.kind == "errors":
            return f"{self.share:.0%} fail, {self.retries} retries"
        return f"x{self.factor:g}" if self.kind != "stall" else "full"
