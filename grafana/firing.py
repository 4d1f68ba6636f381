"""The table of alerts that fire: what, where, since when, whose, and what to do."""

from grafana_foundation_sdk.builders import table

from grafana import look, panels, words
from grafana.queries import alerts

COLUMNS = {
    "rank": "Severity",
    "alertname": "What",
    "about": "Of what",
    "pipeline": "Pipeline",
    "stage": "Stage",
    "slo": "SLO",
    "team": "Team",
    "Value": "Since",
}


def table_of(title: str, description: str, firing: str) -> table.Panel:
    """Alerts of this selection, the gravest first."""
    panel = (
        panels.listing(title, description)
        .with_target(panels.rows(alerts.since(firing)))
        .transformations(panels.joined(tuple(COLUMNS), COLUMNS))
        .sort_by([panels.sorted_by("Severity"), panels.sorted_by("Since")])
        .no_value("No alert fires.")
    )
    return panels.columns(panel, SETTINGS)


SETTINGS: dict[str, dict[str, object]] = {
    "Severity": {
        "custom__width": 90,
        "custom__cellOptions": look.GROUND,
        "mappings": look.words({rank: look.SEVERITY[name] for name, rank in alerts.RANKS.items()}),
    },
    "What": {
        "custom__minWidth": 200,
        "mappings": look.texts(words.ALERTS),
        "links": [words.RUNBOOK],
    },
    "Of what": {"custom__minWidth": 120, "mappings": look.texts(words.ALERTS)},
    "Pipeline": {
        "custom__minWidth": 130,
        "links": [
            words.to_board("pipeline-health", "This pipeline", pipeline="${__value.raw}"),
            words.to_board("pipeline-runs", "Its runs, if it is a job", pipeline="${__value.raw}"),
        ],
    },
    "Stage": {
        "custom__width": 105,
        "links": [
            words.to_board(
                "pipeline-stage",
                "This stage",
                pipeline="${__data.fields.Pipeline}",
                stage="${__value.raw}",
            )
        ],
    },
    "SLO": {
        "custom__width": 105,
        "links": [
            words.to_board(
                "pipeline-slo", "This SLO", pipeline="${__data.fields.Pipeline}", slo="${__value.raw}"
            )
        ],
    },
    "Team": {"custom__minWidth": 130, "links": [words.INCIDENTS]},
    "Since": {"custom__width": 145, "custom__align": "left", "unit": "dateTimeFromNow"},
}
