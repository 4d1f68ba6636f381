"""The table of families: what the metric contract promises, and what every family keeps to."""

from collections.abc import Iterator
from itertools import product

import pytest
from prometheus_client import CollectorRegistry
from prometheus_client.core import Metric
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample

from exporter import names
from exporter.collector import OwnMetrics, StateCollector
from exporter.collector.collector import FAMILIES
from exporter.collector.datasets import DATASET_FAMILIES
from exporter.collector.family import Family
from exporter.collector.jobs import JOB_FAMILIES
from exporter.config import Config, load_config
from exporter.config.model import LatencySlo, ThroughputSlo
from exporter.runs.event import Kind, RunEvent
from exporter.runs.observation import Job, RunOpened
from exporter.runs.tracker import RunTracker
from exporter.simulation import Simulation
from exporter.state import State, StreamState
from exporter.state.datasets import REFUSALS

Key = tuple[str, frozenset[tuple[str, str]]]

# The contract: families of streams with their type and their labels beside `pipeline`.
STREAMS = {
    "pipeline_info": ("gauge", {"team", "kind", "mode"}),
    "pipeline_stage_position": ("gauge", {"stage"}),
    "pipeline_stage_events": ("counter", {"stage", "signal", "outcome"}),
    "pipeline_stage_queue_events": ("gauge", {"stage"}),
    "pipeline_stage_queue_threshold_events": ("gauge", {"stage", "level"}),
    "pipeline_stage_capacity_events_per_second": ("gauge", {"stage"}),
    "pipeline_stage_service_seconds": ("histogram", {"stage"}),
    "pipeline_stage_health": ("gauge", {"stage"}),
    "pipeline_stage_blocked": ("gauge", {"stage"}),
    "pipeline_end_to_end_latency_seconds": ("histogram", {"signal"}),
    "pipeline_traffic_regime": ("gauge", {"regime"}),
    "pipeline_fault_active": ("gauge", {"stage", "fault"}),
    "pipeline_review_events": ("counter", {"signal"}),
    "pipeline_slo_events": ("counter", {"team", "slo", "result"}),
    "pipeline_slo_objective_ratio": ("gauge", {"team", "slo"}),
    "pipeline_slo_latency_threshold_seconds": ("gauge", {"team", "slo"}),
}
# Families of real jobs, with their labels beside `pipeline`.
JOBS: dict[str, tuple[str, set[str]]] = {
    "pipeline_runs": ("counter", {"state"}),
    "pipeline_run_failures": ("counter", {"reason"}),
    "pipeline_run_duration_seconds": ("histogram", set()),
    "pipeline_run_last_duration_seconds": ("gauge", set()),
    "pipeline_run_usual_duration_seconds": ("gauge", set()),
    "pipeline_run_duration_deviation_ratio": ("gauge", set()),
    "pipeline_run_duration_zscore": ("gauge", {"runs"}),
    "pipeline_run_history_runs": ("gauge", set()),
    "pipeline_run_success_ratio": ("gauge", set()),
    "pipeline_run_last_rows": ("gauge", set()),
    "pipeline_run_rows_usual_ratio": ("gauge", {"runs"}),
    "pipeline_run_last_throughput_rows_per_second": ("gauge", set()),
    "pipeline_run_throughput_usual_ratio": ("gauge", {"runs"}),
    "pipeline_run_rows_zscore": ("gauge", {"runs"}),
    "pipeline_run_throughput_zscore": ("gauge", {"runs"}),
    "pipeline_run_usual_rows": ("gauge", set()),
    "pipeline_run_usual_throughput_rows_per_second": ("gauge", set()),
    "pipeline_run_failure_streaks": ("gauge", set()),
    "pipeline_run_written_rows": ("counter", set()),
    "pipeline_run_written_bytes": ("counter", set()),
    "pipeline_run_last_start_delay_seconds": ("gauge", set()),
    "pipeline_run_oldest_running_start_timestamp_seconds": ("gauge", set()),
    "pipeline_run_contradictions": ("counter", set()),
    "pipeline_upstream_pipelines": ("gauge", set()),
    "pipeline_upstream_unhealthy_pipelines": ("gauge", set()),
    "pipeline_downstream_pipelines": ("gauge", set()),
    "pipeline_run_fault_active": ("gauge", {"fault"}),
    "pipeline_runs_in_progress": ("gauge", set()),
    "pipeline_runs_forgotten": ("counter", set()),
    "pipeline_run_consecutive_failures": ("gauge", set()),
    "pipeline_run_failures_threshold_runs": ("gauge", {"severity"}),
    "pipeline_run_success_threshold_ratio": ("gauge", {"severity"}),
    "pipeline_run_duration_threshold_zscore": ("gauge", {"severity"}),
    "pipeline_run_throughput_threshold_ratio": ("gauge", {"severity"}),
    "pipeline_run_rows_threshold_ratio": ("gauge", {"severity"}),
    "pipeline_run_stale_after_seconds": ("gauge", {"team"}),
    "pipeline_run_learnt_stale_after_seconds": ("gauge", set()),
    "pipeline_run_stuck_after_seconds": ("gauge", set()),
    "pipeline_run_last_start_timestamp_seconds": ("gauge", set()),
    "pipeline_run_last_success_timestamp_seconds": ("gauge", set()),
    "pipeline_run_last_failure_timestamp_seconds": ("gauge", set()),
}
# Families of datasets, with their labels beside `dataset`.
DATASETS: dict[str, tuple[str, set[str]]] = {
    "pipeline_dataset_info": ("gauge", {"pipeline", "team"}),
    "pipeline_dataset_last_update_timestamp_seconds": ("gauge", set()),
    "pipeline_dataset_stale_after_seconds": ("gauge", set()),
    "pipeline_dataset_rows": ("gauge", set()),
    "pipeline_dataset_null_values": ("gauge", {"column"}),
    "pipeline_dataset_failing_assertions": ("gauge", {"severity"}),
    "pipeline_dataset_schema_changes": ("counter", {"change"}),
}
STAGES = ("ingest", "normalize", "enrich", "store")
SIGNALS = ("sales_activity", "field_interaction", "market_signal")
CHILDREN: dict[str, dict[str, tuple[str, ...]]] = {
    "pipeline_stage_events_total": {
        "stage": STAGES,
        "signal": SIGNALS,
        "outcome": ("processed", "failed", "dropped"),
    },
    "pipeline_stage_position": {"stage": STAGES},
    "pipeline_stage_queue_events": {"stage": STAGES},
    "pipeline_stage_queue_threshold_events": {"stage": STAGES, "level": ("degraded", "critical", "limit")},
    "pipeline_stage_service_seconds_count": {"stage": STAGES},
    "pipeline_stage_health": {"stage": STAGES},
    "pipeline_stage_blocked": {"stage": STAGES},
    "pipeline_end_to_end_latency_seconds_count": {"signal": SIGNALS},
    "pipeline_traffic_regime": {"regime": ("quiet", "moderate", "busy", "spike")},
    "pipeline_fault_active": {"stage": STAGES, "fault": ("slowdown", "stall", "errors", "latency")},
    "pipeline_review_events_total": {"signal": SIGNALS},
    "pipeline_slo_events_total": {
        "team": ("commercial-analytics",),
        "slo": ("latency", "throughput"),
        "result": ("good", "bad"),
    },
    "pipeline_slo_latency_threshold_seconds": {"team": ("commercial-analytics",), "slo": ("latency",)},
}
# What is not zero before the first tick.
SETTINGS = {
    "pipeline_info",
    "pipeline_stage_position",
    "pipeline_stage_queue_threshold_events",
    "pipeline_stage_capacity_events_per_second",
    "pipeline_stage_nominal_capacity_events_per_second",
    "pipeline_stage_service_threshold_seconds",
    "pipeline_stage_error_threshold_ratio",
    "pipeline_stage_error_minimum_events",
    "pipeline_slo_objective_ratio",
    "pipeline_slo_minimum_bad_events",
    "pipeline_slo_latency_threshold_seconds",
}
OURS = {value for key, value in vars(names).items() if key.isupper()}


