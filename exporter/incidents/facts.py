"""What was true of a pipeline or dataset when an incident opened: as JSON to keep, and in words."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from exporter.incidents.webhook import WATCHDOG, Alert, Place
from exporter.reports.event import SEVERITIES, ChecksReport
from exporter.runs.observation import FinalState
from exporter.state import State, StreamState
from exporter.state.incidents import culprit
from exporter.state.jobs import JobState
from exporter.state.sentences import sentence, stage_name
from exporter.state.slos import budget_burnt
from exporter.state.streams import LIGHTS
from exporter.state.verdicts import DROPPED, FAILED, RECENT, judge, latency_quantiles

Facts = dict[str, Any]
Witnessed = Mapping[Place, Facts]
# In words; the dashboard has them all.
MOST_MESSAGES = 3
ENDED: dict[FinalState, str] = {
    "succeeded": "succeeded",
    "failed": "failed",
    "aborted": "was aborted",
    "skipped": "was skipped",
    "abandoned": "was given up",
}


def witnessed(state: State, notified: Iterable[Alert]) -> Witnessed:
    """What is known now of whatever an alert fires for; of one that is over, now says nothing."""
    firing = {one.place for one in notified if one.ends is None and one.name != WATCHDOG}
    return {place: facts(state, *place) for place in firing}


def facts(state: State, pipeline: str | None, dataset: str | None = None) -> Facts:
    """What is known now, `words` among it; empty of a pipeline or dataset that nobody knows."""
    for streams in state.streams:
        for lane, one in enumerate(streams.pipelines):
            if one.name == pipeline:
                return stream_facts(streams, lane)
    if job := state.jobs.get(pipeline or ""):
        return job_facts(job)
    checked = state.checks.get(dataset or "")
    return dataset_facts(checked.report) if checked else {}


def stream_facts(streams: StreamState, lane: int) -> Facts:
    """A stream: where it is stuck, how far, and what it costs."""
    stage = bottleneck(streams, lane)
    latency = latency_quantiles(streams, lane)
    flow = streams.recent_flow.last(RECENT, lane)
    found: Facts = {
        "kind": "stream",
        "health": LIGHTS[int(streams.health[lane].max())],
        "bottleneck": None if stage is None else stage_name(streams, lane, stage),
        "stages": {
            one.name: stage_facts(streams, lane, n) for n, one in enumerate(streams.pipelines[lane].stages)
        },
        "latency_p95_seconds": latency and latency["p95"],
        "traffic_regime": list(streams.pipelines[lane].traffic.regimes)[int(streams.regime[lane])],
        "dropped_last_minute": int(flow[:, DROPPED].sum()),
        "failed_last_minute": int(flow[:, FAILED].sum()),
        "slos": slo_facts(streams, lane),
    }
    return {**found, "words": "; ".join([sentence(streams, lane).rstrip("."), *circumstances(found)])}


def bottleneck(streams: StreamState, lane: int) -> int | None:
    """The stage where it probably starts: by the lights, or else the first that can do less than usual."""
    if streams.health[lane].any():
        return culprit(streams.health[lane], streams.blocked[lane])
    reduced = (streams.capacity[lane] < streams.nominal[lane]).nonzero()[0]
    return int(reduced[0]) if len(reduced) else None


def stage_facts(streams: StreamState, lane: int, stage: int) -> Facts:
    """One stage."""
    return {
        "health": LIGHTS[int(streams.health[lane, stage])],
        "backlog": int(streams.backlog[lane, stage]),
        "blocked": bool(streams.blocked[lane, stage]),
        "capacity_per_second": float(streams.capacity[lane, stage]),
        "nominal_capacity_per_second": float(streams.nominal[lane, stage]),
    }


def slo_facts(streams: StreamState, lane: int) -> list[Facts]:
    """The pipeline's SLOs: whether they pass, and the share of the period's budget that is gone."""
    return [
        {
            "name": slo.name,
            "passing": judge(streams, index).passing,
            "budget_burnt": budget_burnt(
                int(streams.slos.good[index]),
                int(streams.slos.bad[index]),
                slo.objective,
                min(1.0, streams.ticks / streams.slos.period),
            ),
        }
        for index, (row, slo) in enumerate(streams.slos.slos)
        if row == lane
    ]


def circumstances(found: Facts) -> list[str]:
    """What the sentence of the page leaves out: how late, in what traffic, at what cost."""
    words = []
    if found["latency_p95_seconds"] is not None:
        words.append(f"95 % of the events of the last minute took up to {found['latency_p95_seconds']} s")
    words.append(f"traffic is {found['traffic_regime']}")
    burnt = [f"{share_words(slo['budget_burnt'])} of the {slo['name']} SLO's" for slo in found["slos"]]
    if burnt:
        words.append(f"error budget burnt: {', '.join(burnt)}")
    return words


def share_words(share: float) -> str:
    """A share as people say it: with a fraction only where it matters."""
    return f"{share * 100:.{1 if 0 < share < 0.1 else 0}f} %"


def job_facts(job: JobState) -> Facts:
    """A real job: how its runs ended."""
    found: Facts = {
        "kind": job.kind,
        "last_state": job.last_state,
        "failures_in_a_row": job.failures_in_a_row,
        "runs": dict(job.runs),
        "in_progress": job.in_progress,
        "last_start": job.last_start,
        "last_success": job.last_success,
        "last_failure": job.last_failure,
    }
    return {**found, "words": "; ".join(job_words(job))}


def job_words(job: JobState) -> list[str]:
    """Its last run, its failures and its last success."""
    words = ["No run has ended yet" if job.last_state is None else f"The last run {ENDED[job.last_state]}"]
    if job.failures_in_a_row > 1:
        words.append(f"{job.failures_in_a_row} failures in a row")
    if job.last_success is None:
        words.append("it has not succeeded yet")
    else:
        words.append(f"it last succeeded at {clock(job.last_success)}")
    return words


def clock(seconds: float) -> str:
    """A moment in words, to the minute."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M UTC")


def dataset_facts(report: ChecksReport) -> Facts:
    """A dataset: what its checks find, the worst first."""
    failing = [one for one in report.outcomes if one.severity in ("CRITICAL", "WARN")]
    messages = [one.message for one in sorted(failing, key=lambda one: SEVERITIES.index(one.severity))]
    found: Facts = {
        "kind": "dataset",
        "status": report.status,
        "date": report.date,
        "checked": report.time,
        "failing": messages,
        "checks": len(report.outcomes),
    }
    more = len(messages) - MOST_MESSAGES
    words = messages[:MOST_MESSAGES] + ([f"{more} more"] if more > 0 else [])
    newest = [f"the newest day is {report.date}"] if report.date else []
    return {**found, "words": "; ".join([*words, *newest]) or "No check fails any more"}
