"""Alerts in a few words, and where each leads."""

from typing import Any

from grafana.look import GREY, Word
from grafana.panels import link
from grafana.queries import selectors
from tools.rules.rule import EXPORTER

ALERTS = {
    "PipelineSloPageFast": "error budget burns 14 times too fast",
    "PipelineSloPageSlow": "error budget burns 6 times too fast",
    "PipelineSloTicketFast": "error budget burns 3 times too fast",
    "PipelineSloTicketSlow": "error budget burns too fast",
    "PipelineSloBudgetSpent": "error budget is spent",
    "PipelineSloNoData": "nothing to judge the SLO by",
    "PipelineEventsDropped": "drops events at its door",
    "PipelineEventsFailed": "gives up on events",
    "PipelineStageStalled": "stage has stopped",
    "PipelineStageCritical": "stage is critical: backlog",
    "PipelineStageDegraded": "stage is degraded: backlog",
    "PipelineStageBlocked": "stage is held back by the next",
    "PipelineStageErrors": "stage fails often",
    "PipelineStageSlow": "stage is slow",
    "PipelineRunFailing": "job has failed",
    "PipelineRunSuccessLow": "job fails often",
    "PipelineRunSlow": "job is slow: several runs in a row",
    "PipelineRunThroughputLow": "job writes far fewer rows a second",
    "PipelineRunRowsLow": "job writes far fewer rows",
    "PipelineRunUnlikePeers": "job does worse than its kind",
    "PipelineRunStuck": "job's run doesn't end",
    "PipelineRunSilent": "job has gone silent",
    "PipelineRunStale": "job is stale: no success for too long",
    "PipelineMissing": "job has not reported",
    "PipelineUpstreamFailing": "waits for a job that fails",
    "PipelineDatasetStale": "dataset is stale: older than declared",
    "PipelineDatasetAssertionsFailing": "dataset fails its tests",
    "PipelineDatasetSchemaChanged": "dataset's columns have changed",
    "PipelineDataBroken": "data is broken: a critical check fails",
    "PipelineDataDoubtful": "data is doubtful: checks warn",
    "PipelineDataUndecided": "checks have no verdict",
    "PipelineDataUnreadable": "data can't be checked",
    "PipelineDataUnchecked": "data is not checked any more",
    "PipelineExporterDown": "exporter does not answer",
    "PipelineExporterAbsent": "no exporter answers",
    "PipelineExporterBehind": "exporter does not keep up",
    "PipelineIntakeRefusing": "exporter refuses what jobs tell",
    "PipelineConfigNotLoaded": "exporter's configuration is not in force",
    "PipelineProfileMismatch": "rules and exporter have different profiles",
    "PipelineRulesFailing": "Prometheus can't evaluate rules",
    "PipelineAlertmanagerUnreachable": "Alertmanager is out of reach: nobody is told",
    "PipelineNotificationsFailing": "notifications don't get through",
    "PipelineEscalation": "still fires: told to the next in line",
}

# Why a panel is empty, above all when only jobs are chosen.
NONE = {str(selectors.NONE): Word("jobs are on Runs", GREY)}
NO_STAGES = "No stages here: jobs are on Runs."
NO_EVENTS = "No events here: jobs are on Runs."
NO_SLOS = "No SLOs here yet: jobs have none."
NO_JOBS = "None of these is a job that has reported: point Airflow, dbt or Spark at the exporter."

RUNBOOK = link("What to do: the runbook", f"{EXPORTER}/runbooks#${{__value.raw}}", new_tab=True)
REVIEW = link("Events to review", f"{EXPORTER}/#review", new_tab=True)
INCIDENTS = link("Open incidents in words, to acknowledge", f"{EXPORTER}/#incidents", new_tab=True)


def to_board(uid: str, title: str, **variables: str) -> dict[str, Any]:
    """A link to a dashboard with these variables; the time range goes along."""
    chosen = "".join(f"&var-{name}={value}" for name, value in variables.items())
    return link(title, f"/d/{uid}?${{datasource:queryparam}}{chosen}&${{__url_time_range}}")


# On the dashboard that one is on already, what is not said stays as it was chosen.
ALL = "$__all"
JOB = [
    to_board("pipeline-runs", "Only this job", team=ALL, pipeline="${__value.raw}"),
    link(
        "All about it: its last runs, what is unusual",
        f"{EXPORTER}/pipelines/${{__value.raw:percentencode}}",
        new_tab=True,
    ),
]
TEAM = to_board("pipeline-runs", "Only this team's jobs", team="${__value.raw}", pipeline=ALL)
