"""Data quality: what checks say of the data itself, what failed when, measures against what is usual."""

from collections.abc import Sequence

from grafana_foundation_sdk.builders import statetimeline, table

from grafana import annotations, look, panels, words
from grafana.board import Board, Item
from grafana.boards import measures
from grafana.boards.measures import NO_CHECKS
from grafana.counts import Count, counted
from grafana.queries import checks
from grafana.queries.selectors import NONE, or_sentence

VERDICT = {
    str(checks.PASS): look.Word("passes", look.GREEN),
    str(checks.WARN): look.Word("warns", look.YELLOW),
    str(checks.CRITICAL): look.Word("broken", look.RED),
}
DATASET = [words.to_board("pipeline-data", "Only this dataset", dataset="${__value.raw}")]


def content() -> Sequence[Item]:
    """From the lights to the figures."""
    return [
        *(counted(one) for one in COUNTS),
        all_datasets(),
        panels.row("What failed?"),
        failing(),
        lanes(),
        panels.row("Measures against what is usual"),
        measures.against_usual(),
        measures.measure(),
        panels.row("What is in the data?"),
        *measures.figures(),
    ]


COUNTS = (
    Count(
        "Datasets",
        "Datasets whose checks have told the exporter. Fewer than you have: the others are not checked, or "
        "their checks run without --push.",
        checks.known(),
        look.BLUE,
    ),
    Count(
        "Broken",
        "Datasets with a critical check that fails. Don't publish what is made from their newest day; see "
        "below what failed, and the runbook of PipelineDataBroken.",
        f"({checks.light()}) == {checks.CRITICAL}",
        look.RED,
    ),
    Count(
        "Doubtful",
        "Datasets with warnings and nothing worse. Usable with care: look below at what they warn of, and "
        "ask who makes the data.",
        f"({checks.light()}) == {checks.WARN}",
        look.YELLOW,
    ),
    Count(
        "No verdict",
        "Datasets with checks that have too few days or rows to compare with. A new dataset needs some days; "
        "an old one has lost some.",
        f"{checks.outcomes('info')} > 0",
        look.BLUE,
    ),
    Count(
        "Unreadable",
        "Datasets that the exporter checks itself and can not read. Its page and its log say why: see the "
        "runbook of PipelineDataUnreadable.",
        f"{checks.of_dataset('pipeline_check_unreadable')} > 0",
        look.ORANGE,
    ),
    Count(
        "Late",
        "Datasets whose schedule was missed twice: what is shown of them is old. See whether the exporter's "
        "checks take too long.",
        checks.late(),
        look.ORANGE,
    ),
)


COLUMNS = {
    "dataset": "Dataset",
    **{f"Value #{tier}": f"Tier {tier}" for tier in "123"},
    "Value #C": "Critical",
    "Value #W": "Warnings",
    "Value #I": "No verdict",
    "Value #N": "Rows",
    "Value #D": "Newest day",
    "Value #L": "Checked",
    "team": "Team",
}


def all_datasets() -> table.Panel:
    """A row for each dataset."""
    panel = panels.paged(
        panels.listing(
            "Which data is right?",
            "The worst first. Tier 1: is there what should be there; tier 2: is it well formed; tier 3: does "
            "the business behave as before. Rows are those of the newest day; its age counts from that day's "
            "beginning. Checked long ago: the job that checks it does not run, or can't reach the exporter.",
        )
    )
    for ref, expr in ROWS.items():
        panel.with_target(panels.rows(expr, ref))
    panels.columns(panel, SETTINGS)
    return (
        panel.transformations(panels.joined(tuple(COLUMNS), COLUMNS, hidden=("Value #A",)))
        .sort_by([panels.sorted_by(name, descending=True) for name in ("Critical", "Warnings", "Checked")])
        .no_value(NO_CHECKS)
        .span(24)
        .height(9)
    )


