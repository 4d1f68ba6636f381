"""The table of stream families: where in the state each value stands."""

from collections.abc import Callable, Iterable, Iterator
from functools import partial

import numpy as np

from exporter import names
from exporter.collector.family import Buckets, Exemplar, Family, Kind, PlacedExemplar, Series
from exporter.observations.service import SERVICE_BUCKETS
from exporter.state import State
from exporter.state.labels import Labels, StreamLabels
from exporter.state.review import event_id
from exporter.state.streams import NO_EXEMPLAR, StreamState

Children = Callable[[StreamLabels], list[Labels]]
Values = Callable[[StreamState], np.ndarray]


def row(kind: Kind, name: str, text: str, labels: Labels, children: Children, values: Values) -> Family:
    """A counter or gauge with one value for each of the `children`."""

    def read(state: State) -> Iterable[Series]:
        return (Series(children(one.labels), values(one).ravel()) for one in state.streams)

    return Family(name, kind, text, (names.PIPELINE, *labels), read)


def current_regime(state: StreamState) -> np.ndarray:
    """1 for the current regime of each pipeline, 0 for its others."""
    regimes = [len(one.traffic.regimes) for one in state.pipelines]
    flags = np.zeros(sum(regimes), dtype=np.int64)
    flags[np.cumsum(regimes) - regimes + state.regime] = 1
    return flags


def service_times(state: State) -> Iterable[Buckets]:
    """Service times of every stage."""
    for one in state.streams:
        counts = one.service.reshape(len(one.labels.stage), -1)
        yield Buckets(one.labels.stage, SERVICE_BUCKETS, counts, one.service_sum.ravel())


def end_to_end(state: State) -> Iterable[Buckets]:
    """Latency of delivered events by signal, with a sampled event a bucket as exemplar."""
    for one in state.streams:
        counts = one.columns.fold(one.latency).reshape(len(one.labels.signal), -1)
        boundaries = [float(boundary) for boundary in one.columns.buckets]
        yield Buckets(
            one.labels.signal, boundaries, counts, one.latency_sum.ravel(), partial(exemplars, state, one)
        )


def exemplars(state: State, streams: StreamState) -> Iterator[PlacedExemplar]:
    """The exemplars of all latency histograms, one at a time to spare the garbage collector."""
    shown = streams.exemplars.reshape(len(streams.labels.signal), -1, 3)
    signals = streams.exemplars.shape[1]
    known = shown[..., 0] != NO_EXEMPLAR
    columns = *np.nonzero(known), *shown[known].T
    for child, bucket, sequence, latency, tick in zip(*(column.tolist() for column in columns), strict=True):
        event = event_id(streams.pipelines[child // signals], sequence)
        yield child, bucket, Exemplar(event, latency, state.timeline.end(tick))


STREAM_FAMILIES = (
    row("counter", names.ARRIVED, "Events that came to the pipeline's door, dropped ones included.",
        (names.SIGNAL,), lambda labels: labels.signal, lambda state: state.arrivals),
    row("gauge", names.STAGE_POSITION, "Place of the stage in its pipeline, from 1.",
        (names.STAGE,), lambda labels: labels.stage,
        lambda state: np.indices(state.nominal.shape)[1] + 1),
    row("counter", names.STAGE_EVENTS, "Events that left a stage, or were refused at a full front door.",
        (names.STAGE, names.SIGNAL, names.OUTCOME),
        lambda labels: labels.stage_signal_outcome, lambda state: state.outcomes),
    row("counter", names.STAGE_RETRIES, "Attempts that failed and were made again.",
        (names.STAGE, names.SIGNAL), lambda labels: labels.stage_signal, lambda state: state.retries),
    row("gauge", names.STAGE_QUEUE, "Backlog: events waiting in a stage's queue.",
        (names.STAGE,), lambda labels: labels.stage, lambda state: state.backlog),
    row("gauge", names.STAGE_THRESHOLD, "Backlog above which a stage's light changes, and its limit.",
        (names.STAGE, names.LEVEL), lambda labels: labels.stage_level, lambda state: state.thresholds),
    row("gauge", names.STAGE_CAPACITY, "Events a stage can serve in a second, faults included.",
        (names.STAGE,), lambda labels: labels.stage, lambda state: state.capacity),
    row("gauge", names.STAGE_NOMINAL_CAPACITY, "Events a stage can serve in a second when nothing is wrong.",
        (names.STAGE,), lambda labels: labels.stage, lambda state: state.nominal),
    row("gauge", names.STAGE_SERVICE_THRESHOLD, "Mean time in service above which a stage is too slow.",
        (names.STAGE,), lambda labels: labels.stage,
        lambda state: state.limits[..., 0]),
    row("gauge", names.STAGE_ERROR_THRESHOLD, "Share of failures above which a stage fails too often.",
        (names.STAGE,), lambda labels: labels.stage, lambda state: state.limits[..., 1]),
    row("gauge", names.STAGE_ERROR_MINIMUM, "Failures a minute from which on their share is judged.",
        (names.STAGE,), lambda labels: labels.stage, lambda state: state.limits[..., 2]),
    row("gauge", names.STAGE_HEALTH, "The stage's light by its backlog: 0 healthy, 1 degraded, 2 critical.",
        (names.STAGE,), lambda labels: labels.stage, lambda state: state.health),
    row("gauge", names.STAGE_BLOCKED, "1 while the next stage's full queue holds this one back.",
        (names.STAGE,), lambda labels: labels.stage, lambda state: state.blocked),
    Family(names.STAGE_SERVICE, "histogram", "Time in service of one attempt at an event.",
           (names.PIPELINE, names.STAGE), service_times),
    Family(names.END_TO_END_LATENCY, "histogram", "Time from arrival to delivery.",
           (names.PIPELINE, names.SIGNAL), end_to_end),
    row("gauge", names.TRAFFIC_REGIME, "1 for the current traffic regime, 0 for the others.",
        (names.REGIME,), lambda labels: labels.regime, current_regime),
    row("gauge", names.FAULT_ACTIVE, "1 while a fault strikes a stage: the simulation's ground truth.",
        (names.STAGE, names.FAULT), lambda labels: labels.stage_fault, lambda state: state.faults),
    row("counter", names.REVIEW_EVENTS, "Delivered events sampled for human review.",
        (names.SIGNAL,), lambda labels: labels.signal, lambda state: state.sampled),
    row("counter", names.SLO_EVENTS, "Valid events of an SLO: events for latency, cycles for throughput.",
        (names.TEAM, names.SLO, names.RESULT), lambda labels: labels.slo_result,
        lambda state: np.stack([state.slos.good, state.slos.bad], axis=1)),
    row("gauge", names.SLO_OBJECTIVE, "The share of valid events that shall be good.",
        (names.TEAM, names.SLO), lambda labels: labels.slo,
        lambda state: state.slos.objective),
    row("gauge", names.SLO_MINIMUM, "Bad events in a burn alert's long window, below which it stays quiet.",
        (names.TEAM, names.SLO), lambda labels: labels.slo,
        lambda state: state.slos.minimum_bad),
    row("gauge", names.SLO_LATENCY_THRESHOLD,
        "Time within which an event must be delivered to be good; latency SLOs only.",
        (names.TEAM, names.SLO), lambda labels: labels.slo_latency,
        lambda state: state.slos.latency_threshold),
)  # fmt: skip
