"""What a simulation came to: as JSON with stable keys, and as text for people."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from exporter.config.durations import format_duration
from exporter.state import State
from exporter.state.job import JobState
from exporter.state.labels import OUTCOMES
from exporter.state.slos import budget_burnt
from exporter.state.streams import LIGHTS, StreamState
from exporter.state.verdicts import QUANTILES, judge

Json = dict[str, Any]
FLEET_COLUMNS = ("jobs", "succeeded", "failed", "rows")


def summarize(state: State) -> Json:
    """`events` by signal, `stages`, `latency_seconds`, `slos`, `incidents` and `fleet` of a simulation.

    Keys are names of signals, stages, SLOs and teams; with several pipelines, `pipeline/name`.
    Times are in seconds, those of incidents from the start.
    """
    several = sum(len(streams.pipelines) for streams in state.streams) > 1
    summary: Json = {
        "ticks": max((streams.ticks for streams in state.streams), default=0),
        "events": {},
        "stages": {},
        "latency_seconds": {},
        "slos": {},
        "incidents": [],
        "fleet": fleet(state.jobs),
    }
    for streams in state.streams:
        for lane, pipeline in enumerate(streams.pipelines):
            prefix = f"{pipeline.name}/" if several else ""
            summary["events"] |= prefixed(prefix, events(streams, lane))
            summary["stages"] |= prefixed(prefix, stages(streams, lane))
            summary["latency_seconds"] |= prefixed(prefix, latencies(streams, lane))
            summary["slos"] |= prefixed(prefix, slos(streams, lane))
        summary["incidents"] += incidents(streams)
    summary["incidents"].sort(key=lambda incident: incident["started"])
    return summary


def prefixed(prefix: str, entries: Json) -> Json:
    """`entries` with longer keys."""
    return {prefix + key: value for key, value in entries.items()}


def events(streams: StreamState, lane: int) -> Json:
    """What became of the events that arrived, by signal."""
    processed, failed, dropped = range(len(OUTCOMES))
    found = {}
    for index, signal in enumerate(streams.pipelines[lane].signals):
        outcomes = streams.outcomes[lane, :, index]
        gone = {
            "delivered": int(outcomes[-1, processed]),
            "failed": int(outcomes[:, failed].sum()),
            "dropped": int(outcomes[0, dropped]),
        }
        arrived = int(streams.arrivals[lane, index])
        found[signal.name] = {"arrived": arrived, **gone, "inside": arrived - sum(gone.values())}
    return found


def stages(streams: StreamState, lane: int) -> Json:
    """Shares of time in each light, and what a stage did."""
    found = {}
    for index, stage in enumerate(streams.pipelines[lane].stages):
        shares = (streams.time_in_light[lane, index] / max(1, streams.ticks)).tolist()
        processed, failed, _ = streams.outcomes[lane, index].sum(axis=0).tolist()
        attempts = int(streams.service[lane, index].sum())
        found[stage.name] = {
            "time_share": dict(zip(LIGHTS, shares, strict=True)),
            "processed": processed,
            "failed": failed,
            "retries": int(streams.retries[lane, index].sum()),
            "peak_backlog": int(streams.peak_backlog[lane, index]),
            "mean_service_seconds": float(streams.service_sum[lane, index]) / max(1, attempts),
        }
    return found


def latencies(streams: StreamState, lane: int) -> Json:
    """End-to-end percentiles of the whole run, None without a delivery."""
    counts = streams.latency[lane].sum(axis=0)
    return {name: streams.columns.quantile(counts, share) for name, share in QUANTILES.items()}


def slos(streams: StreamState, lane: int) -> Json:
    """Good and bad over the whole run, the budget burnt, and the verdict on the last cycles."""
    found = {}
    for index, (row, slo) in enumerate(streams.slos.slos):
        if row != lane:
            continue
        good, bad = int(streams.slos.good[index]), int(streams.slos.bad[index])
        verdict = judge(streams, index)
        ratio = good / (good + bad) if good + bad else None
        found[slo.name] = {
            "objective": slo.objective,
            "good": good,
            "bad": bad,
            "good_ratio": ratio,
            "met": None if ratio is None else ratio >= slo.objective,
            "budget_period_seconds": streams.ticks,
            "budget_burnt": budget_burnt(good, bad, slo.objective),
            "observed": verdict.observed,
            "target": verdict.target,
            "passing": verdict.passing,
        }
    return found


def incidents(streams: StreamState) -> list[Json]:
    """Incidents of all pipelines of a group; `ended` is None for one that goes on."""
    return [
        {
            "id": incident.id,
            "pipeline": incident.pipeline,
            "team": incident.team,
            "stage": incident.stage,
            "started": incident.started,
            "ended": incident.ended,
            "peak_backlog": incident.peak_backlog,
            "dropped": incident.dropped,
            "summary": incident.summary,
        }
        for incident in streams.incidents.newest(streams.incidents.keep)
    ]


def fleet(jobs: Iterable[JobState]) -> Json:
    """What the jobs of each team did."""
    teams: Json = {}
    for job in jobs:
        found = teams.setdefault(job.team, dict.fromkeys(FLEET_COLUMNS, 0))
        found["jobs"] += 1
        found["succeeded"] += job.runs["succeeded"]
        found["failed"] += job.runs["failed"]
        found["rows"] += job.rows_total
    return dict(sorted(teams.items()))


def table(title: str, head: Sequence[str], rows: Iterator[Sequence[object]]) -> list[str]:
    """Lines of a table with the first column left and the others right."""
    cells = [[title, *head], *([str(cell) for cell in row] for row in rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(cells[0]))]
    return [
        "  ".join([row[0].ljust(widths[0]), *(c.rjust(w) for c, w in zip(row[1:], widths[1:], strict=True))])
        for row in cells
    ]


def text(summary: Json) -> str:
    """The summary for people."""
    lines = [f"{format_duration(summary['ticks'])} simulated", ""]
    keys = ("arrived", "delivered", "failed", "dropped", "inside")
    lines += table(
        "Events", keys, ([name, *(e[key] for key in keys)] for name, e in summary["events"].items())
    )
    lines += ["", *table("Stages", ("green", "orange", "red", "peak backlog", "failed"), stage_rows(summary))]
    lines += ["", *table("SLOs", ("objective", "good", "budget burnt", "result"), slo_rows(summary))]
    if teams := summary["fleet"]:
        rows = ([team, *(found[key] for key in FLEET_COLUMNS)] for team, found in teams.items())
        lines += ["", *table("Fleet", FLEET_COLUMNS, rows)]
    lines += ["", f"{len(summary['incidents'])} incidents"]
    lines += [incident_line(incident) for incident in summary["incidents"][-10:]]
    return "\n".join(lines)


def stage_rows(summary: Json) -> Iterator[Sequence[object]]:
    """Rows of the stages' table."""
    for name, stage in summary["stages"].items():
        shares = (f"{stage['time_share'][light]:.1%}" for light in LIGHTS)
        yield [name, *shares, stage["peak_backlog"], stage["failed"]]


def slo_rows(summary: Json) -> Iterator[Sequence[object]]:
    """Rows of the SLOs' table."""
    words = {True: "met", False: "missed", None: "nothing to judge"}
    for name, slo in summary["slos"].items():
        good = "-" if slo["good_ratio"] is None else f"{slo['good_ratio']:.3%}"
        yield [name, f"{slo['objective']:.1%}", good, f"{slo['budget_burnt']:.1%}", words[slo["met"]]]


def incident_line(incident: Json) -> str:
    """One incident."""
    start = format_duration(incident["started"])
    lasting = (
        "goes on" if incident["ended"] is None else format_duration(incident["ended"] - incident["started"])
    )
    return f"  at {start} ({lasting})  {incident['pipeline']}: {incident['summary']}"
