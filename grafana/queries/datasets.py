"""Datasets: how old they are, what is in them, and what their tests say."""

from grafana.queries.selectors import ALERT, SHOWN

INFO = f"max by (dataset, pipeline, team) (pipeline_dataset_info{{{ALERT}}})"
FINE, WARNS, STALE, FAILS = range(4)


def of_dataset(gauge: str) -> str:
    """A gauge by dataset."""
    return f"max by (dataset) ({gauge})"


def chosen(expr: str) -> str:
    """This of the chosen teams' and jobs' datasets."""
    return f"{expr}\nand on (dataset) {INFO}"


def state() -> str:
    """What is wrong with each, as one of the numbers above, with who writes it."""
    worst = "\nor ".join(
        (
            f"0 * ({failing('error')} > 0) + {FAILS}",
            f"0 * ({age()} > {deadline()}) + {STALE}",
            f"0 * ({failing('warn')} > 0) + {WARNS}",
            f"0 * max by (dataset) ({INFO}) + {FINE}",
        )
    )
    return f"({worst})\n* on (dataset) group_left (pipeline, team) {INFO}"


def age() -> str:
    """Seconds since what its content is from."""
    return f"(time() - {of_dataset('pipeline_dataset_last_update_timestamp_seconds')})"


def deadline() -> str:
    """How old it may become, where somebody declared it."""
    return of_dataset("pipeline_dataset_stale_after_seconds")


def rows() -> str:
    """Rows that were last written."""
    return of_dataset("pipeline_dataset_rows")


def failing(severity: str) -> str:
    """Tests of this severity that failed last time."""
    return of_dataset(f'pipeline_dataset_failing_assertions{{severity="{severity}"}}')


def columns_changed() -> str:
    """Columns added, removed or given another type in the time that is shown."""
    return f"sum by (dataset) (increase(pipeline_dataset_schema_changes_total{SHOWN})) > 0"
