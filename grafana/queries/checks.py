"""Checks of the data itself: what they say of each dataset, and what they measured."""

from grafana.queries.selectors import SHOWN
from tools.rules.checks import MISSED

DATASET = 'team=~"$team", dataset=~"$dataset"'
MEASURE = f'{DATASET}, check="drift", subject=~"$measure"'
EACH = "dataset, tier, check, subject"
PASS, WARN, CRITICAL = range(3)
NONE_FAILED = -1
NOTHING_FAILS = "No check of these fails."
# As many as a chart can show.
SHOWN_SERIES = 12
SHOWN_LANES = 25


def of_dataset(gauge: str, matchers: str = DATASET) -> str:
    """A gauge by dataset."""
    return f"max by (dataset) ({gauge}{{{matchers}}})"


def known() -> str:
    """The datasets that have been checked."""
    return of_dataset("pipeline_check_last_run_timestamp_seconds")


def with_team(expr: str) -> str:
    """The same, with who is told: of several teams the one that had it checked last."""
    newest = f"max by (dataset, team) (pipeline_check_last_run_timestamp_seconds{{{DATASET}}})"
    return f"({expr})\n* on (dataset) group_left (team) topk by (dataset) (1, {newest}) ^ 0"


def light(tier: int | None = None) -> str:
    """The worst verdict of each dataset, of all checks or of a tier's."""
    return of_dataset("pipeline_check_status", DATASET if tier is None else f'{DATASET}, tier="{tier}"')


def outcomes(severity: str) -> str:
    """How many checks of each dataset said so."""
    return f'sum by (dataset) (pipeline_check_outcomes{{{DATASET}, severity="{severity}"}})'


def age(gauge: str) -> str:
    """Seconds since this moment of each dataset."""
    return f"time() - {of_dataset(gauge)}"


def late() -> str:
    """Seconds since the last check of each dataset whose schedule was missed, as the alert has it."""
    missed = f"{MISSED} * {of_dataset('pipeline_check_interval_seconds')}"
    return f"({age('pipeline_check_last_run_timestamp_seconds')})\n> on (dataset) ({missed})"


def fault() -> str:
    """What is wrong with simulated datasets just now; nobody's team is in it."""
    return 'max by (dataset, fault) (pipeline_dataset_fault_active{dataset=~"$dataset"}) == 1'


def failing() -> str:
    """Checks that warn or worse, with what they say."""
    return of_check("pipeline_check_status") + " > 0"


def failing_or_none() -> str:
    """The same, with one row that says so where nothing fails of what is checked."""
    nothing = f"vector({PASS}) and on () count({known()}) unless on () ({failing()})"
    return f'{failing()}\nor label_replace({nothing}, "dataset", "{NOTHING_FAILS}", "", "")'


def of_check(gauge: str) -> str:
    """A gauge by check."""
    return f"max by ({EACH}) ({gauge}{{{DATASET}}})"


def of_failing(gauge: str) -> str:
    """A gauge of the checks that warn or worse."""
    return f"{of_check(gauge)}\nand on ({EACH}) ({failing()})"


def ever_failing() -> str:
    """Verdicts over time of the checks that failed at some moment of what is shown, the worst ones.

    Where there is none, a lane of its own says so.
    """
    worst = f"max_over_time(pipeline_check_status{{{DATASET}}}{SHOWN} @ end())"
    most = f"topk({SHOWN_LANES}, max by ({EACH}) ({worst}) > 0)"
    named = f'label_join({of_check("pipeline_check_status")}, "what", " ", "check", "subject")'
    none = f"vector({NONE_FAILED}) unless on () {most}"
    lane = f'label_replace(label_replace({none}, "dataset", "no check", "", ""), "what", "failed", "", "")'
    return f"{named}\nand on ({EACH}) {most}\nor {lane}"


def measured(gauge: str) -> str:
    """What the chosen measures are, or usually are."""
    return f"max by (dataset, subject) ({gauge}{{{MEASURE}}})"


def allowed(bound: str) -> str:
    """How low or how high they may be."""
    return f'max by (dataset, subject) (pipeline_check_band_value{{{MEASURE}, bound="{bound}"}})'


def by_usual(gauge: str) -> str:
    """The same by what is usual, of those measures that are farthest from it now."""
    off = f"abs({share('pipeline_check_observed_value', ' @ end()')} - 1)"
    return f"{share(gauge)}\nand on (dataset, subject) topk({SHOWN_SERIES}, {off})"


def share(gauge: str, at: str = "") -> str:
    """A gauge of the measures by their baselines."""
    usual = f"max by (dataset, subject) (pipeline_check_baseline_value{{{MEASURE}}}{at} != 0)"
    return f"(max by (dataset, subject) ({gauge}{{{MEASURE}}}{at})\n/ {usual})"


def nulls() -> str:
    """The share of nulls in columns, of those that have most now."""
    each = f"max by (dataset, column) (pipeline_check_null_ratio{{{DATASET}}}"
    return f"{each})\nand on (dataset, column) topk({SHOWN_SERIES}, {each} @ end()))"


def most(gauge: str) -> str:
    """A gauge of the datasets that have most of it now."""
    top = f"max by (dataset) ({gauge}{{{DATASET}}} @ end())"
    return f"{of_dataset(gauge)}\nand on (dataset) topk({SHOWN_SERIES}, {top})"


def oldest(gauge: str) -> str:
    """Seconds since this moment, of the datasets for which it is longest ago."""
    top = f"bottomk({SHOWN_SERIES}, max by (dataset) ({gauge}{{{DATASET}}} @ end()))"
    return f"{age(gauge)}\nand on (dataset) {top}"