def started(config: Config | None = None) -> tuple[Simulation, State]:
    simulation = Simulation(config or load_config(None))
    return simulation, State(
        [StreamState(group.pipelines, simulation.columns) for group in simulation.groups]
    )


def advance(simulation: Simulation, state: State, end: int) -> None:
    for blocks in simulation.advance(end):
        for streams, tallies in zip(state.streams, blocks, strict=True):
            streams.apply(tallies)


def families(state: State) -> list[Metric]:
    return list(text_string_to_metric_families(StateCollector(state).render(openmetrics=False).decode()))


def samples(state: State) -> Iterator[Sample]:
    return (sample for family in families(state) for sample in family.samples)


def lines(state: State, name: str) -> list[str]:
    """What the text says of a family, without its help and type."""
    text = StateCollector(state).render(openmetrics=False).decode()
    return [line for line in text.splitlines() if line.startswith(f"{name}{{")]


def keys(state: State) -> set[Key]:
    return {(sample.name, frozenset(sample.labels.items())) for sample in samples(state)}


@pytest.fixture
def fresh() -> State:
    return started()[1]


@pytest.mark.parametrize("name", STREAMS)
def test_a_family_of_the_contract_is_there_with_its_type_and_labels(name: str) -> None:
    (family,) = (one for one in FAMILIES if one.name == name)
    kind, labels = STREAMS[name]
    assert family.kind == kind
    assert set(family.labels) == {"pipeline", *labels}


