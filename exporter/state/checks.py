"""State of dataset checks: the last report of each dataset, and what is to be checked when."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

import msgspec

from exporter.reports.event import ChecksReport, Status
from exporter.runs.refusals import RefusedError

# Of all datasets together: each is some series and half a kilobyte.
MOST_CHECKS = 50_000

Fate = Literal["taken", "older", "refused"]


class Checked(msgspec.Struct):
    """The last report of a dataset."""

    number: int
    report: ChecksReport

    @property
    def dataset(self) -> str:
        """Its name."""
        return self.report.dataset


@dataclass(slots=True)
class Scheduled:
    """A dataset that the exporter itself checks every so many seconds; whether it could, the last time."""

    dataset: str
    team: str
    every: float
    unreadable: bool = False


class CheckStates:
    """The last report of every dataset, at most `limit`, in the order in which they were first heard of.

    What was judged earlier than the report that is held changes nothing. `refused` counts reports that there
    was no room for. `changed` collects the datasets that a snapshot has to write anew; whoever takes one
    clears it.
    """

    def __init__(self, limit: int = 5000, most_checks: int = MOST_CHECKS) -> None:
        self.limit, self.most_checks = limit, most_checks
        self.refused = 0
        self.changed: set[str] = set()
        self.simulated: set[str] = set()
        self._number = 0
        self._count = 0
        self._states: dict[str, Checked] = {}
        # Asked for each second, of all of them.
        self._statuses: dict[str, Status] = {}

    def __len__(self) -> int:
        return len(self._states)

    def __iter__(self) -> Iterator[Checked]:
        return iter(self._states.values())

    def get(self, dataset: str) -> Checked | None:
        """The dataset, if it is known."""
        return self._states.get(dataset)

    def status(self, dataset: str) -> Status:
        """What the last report of a dataset that is known says."""
        return self._statuses[dataset]

    def teams(self) -> set[str]:
        """Whoever is told of a dataset: who makes it, and who owns its business side."""
        reports = [state.report for state in self]
        return {one.team for one in reports} | {one.owner for one in reports if one.owner}

    def put(self, state: Checked) -> None:
        """Take over a dataset as a snapshot has it."""
        self._number = max(self._number, state.number)
        self._count += len(state.report.outcomes)
        self._states[state.dataset] = state
        self._statuses[state.dataset] = state.report.status

    def drop(self, dataset: str) -> None:
        """Forget a dataset's checks."""
        if state := self._states.pop(dataset, None):
            self._count -= len(state.report.outcomes)
            del self._statuses[dataset]
            self.changed.add(dataset)

    def fate(self, report: ChecksReport) -> Fate:
        """What became of a report that was told."""
        held = self._states.get(report.dataset)
        if held is None or held.report.time < report.time:
            return "refused"
        return "older" if held.report.time > report.time else "taken"

    def refusal(self, report: ChecksReport) -> RefusedError | None:
        """Why a report that was told is not held."""
        return RefusedError("no room for more checks") if self.fate(report) == "refused" else None

    def hear_simulated(self, reports: Iterable[ChecksReport]) -> None:
        """Take in reports on simulated datasets: no snapshot has them."""
        for report in reports:
            self.simulated.add(report.dataset)
            self.hear(report)

    def forget_simulated(self) -> None:
        """There are no such datasets any more."""
        for dataset in self.simulated:
            self.drop(dataset)
        self.simulated.clear()

    def hear(self, report: ChecksReport) -> None:
        """Take in a report, unless a newer one is held."""
        held = self._states.get(report.dataset)
        if held and report.time < held.report.time:
            return
        more = len(report.outcomes) - (len(held.report.outcomes) if held else 0)
        if (held is None and len(self) >= self.limit) or self._count + more > self.most_checks:
            self.refused += 1
            return
        self._count += more
        self.changed.add(report.dataset)
        self._statuses[report.dataset] = report.status
        if held:
            held.report = report
        else:
            self._number += 1
            self._states[report.dataset] = Checked(self._number, report)
