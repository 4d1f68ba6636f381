"""A row of the result: our figure and, where there is one, a named peer's."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from statistics import median


class Unit(Enum):
    """What a figure counts, how it is written, and whether more of it is better."""

    RATE = ("events/s", ",.0f", True)
    SECONDS = ("s", ".2f", False)
    MILLISECONDS = ("ms", ".1f", False)
    MICROSECONDS = ("us", ".1f", False)
    KILOBYTES = ("kB", ".1f", False)
    MEGABYTES = ("MB", ".2f", False)

    def __init__(self, label: str, precision: str, rises: bool) -> None:
        self.label = label
        self.precision = precision
        self.rises = rises

    def format(self, figure: float) -> str:
        """The figure with its unit."""
        return f"{figure:{self.precision}} {self.label}"

    def ratio(self, peer: float, ours: float) -> float:
        """How many times as good as the peer's."""
        return ours / peer if self.rises else peer / ours


@dataclass(frozen=True, slots=True)
class Row:
    """Medians of all rounds; each round's figure of ours belongs to the peer's at the same place.

    wanted: the least ratio.
    """

    name: str
    unit: Unit
    ours: Sequence[float]
    peer_name: str = ""
    peer: Sequence[float] = ()
    wanted: float | None = None

    @property
    def ratios(self) -> list[float]:
        """How many times as good as the peer, round by round."""
        return sorted(self.unit.ratio(*pair) for pair in zip(self.peer, self.ours, strict=bool(self.peer)))

    @property
    def ratio(self) -> float | None:
        """The median of the ratios."""
        return median(self.ratios) if self.peer else None

    @property
    def verdict(self) -> str:
        """Whether the ratio is what was wanted."""
        if self.ratio is None or self.wanted is None:
            return ""
        return "met" if self.ratio >= self.wanted else "missed"

    def cells(self) -> tuple[str, ...]:
        """The row of the table."""
        ours = self.unit.format(median(self.ours))
        if self.ratio is None:
            return self.name, "", "", ours, "", "", ""
        spread = f"{short(self.ratio)} ({short(self.ratios[0])} to {short(self.ratios[-1])})"
        wanted = "" if self.wanted is None else f">= {self.wanted:g}"
        return (
            self.name,
            self.peer_name,
            self.unit.format(median(self.peer)),
            ours,
            spread,
            wanted,
            self.verdict,
        )

    def to_json(self) -> dict[str, object]:
        """The row as JSON."""
        return {
            "name": self.name,
            "unit": self.unit.label,
            "ours": median(self.ours),
            "peer": self.peer_name or None,
            "peer_figure": median(self.peer) if self.peer else None,
            "ratio": self.ratio,
            "ratio_lowest": min(self.ratios, default=None),
            "ratio_highest": max(self.ratios, default=None),
            "wanted": self.wanted,
            "met": self.verdict == "met" if self.verdict else None,
        }


def short(ratio: float) -> str:
    """A ratio in three digits or so."""
    return f"{ratio:.0f}" if ratio >= 100 else f"{ratio:.1f}" if ratio >= 10 else f"{ratio:.2f}"