@pytest.mark.parametrize(
    ("name", "about"), [*((one, "pipeline") for one in JOBS), *((one, "dataset") for one in DATASETS)]
)
def test_a_family_of_real_jobs_and_datasets_has_its_type_and_labels(name: str, about: str) -> None:
    (family,) = (one for one in FAMILIES if one.name == name)
    kind, labels = (JOBS if about == "pipeline" else DATASETS)[name]
    assert family.kind == kind
    assert set(family.labels) == {about, *labels}


def test_every_family_of_real_jobs_and_datasets_is_in_the_contract() -> None:
    found = {one.name for one in (*JOB_FAMILIES, *DATASET_FAMILIES)}
    assert found == {*JOBS, *DATASETS, names.DATASETS_REFUSED}


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
def test_every_name_and_label_is_in_the_one_place_for_names(family: Family) -> None:
    assert family.name in OURS
    assert set(family.labels) <= OURS


def test_every_name_of_the_exporter_about_itself_is_in_the_one_place_for_names() -> None:
    ours = [one for one in OwnMetrics("1.0").registry.collect() if one.name.startswith("pipeline_")]
    assert len(ours) > 5
    assert {one.name for one in ours} <= OURS
    labels = {label for one in ours for sample in one.samples for label in sample.labels}
    assert labels <= {*OURS, "le", "version"}


def test_no_family_is_there_twice() -> None:
    assert len({family.name for family in FAMILIES}) == len(FAMILIES)


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
def test_samples_of_counters_and_of_nothing_else_end_in_total(family: Family) -> None:
    assert not family.name.endswith("_total")
    assert family.sample_name.endswith("_total") == (family.kind == "counter")


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
def test_every_family_says_in_a_line_what_it_is(family: Family) -> None:
    assert family.help.endswith(".")
    assert "\n" not in family.help
    assert "\\" not in family.help


def test_every_family_has_help_and_type_even_without_children() -> None:
    lines = StateCollector(State()).render(openmetrics=False).decode().splitlines()
    for family in FAMILIES:
        assert f"# HELP {family.sample_name} {family.help}" in lines
        assert f"# TYPE {family.sample_name} {family.kind}" in lines
    counters = [f'{names.DATASETS_REFUSED}_total{{reason="{reason}"}} 0' for reason in REFUSALS]
    counters.append(f"{names.CHECKS_REFUSED}_total 0")
    assert len(lines) == 2 * len(FAMILIES) + len(counters)
    assert {*counters} <= {*lines}


@pytest.mark.parametrize("name", CHILDREN)
def test_every_known_label_set_is_there_before_the_first_tick(name: str, fresh: State) -> None:
    values = CHILDREN[name]
    expected = {
        frozenset({("pipeline", "business-signals"), *zip(values, row, strict=True)})
        for row in product(*values.values())
    }
    assert {labels for sample, labels in keys(fresh) if sample == name} == expected


def test_everything_that_is_no_setting_is_zero_before_the_first_tick(fresh: State) -> None:
    not_zero = [sample for sample in samples(fresh) if sample.value and sample.name not in SETTINGS]
    assert [(sample.name, sample.labels.get("regime")) for sample in not_zero] == [
        ("pipeline_traffic_regime", "quiet")
    ]


def test_the_set_of_series_stays_the_same_however_long_it_runs(fresh: State) -> None:
    simulation, state = started()
    advance(simulation, state, 3 * 3600)
    assert keys(state) == keys(fresh)


def test_every_label_value_of_a_stream_comes_from_its_configuration(fresh: State) -> None:
    (pipeline,) = load_config(None).pipelines
    configured = {
        *(pipeline.name, pipeline.team, "stream", "simulated"),
        *(one.name for one in (*pipeline.stages, *pipeline.signals, *pipeline.slos)),
        *pipeline.traffic.regimes,
        *("processed", "failed", "dropped", "degraded", "critical", "limit", "good", "bad"),
        *("slowdown", "stall", "errors", "latency"),
        *REFUSALS,
    }
    found = {value for sample in samples(fresh) for key, value in sample.labels.items() if key != "le"}
    assert found == configured


def test_no_label_holds_the_id_of_a_run() -> None:
    state, run = State(), "0190b3e6-6c5a-7bd4-9b43-0123456789ab"
    tracker = RunTracker(max_open=9, max_finished=9, max_jobs=9)
    told: list[tuple[Kind, float]] = [("START", 1000), ("COMPLETE", 1060)]
    for kind, time in told:
        for observation in tracker.observe(RunEvent(run, "ns", "load", kind, time)):
            state.jobs.apply(observation)
    text = StateCollector(state).render(openmetrics=True).decode()
    assert 'pipeline="ns/load"' in text
    assert run not in text


