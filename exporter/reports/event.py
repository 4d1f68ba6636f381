"""What is heard of a dataset's checks: all of them, judged together at one time."""

from collections.abc import Iterable
from typing import Literal

import msgspec

Severity = Literal["CRITICAL", "WARN", "INFO", "PASS"]
Status = Literal["PASS", "WARN", "FAIL"]
Tier = Literal[1, 2, 3]
SEVERITIES: tuple[Severity, ...] = ("CRITICAL", "WARN", "INFO", "PASS")
TIERS: tuple[Tier, ...] = (1, 2, 3)
Value = float | str | None
Measures = dict[str, dict[str, float | None]]


class CheckOutcome(msgspec.Struct, frozen=True, gc=False):
    """One check's verdict on one subject. Values are in the check's own unit; dates are text.

    `low` and `high` are what a measure may move between around its baseline.
    """

    check: str
    subject: str
    tier: Tier
    severity: Severity
    message: str
    observed: Value = None
    expected: Value = None
    baseline: Value = None
    low: float | None = None
    high: float | None = None
    rows_examined: int = 0
    date: str | None = None


class ChecksReport(msgspec.Struct, frozen=True, omit_defaults=True, tag="checks"):
    """The checks of one dataset, judged at `time` (seconds since 1970 UTC).

    `date` is the newest day in the data, `rows` are those that were looked at, `measures` values by day. `by`
    is the team whose token told it, and None where whoever told it may tell of everything.
    """

    dataset: str
    team: str
    time: float
    owner: str | None = None
    date: str | None = None
    rows: int = 0
    seconds: float = 0.0
    outcomes: tuple[CheckOutcome, ...] = ()
    measures: Measures = {}
    by: str | None = None

    @property
    def status(self) -> Status:
        """The worst of its checks."""
        return worst(outcome.severity for outcome in self.outcomes)


def worst(severities: Iterable[Severity]) -> Status:
    """FAIL with anything critical, WARN with a warning, else PASS."""
    found = set(severities)
    if "CRITICAL" in found:
        return "FAIL"
    return "WARN" if "WARN" in found else "PASS"
