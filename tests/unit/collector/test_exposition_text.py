"""The fast text says exactly what prometheus_client's would, in both formats."""

from collections.abc import Callable, Iterable

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry
from prometheus_client.core import Metric
from prometheus_client.exposition import generate_latest
from prometheus_client.openmetrics import exposition as openmetrics
from prometheus_client.openmetrics.parser import text_string_to_metric_families
from prometheus_client.parser import text_string_to_metric_families as parse_text

from exporter import names
from exporter.collector import StateCollector
from exporter.collector.collector import FAMILIES
from exporter.config import Config, load_config
from exporter.config.model import LatencySlo, Pipeline
from exporter.runs.event import Assertion, Dataset
from exporter.runs.observation import (
    FINAL_STATES,
    FinalState,
    Job,
    Observation,
    RunContradicted,
    RunEnded,
    RunForgotten,
    RunOpened,
    RunStarted,
)
from exporter.runs.reasons import CLASSES
from exporter.simulation import Simulation
from exporter.state import State, StreamState, Timeline
from exporter.state.dataset import SEVERITIES
from exporter.state.datasets import REFUSALS
from tests.unit.simulation.strategies import configs

parse_openmetrics: Callable[[str], Iterable[Metric]] = text_string_to_metric_families
generate_openmetrics: Callable[[CollectorRegistry], bytes] = openmetrics.generate_latest

LATENCY = names.END_TO_END_LATENCY
AWKWARD = [
    '"',
    "\\",
    "\n",
    "\\n",
    '\\"',
    "%",
    "%s",
    "%%",
    "%(x)d",
    "{",
    "}",
    ",",
    "=",
    "#",
    " ",
    "é",
    "日",
    "🙂",
]


def simulated(config: Config, ticks: int, seed: int = 1) -> State:
    simulation = Simulation(config, seed)
    state = State([StreamState(group.pipelines, simulation.columns) for group in simulation.groups])
    for blocks in simulation.advance(ticks):
        for streams, tallies in zip(state.streams, blocks, strict=True):
            streams.apply(tallies)
    return state


def observe(state: State, *observations: Observation) -> State:
    for observation in observations:
        state.jobs.apply(observation)
        state.datasets.apply(observation)
    return state


def ended(name: str, state: FinalState = "succeeded", seconds: float = 90.5) -> RunEnded:
    start = 1_700_000_000.25
    return RunEnded(Job(f"ns/{name}", "ns", name), "r1", state, start, start + seconds)


def plain(collector: StateCollector) -> str:
    return collector.render(openmetrics=False).decode()


def parsed(collector: StateCollector) -> list[Metric]:
    return list(parse_text(plain(collector)))


def parsed_openmetrics(collector: StateCollector) -> list[Metric]:
    return list(parse_openmetrics(collector.render(openmetrics=True).decode() + "# EOF\n"))


def assert_same(collector: StateCollector) -> None:
    """Both formats, family by family and sample by sample, in the same order."""
    registry = CollectorRegistry()
    registry.register(collector)
    assert parsed(collector) == list(parse_text(generate_latest(registry).decode()))
    theirs = parse_openmetrics(generate_openmetrics(registry).decode())
    assert parsed_openmetrics(collector) == list(theirs)


@st.composite
def several(draw: st.DrawFn) -> Config:
    """Up to four pipelines of random shapes, with SLOs."""
    pipelines: list[Pipeline] = [config.pipelines[0] for config in draw(st.lists(configs(), max_size=4))]
    thresholds = st.lists(st.integers(1, 200), max_size=2, unique=True)
    return Config(
        pipelines=[
            one.model_copy(
                update={
                    "name": f"p{number}",
                    "slos": [
                        LatencySlo(kind="latency", name=f"l{ticks}", threshold=ticks, objective=0.95)
                        for ticks in draw(thresholds)
                    ],
                }
            )
            for number, one in enumerate(pipelines)
        ]
    )


