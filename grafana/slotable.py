"""The table of SLOs: what was promised, what is kept, what is left."""

from grafana_foundation_sdk.builders import table

from grafana import look, panels, words
from grafana.queries import selectors, slos

COLUMNS = {
    "slo": "SLO",
    "Value #V": "Now",
    "Value #R": "Budget left",
    "Value #B": "Burns now",
    "Value #S": "Spent in",
    "Value #A": "So far",
    "Value #O": "Objective",
    "Value #C": "Known",
    "pipeline": "Pipeline",
    "team": "Team",
}
VERDICT = {
    str(slos.NOT_JUDGED): look.NO_DATA,
    str(slos.MET): look.Word("met", look.GREEN),
    str(slos.MISSED): look.Word("missed", look.ORANGE),
    str(slos.SPENT): look.Word("spent", look.RED),
    str(selectors.NONE): look.NO_DATA,
}
GAUGE = {"type": "gauge", "mode": "basic", "valueDisplayMode": "text"}


def table_of(title: str, description: str) -> table.Panel:
    """A row for each SLO, the one with the least budget first."""
    panel = (
        panels.listing(title, description)
        .with_target(panels.rows(slos.verdict(), "V"))
        .with_target(panels.rows(slos.objective(), "O"))
        .with_target(panels.rows(slos.achieved(), "A"))
        .with_target(panels.rows(slos.remaining(), "R"))
        .with_target(panels.rows(slos.burning(), "B"))
        .with_target(panels.rows(slos.spent_in(), "S"))
        .with_target(panels.rows(slos.coverage(), "C"))
        .transformations(panels.joined(tuple(COLUMNS), COLUMNS, hidden=("__name__",)))
        .sort_by([panels.sorted_by("Budget left")])
        .no_value(words.NO_SLOS)
    )
    return panels.columns(panel, SETTINGS)


SETTINGS: dict[str, dict[str, object]] = {
    "Pipeline": {
        "custom__minWidth": 120,
        "links": [words.to_board("pipeline-health", "This pipeline", pipeline="${__value.raw}")],
    },
    "SLO": {
        "custom__width": 100,
        "links": [
            words.to_board(
                "pipeline-slo", "Its budget", pipeline="${__data.fields.Pipeline}", slo="${__value.raw}"
            )
        ],
    },
    "Now": {
        "custom__width": 75,
        "custom__cellOptions": look.GROUND,
        "mappings": look.words(VERDICT),
    },
    "Objective": {"custom__width": 85, "unit": "percentunit", "decimals": 1},
    "So far": {"custom__width": 75, "unit": "percentunit", "decimals": 2},
    "Budget left": {
        "custom__minWidth": 120,
        "custom__cellOptions": GAUGE,
        "unit": "percentunit",
        "decimals": 1,
        "min": 0,
        "max": 1,
        "color": {"mode": "thresholds"},
        "thresholds": look.thresholds(look.RED, {0.0001: look.ORANGE, 0.25: look.GREEN}).build(),
    },
    "Burns now": {
        "custom__width": 95,
        "unit": "suffix: x",
        "decimals": 1,
        "custom__cellOptions": {"type": "color-text"},
        "thresholds": look.thresholds(look.GREEN, {1: look.ORANGE, 14.4: look.RED}).build(),
    },
    "Spent in": {"custom__width": 85, "unit": "s", "decimals": 0, "noValue": "not soon"},
    "Known": {"custom__width": 75, "unit": "percentunit", "decimals": 1},
    "Team": {"custom__minWidth": 165},
}
