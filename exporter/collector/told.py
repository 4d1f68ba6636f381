"""What came in through the doors for runs and checks, as the exporter counts it."""

from itertools import product
from typing import get_args

from prometheus_client import CollectorRegistry, Counter, Histogram

from exporter import names
from exporter.reports.event import ChecksReport
from exporter.runs.event import PLAIN, DatasetEvent, Kind, RunEvent
from exporter.runs.refusals import NotYoursError, RefusedError, TeamShareError

# Others may call themselves what they like; a metric's labels must stay few.
INTEGRATIONS = ("airflow", "dbt", "spark", "flink", PLAIN)
OTHER = "other"
DATASET, CHECKS, INVALID = "dataset", "checks", "invalid"
KINDS = (*(kind.lower() for kind in get_args(Kind)), DATASET, CHECKS)
TAKEN, NO_ROOM, TEAM_SHARE = "taken", "no_room", "team_share"
MINUTE, HOUR = 60, 3600


class ToldMetrics:
    """Events by sender, type and outcome, and how late they were."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.events = Counter(
            names.INTAKE_EVENTS,
            "Events that told of runs, datasets and checks.",
            [names.INTEGRATION, names.TYPE, names.OUTCOME],
            registry=registry,
        )
        # At hand: looking a child up costs more than counting.
        self.counted = {
            labels: self.events.labels(*labels)
            for labels in product((*INTEGRATIONS, OTHER), KINDS, (TAKEN, NO_ROOM, TEAM_SHARE))
        }
        self.events.labels(OTHER, OTHER, INVALID)
        self.lag = Histogram(
            names.INTAKE_LAG,
            "Time from an event until it was taken in.",
            buckets=(0.1, 0.5, 1, 5, 15, MINUTE, 5 * MINUTE, HOUR, 6 * HOUR, 24 * HOUR),
            registry=registry,
        )

    def heard(
        self, event: RunEvent | DatasetEvent | ChecksReport, now: float, refusal: RefusedError | None
    ) -> None:
        """An event that could be read, and whether it was taken."""
        if isinstance(refusal, NotYoursError):
            self.invalid()
            return
        integration, kind = OTHER, CHECKS if isinstance(event, ChecksReport) else DATASET
        if isinstance(event, RunEvent):
            integration = event.integration if event.integration in INTEGRATIONS else OTHER
            kind = event.kind.lower()
        self.counted[integration, kind, outcome_of(refusal)].inc()
        self.lag.observe(max(0.0, now - event.time))

    def invalid(self) -> None:
        """One that could not be read, or is another's."""
        self.events.labels(OTHER, OTHER, INVALID).inc()


def outcome_of(refusal: RefusedError | None) -> str:
    """What became of an event that could be read."""
    if refusal is None:
        return TAKEN
    return TEAM_SHARE if isinstance(refusal, TeamShareError) else NO_ROOM
