"""Jobs now: how many of each condition, and a row for each."""

from collections.abc import Iterator

from grafana_foundation_sdk.builders import stat, table

from grafana import look, panels, words
from grafana.counts import Count, counted
from grafana.queries import runs
from grafana.queries.selectors import NONE, or_sentence

LAST = {
    str(NONE): look.NO_DATA,
    str(runs.NONE_ENDED): look.Word("none ended", look.GREY),
    str(runs.SUCCEEDED): look.Word("succeeded", look.GREEN),
    str(runs.FAILED): look.Word("failed", look.ORANGE),
    str(runs.NEVER_REPORTED): look.Word("never seen", look.GREY),
    str(runs.KEEPS_FAILING): look.Word("keeps failing", look.RED),
}
COLUMNS = {
    "pipeline": "Job",
    "Value #H": "Light",
    "Value #L": "Last run",
    "Value #F": "Fails",
    "Value #S": "Success",
    "Value #D": "Took",
    "Value #U": "Usually",
    "Value #Z": "Score",
    "Value #R": "Rows",
    "Value #A": "Age",
    "Value #T": "Stale after",
    "Value #W": "Upstream",
    "Value #V": "Readers",
    "team": "Team",
}


COUNTS = (
    Count(
        "Jobs",
        "Jobs that have reported a run since the exporter started. Fewer than you have: the others don't "
        "report.",
        runs.failures_in_a_row(),
        look.BLUE,
    ),
    Count(
        "Failed",
        "Jobs whose last run failed. What they should have delivered is missing or old: see the table for "
        "whose they are.",
        f"{runs.failures_in_a_row()} > 0",
        look.ORANGE,
    ),
    Count(
        "Stale",
        "Jobs without a success for longer than is declared, or else learnt from their own rhythm; declared "
        "ones that have never reported too. Whoever reads what they deliver reads old data.",
        runs.stale(),
        look.ORANGE,
    ),
    Count(
        "Waiting",
        "Jobs that read, themselves or through others, what a failing job writes. Repair that one: who "
        "waits for whom stands below.",
        runs.waiting(),
        look.ORANGE,
    ),
    Count(
        "Alerts",
        "Alerts on these jobs that tell somebody, from medium to critical. Their runbooks are on the "
        "dashboard of incidents.",
        runs.alerts("critical|high|medium"),
        look.ORANGE,
    ),
    Count(
        "Running",
        "Jobs with a run in progress. One that runs for much longer than usual is stuck or has too much to "
        "do.",
        f"{runs.in_progress()} > 0",
        look.BLUE,
    ),
)


def counts() -> Iterator[stat.Panel]:
    """How many jobs there are, and how many are ill in which way."""
    return (counted(one) for one in COUNTS)


def fleet() -> table.Panel:
    """A row for each job."""
    panel = panels.paged(
        panels.listing(
            "Which jobs need somebody?",
            "The worst first. Fails: in a row. Success: of the last hundred runs. Score: by how many "
            "deviations the last success took longer than usual. Rows: of what is usual. Age: of the last "
            "success. Upstream: how many that it reads from have failed. Empty: not known yet. Never seen: "
            "it is declared and does not run, or its reports go elsewhere. Read the job's own page and "
            "log, then the runbook of PipelineRunFailing.",
        )
    )
    for ref, expr in ROWS.items():
        panel.with_target(panels.rows(expr, ref))
    panels.columns(panel, SETTINGS)
    return (
        panel.transformations(panels.joined(tuple(COLUMNS), COLUMNS))
        .sort_by([panels.sorted_by(name, descending=True) for name in ("Light", "Last run", "Fails")])
        .no_value(words.NO_JOBS)
        .span(24)
        .height(13)
    )


ROWS = {
    "H": runs.light(),
    "L": or_sentence(runs.with_team(runs.last_state()), runs.known(), "pipeline", words.NO_JOBS),
    "F": runs.failures_in_a_row(),
    "S": runs.success_ratio(),
    "D": runs.last_duration(),
    "U": runs.usual_duration(),
    "Z": runs.duration_score(),
    "R": runs.usual_share("rows"),
    "A": runs.age_of_success(),
    "T": runs.deadline(),
    "W": runs.unhealthy_upstream(),
    "V": runs.readers(),
}
SETTINGS: dict[str, dict[str, object]] = {
    "Job": {"custom__minWidth": 116, "custom__filterable": True, "links": words.JOB},
    "Light": {
        "custom__width": 80,
        "custom__cellOptions": look.GROUND,
        "mappings": look.words(look.HEALTH),
    },
    "Last run": {
        "custom__width": 106,
        "custom__cellOptions": look.GROUND,
        "mappings": look.words(LAST),
    },
    "Fails": {"custom__width": 66, "unit": "short", "decimals": 0},
    "Success": {"custom__width": 70, "unit": "percentunit", "decimals": 0},
    "Took": {"custom__width": 70, "unit": "s", "decimals": 1},
    "Usually": {"custom__width": 70, "unit": "s", "decimals": 1},
    "Score": {"custom__width": 58, "unit": "short", "decimals": 1},
    "Rows": {"custom__width": 56, "unit": "percentunit", "decimals": 0},
    "Age": {"custom__width": 66, "unit": "s", "decimals": 0},
    "Stale after": {"custom__width": 86, "unit": "s", "decimals": 0},
    "Upstream": {
        "custom__width": 80,
        "custom__cellOptions": look.GROUND,
        "unit": "short",
        "decimals": 0,
        "thresholds": look.thresholds("transparent", {1: look.ORANGE}).build(),
    },
    "Readers": {"custom__width": 68, "unit": "short", "decimals": 0},
    "Team": {"custom__width": 96, "custom__filterable": True, "links": [words.TEAM]},
}
