"""The incidents' desk: what is told and asked of them, one after the other, in a thread of its own.

A slow disk keeps waiting whoever has to do with incidents, and neither the streams nor a scrape.
"""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TypeVar

from exporter.incidents import Incidents
from exporter.incidents.acknowledgement import Acknowledgement
from exporter.incidents.facts import witnessed
from exporter.incidents.incident import Incident
from exporter.incidents.records import Wanted
from exporter.incidents.webhook import Alert
from exporter.state import State

Result = TypeVar("Result")


class Desk:
    """As `Incidents`, whose errors it raises; what changes them is on the disk when it returns.

    Its thread alone uses the database. It reads nothing of the state, and replaces the incidents' numbers
    there all at once.
    """

    def __init__(self, incidents: Incidents, state: State) -> None:
        self.incidents, self.state = incidents, state
        self.thread = ThreadPoolExecutor(1, "incidents")

    async def receive(self, notified: Sequence[Alert], now: float) -> list[str]:
        """Take in a notification, with what is true now; the ids of the incidents that it is about."""
        facts = witnessed(self.state, notified)
        return await self.do(partial(self.incidents.receive, notified, facts, now))

    async def acknowledge(self, name: str, given: Acknowledgement, now: float) -> Incident | None:
        """Keep what somebody says of an incident; None when there is no such incident."""
        return await self.do(partial(self.incidents.acknowledge, name, given, now))

    async def sweep(self, teams: Sequence[str], now: float) -> None:
        """Have numbers for teams that were not known, and give up what is not heard of any more."""
        if teams:
            await self.do(partial(self.incidents.meet, teams))
        if self.incidents.is_sweep_due(now):
            await self.do(partial(self.incidents.sweep, now))

    async def newest(
        self, limit: int, wanted: Wanted | None = None, team: str | None = None, pipeline: str | None = None
    ) -> list[Incident]:
        """Incidents that go on, then resolved ones, each newest first; of one team and pipeline if named."""
        return await self.do(partial(self.incidents.newest, limit, wanted, team, pipeline))

    async def find(self, name: str) -> Incident | None:
        """One incident, None when there is none of that name."""
        return await self.do(partial(self.incidents.find, name))

    async def recent_of(self, team: str | None) -> list[Incident]:
        """What a page shows: the newest incidents of one team or, for None, of all; in memory once asked."""
        if team not in self.incidents.recent:
            await self.do(partial(self.incidents.follow, team))
        return self.incidents.recent[team]

    async def do(self, job: Callable[[], Result]) -> Result:
        """Let the thread do it."""
        return await asyncio.get_running_loop().run_in_executor(self.thread, job)
