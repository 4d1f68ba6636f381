"""What is told in the contests: OpenLineage events of 1.5 kB, plain runs, and a push that says as much.

`@run@`, `@job@` and `@time@` are for the load to fill in.
"""

import json
from typing import Any

SIZE = 1500
SPECIFICATION = "https://openlineage.io/spec"
PRODUCER = "https://github.com/apache/airflow/tree/providers-openlineage/2.20.3"
COLUMNS = {"order_id": "bigint", "customer_id": "bigint", "ordered_at": "timestamp", "amount": "numeric"}


def facet(kind: str, **content: object) -> dict[str, Any]:
    """A facet as Airflow's provider writes it."""
    return {"_producer": PRODUCER, "_schemaURL": f"{SPECIFICATION}/facets/1-0-1/{kind}.json", **content}


def dataset(name: str, **facets: object) -> dict[str, Any]:
    """A dataset with its columns."""
    fields = [{"name": column, "type": kind} for column, kind in COLUMNS.items()]
    schema = facet("SchemaDatasetFacet", fields=fields)
    return {"namespace": "postgres://db:5432", "name": name, "facets": {"schema": schema}, **facets}


def lineage(kind: str) -> str:
    """An OpenLineage event of `SIZE` bytes: a job of a team reads one dataset and writes another."""
    event = {
        "eventType": kind,
        "eventTime": "@time@",
        "producer": PRODUCER,
        "schemaURL": f"{SPECIFICATION}/2-0-2/OpenLineage.json#/$defs/RunEvent",
        "run": {"runId": "@run@", "facets": {}},
        "job": {
            "namespace": "shop",
            "name": "orders_@job@",
            "facets": {
                "jobType": facet("JobTypeJobFacet", integration="AIRFLOW", jobType="DAG"),
                "ownership": facet("OwnershipJobFacet", owners=[{"name": "team:data"}]),
            },
        },
        "inputs": [{"namespace": "postgres://db:5432", "name": "shop.raw_orders_@job@"}],
        "outputs": [
            dataset(
                "shop.orders_@job@",
                outputFacets={"outputStatistics": facet("OutputStatisticsFacet", rowCount=1000, size=64000)},
            )
        ],
    }
    text = json.dumps(event)
    # Unknown to us, as most of a real event is.
    event["run"] = {"runId": "@run@", "facets": {"notes": {"text": "x" * (SIZE - 60 - len(text))}}}
    return json.dumps(event)


PLAIN = json.dumps(
    {
        "pipeline": "orders_@job@",
        "run_id": "@run@",
        "state": "succeeded",
        "team": "data",
        "ended": "@time@",
        "duration_seconds": 61.5,
        "rows": 1000,
        "bytes": 64000,
        "inputs": ["shop.raw_orders_@job@"],
        "outputs": [{"name": "shop.orders_@job@", "rows": 1000}],
    }
)
PUSH = """\
# TYPE run_last_success_timestamp_seconds gauge
run_last_success_timestamp_seconds 1795270000
# TYPE run_last_start_timestamp_seconds gauge
run_last_start_timestamp_seconds 1795269939
# TYPE run_duration_seconds gauge
run_duration_seconds 61.5
# TYPE run_rows gauge
run_rows 1000
# TYPE run_bytes gauge
run_bytes 64000
"""


def filled(template: str, number: int, job: int | None = None) -> str:
    """An event as the load fills it in, of a job of its own unless it is said of which."""
    hours, minutes = number // 36_000 % 24, number // 600 % 60
    time = f"2026-11-21T{hours:02}:{minutes:02}:{number // 10 % 60:02}.{number % 10}Z"
    run = f"01a1fb8c-69d3-7015-a8bb-{number:012x}"
    of_job = template.replace("@job@", str(number if job is None else job))
    return of_job.replace("@run@", run).replace("@time@", time)
