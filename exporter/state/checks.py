"""State of dataset checks: the last report of each dataset, and what is to be checked when."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass

import msgspec

from exporter.reports.event import ChecksReport, Status
from exporter.runs.refusals import RefusedError, TeamShareError

# Of all datasets together: a check is some series and half a kilobyte, a day of a measure a tenth of that.
MOST_CHECKS = 50_000
MOST_VALUES = 1_000_000


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
    """A dataset that the exporter itself checks every so many seconds; why it could not, the last time."""

    dataset: str
    team: str
    every: float
    unreadable: str = ""


class CheckStates:
    """The last report of every dataset, at most `limit`, in the order in which they were first heard of.

    What was judged earlier than the report that is held changes nothing. The token of one team may use up a
    `share` of the datasets, checks and values of measures that there is room for. `refused` counts reports
    that there was none for. `changed` collects the datasets that a snapshot has to write anew; whoever takes
    one clears it.
    """

    def __init__(
        self,
        limit: int = 5000,
        most_checks: int = MOST_CHECKS,
        share: float = 1.0,
        most_values: int = MOST_VALUES,
    ) -> None:
        self.limits = {"datasets": limit, "checks": most_checks, "values of measures": most_values}
        self.share = share
        self.refused = 0
        self.changed: set[str] = set()
        self.simulated: set[str] = set()
        self._number = 0
        # By team, None for all together.
        self._used: defaultdict[str | None, Counter[str]] = defaultdict(Counter)
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
        self._use(state.report)
        self._states[state.dataset] = state
        self._statuses[state.dataset] = state.report.status

    def drop(self, dataset: str) -> None:
        """Forget a dataset's checks."""
        if state := self._states.pop(dataset, None):
            self._free(state.report)
            del self._statuses[dataset]
            self.changed.add(dataset)

    def hear_simulated(self, reports: Iterable[ChecksReport]) -> None:
        """Take in reports on simulated datasets: no snapshot has them."""
        for report in reports:
            self.simulated.add(report.dataset)
            with suppress(RefusedError):
                self.hear(report)

    def forget_simulated(self) -> None:
        """There are no such datasets any more."""
        for dataset in self.simulated:
            self.drop(dataset)
        self.simulated.clear()

    def hear(self, report: ChecksReport) -> None:
        """Take in a report, unless a newer one is held. Raises RefusedError where there is no room for it."""
        held = self._states.get(report.dataset)
        if held and report.time < held.report.time:
            return
        if refusal := self._no_room(report, held):
            self.refused += 1
            raise refusal
        self.changed.add(report.dataset)
        self._statuses[report.dataset] = report.status
        self._use(report)
        if held:
            self._free(held.report)
            held.report = report
        else:
            self._number += 1
            self._states[report.dataset] = Checked(self._number, report)

    def _no_room(self, report: ChecksReport, held: Checked | None) -> RefusedError | None:
        """Why it doesn't fit among all, or among what the tokens of its team told."""
        for team in dict.fromkeys((None, report.by)):
            more = size_of(report)
            if held and team in (None, held.report.by):
                more.subtract(size_of(held.report))
            for what, limit in self.limits.items():
                most = limit if team is None else max(1, int(self.share * limit))
                if more[what] > 0 and self._used[team][what] + more[what] > most:
                    expected = f"expected at most {most} {what}"
                    return RefusedError(expected) if team is None else TeamShareError(f"{expected} of {team}")
        return None

    def _use(self, report: ChecksReport) -> None:
        for team in {None, report.by}:
            self._used[team].update(size_of(report))

    def _free(self, report: ChecksReport) -> None:
        for team in {None, report.by}:
            self._used[team].subtract(size_of(report))


def size_of(report: ChecksReport) -> Counter[str]:
    """What it takes up of what is limited."""
    values = sum(len(days) for days in report.measures.values())
    return Counter({"datasets": 1, "checks": len(report.outcomes), "values of measures": values})
