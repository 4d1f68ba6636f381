"""/api/v1/status: everything the page shows, as one JSON object."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import numpy as np

from exporter.config.model import LatencySlo, Slo
from exporter.incidents.incident import Incident
from exporter.incidents.webhook import Alert
from exporter.observations.fault import Fault
from exporter.observations.service import SERVICE_BUCKETS
from exporter.state import State
from exporter.state.incident_counts import SEVERITIES
from exporter.state.labels import LEVELS, OUTCOMES
from exporter.state.review import ReviewEvent
from exporter.state.sentences import sentence
from exporter.state.slos import budget_burnt
from exporter.state.streams import HISTORY, LIGHTS, StreamState
from exporter.state.timeline import Timeline
from exporter.state.verdicts import (
    ARRIVED,
    DELIVERED,
    QUANTILES,
    judge,
    latency_quantiles,
    service_quantiles,
)
from exporter.web.access import Access
from exporter.web.backend import Backend
from exporter.web.checked import checked_dataset, dataset_lights, known_datasets

SHOWN_REVIEW = 20
SHOWN_JOBS = 50
SHOWN_PIPELINES = 50
SHOWN_DATASETS = 50

Json = dict[str, Any]


def iso(seconds: float) -> str:
    """Seconds since the epoch as ISO 8601 in UTC."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def optional_iso(seconds: float | None) -> str | None:
    """The same of what may not have happened yet."""
    return None if seconds is None else iso(seconds)


def status(backend: Backend, access: Access, incidents: Iterable[Incident]) -> Json:
    """The whole page, as far as `access` may read it; `incidents` are the newest of those that it may."""
    state = backend.state
    places = [
        (streams, lane)
        for streams in state.streams
        for lane, one in enumerate(streams.pipelines)
        if access.may_read(one.team)
    ]
    places.sort(key=lambda place: -int(place[0].health[place[1]].max()))
    lights = tally(state, backend.now(), access)
    datasets = known_datasets(state, access)
    of_data = dataset_lights(datasets)
    return {
        "version": backend.version,
        "started": iso(state.timeline.started),
        "now": iso(backend.now()),
        "speed": state.timeline.speed,
        "time_scale": backend.time_scale,
        "health": next((name for name in reversed(LIGHTS) if lights[name] or of_data[name]), LIGHTS[0]),
        "lights": lights,
        "pipelines": [pipeline(streams, lane, state.timeline) for streams, lane in places[:SHOWN_PIPELINES]],
        "pipelines_total": len(places),
        "incidents": [incident(one, backend.now()) for one in sorted(incidents, key=gravest_first)],
        "alerting_last_heard": optional_iso(state.incidents.last_heard),
        "review": review(state, SHOWN_REVIEW, access),
        "jobs": list(jobs(state, backend.now(), access)),
        "jobs_total": sum(access.may_read(job.team) for job in state.jobs),
        "datasets": [checked_dataset(one) for one in datasets[:SHOWN_DATASETS]],
        "datasets_total": len(datasets),
        "dataset_lights": of_data,
    }


def gravest_first(one: Incident) -> tuple[bool, int]:
    """Sort key: of those that go on the worst, then those that are over as they are."""
    is_over = one.ended is not None
    return is_over, 0 if is_over else SEVERITIES.index(one.severity)


def tally(state: State, now: float, access: Access) -> dict[str, int]:
    """How many pipelines that `access` may read have each light, at `now`; parts of jobs don't count."""
    state.lights.refresh(now)
    found = state.lights.tally(access.may_read)
    for group in state.streams:
        worst = zip(group.pipelines, group.health.max(axis=1).tolist(), strict=True)
        found.update(light for one, light in worst if access.may_read(one.team))
    return {name: found[light] for light, name in enumerate(LIGHTS)}


def jobs(state: State, now: float, access: Access) -> Iterable[Json]:
    """The jobs that need somebody most; their lights are those of now."""
    lights = state.lights
    readable = (job for job in state.jobs if access.may_read(job.team))
    for row in state.jobs.status(SHOWN_JOBS, lambda job: lights.health(job.pipeline), readable):
        light = lights[row["pipeline"]]
        yield {
            **row,
            "is_part": light.job.is_part,
            "health": LIGHTS[light.health],
            "since": optional_iso(light.since),
            "sentence": light.sentence(now),
        }


def pipeline(streams: StreamState, lane: int, timeline: Timeline) -> Json:
    """One stream."""
    one = streams.pipelines[lane]
    flow = streams.recent_flow.last(HISTORY, lane)
    return {
        "name": one.name,
        "team": one.team,
        "kind": "stream",
        "mode": streams.mode,
        "health": LIGHTS[int(streams.health[lane].max())],
        "since": iso(timeline.at(streams.ticks - int(streams.same_light_for[lane]))),
        "sentence": sentence(streams, lane),
        "time_seconds": streams.ticks,
        "traffic_regime": list(one.traffic.regimes)[int(streams.regime[lane])],
        "stages": [stage(streams, lane, index) for index in range(len(one.stages))],
        "latency_seconds": latency_quantiles(streams, lane),
        "history": {
            "latency_p95": latency_history(streams, lane),
            "arrived": flow[:, ARRIVED].tolist(),
            "delivered": flow[:, DELIVERED].tolist(),
        },
        "signals": [signal(streams, lane, index) for index in range(len(one.signals))],
        "slos": [slo(streams, n) for n, (row, _) in enumerate(streams.slos.slos) if row == lane],
    }