ROWS = {
    "A": or_sentence(checks.with_team(checks.light()), checks.known(), "dataset", NO_CHECKS),
    **{str(tier): checks.light(tier) for tier in (1, 2, 3)},
    "C": checks.outcomes("critical"),
    "W": checks.outcomes("warn"),
    "I": checks.outcomes("info"),
    "N": checks.of_dataset("pipeline_check_rows"),
    "D": checks.age("pipeline_check_latest_date_timestamp_seconds"),
    "L": checks.age("pipeline_check_last_run_timestamp_seconds"),
}


LIGHT: dict[str, object] = {
    "custom__width": 80,
    "custom__cellOptions": look.GROUND,
    "mappings": look.words({**VERDICT, str(NONE): look.NO_DATA}),
}
TEAM: dict[str, object] = {"custom__minWidth": 100, "custom__filterable": True}
SETTINGS: dict[str, dict[str, object]] = {
    "Dataset": {"custom__minWidth": 150, "custom__filterable": True, "links": DATASET},
    **{f"Tier {tier}": {**LIGHT, "noValue": "none"} for tier in "123"},
    "Critical": panels.tally(80, look.RED),
    "Warnings": panels.tally(90, look.YELLOW),
    "No verdict": panels.tally(95, look.BLUE),
    "Rows": {"custom__width": 85, "unit": "locale", "decimals": 0},
    "Newest day": {"custom__width": 100, "unit": "s", "decimals": 1},
    "Checked": {"custom__width": 90, "unit": "s", "decimals": 0},
    "Team": TEAM,
}
FOUND = {
    "dataset": "Dataset",
    "check": "Check",
    "subject": "Of",
    "Value #S": "Verdict",
    "Value #O": "Observed",
    "Value #L": "Limit",
    "Value #B": "Usual",
    "tier": "Tier",
}


def failing() -> table.Panel:
    """A row for each check that warns or worse."""
    panel = panels.paged(
        panels.listing(
            "Which checks fail now?",
            "What each check of the newest day observed, the limit that it broke, and what is usual where it "
            "compares; shares are from 0 to 1. Critical: stop what reads it. Many checks of one dataset at "
            "once: one cause, look at its newest file first.",
        )
    )
    for ref, expr in FAILING.items():
        panel.with_target(panels.rows(expr, ref))
    panels.columns(panel, FAILING_SETTINGS)
    return (
        panel.transformations(panels.joined(tuple(FOUND), FOUND))
        .sort_by([panels.sorted_by("Verdict", descending=True), panels.sorted_by("Tier")])
        .no_value(NO_CHECKS)
        .span(24)
        .height(8)
    )


FAILING = {
    "S": checks.failing_or_none(),
    "O": checks.of_failing("pipeline_check_observed_value"),
    "L": checks.of_failing("pipeline_check_limit_value"),
    "B": checks.of_failing("pipeline_check_baseline_value"),
}
VALUE: dict[str, object] = {"custom__width": 105, "unit": "short", "decimals": 3}
FAILING_SETTINGS: dict[str, dict[str, object]] = {
    "Dataset": {"custom__minWidth": 130, "custom__filterable": True, "links": DATASET},
    "Check": {"custom__width": 110, "custom__filterable": True},
    "Of": {"custom__minWidth": 90},
    "Verdict": LIGHT,
    "Observed": VALUE,
    "Limit": VALUE,
    "Usual": VALUE,
    "Tier": {"custom__width": 55},
}


def lanes() -> statetimeline.Panel:
    """Verdicts over time."""
    return (
        panels.states(
            "What failed when?",
            "A lane for each check that failed in the time that is shown, the worst ones of many. Lanes that "
            "turn at the same moment have one cause; one that comes and goes has a limit that is too near.",
        )
        .with_target(panels.over_time(checks.ever_failing(), "{{dataset}} {{what}}"))
        .mappings(look.words({**VERDICT, str(checks.NONE_FAILED): look.Word("nothing", look.GREY)}))
        .unit("none")
        .span(24)
        .height(9)
    )


BOARD = Board(
    uid="pipeline-data",
    description="Checks of the data itself: what they say of each dataset by tier, which fail, since when, "
    "and how far the measures are from what is usual.",
    chosen=("team", "dataset", "measure"),
    panels=content,
    annotated=annotations.OF_DATASETS,
    since="now-24h",
    refresh="1m",
)
