"""Checks on schedule: beside the event loop, one file after the other."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

from exporter.collector import OwnMetrics
from exporter.intake import FullError, Intake
from exporter.reports.document import Reasons
from exporter.reports.event import ChecksReport
from exporter.schedule.attempt import NoVerdictError
from exporter.schedule.plan import Planned
from exporter.state import State
from exporter.storage import StoreError

log = logging.getLogger("exporter.schedule")
LONGEST_SLEEP = 3600
JUDGED, UNREADABLE, NOT_KEPT = "judged", "unreadable", "not_kept"
# A file that is being written just now is whole by then.
RETRY_SECONDS = 60

Attempt = Callable[[Path, float], Awaitable[tuple[list[ChecksReport], Reasons]]]


class Schedule:
    """Files of checks and when each is due, by `elapsed`, a steady clock in seconds; `now` since 1970 UTC.

    What a report says is told to the intake as if it had been pushed.
    """

    def __init__(
        self,
        state: State,
        intake: Intake,
        own: OwnMetrics,
        now: Callable[[], float],
        elapsed: Callable[[], float],
        attempt: Attempt,
    ) -> None:
        self.state, self.intake, self.own = state, intake, own
        self.now, self.elapsed, self.attempt = now, elapsed, attempt
        self.plans: dict[Path, Planned] = {}
        self.due: dict[Path, float] = {}
        self.troubles: dict[Path, str] = {}
        self.suspects: dict[Path, frozenset[str]] = {}
        self.changed = asyncio.Event()

    def take(self, plans: Sequence[Planned]) -> None:
        """From now on check these: what is new when its last report is old enough, the others as planned."""
        before = self.plans
        self.plans = {plan.file: plan for plan in plans}
        unchanged = {file for file, plan in self.plans.items() if before.get(file) == plan}
        self.due = {
            file: self.due[file] if file in unchanged else self.first_due(plan)
            for file, plan in self.plans.items()
        }
        self.troubles = {file: trouble for file, trouble in self.troubles.items() if file in unchanged}
        self.suspects = {file: those for file, those in self.suspects.items() if file in unchanged}
        known = self.state.scheduled
        self.state.scheduled = {one.dataset: one for plan in plans for one in plan.scheduled()}
        for dataset in known.keys() & self.state.scheduled.keys():
            self.state.scheduled[dataset].unreadable = known[dataset].unreadable
        self.changed.set()

    def first_due(self, plan: Planned) -> float:
        """At once, unless all of its datasets have reports that are young enough."""
        held = [self.state.checks.get(dataset) for dataset in plan.teams]
        oldest = min((one.report.time if one else 0.0 for one in held), default=0.0)
        return self.elapsed() + max(0.0, min(plan.every, oldest + plan.every - self.now()))

    async def run(self) -> None:
        """Until it is cancelled; a check that goes on is ended with it."""
        while True:
            self.changed.clear()
            if (file := self.next_due()) is None:
                await self.rest()
                continue
            try:
                await self.check(self.plans[file])
            except Exception as error:  # one file must not keep the others waiting for ever
                self.own.errors.labels("checks").inc()
                log.error("check failed", exc_info=error, extra={"file": file})

    def next_due(self) -> Path | None:
        """The file that has been due longest, None while none is."""
        file = min(self.due, key=self.due.__getitem__, default=None)
        return file if file is not None and self.due[file] <= self.elapsed() else None

    async def rest(self) -> None:
        """Until something is due or the plans have changed."""
        wait = min(self.due.values(), default=self.elapsed() + LONGEST_SLEEP) - self.elapsed()
        try:
            async with asyncio.timeout(max(0.0, min(wait, LONGEST_SLEEP))):
                await self.changed.wait()
        except TimeoutError:
            return

    async def check(self, plan: Planned) -> None:
        """Check a file's datasets once, and say what came of it."""
        self.due[plan.file] = self.elapsed() + plan.every
        try:
            reports, reasons = await self.attempt(plan.file, plan.within)
        except NoVerdictError as error:
            self.mark(plan, error.outcome, dict.fromkeys(plan.teams, str(error)))
            self.note(plan.file, error.outcome, str(error))
            return
        outcome, trouble = UNREADABLE if reasons else JUDGED, "; ".join(reasons.values())
        self.mark(plan, outcome, reasons)
        try:
            await self.keep(plan, reports)
        except (FullError, StoreError) as error:
            outcome, trouble = NOT_KEPT, str(error)
        self.note(plan.file, outcome, trouble)

    def mark(self, plan: Planned, outcome: str, reasons: Reasons) -> None:
        """Say of its datasets why they could not be judged, as far as they are still planned.

        One that could be read until now is tried once more before that is said of it.
        """
        known = {one: self.state.scheduled[one] for one in plan.teams if one in self.state.scheduled}
        suspects = self.suspects.pop(plan.file, frozenset())
        new = frozenset(one for one in reasons if one in known and not known[one].unreadable) - suspects
        if outcome == UNREADABLE and new and not plan.simulated and plan.file in self.due:
            self.suspects[plan.file] = new
            self.due[plan.file] = min(self.due[plan.file], self.elapsed() + RETRY_SECONDS)
            reasons = {one: reason for one, reason in reasons.items() if one not in new}
        for dataset, scheduled in known.items():
            scheduled.unreadable = reasons.get(dataset, "")

    async def keep(self, plan: Planned, reports: Sequence[ChecksReport]) -> None:
        """Take reports in. Raises FullError and StoreError."""
        if plan.simulated:
            if plan.file in self.plans:
                self.state.checks.hear_simulated(reports)
            return
        refusals = await self.intake.tell(reports)
        for report, refusal in zip(reports, refusals, strict=True):
            self.own.told.heard(report, self.now(), refusal)

    def note(self, file: Path, outcome: str, trouble: str) -> None:
        """Count an attempt; a line in the log when something else is the matter than before."""
        self.own.check_attempts.labels(outcome).inc()
        before = self.troubles.get(file, "")
        self.troubles[file] = trouble
        if trouble and trouble != before:
            log.error("not checked", extra={"file": file, "outcome": outcome, "error": trouble})
        elif before and not trouble:
            log.info("checked again", extra={"file": file})
