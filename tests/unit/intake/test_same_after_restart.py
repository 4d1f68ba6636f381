"""Whoever is started anew knows what the one knew that was never stopped."""

import asyncio
from typing import Literal

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from exporter.intake.entry import Entry
from exporter.intake.journal import Journal
from exporter.storage import StoreError
from tests.unit.intake.told import ENTRIES, Life

FULL, ROOMY = "PRAGMA max_page_count = 1", "PRAGMA max_page_count = 1073741823"
Deed = Literal["snapshot", "restart", "full", "roomy"] | list[Entry]

DEEDS: st.SearchStrategy[list[Deed]] = st.lists(
    st.one_of(ENTRIES, ENTRIES, st.sampled_from(["snapshot", "restart", "full", "roomy"])), max_size=25
)


async def lived(journal: Journal, deeds: list[Deed], untroubled: Life) -> Life:
    """A life of restarts and full disks; what it acknowledges, the untroubled one is told as well."""
    life = Life(journal)
    for deed in deeds:
        match deed:
            case "snapshot":
                await life.intake.write_snapshot()
            case "restart":
                life.end()
                life = Life(journal)
            case "full" | "roomy":
                journal.connection.execute(FULL if deed == "full" else ROOMY)
            case _:
                try:
                    refusals = await life.intake.tell(deed)
                except StoreError:
                    continue
                again = await untroubled.intake.tell(deed)
                assert [str(one) for one in refusals] == [str(one) for one in again]
    return life


@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(DEEDS)
def test_restarts_snapshots_and_full_disks_change_nothing_of_what_is_known(deeds: list[Deed]) -> None:
    journal, other = Journal(None), Journal(None)
    untroubled = Life(other)
    life = asyncio.run(lived(journal, deeds, untroubled))
    restored = Life(journal)
    assert restored.everything() == life.everything() == untroubled.everything()
    for one in (untroubled, life, restored):
        one.end()
    journal.close()
    other.close()
