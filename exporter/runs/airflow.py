"""What Airflow says in facets of its own: which tasks of a DAG's run were skipped.

A task that was skipped is sent as COMPLETE, outputs and all; only the end of its DAG's run says that it was.
Of the instances of a mapped task that facet knows one alone, so that nobody says which of them were skipped.
"""

from collections.abc import Iterator
from typing import Any

import msgspec

from exporter.decoding import MAX_NAME_CHARACTERS

TASK = ("airflow", "task")
MOST_SKIPPED = 200


class TaskInstance(msgspec.Struct):
    """One try of one task; `map_index` where the task is mapped."""

    map_index: Any = None


class AirflowRun(msgspec.Struct, rename="camel"):
    """The facet `airflow` of a task's run."""

    task_instance: TaskInstance | None = None


class AirflowState(msgspec.Struct, rename="camel"):
    """The facet `airflowState` of the end of a DAG's run: a state a task."""

    tasks_state: Any = None


def may_be_skipped(integration: str, job_type: str, said: AirflowRun | None) -> bool:
    """Whether the end of its DAG's run may yet say that this task was skipped."""
    mapped = said and said.task_instance and said.task_instance.map_index is not None
    return (integration, job_type) == TASK and not mapped


def skipped(dag: str, said: AirflowState | None) -> Iterator[str]:
    """The pipelines of the tasks that this run of a DAG skipped; `dag` is the DAG's own."""
    states = said.tasks_state if said and isinstance(said.tasks_state, dict) else {}
    tasks = [
        task for task, state in states.items() if state == "skipped" and len(task) <= MAX_NAME_CHARACTERS
    ]
    yield from (f"{dag}.{task}" for task in tasks[:MOST_SKIPPED])
