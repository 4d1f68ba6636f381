"""Who waits for whom: what one failure does to others."""

from grafana_foundation_sdk.builders import table

from grafana import look, panels, words
from grafana.queries import lineage

NUMBER: dict[str, object] = {"unit": "short", "decimals": 0}
IMPACT = {"pipeline": "Fails", "Value": "Waiting", "team": "Team"}
PAIRS = {"waits": "Waits", "upstream": "For", "Value": "Its failures", "team": "Team"}


def impact() -> table.Panel:
    """Each failing job with what hangs on it."""
    panel = panels.paged(
        panels.listing(
            "Which failures do others wait for?",
            "Jobs that failed last time and whose output others read, and how many wait for each, through "
            "others too; until it has failed often enough for an alert, its direct readers. The one with "
            "the most waiting comes first: repair it, and tell the teams that wait.",
        )
    )
    panels.columns(panel, IMPACT_SETTINGS)
    return (
        panel.with_target(panels.rows(lineage.impact()))
        .transformations(panels.joined(tuple(IMPACT), IMPACT))
        .sort_by([panels.sorted_by("Waiting", descending=True)])
        .no_value("Nobody waits for a job that failed.")
        .span(10)
        .height(9)
    )


IMPACT_SETTINGS: dict[str, dict[str, object]] = {
    "Fails": {"custom__minWidth": 140, "links": words.JOB},
    "Waiting": {
        **NUMBER,
        "custom__width": 85,
        "custom__cellOptions": look.GROUND,
        "thresholds": look.thresholds(look.ORANGE).build(),
    },
    "Team": {"custom__minWidth": 100, "links": [words.TEAM]},
}


def pairs() -> table.Panel:
    """Each that waits, with the cause."""
    panel = panels.paged(
        panels.listing(
            "Who waits for whom?",
            "Jobs that read what a failing job writes, themselves or through others, with the one that has "
            "been without success for longest. Nobody is told that they are late or have too little to "
            "read; repair the cause, then see whether they catch up.",
        )
    )
    panels.columns(panel, PAIRS_SETTINGS)
    return (
        panel.with_target(panels.rows(lineage.pairs()))
        .transformations(panels.joined(tuple(PAIRS), PAIRS))
        .sort_by([panels.sorted_by("Its failures", descending=True), panels.sorted_by("For")])
        .no_value("Nobody waits for a job that fails.")
        .span(14)
        .height(9)
    )


PAIRS_SETTINGS: dict[str, dict[str, object]] = {
    "Waits": {"custom__minWidth": 150, "links": words.JOB},
    "For": {"custom__minWidth": 150, "links": words.JOB},
    "Its failures": {**NUMBER, "custom__width": 115},
    "Team": {"custom__minWidth": 100, "links": [words.TEAM]},
}
