"""Datasets: whether what the jobs deliver is fresh and keeps its promises."""

from grafana_foundation_sdk.builders import table

from grafana import look, panels, words
from grafana.queries import datasets
from grafana.queries.selectors import NONE, or_sentence

NO_DATASETS = "No job has said which datasets it writes."
STATES = {
    str(NONE): look.NO_DATA,
    str(datasets.FINE): look.Word("fine", look.GREEN),
    str(datasets.WARNS): look.Word("warns", look.YELLOW),
    str(datasets.STALE): look.Word("stale", look.ORANGE),
    str(datasets.FAILS): look.Word("fails its tests", look.RED),
}
COLUMNS = {
    "dataset": "Dataset",
    "Value #S": "State",
    "Value #A": "Updated",
    "Value #D": "Stale after",
    "Value #R": "Rows",
    "Value #E": "Errors",
    "Value #W": "Warnings",
    "Value #C": "Columns",
    "pipeline": "Writer",
    "team": "Team",
}


def quality() -> table.Panel:
    """A row for each dataset."""
    panel = panels.paged(
        panels.listing(
            "Which datasets need somebody?",
            "The worst first: the age of each dataset's content, from which age on it is stale as somebody "
            "declared, the rows last written, its tests that failed last time, and the columns that came, "
            "went or changed their type in the time that is shown. Failing: don't publish what is made "
            "from it, and ask the writer's team. Those without a writer are shown whatever is chosen.",
        )
    )
    for ref, expr in ROWS.items():
        panel.with_target(panels.rows(expr, ref))
    panels.columns(panel, SETTINGS)
    return (
        panel.transformations(panels.joined(tuple(COLUMNS), COLUMNS))
        .sort_by([panels.sorted_by(name, descending=True) for name in ("State", "Errors", "Updated")])
        .no_value(NO_DATASETS)
        .span(24)
        .height(10)
    )


ROWS = {
    "S": or_sentence(datasets.state(), datasets.INFO, "dataset", NO_DATASETS),
    "A": datasets.chosen(datasets.age()),
    "D": datasets.chosen(datasets.deadline()),
    "R": datasets.chosen(datasets.rows()),
    "E": datasets.chosen(datasets.failing("error")),
    "W": datasets.chosen(datasets.failing("warn")),
    "C": datasets.chosen(datasets.columns_changed()),
}


SETTINGS: dict[str, dict[str, object]] = {
    "Dataset": {"custom__minWidth": 170, "custom__filterable": True},
    "State": {"custom__width": 112, "custom__cellOptions": look.GROUND, "mappings": look.words(STATES)},
    "Updated": {"custom__width": 92, "unit": "s", "decimals": 0, "noValue": "not known"},
    "Stale after": {"custom__width": 100, "unit": "s", "decimals": 0, "noValue": "not declared"},
    "Rows": {"custom__width": 85, "unit": "locale", "decimals": 0, "noValue": "not told"},
    "Errors": panels.tally(80, look.RED),
    "Warnings": panels.tally(86, look.YELLOW),
    "Columns": panels.tally(80, look.YELLOW),
    "Writer": {"custom__minWidth": 150, "custom__filterable": True, "links": words.JOB},
    "Team": {"custom__width": 100, "links": [words.TEAM]},
}