def test_the_states_of_a_job_are_there_at_zero_from_its_first_run_on() -> None:
    state = State()
    state.jobs.apply(RunOpened(Job("ns/load", "ns", "load"), "r1", 1))
    runs = {
        sample.labels["state"]: sample.value
        for sample in samples(state)
        if sample.name == "pipeline_runs_total"
    }
    assert runs == {"succeeded": 0, "failed": 0, "aborted": 0, "skipped": 0, "abandoned": 0}
    assert "pipeline_run_last_success_timestamp_seconds" not in {sample.name for sample in samples(state)}


def test_simulated_and_live_pipelines_are_told_apart_in_the_info(fresh: State) -> None:
    fresh.jobs.apply(RunOpened(Job("ns/load", "ns", "load", team="finance"), "r1", 1))
    info = [sample.labels for sample in samples(fresh) if sample.name == "pipeline_info"]
    assert info == [
        {
            "pipeline": "business-signals",
            "team": "commercial-analytics",
            "kind": "stream",
            "mode": "simulated",
        },
        {"pipeline": "ns/load", "team": "finance", "kind": "batch", "mode": "live"},
    ]


def test_a_stage_has_its_place_in_its_own_pipeline() -> None:
    (pipeline,) = load_config(None).pipelines
    update = {"name": "orders", "stages": pipeline.stages[:0:-2], "faults": []}
    _, state = started(Config(pipelines=[pipeline, pipeline.model_copy(update=update)]))
    assert lines(state, "pipeline_stage_position") == [
        'pipeline_stage_position{pipeline="business-signals",stage="ingest"} 1',
        'pipeline_stage_position{pipeline="business-signals",stage="normalize"} 2',
        'pipeline_stage_position{pipeline="business-signals",stage="enrich"} 3',
        'pipeline_stage_position{pipeline="business-signals",stage="store"} 4',
        'pipeline_stage_position{pipeline="orders",stage="store"} 1',
        'pipeline_stage_position{pipeline="orders",stage="normalize"} 2',
    ]


def test_a_latency_slo_says_its_threshold_and_a_throughput_slo_has_none() -> None:
    (pipeline,) = load_config(None).pipelines
    slos = [
        LatencySlo(kind="latency", name="soon", threshold=7, objective=0.95),
        ThroughputSlo(kind="throughput", name="enough", minimum=5, objective=0.95),
        LatencySlo(kind="latency", name="at-last", threshold=3600, objective=0.99),
    ]
    orders = pipeline.model_copy(update={"name": "orders", "team": "sales", "slos": slos})
    counting = pipeline.model_copy(update={"name": "counting", "slos": slos[1:2]})
    _, state = started(Config(pipelines=[counting, orders]))
    assert lines(state, "pipeline_slo_latency_threshold_seconds") == [
        'pipeline_slo_latency_threshold_seconds{pipeline="orders",team="sales",slo="soon"} 7.0',
        'pipeline_slo_latency_threshold_seconds{pipeline="orders",team="sales",slo="at-last"} 3600.0',
    ]


@pytest.mark.parametrize("threshold", [1, 7, 10, 33, 3600])
def test_the_threshold_of_a_latency_slo_is_a_bucket_boundary(threshold: int) -> None:
    (pipeline,) = load_config(None).pipelines
    slo = LatencySlo(kind="latency", name="latency", threshold=threshold, objective=0.99)
    config = Config(pipelines=[pipeline.model_copy(update={"slos": [slo]})])
    limits = {
        float(sample.labels["le"])
        for sample in samples(started(config)[1])
        if sample.name == "pipeline_end_to_end_latency_seconds_bucket"
    }
    assert threshold in limits


def test_exactly_one_regime_is_the_current_one() -> None:
    simulation, state = started()
    for end in range(20, 400, 20):
        advance(simulation, state, end)
        flags = [sample.value for sample in samples(state) if sample.name == "pipeline_traffic_regime"]
        assert sorted(flags) == [0, 0, 0, 1]


def test_what_is_described_is_what_is_collected(fresh: State) -> None:
    def heads(metrics: list[Metric]) -> list[tuple[str, str, str]]:
        return [(metric.name, metric.type, metric.documentation) for metric in metrics]

    collector = StateCollector(fresh)
    described = list(collector.describe())
    assert heads(described) == heads(list(collector.collect()))
    assert not any(metric.samples for metric in described)


def test_a_collector_can_not_be_registered_twice(fresh: State) -> None:
    registry = CollectorRegistry()
    registry.register(StateCollector(fresh))
    with pytest.raises(ValueError, match="Duplicated timeseries"):
        registry.register(StateCollector(fresh))


def test_state_and_the_exporter_about_itself_share_no_family(fresh: State) -> None:
    registry = OwnMetrics("1.0").registry
    registry.register(StateCollector(fresh))
    assert len(list(registry.collect())) > len(FAMILIES)
