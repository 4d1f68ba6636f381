"""Whose a run is: what a team's token may tell of.

Whose a pipeline is is what was known before, never what an event claims: else whoever has a token could adopt
the pipelines of others, or end their runs.
"""

from msgspec.structs import replace

from exporter.intake import Watched
from exporter.reports.event import ChecksReport
from exporter.runs.event import PLAIN, DatasetEvent, RunEvent
from exporter.web.access import Access
from exporter.web.backend import Backend

Event = RunEvent | DatasetEvent


class NotYoursError(Exception):
    """Somebody tells of what is another's, or simulated."""


def owned(event: Event, access: Access, backend: Backend) -> Event:
    """The event as its teller may tell it: a new pipeline is theirs. Raises NotYoursError.

    What OpenLineage calls an owner is how a job was described once, often by a default (Airflow's is
    `airflow`), and claims nothing: the token says whose it is.
    """
    watched = backend.intake.watched
    if isinstance(event, RunEvent) and is_simulated(event.pipeline, backend):
        raise NotYoursError(f"pipeline: expected a real one, got {event.pipeline}, which is simulated")
    if access.admin:
        return event
    if isinstance(event, DatasetEvent):
        require_dataset(event.dataset.name, access, watched)
        require_team(event.team, access)
        return replace(event, team=access.team)
    run = watched.tracker.open.get(event.run_id) or watched.tracker.finished.get(event.run_id)
    for name in {event.pipeline, run.pipeline if run else event.pipeline}:
        job = watched.jobs.get(name)
        if job and not access.may_write(job.team):
            raise NotYoursError(f"pipeline: expected one of {access.name}, got {name}, which is another's")
    if event.integration == PLAIN:
        require_team(event.team, access)
    return replace(event, team=access.team)


def is_simulated(pipeline: str, backend: Backend) -> bool:
    """Whether the exporter itself says how this pipeline is doing."""
    job = backend.state.jobs.get(pipeline)
    return pipeline in backend.config.streams or (job is not None and job.mode == "simulated")


def require_dataset(name: str, access: Access, watched: Watched) -> None:
    """A dataset is its first producer's, who is told of it too, or of whoever speaks of it first.

    A team that says it writes another's takes nothing away from that one.
    """
    state = watched.datasets.get(name)
    producers = (watched.jobs.get(name) for name in (state.producers if state else ()))
    writer = next((job for job in producers if job), None)
    if writer and not access.may_write(writer.team):
        written = f"dataset: {name} is written by {writer.pipeline}"
        raise NotYoursError(f"{written}, which is another's")
    if state and state.team and not writer and not access.may_write(state.team):
        raise NotYoursError(f"dataset: {name} is another's")


def require_checks(report: ChecksReport, access: Access, backend: Backend) -> None:
    """A dataset is checked by whose it is, by whom the configuration names, or by who did so first.

    Raises NotYoursError.
    """
    if access.admin:
        return
    require_team(report.team, access)
    watched = backend.intake.watched
    require_dataset(report.dataset, access, watched)
    scheduled, held = backend.state.scheduled.get(report.dataset), watched.checks.get(report.dataset)
    team = scheduled.team if scheduled else held.report.team if held else report.team
    if not access.may_write(team):
        raise NotYoursError(f"dataset: {report.dataset} is another's")


def require_team(team: str | None, access: Access) -> None:
    """Nobody tells in another team's name."""
    if not access.may_write(team or access.team):
        raise NotYoursError(f"team: expected {access.team}, got {team}")
