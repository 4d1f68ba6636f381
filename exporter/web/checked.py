"""Checked datasets as the page shows them: their lights, and what fails in the checks' own words."""

from collections import Counter
from collections.abc import Iterable
from typing import Any, NamedTuple

from exporter.reports.document import WORST, iso
from exporter.reports.event import SEVERITIES, TIERS, CheckOutcome, ChecksReport, Severity, Status
from exporter.state import State
from exporter.state.lights import CRITICAL, DEGRADED, HEALTHY
from exporter.state.streams import LIGHTS
from exporter.web.access import Access

SHOWN_PROBLEMS = 3
SHOWN_CHARACTERS = 200
LIGHT_OF: dict[Status, int] = {"PASS": HEALTHY, "WARN": DEGRADED, "FAIL": CRITICAL}
# INFO is no verdict.
VERDICTS: dict[Severity, Status] = {"PASS": "PASS", "WARN": "WARN", "CRITICAL": "FAIL"}

Json = dict[str, Any]


class KnownDataset(NamedTuple):
    """A dataset's light with what makes it: the last report, and how the last attempt on schedule went."""

    light: int
    name: str
    team: str
    report: ChecksReport | None
    unreadable: str | None


def known_datasets(state: State, access: Access) -> list[KnownDataset]:
    """Those that were checked or are to be, as far as `access` may read them, the worst first."""
    reports = {one.dataset: one.report for one in state.checks}
    found = (known(state, name, reports.get(name)) for name in reports.keys() | state.scheduled.keys())
    return sorted((one for one in found if access.may_read(one.team)), key=lambda one: (-one.light, one.name))


def known(state: State, name: str, report: ChecksReport | None) -> KnownDataset:
    """Without a report it is healthy: there is no verdict yet."""
    schedule = state.scheduled.get(name)
    unreadable = (schedule.unreadable or None) if schedule else None
    verdict = state.checks.status(name) if report else "PASS"
    light = max(LIGHT_OF[verdict], DEGRADED if unreadable else HEALTHY)
    team = report.team if report else state.scheduled[name].team
    return KnownDataset(light, name, team, report, unreadable)


def dataset_lights(datasets: Iterable[KnownDataset]) -> dict[str, int]:
    """How many have each light."""
    counted = Counter(one.light for one in datasets)
    return {name: counted[light] for light, name in enumerate(LIGHTS)}


def checked_dataset(one: KnownDataset) -> Json:
    """One row: verdicts by tier (None for none), and the gravest of what fails."""
    report = one.report
    outcomes = report.outcomes if report else ()
    problems = [outcome for outcome in outcomes if outcome.severity in ("CRITICAL", "WARN")]
    problems.sort(key=lambda outcome: (SEVERITIES.index(outcome.severity), outcome.tier))
    return {
        "name": one.name,
        "team": one.team,
        "owner": report and report.owner,
        "health": LIGHTS[one.light],
        "date": report and report.date,
        "checked": report and iso(report.time),
        "status": report and report.status,
        "unreadable": one.unreadable and shortened(one.unreadable),
        "tiers": {str(tier): of_tier(outcomes, tier) for tier in TIERS},
        "problems": [problem(outcome) for outcome in problems[:SHOWN_PROBLEMS]],
        "problems_total": len(problems),
    }


def of_tier(outcomes: Iterable[CheckOutcome], tier: int) -> Status | None:
    """The worst of a tier; None where no check came to a verdict."""
    found = {VERDICTS.get(one.severity) for one in outcomes if one.tier == tier}
    return next((status for status in WORST if status in found), None)


def problem(outcome: CheckOutcome) -> Json:
    """What fails."""
    return {"severity": outcome.severity, "tier": outcome.tier, "message": shortened(outcome.message)}


def shortened(message: str) -> str:
    """Of a long message the beginning."""
    return message if len(message) <= SHOWN_CHARACTERS else f"{message[: SHOWN_CHARACTERS - 1]}…"
