"""OpenLineage beyond a run's transition: datasets, parents, teams, times, reasons, other kinds of events."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from exporter.decoding import MAX_NAME_CHARACTERS, InvalidBodyError
from exporter.runs.event import Assertion, Dataset, DatasetEvent, RunEvent
from exporter.runs.lineage_datasets import MOST_COLUMNS, MOST_DATASETS
from exporter.runs.openlineage import decode_any, decode_batch

Json = dict[str, Any]

TIME = "2026-11-21T00:44:25Z"
SECONDS = 1795221865.0
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


def event(**more: object) -> Json:
    base = {"eventType": "COMPLETE", "eventTime": TIME, "run": {"runId": "r"}}
    return {**base, "job": {"namespace": "ns", "name": "load"}, **more}


def job_facets(**facets: object) -> Json:
    return event(job={"namespace": "ns", "name": "load", "facets": facets})


def run_facets(**facets: object) -> Json:
    return event(run={"runId": "r", "facets": facets})


def dataset(**more: object) -> Json:
    return {"namespace": "db", "name": "orders", **more}


def decode(content: object) -> RunEvent | DatasetEvent | None:
    return decode_any(json.dumps(content).encode())


def run(content: object) -> RunEvent:
    found = decode(content)
    assert isinstance(found, RunEvent)
    return found


def output(**more: object) -> Dataset:
    (found,) = run(event(outputs=[dataset(**more)])).outputs
    return found


def read(**more: object) -> Dataset:
    (found,) = run(event(inputs=[dataset(**more)])).inputs
    return found


def complaint(content: object) -> str:
    with pytest.raises(InvalidBodyError) as caught:
        decode(content)
    return str(caught.value)


def test_datasets_are_named_with_their_namespace() -> None:
    said = run(event(inputs=[dataset(name="raw")], outputs=[dataset()]))
    assert (said.inputs, said.outputs) == ((Dataset("db/raw"),), (Dataset("db/orders"),))


def test_an_event_may_leave_its_datasets_out() -> None:
    assert run(event(inputs=None)) == run(event(inputs=[], outputs=[])) == run(event())


@pytest.mark.parametrize("value", [{}, "orders", 5, True])
def test_a_list_of_datasets_is_a_list(value: object) -> None:
    assert complaint(event(inputs=value)).startswith("inputs: expected an array, got ")
    assert complaint(event(outputs=value)).startswith("outputs: expected an array, got ")


@pytest.mark.parametrize(
    "value", [None, 5, [], {"name": "x"}, {"namespace": "db", "name": 5}, dataset(name="\n")]
)
def test_a_dataset_of_the_wrong_shape_says_nothing_and_the_others_do(value: object) -> None:
    assert run(event(outputs=[value, dataset()])).outputs == (Dataset("db/orders"),)


def test_each_dataset_counts_once_and_so_many_are_read() -> None:
    assert len(run(event(outputs=[dataset(), dataset()])).outputs) == 1
    many = [dataset(name=str(number)) for number in range(MOST_DATASETS + 5)]
    assert len(run(event(outputs=many)).outputs) == MOST_DATASETS


def test_rows_and_bytes_come_from_what_was_written_or_read() -> None:
    counts = {"rowCount": 3, "size": 4096}
    assert output(outputFacets={"outputStatistics": counts}) == Dataset("db/orders", 3, 4096)
    assert read(inputFacets={"inputStatistics": counts}) == Dataset("db/orders", 3, 4096)


def test_rows_may_come_from_a_measure_of_quality() -> None:
    measured = {"dataQualityMetrics": {"rowCount": 7}}
    assert read(inputFacets=measured).rows == output(facets=measured).rows == 7
    statistics = {"outputStatistics": {"rowCount": 3}}
    assert output(outputFacets=statistics, facets=measured).rows == 3


def test_null_values_are_counted_by_column() -> None:
    columns = {"id": {"nullCount": 0}, "sum": {"nullCount": 4, "min": 1}, "name": {"distinctCount": 3}}
    measured = {"dataQualityMetrics": {"rowCount": 9, "columnMetrics": columns}}
    assert read(inputFacets=measured).nulls == output(facets=measured).nulls == (("id", 0), ("sum", 4))
    assert read(inputFacets=measured).rows == 9


@pytest.mark.parametrize(
    "columns", [None, 3, [], {}, {"id": 3}, {"id": {"nullCount": -1}}, {"\n": {"nullCount": 1}}]
)
def test_null_values_that_are_no_counts_are_unknown(columns: object) -> None:
    assert read(inputFacets={"dataQualityMetrics": {"columnMetrics": columns}}).nulls is None


def test_of_so_many_columns_null_values_are_read() -> None:
    columns = {f"c{number}": {"nullCount": 1} for number in range(2 * MOST_COLUMNS)}
    found = read(inputFacets={"dataQualityMetrics": {"columnMetrics": columns}}).nulls
    assert found is not None
    assert len(found) == MOST_COLUMNS


@pytest.mark.parametrize("value", [None, -1, 1.5, "3", True, 1 << 53, [3]])
def test_a_count_that_is_no_whole_number_is_unknown_and_not_zero(value: object) -> None:
    found = output(outputFacets={"outputStatistics": {"rowCount": value, "size": value}})
    assert (found.rows, found.bytes) == (None, None)


def test_zero_rows_are_zero() -> None:
    assert output(outputFacets={"outputStatistics": {"rowCount": 0}}).rows == 0


def test_columns_are_names_and_types_in_their_order() -> None:
    fields = [{"name": "id", "type": "int"}, {"name": "sum"}, {"name": "at", "type": None}]
    assert output(facets={"schema": {"fields": fields}}).columns == (("id", "int"), ("sum", ""), ("at", ""))


@pytest.mark.parametrize("schema", [None, {}, [], {"fields": None}, {"fields": []}, {"fields": ["id", 5]}])
def test_a_schema_that_says_nothing_is_no_schema(schema: object) -> None:
    assert output(facets={"schema": schema}).columns is None


def test_so_many_columns_are_read() -> None:
    fields = [{"name": str(number)} for number in range(MOST_COLUMNS + 5)]
    assert len(output(facets={"schema": {"fields": fields}}).columns or ()) == MOST_COLUMNS


def test_long_names_of_columns_and_tests_are_kept_in_short() -> None:
    fields = [{"name": "n" * 10_000, "type": "t" * 10_000}]
    [column] = output(facets={"schema": {"fields": fields}}).columns or ()
    assert [len(part) for part in column] == [MAX_NAME_CHARACTERS] * 2
    listed = [{"assertion": "unique", "success": False, "name": "n" * 10_000}]
    [kept] = read(inputFacets={"dataQualityAssertions": {"assertions": listed}}).assertions
    assert len(kept.name) == MAX_NAME_CHARACTERS


def test_tests_have_their_name_or_what_they_assert_of_which_column() -> None:
    listed = [
        {"assertion": "not_null", "success": True, "column": "id"},
        {"assertion": "unique", "success": False, "name": "unique_orders_id", "severity": "warn"},
        {"assertion": "rows", "success": True, "severity": "fatal"},
    ]
    assert read(inputFacets={"dataQualityAssertions": {"assertions": listed}}).assertions == (
        Assertion("not_null id", True),
        Assertion("unique_orders_id", False, "warn"),
        Assertion("rows", True),
    )


def test_a_tests_name_is_kept_in_short() -> None:
    listed = [{"assertion": "unique", "success": False, "name": "x" * 10_000}]
    [found] = read(inputFacets={"dataQualityAssertions": {"assertions": listed}}).assertions
    assert len(found.name) == MAX_NAME_CHARACTERS


def test_a_test_that_is_said_in_two_places_counts_once() -> None:
    facet = {"dataQualityAssertions": {"assertions": [{"assertion": "unique", "success": False}]}}
    assert read(facets=facet, inputFacets=facet).assertions == (Assertion("unique", False),)


@pytest.mark.parametrize("one", [None, 5, {}, {"assertion": "unique"}, {"assertion": "unique", "success": 1}])
def test_a_test_of_the_wrong_shape_says_nothing(one: object) -> None:
    assert read(inputFacets={"dataQualityAssertions": {"assertions": [one]}}).assertions == ()


def test_the_run_that_this_one_is_a_part_of_is_known_by_its_id() -> None:
    parent = {"run": {"runId": "ABC"}, "job": {"namespace": "ns", "name": "dag"}}
    assert run(run_facets(parent=parent)).part_of == "abc"


@pytest.mark.parametrize("parent", [None, {}, {"run": None}, {"run": {"runId": " "}}, {"run": {"runId": 5}}])
def test_without_a_parents_id_a_run_is_a_whole(parent: object) -> None:
    assert run(run_facets(parent=parent)).part_of is None


def test_a_tag_names_the_team_before_an_owner_does() -> None:
    tags = {"tags": [{"key": "tier", "value": "1"}, {"key": "team", "value": "finance"}]}
    owner = {"owners": [{"name": "team:data"}]}
    assert run(job_facets(tags=tags, ownership=owner)).team == "finance"
    assert run(job_facets(tags={"tags": [5, {"key": "team"}]}, ownership=owner)).team == "data"


def test_a_job_says_its_type_and_whether_it_ever_ends() -> None:
    told = {"integration": "FLINK", "jobType": "JOB", "processingType": "STREAMING"}
    found = run(job_facets(jobType=told))
    assert (found.integration, found.job_type, found.streaming) == ("flink", "job", True)
    found = run(job_facets(jobType={"integration": "dbt", "jobType": 5, "processingType": "BATCH"}))
    assert (found.integration, found.job_type, found.streaming) == ("dbt", "", False)


def test_when_a_run_should_have_begun_is_its_nominal_start() -> None:
    assert run(run_facets(nominalTime={"nominalStartTime": TIME})).scheduled == SECONDS


@pytest.mark.parametrize("nominal", [None, {}, {"nominalStartTime": "soon"}, {"nominalStartTime": 5}])
def test_a_nominal_time_that_is_none_says_nothing(nominal: object) -> None:
    assert run(run_facets(nominalTime=nominal)).scheduled is None


def test_of_what_was_said_of_a_failure_the_class_is_kept_and_no_password() -> None:
    found = run(run_facets(errorMessage={"message": " Connection refused: grace:secret@db " + "x" * 9999}))
    assert found.error == "connection"
    assert "secret" not in str(found)
    assert run(run_facets(errorMessage={"message": " "})).error is None
    assert run(run_facets(errorMessage="Connection refused")).error is None


AIRFLOW_TASK = {"jobType": {"integration": "AIRFLOW", "jobType": "TASK", "processingType": "BATCH"}}


def of_airflow(job: dict[str, Any] = AIRFLOW_TASK, **more: Any) -> RunEvent:
    """An event of an Airflow task, or of another job."""
    return run(event(job={"namespace": "a", "name": "dag.load", "facets": job}, **more))


def test_only_a_complete_task_of_airflow_that_is_not_mapped_may_have_been_skipped() -> None:
    mapped = {"airflow": {"taskInstance": {"map_index": 0}}}
    assert of_airflow(eventType="COMPLETE").unsure
    assert not of_airflow(eventType="FAIL").unsure
    assert not of_airflow(job={}, eventType="COMPLETE").unsure
    assert not of_airflow(eventType="COMPLETE", run={"runId": "1", "facets": mapped}).unsure


@pytest.mark.parametrize(
    ("states", "skipped"),
    [
        ({"load": "skipped", "check.sum": "skipped", "ship": "success"}, ("a/dag.load", "a/dag.check.sum")),
        ({f"t{number}": "skipped" for number in range(999)}, tuple(f"a/dag.t{n}" for n in range(200))),
        ({"load": None, "x" * 513: "skipped"}, ()),
        (["skipped"], ()),
        (None, ()),
    ],
)
def test_the_end_of_a_dags_run_names_the_tasks_that_it_skipped(
    states: object, skipped: tuple[str, ...]
) -> None:
    facets = {"airflowState": {"tasksState": states}}
    said = event(run={"runId": "1", "facets": facets}, job={"namespace": "a", "name": "dag"})
    assert run(said).skipped == skipped


def test_a_tag_of_airflow_names_the_team_in_one_word() -> None:
    tags = {"tags": [{"key": "team:finance", "value": "team:finance", "source": "AIRFLOW"}]}
    assert run(job_facets(tags=tags)).team == "finance"
    tags = {"tags": [{"key": "tier1", "value": "tier1"}, {"key": "team:x", "value": "y"}]}
    assert run(job_facets(tags=tags)).team is None


def test_no_event_type_of_the_specification_is_called_skip() -> None:
    assert complaint(event(eventType="SKIP")).startswith("eventType: expected one of START, ")


def test_an_event_may_be_about_a_dataset() -> None:
    said = dataset(facets={"schema": {"fields": [{"name": "id", "type": "int"}]}})
    assert decode({"eventTime": TIME, "dataset": said}) == DatasetEvent(
        Dataset("db/orders", columns=(("id", "int"),)), SECONDS
    )


@pytest.mark.parametrize("value", [None, {}, [], "orders", {"namespace": "db"}, dataset(name=" \n ")])
def test_an_event_about_no_dataset_is_refused(value: object) -> None:
    message = complaint({"eventTime": TIME, "dataset": value})
    assert message.startswith("dataset: expected an object with namespace and name, got ")


def test_an_event_about_a_dataset_has_a_time() -> None:
    assert complaint({"dataset": dataset()}).startswith("eventTime: expected ")


def test_an_event_about_a_job_says_nothing_but_must_be_right() -> None:
    job = {"namespace": "ns", "name": "load"}
    assert decode({"eventTime": TIME, "job": job}) is None
    assert complaint({"eventTime": TIME, "job": {"name": "load"}}).startswith("job.namespace: expected ")
    assert complaint({"eventTime": TIME, "job": {"namespace": "ns"}}).startswith("job.name: expected ")
    assert complaint({"job": job}).startswith("eventTime: expected ")


def test_a_batch_is_cut_into_events_that_are_read_one_by_one() -> None:
    assert [bytes(one) for one in decode_batch(b'[{"a": 1}, 5 , "x"]')] == [b'{"a": 1}', b"5", b'"x"']
    with pytest.raises(InvalidBodyError, match="body: expected `array`, got `object`"):
        decode_batch(b"{}")


PLACES = st.sampled_from(
    [
        *("eventType", "eventTime", "run", "job", "dataset", "inputs", "outputs"),
        *("run.facets", "run.facets.parent", "run.facets.parent.run", "run.facets.errorMessage"),
        *("run.facets.nominalTime", "run.facets.airflow", "run.facets.airflow.taskInstance"),
        *("job.facets.tags", "job.facets.tags.tags", "job.facets.ownership", "job.facets.jobType"),
        *("outputs.0", "outputs.0.facets", "outputs.0.facets.schema", "outputs.0.facets.schema.fields"),
        *("outputs.0.outputFacets", "outputs.0.outputFacets.outputStatistics"),
        *("inputs.0.inputFacets.dataQualityAssertions.assertions", "inputs.0.inputFacets.dataQualityMetrics"),
    ]
)


def with_value(place: str, value: object) -> Json:
    """An event with any value in one place, whose datasets and facets are right elsewhere."""
    content: Any = event(inputs=[dataset()], outputs=[dataset()])
    found, keys = content, place.split(".")
    for key in keys[:-1]:
        found = found[int(key)] if key.isdigit() else found.setdefault(key, {})
    last: Any = int(keys[-1]) if keys[-1].isdigit() else keys[-1]
    found[last] = value
    return dict(content)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(PLACES, JSON | st.lists(st.dictionaries(st.sampled_from(["name", "type", "key", "value"]), JSON)))
def test_any_json_in_any_place_gives_an_event_or_a_refusal(place: str, value: object) -> None:
    body = json.dumps(with_value(place, value)).encode()
    try:
        found = decode_any(body)
    except InvalidBodyError as error:
        str(error).encode()
    else:
        assert found is None or isinstance(found, RunEvent | DatasetEvent)


@settings(deadline=None)
@given(st.binary())
def test_any_bytes_are_a_batch_or_refused(body: bytes) -> None:
    try:
        decode_batch(b"[" + body + b"]")
    except InvalidBodyError as error:
        str(error).encode()
