"""Who is in the fleet: jobs with their schedule, their size and what they read, drawn once from the seed."""

from typing import NamedTuple

import numpy as np

from exporter.config.fleet import FleetConfig

TEAMS = (
    "finance",
    "marketing",
    "logistics",
    "sales",
    "support",
    "product",
    "risk",
    "pricing",
    "growth",
    "stores",
)
SUBJECTS = ("orders", "customers", "invoices", "payments", "shipments", "products", "campaigns", "sessions")


class Kind(NamedTuple):
    """What jobs of a kind have in common; `share` of the fleet, `hours` between runs, `reads` so many."""

    name: str
    share: float
    hours: int
    minutes: float
    rows: float
    reads: int


KINDS = (
    Kind("ingest", 0.5, 1, 4, 50_000, 0),
    Kind("transform", 0.35, 3, 12, 200_000, 2),
    Kind("report", 0.15, 12, 20, 5_000, 3),
)


class PlannedJob(NamedTuple):
    """A job. Times in seconds; `spread` is the deviation of the durations' logarithm."""

    name: str
    team: str
    kind: str
    every: float
    offset: float
    duration: float
    spread: float
    rows: float
    reads: tuple[str, ...]

    @property
    def writes(self) -> str:
        """Its dataset."""
        return f"warehouse/{self.name}"


def plan(config: FleetConfig, random: np.random.Generator) -> list[PlannedJob]:
    """The jobs, those that are read before those that read them."""
    planned: list[PlannedJob] = []
    for number in range(config.jobs):
        kind = kind_of((number + 0.5) / config.jobs)
        written = [job.writes for job in planned if job.kind != kind.name]
        planned.append(drawn(config, number, kind, written, random))
    return planned


def kind_of(place: float) -> Kind:
    """The kind at this place between 0 and 1."""
    for kind in KINDS:
        place -= kind.share
        if place < 0:
            return kind
    return KINDS[-1]


def drawn(
    config: FleetConfig, number: int, kind: Kind, written: list[str], random: np.random.Generator
) -> PlannedJob:
    """One job; it reads some of what is written."""
    team = team_name(number % config.teams)
    every = kind.hours * config.hour
    reads = random.choice(written, min(kind.reads, len(written)), replace=False) if written else ()
    return PlannedJob(
        name=f"{team}-{SUBJECTS[number // config.teams % len(SUBJECTS)]}-{kind.name}-{number + 1}",
        team=team,
        kind=kind.name,
        every=every,
        offset=float(random.uniform(0, every)),
        duration=kind.minutes / 60 * config.hour * float(random.lognormal(0, 0.4)),
        spread=float(random.uniform(0.08, 0.2)),
        rows=kind.rows * float(random.lognormal(0, 1)),
        reads=tuple(str(one) for one in reads),
    )


def team_name(number: int) -> str:
    """Teams have names as long as there are any."""
    return TEAMS[number] if number < len(TEAMS) else f"team-{number + 1}"
