"""The default configuration has the figures that the project promises."""

import pytest

from exporter.config import Config, load_config
from exporter.config.model import LatencySlo, Pipeline, ThroughputSlo


@pytest.fixture(scope="module")
def config() -> Config:
    return load_config(None)


@pytest.fixture(scope="module")
def pipeline(config: Config) -> Pipeline:
    (only,) = config.pipelines
    return only


def test_the_default_pipeline_belongs_to_commercial_analytics(pipeline: Pipeline) -> None:
    assert (pipeline.name, pipeline.team) == ("business-signals", "commercial-analytics")


def test_its_stages_have_these_capacities_service_times_and_lights(pipeline: Pipeline) -> None:
    assert [
        (
            stage.name,
            stage.capacity,
            stage.service_ms.mean,
            stage.service_ms.deviation,
            stage.green_up_to,
            stage.orange_up_to,
        )
        for stage in pipeline.stages
    ] == [
        ("ingest", 100, 1.0, 0.2, 80, 200),
        ("normalize", 80, 2.5, 0.5, 70, 180),
        ("enrich", 50, 3.0, 0.7, 60, 150),
        ("store", 60, 1.0, 0.2, 50, 120),
    ]


def test_its_signals_are_equally_likely(pipeline: Pipeline) -> None:
    assert [(signal.name, signal.weight) for signal in pipeline.signals] == [
        ("sales_activity", 1),
        ("field_interaction", 1),
        ("market_signal", 1),
    ]


def test_its_traffic_has_these_regimes(pipeline: Pipeline) -> None:
    assert {
        name: (regime.events.low, regime.events.high) for name, regime in pipeline.traffic.regimes.items()
    } == {"quiet": (10, 45), "moderate": (65, 90), "busy": (100, 120), "spike": (130, 150)}


def test_its_slos_are_ten_ticks_and_35_events_at_99_percent(pipeline: Pipeline) -> None:
    latency, throughput = pipeline.slos
    assert isinstance(latency, LatencySlo)
    assert (latency.name, latency.threshold, latency.objective) == ("latency", 10, 0.99)
    assert isinstance(throughput, ThroughputSlo)
    assert (throughput.name, throughput.minimum, throughput.objective) == ("throughput", 35, 0.99)


def test_one_event_in_a_hundred_is_reviewed(pipeline: Pipeline) -> None:
    assert pipeline.review.probability == 0.01


def test_every_kind_of_fault_strikes_by_chance(pipeline: Pipeline) -> None:
    assert {fault.kind for fault in pipeline.faults} == {"slowdown", "stall", "errors", "latency"}


def test_the_first_start_slows_enrich_down_after_a_minute(config: Config) -> None:
    (fault,) = config.scenario.faults
    assert (fault.at, fault.stage, fault.kind, fault.factor) == (60, "enrich", "slowdown", 3)


def test_the_exporter_listens_on_loopback(config: Config) -> None:
    assert config.web.listen == "127.0.0.1:9888"
    assert config.web.hosts == []
