"""Teams: a row for each, and one click to see only its jobs."""

from grafana_foundation_sdk.builders import table

from grafana import look, panels, words
from grafana.queries import runs, teams
from grafana.queries.selectors import or_sentence

SEVERITIES = ("critical", "high", "medium")
COUNTED: dict[str, object] = {"custom__width": 105, "unit": "short", "decimals": 0}
COLUMNS = {
    "team": "Team",
    "Value #J": "Jobs",
    "Value #U": "Ill",
    "Value #S": "Success",
    "Value #T": "Stale",
    "Value #R": "Running",
    **{f"Value #{name[0].upper()}": name for name in SEVERITIES},
}


def table_of_teams() -> table.Panel:
    """How each team's jobs are."""
    panel = panels.paged(
        panels.listing(
            "Whose jobs are ill?",
            "How many jobs each team has, of how many the light is not green, the share of its jobs' last "
            "runs that succeeded, how many are stale and running, and the alerts that fire for them by "
            "severity. Click a team to see its jobs alone. Many ill ones in one team: it is one cause, see "
            "who waits for whom.",
        )
    )
    for ref, expr in ROWS.items():
        panel.with_target(panels.rows(expr, ref))
    panels.columns(panel, SETTINGS)
    return (
        panel.transformations(panels.joined(tuple(COLUMNS), COLUMNS))
        .sort_by([panels.sorted_by(name, descending=True) for name in (*SEVERITIES, "Ill")])
        .no_value(words.NO_JOBS)
        .span(24)
        .height(10)
    )


ROWS = {
    "J": or_sentence(teams.count(runs.known()), runs.known(), "team", words.NO_JOBS, 0),
    "U": teams.count(runs.unhealthy()),
    "S": teams.success_ratio(),
    "T": teams.count(runs.stale()),
    "R": teams.count(f"{runs.in_progress()} > 0"),
    **{name[0].upper(): teams.alerts(name) for name in SEVERITIES},
}


def ill(color: str) -> dict[str, object]:
    """How many are not as they should be: any is coloured."""
    steps = look.thresholds("transparent", {1: color}).build()
    return {**COUNTED, "custom__cellOptions": look.GROUND, "thresholds": steps}


SETTINGS: dict[str, dict[str, object]] = {
    "Team": {"custom__minWidth": 160, "links": [words.TEAM]},
    "Jobs": COUNTED,
    "Ill": ill(look.ORANGE),
    "Success": {**COUNTED, "unit": "percentunit", "decimals": 1, "noValue": "none ended"},
    "Stale": ill(look.ORANGE),
    "Running": COUNTED,
    **{name: ill(look.SEVERITY[name].color) for name in SEVERITIES},
}
