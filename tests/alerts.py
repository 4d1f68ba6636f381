"""Every alert that the rules can fire: its severity and the labels that it has."""

from typing import NamedTuple

JOB, INSTANCE = "job", "instance"
EXPORTER = (JOB, INSTANCE)
STAGE = (*EXPORTER, "pipeline", "stage")
RUN = (*EXPORTER, "pipeline")
PEER = (*RUN, "kind", "measure")
DATASET = (*RUN, "dataset")
DATA = (*EXPORTER, "dataset")
SLO = ("pipeline", "slo")
BURN = (*SLO, "burn_tier", "long_window", "short_window")
ESCALATION = ("pipeline", "escalated_alert", "escalated_from")

COMMERCIAL, PLATFORM, UNKNOWN = "commercial-analytics", "platform", "newcomers"
TEAMS = (COMMERCIAL, PLATFORM, UNKNOWN)


class Alert(NamedTuple):
    """`labels` are those it has besides alertname, severity and team."""

    name: str
    severity: str
    labels: tuple[str, ...]

    def of(self, team: str = COMMERCIAL, **given: str) -> dict[str, str]:
        """All of its labels with values: those that are not given are the label's own name."""
        own = {label: label for label in self.labels}
        return {"alertname": self.name, "severity": self.severity, "team": team, **own, **given}


ALERTS = (
    Alert("PipelineSloPageFast", "critical", BURN),
    Alert("PipelineSloPageSlow", "high", BURN),
    Alert("PipelineSloTicketFast", "medium", BURN),
    Alert("PipelineSloTicketSlow", "low", BURN),
    Alert("PipelineSloBudgetSpent", "medium", SLO),
    Alert("PipelineSloNoData", "medium", SLO),
    Alert("PipelineStageDegraded", "medium", STAGE),
    Alert("PipelineStageCritical", "high", STAGE),
    Alert("PipelineStageBlocked", "medium", STAGE),
    Alert("PipelineStageStalled", "critical", STAGE),
    Alert("PipelineEventsDropped", "critical", STAGE),
    Alert("PipelineEventsFailed", "critical", STAGE),
    Alert("PipelineStageErrors", "high", STAGE),
    Alert("PipelineStageSlow", "high", STAGE),
    Alert("PipelineRunFailing", "medium", RUN),
    Alert("PipelineRunFailing", "high", RUN),
    Alert("PipelineRunFailing", "critical", RUN),
    Alert("PipelineRunSuccessLow", "medium", RUN),
    Alert("PipelineRunSuccessLow", "high", RUN),
    Alert("PipelineRunSlow", "medium", RUN),
    Alert("PipelineRunSlow", "high", RUN),
    Alert("PipelineRunThroughputLow", "high", RUN),
    Alert("PipelineRunRowsLow", "high", RUN),
    Alert("PipelineRunUnlikePeers", "medium", PEER),
    Alert("PipelineRunStuck", "high", RUN),
    Alert("PipelineRunSilent", "medium", RUN),
    Alert("PipelineRunStale", "high", RUN),
    Alert("PipelineMissing", "high", RUN),
    Alert("PipelineUpstreamFailing", "low", (*RUN, "upstream")),
    Alert("PipelineDatasetStale", "high", DATASET),
    Alert("PipelineDatasetAssertionsFailing", "medium", DATASET),
    Alert("PipelineDatasetAssertionsFailing", "low", DATASET),
    Alert("PipelineDatasetSchemaChanged", "low", DATASET),
    Alert("PipelineDataBroken", "critical", DATA),
    Alert("PipelineDataDoubtful", "medium", DATA),
    Alert("PipelineDataUndecided", "low", DATA),
    Alert("PipelineDataUnreadable", "high", DATA),
    Alert("PipelineDataUnchecked", "medium", DATA),
    Alert("PipelineExporterDown", "critical", EXPORTER),
    Alert("PipelineExporterAbsent", "critical", (JOB,)),
    Alert("PipelineExporterBehind", "medium", EXPORTER),
    Alert("PipelineIntakeRefusing", "high", (*EXPORTER, "reason")),
    Alert("PipelineConfigNotLoaded", "medium", EXPORTER),
    Alert("PipelineProfileMismatch", "low", EXPORTER),
    Alert("PipelineRulesFailing", "high", EXPORTER),
    Alert("PipelineAlertmanagerUnreachable", "critical", EXPORTER),
    Alert("PipelineNotificationsFailing", "high", (*EXPORTER, "integration")),
    Alert("PipelineEscalation", "critical", ESCALATION),
    Alert("PipelineEscalation", "high", ESCALATION),
    Alert("Watchdog", "low", ()),
)


def alert(name: str, severity: str | None = None) -> Alert:
    """The first alert of this name, and of this severity where it has several."""
    return next(one for one in ALERTS if one.name == name and severity in (None, one.severity))
