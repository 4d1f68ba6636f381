"""Datasets: too old, not what was promised, of another shape.

The team of the pipeline that writes one is told; where nobody knows who does, the team is `unknown`.
"""

from tools.rules.rule import Alert, Group
from tools.rules.runs import RUNS_DASHBOARD

OWNED = "* on (job, instance, dataset) group_left (pipeline, team) pipeline_dataset_info"
SEVERITIES = {"error": "medium", "warn": "low"}
CHANGES = "pipeline_dataset_schema_changes_total"


def dataset_groups() -> list[Group]:
    """One group."""
    return [
        Group("datasets", [stale(), *(assertions_failing(found) for found in SEVERITIES), schema_changed()])
    ]


def stale() -> Alert:
    """Older than somebody declared."""
    return Alert(
        "PipelineDatasetStale",
        "high",
        f"""
        (
          (time() - pipeline_dataset_last_update_timestamp_seconds)
          > on (job, instance, dataset)
          pipeline_dataset_stale_after_seconds
        )
          {OWNED}
        """,
        "{{ $labels.dataset }} is stale",
        """The content of {{ $labels.dataset }}{{ with $labels.pipeline }}, which {{ . }} writes,{{ end }} is
        {{ $value | humanizeDuration }} old, older than somebody declared that it may be. Whoever reads it
        reads old data.""",
        dashboard=RUNS_DASHBOARD,
    )


def assertions_failing(found: str) -> Alert:
    """Its own tests say that the content is wrong."""
    return Alert(
        "PipelineDatasetAssertionsFailing",
        SEVERITIES[found],
        f"""
        sum without (severity) (pipeline_dataset_failing_assertions{{severity="{found}"}} > 0)
          {OWNED}
        """,
        "{{ $labels.dataset }} fails its tests",
        """{{ $value }} of the tests of {{ $labels.dataset }}{{ with $labels.pipeline }}, which {{ . }}
        writes,{{ end }} failed when they last ran. What is in it is not what its readers were promised.""",
        dashboard=RUNS_DASHBOARD,
    )


def schema_changed() -> Alert:
    """Columns came, went or changed their type; a dataset that is new to us may have changed before."""
    return Alert(
        "PipelineDatasetSchemaChanged",
        "low",
        f"""
        sum without (change) (
          (increase({CHANGES}[1h]) > 0)
          or
          (
            ({CHANGES} > 0 unless {CHANGES} offset 1h)
            and on (job, instance) (up{{job="pipeline-health"}} offset 1h == 1)
          )
        )
          {OWNED}
        """,
        "The columns of {{ $labels.dataset }} have changed",
        """In the last hour {{ $value | printf "%.0f" }} columns of {{ $labels.dataset }}{{ with
        $labels.pipeline }}, which {{ . }} writes,{{ end }} were added, removed or given another type. Whoever
        reads it by name or by type may fail or read nonsense.""",
        dashboard=RUNS_DASHBOARD,
    )
