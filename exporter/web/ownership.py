"""Whose a run is: what a team's token may tell of.

Whose a pipeline is is what was known before, never what an event claims: else whoever has a token could adopt
the pipelines of others, or end their runs.
"""

from msgspec.structs import replace

from exporter.reports.event import ChecksReport
from exporter.runs.event import PLAIN, DatasetEvent, RunEvent
from exporter.runs.refusals import NotYoursError
from exporter.web.access import Access
from exporter.web.backend import Backend

Event = RunEvent | DatasetEvent


def owned(event: Event, access: Access, backend: Backend) -> Event:
    """The event as its teller may tell it: a new pipeline is theirs. Raises NotYoursError.

    What OpenLineage calls an owner is how a job was described once, often by a default (Airflow's is
    `airflow`), and claims nothing: the token says whose it is. Of two teams that claim a new one at once, the
    first to be written down has it: whose it is is asked again then.
    """
    if isinstance(event, RunEvent) and is_simulated(event.pipeline, backend):
        raise NotYoursError(f"pipeline: expected a real one, got {event.pipeline}, which is simulated")
    if access.admin:
        return event
    if isinstance(event, DatasetEvent) or event.integration == PLAIN:
        require_team(event.team, access)
    told = replace(event, team=access.team, by=access.team)
    backend.intake.watched.require_own(told)
    return told


def is_simulated(pipeline: str, backend: Backend) -> bool:
    """Whether the exporter itself says how this pipeline is doing."""
    job = backend.state.jobs.get(pipeline)
    return pipeline in backend.config.streams or (job is not None and job.mode == "simulated")


def owned_checks(report: ChecksReport, access: Access, backend: Backend) -> ChecksReport:
    """The report as its teller may tell it: as an admin does where the configuration names their team.

    Raises NotYoursError. Of two teams that are the first at once, one is: that is asked again then.
    """
    if access.admin:
        return report
    require_team(report.team, access)
    if scheduled := backend.state.scheduled.get(report.dataset):
        if access.may_write(scheduled.team):
            return report
        raise NotYoursError(f"dataset: {report.dataset} is another's")
    told = replace(report, by=access.team)
    backend.intake.watched.require_own_checks(told)
    return told


def require_team(team: str | None, access: Access) -> None:
    """Nobody tells in another team's name."""
    if not access.may_write(team or access.team):
        raise NotYoursError(f"team: expected {access.team}, got {team}")