label_values = st.lists(st.sampled_from(AWKWARD) | st.text(st.characters(codec="utf-8"), max_size=3)).map(
    "".join
)
jobs = st.builds(
    lambda namespace, name, team: Job(f"{namespace}/{name}", namespace, name, team),
    label_values, label_values, st.none() | label_values,
)  # fmt: skip
times = st.floats(0, 2e9)
run_ids = st.sampled_from(["r1", "r2", "r3"])
counts = st.none() | st.integers(0, 1 << 52)
assertions = st.builds(Assertion, label_values, st.booleans(), st.sampled_from(SEVERITIES))
columns = st.lists(st.tuples(label_values, st.sampled_from(["", "int", "text"])), max_size=2).map(tuple)
datasets = st.lists(
    st.builds(
        Dataset,
        label_values,
        counts,
        counts,
        st.none() | times,
        st.none() | times,
        st.none() | columns,
        st.lists(assertions, max_size=2).map(tuple),
    ),
    max_size=2,
).map(tuple)
observations = st.one_of(
    st.builds(RunOpened, jobs, run_ids, times),
    st.builds(RunStarted, jobs, times, st.none() | times),
    st.builds(RunForgotten, jobs, run_ids),
    st.builds(RunContradicted, jobs),
    st.builds(
        RunEnded, jobs, run_ids, st.sampled_from(FINAL_STATES), st.none() | times, times,
        st.none() | st.sampled_from(CLASSES), counts, counts, datasets, datasets,
    ),
)  # fmt: skip


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(several(), st.integers(0, 200))
def test_streams_read_the_same_as_from_prometheus_client(config: Config, ticks: int) -> None:
    assert_same(StateCollector(simulated(config, ticks)))


@settings(max_examples=60, deadline=None)
@given(st.lists(observations, max_size=12))
def test_jobs_with_whatever_names_strangers_give_them_read_the_same(seen: list[Observation]) -> None:
    assert_same(StateCollector(observe(State(), *seen)))


@pytest.mark.parametrize("name", AWKWARD)
def test_a_label_value_is_read_back_as_it_was(name: str) -> None:
    for family in parsed(StateCollector(observe(State(), ended(name)))):
        assert {sample.labels.get(names.PIPELINE) for sample in family.samples} <= {f"ns/{name}", None}


def test_a_name_has_one_owner_for_other_series_to_join() -> None:
    state = simulated(load_config(None), 1)
    [stream] = state.streams[0].pipelines
    twin = RunEnded(Job(stream.name, "", stream.name), "r1", "failed", 1, 2, outputs=(Dataset("raw"),))
    observe(state, twin)
    state.simulated_datasets.apply(twin)
    found = {family.name: family for family in parsed(StateCollector(state))}
    [owner] = found[names.INFO].samples
    assert (owner.labels[names.TEAM], owner.labels[names.KIND]) == (stream.team, "stream")
    assert len(found[names.DATASET_INFO].samples) == 1


@settings(max_examples=20, deadline=None)
@given(st.lists(st.lists(observations, max_size=4), max_size=4))
def test_jobs_that_appear_between_scrapes_are_in_the_next_one(scrapes: list[list[Observation]]) -> None:
    state = State()
    collector = StateCollector(state)
    assert_same(collector)
    for seen in scrapes:
        assert_same(StateCollector(observe(state, *seen)))
        assert_same(collector)


@pytest.fixture(scope="module")
def half_an_hour() -> State:
    """Half an hour of the default pipeline at 50 times the speed, its first fault in it, and some jobs."""
    state = simulated(load_config(None), 1800)
    state.timeline = Timeline(started=1_700_000_000, speed=50)
    return observe(
        state,
        ended("load"),
        ended("load", "failed"),
        RunOpened(Job("ns/new", "ns", "new"), "r1", 1_700_000_000),
    )


def test_the_default_pipeline_reads_the_same_beside_jobs(half_an_hour: State) -> None:
    assert_same(StateCollector(half_an_hour))


def test_openmetrics_shows_sampled_events_as_exemplars(half_an_hour: State) -> None:
    (latency,) = (one for one in parsed_openmetrics(StateCollector(half_an_hour)) if one.name == LATENCY)
    exemplars = [sample.exemplar for sample in latency.samples if sample.exemplar]
    assert len(exemplars) > 5
    for exemplar in exemplars:
        assert exemplar.labels[names.EVENT_ID].startswith("business-signals-")
        assert exemplar.timestamp is not None
        assert 1_700_000_000 < float(exemplar.timestamp) <= 1_700_000_036


def test_an_exemplar_belongs_to_its_bucket(half_an_hour: State) -> None:
    (latency,) = (one for one in parsed_openmetrics(StateCollector(half_an_hour)) if one.name == LATENCY)
    lower = 0.0
    for sample in latency.samples:
        if not sample.name.endswith("_bucket"):
            continue
        upper = float(sample.labels["le"])
        if sample.exemplar:
            assert lower < sample.exemplar.value <= upper
        lower = 0.0 if upper == float("inf") else upper


