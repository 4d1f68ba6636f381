"""When faults began, as the simulation knows it: for how long it takes until somebody is told."""

from collections.abc import Iterator
from dataclasses import dataclass

from exporter.incidents.webhook import Alert
from exporter.observations.fault import Fault
from exporter.state import State

# A backlog outlasts its fault, and the rules look back: an alert may fire that long after the fault's end.
AFTERMATH_SECONDS = 15 * 60
MOST_REMEMBERED = 10_000


@dataclass(frozen=True, slots=True)
class Onset:
    """One fault in the time of clocks, seconds since the epoch."""

    fault: Fault
    began: float
    ended: float

    def explains(self, alert: Alert, opens: bool) -> bool:
        """True for an alert of the fault's stage; one of the whole pipeline must open its incident."""
        stage = alert.labels.get("stage")
        same_stage = opens if stage is None else self.fault.stage == stage
        same_place = self.fault.pipeline == alert.pipeline and same_stage
        return same_place and self.began <= alert.starts <= self.ended + AFTERMATH_SECONDS


class Onsets:
    """The faults of late, and which of them have been told already.

    One thread notes them and another one tells: each changes a dict by single steps, and reads a copy.
    """

    def __init__(self) -> None:
        self.untold: dict[str, Onset] = {}
        self.told: dict[str, float] = {}

    def forget(self) -> None:
        """The streams begin anew, and so do the names of their faults."""
        self.untold.clear()
        self.told.clear()

    def note(self, state: State) -> None:
        """Remember what strikes now."""
        for fault in striking(state):
            if fault.id not in self.untold and fault.id not in self.told:
                for oldest in [*self.untold][:1] if len(self.untold) >= MOST_REMEMBERED else []:
                    self.untold.pop(oldest, None)
                began, ended = state.timeline.at(fault.start), state.timeline.at(fault.end)
                self.untold[fault.id] = Onset(fault, began, ended)

    def told_by(self, alert: Alert, opens: bool, now: float) -> float | None:
        """Seconds from the onset of the last fault that explains `alert`; each fault is told once."""
        self.prune(now)
        found = [onset for onset in [*self.untold.values()] if onset.explains(alert, opens)]
        if not found:
            return None
        onset = max(found, key=lambda one: one.began)
        self.told[onset.fault.id] = onset.ended
        self.untold.pop(onset.fault.id, None)
        return max(0.0, now - onset.began)

    def prune(self, now: float) -> None:
        """Drop what no alert can be about any more."""
        over = now - 2 * AFTERMATH_SECONDS
        for name, onset in [*self.untold.items()]:
            if onset.ended <= over:
                self.untold.pop(name, None)
        for name, ended in [*self.told.items()]:
            if ended <= over:
                self.told.pop(name, None)


def striking(state: State) -> Iterator[Fault]:
    """Every fault at work."""
    return (fault for streams in state.streams for _, _, fault in streams.struck)