def stage(streams: StreamState, lane: int, index: int) -> Json:
    """One stage of a stream."""
    backlog, processed, health = streams.recent_stages.last(HISTORY, lane, index).T
    return {
        "name": streams.pipelines[lane].stages[index].name,
        "health": LIGHTS[int(streams.health[lane, index])],
        "backlog": int(streams.backlog[lane, index]),
        "thresholds": dict(zip(LEVELS, streams.thresholds[lane, index].tolist(), strict=True)),
        "throughput_per_second": float(processed[-10:].mean()) if len(processed) else 0.0,
        "capacity_per_second": float(streams.capacity[lane, index]),
        "nominal_capacity_per_second": float(streams.nominal[lane, index]),
        "blocked": bool(streams.blocked[lane, index]),
        "service_seconds": service_quantiles(streams, lane, index, SERVICE_BUCKETS),
        "faults": [
            fault(struck, streams.ticks)
            for row, place, struck in streams.struck
            if (row, place) == (lane, index)
        ],
        "history": {"backlog": backlog.tolist(), "throughput": processed.tolist(), "health": health.tolist()},
    }


def fault(struck: Fault, tick: int) -> Json:
    """One fault, at `tick`."""
    return {
        "id": struck.id,
        "pipeline": struck.pipeline,
        "stage": struck.stage,
        "kind": struck.kind,
        "strength": struck.strength,
        "remaining_seconds": struck.end - max(tick, struck.start),
        "origin": struck.origin,
    }


def latency_history(streams: StreamState, lane: int) -> list[int | None]:
    """p95 of each tick's deliveries, as long as the other histories; None where nothing was delivered."""
    counts = streams.recent_latency.last(HISTORY, lane)
    return streams.columns.quantiles(counts, QUANTILES["p95"])


def signal(streams: StreamState, lane: int, index: int) -> Json:
    """One signal of a stream, from its arrival to its end."""
    outcomes = streams.outcomes[lane, :, index]
    processed, failed, dropped = range(len(OUTCOMES))
    one = streams.pipelines[lane].signals[index]
    return {
        "name": one.name,
        "description": one.description,
        "arrived": int(streams.arrivals[lane, index]),
        "delivered": int(outcomes[-1, processed]),
        "failed": int(outcomes[:, failed].sum()),
        "dropped": int(outcomes[0, dropped]),
    }


def slo(streams: StreamState, index: int) -> Json:
    """One SLO: its counts, its budget and the verdict on the last cycles."""
    _, one = streams.slos.slos[index]
    good, bad = int(streams.slos.good[index]), int(streams.slos.bad[index])
    verdict = judge(streams, index)
    return {
        "name": one.name,
        **slo_words(one),
        "objective": one.objective,
        "good": good,
        "bad": bad,
        "budget_period_seconds": streams.slos.period,
        "budget_burnt": budget_burnt(good, bad, one.objective, min(1.0, streams.ticks / streams.slos.period)),
        "passing": verdict.passing,
        "observed": verdict.observed,
        "target": verdict.target,
        "window_seconds": int(one.window),
    }


def slo_words(one: Slo) -> Json:
    """How people say it."""
    if isinstance(one, LatencySlo):
        return {
            "description": f"delivered end to end within {one.threshold:.0f} s",
            "unit": "s",
            "comparison": "p95 at most",
        }
    return {
        "description": f"at least {one.minimum} events delivered a second when that many are there",
        "unit": "events/s",
        "comparison": "at least",
    }


def incident(one: Incident, now: float) -> Json:
    """One incident, as the page shows it."""
    return {
        "id": one.id,
        "pipeline": one.pipeline,
        "dataset": one.dataset,
        "team": one.team,
        "severity": one.severity,
        "stage": one.stage,
        "started": iso(one.started),
        "ended": optional_iso(one.ended),
        "resolution": one.resolution,
        "duration_seconds": one.lasting(now),
        "summary": one.summary,
        "acknowledged": optional_iso(one.acknowledged),
        "acknowledged_by": one.acknowledged_by,
        "note": one.note,
        "escalated": one.escalated,
        "alerts": one.alert_names,
        "runbook_url": one.runbook_url,
    }


def alert_of(told: Alert) -> Json:
    """One alert, in Alertmanager's words."""
    return {
        "status": "firing" if told.ends is None else "resolved",
        "labels": told.labels,
        "annotations": told.annotations,
        "startsAt": iso(told.starts),
        "endsAt": optional_iso(told.ends),
        "fingerprint": told.fingerprint,
    }


def review(state: State, limit: int, access: Access) -> list[Json]:
    """The newest events sampled for review, of all streams that may be read."""
    found = [
        event
        for streams in state.streams
        for event in streams.review.newest(limit, [access.may_read(one.team) for one in streams.pipelines])
    ]
    found.sort(key=lambda event: -event.delivered)
    return [review_event(event, state.timeline) for event in found[:limit]]


def review_event(event: ReviewEvent, timeline: Timeline) -> Json:
    """One event with its path."""
    judgement = event.judgement
    return {
        "id": event.id,
        "pipeline": event.pipeline.name,
        "signal": event.signal,
        "delivered": iso(timeline.end(event.delivered)),
        "latency_seconds": event.delivered - event.admitted,
        "path": list(path(event, timeline)),
        "verdict": judgement and judgement.verdict,
        "note": judgement and judgement.note,
        "reviewed": judgement and iso(judgement.time),
    }


def path(event: ReviewEvent, timeline: Timeline) -> Iterable[Json]:
    """When the event left each stage, and how long it was there."""
    entered = np.array([event.admitted, *event.left])
    for one, left, waited in zip(event.pipeline.stages, event.left, np.diff(entered).tolist(), strict=True):
        yield {"stage": one.name, "left": iso(timeline.end(left)), "waited_seconds": waited}