def test_the_plain_text_has_no_exemplars(half_an_hour: State) -> None:
    assert names.EVENT_ID not in plain(StateCollector(half_an_hour))


def test_both_formats_can_be_asked_for_in_turn(half_an_hour: State) -> None:
    collector = StateCollector(half_an_hour)
    first = collector.render(openmetrics=False), collector.render(openmetrics=True)
    assert (collector.render(openmetrics=False), collector.render(openmetrics=True)) == first


def test_a_scrape_shows_the_values_of_its_moment() -> None:
    simulation = Simulation(load_config(None))
    state = State([StreamState(group.pipelines, simulation.columns) for group in simulation.groups])
    collector = StateCollector(state)
    for end in (0, 1, 60, 400):
        for (tallies,) in simulation.advance(end):
            state.streams[0].apply(tallies)
        assert_same(collector)


def with_threshold(ticks: int) -> Config:
    (pipeline,) = load_config(None).pipelines
    slo = LatencySlo(kind="latency", name="latency", threshold=ticks, objective=0.99)
    return Config(pipelines=[pipeline.model_copy(update={"slos": [slo]})])


@pytest.mark.parametrize("threshold", [7, 10, 300])
def test_a_reload_with_another_latency_threshold_changes_the_buckets(threshold: int) -> None:
    state = simulated(with_threshold(10), 100)
    collector = StateCollector(state)
    assert_same(collector)
    state.streams = simulated(with_threshold(threshold), 100).streams
    assert_same(collector)


def test_a_reload_with_another_name_changes_the_labels() -> None:
    (pipeline,) = load_config(None).pipelines
    state = simulated(Config(pipelines=[pipeline]), 100)
    collector = StateCollector(state)
    assert_same(collector)
    renamed = pipeline.model_copy(update={"name": "renamed"})
    state.streams = simulated(Config(pipelines=[renamed]), 100).streams
    assert_same(collector)


def test_a_team_that_is_learnt_later_is_in_the_next_scrape() -> None:
    state = observe(State(), RunOpened(Job("ns/load", "ns", "load"), "r1", 1))
    collector = StateCollector(state)
    assert 'team="unknown"' in plain(collector)
    observe(state, RunOpened(Job("ns/load", "ns", "load", team="finance"), "r2", 2))
    assert 'team="finance"' in plain(collector)
    assert 'team="unknown"' not in plain(collector)


def test_a_reload_with_fewer_pipelines_leaves_nothing_of_the_others_behind() -> None:
    config = load_config(None)
    (pipeline,) = config.pipelines
    other = pipeline.model_copy(update={"name": "other", "stages": pipeline.stages[:2], "faults": []})
    state = simulated(Config(pipelines=[pipeline, other]), 100)
    collector = StateCollector(state)
    assert '"other"' in plain(collector)
    state.streams = simulated(Config(pipelines=[pipeline]), 100).streams
    assert '"other"' not in plain(collector)
    assert_same(collector)


def test_a_state_without_anything_has_families_without_samples_but_for_what_was_refused() -> None:
    empty = parsed(StateCollector(State()))
    assert [(family.name, family.type) for family in empty] == [
        (family.name, family.kind) for family in FAMILIES
    ]
    assert [(sample.name, sample.labels) for family in empty for sample in family.samples] == [
        *((f"{names.DATASETS_REFUSED}_total", {names.REASON: reason}) for reason in REFUSALS),
        (f"{names.CHECKS_REFUSED}_total", {}),
    ]
    assert_same(StateCollector(State()))


def test_counts_are_written_without_a_fraction_and_read_back_exactly() -> None:
    state = simulated(load_config(None), 1)
    state.streams[0].arrivals[:] = 2**53 - 1
    line = f'{names.ARRIVED}_total{{pipeline="business-signals",signal="sales_activity"}} {2**53 - 1}\n'
    assert line in plain(StateCollector(state))


@pytest.mark.parametrize("value", [100 / 3, 1e-7, 123456789.125, 1e300, float("inf")])
def test_a_float_is_read_back_exactly(value: float) -> None:
    state = simulated(load_config(None), 1)
    state.streams[0].capacity = np.full((1, 4), value)
    (capacity,) = (one for one in parsed(StateCollector(state)) if one.name == names.STAGE_CAPACITY)
    assert [sample.value for sample in capacity.samples] == [value] * 4
