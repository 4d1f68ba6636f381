"""What is wrong with a stream, in a sentence that a manager understands."""

from exporter.config.durations import format_duration
from exporter.config.model import LatencySlo
from exporter.state.incidents import capacity_words, culprit
from exporter.state.streams import LIGHTS, StreamState
from exporter.state.verdicts import DELIVERED, DROPPED, FAILED, RECENT, judge, latency_quantiles


def sentence(streams: StreamState, lane: int) -> str:
    """The state of one pipeline now: the stage where it starts, how bad it is, and what users notice."""
    if not streams.ticks:
        return "Starting."
    light = LIGHTS[int(streams.health[lane].max())]
    begin = keeping_up(streams, lane) if light == "healthy" else trouble(streams, lane, light)
    return "; ".join([begin, *consequences(streams, lane)])


def keeping_up(streams: StreamState, lane: int) -> str:
    """All is well, or a stage that is slower than usual has not been noticed yet."""
    reduced = (streams.capacity[lane] < streams.nominal[lane]).nonzero()[0]
    if len(reduced):
        stage = int(min(reduced, key=lambda one: streams.capacity[lane, one] > 0))
        verb = "still keeps up" if streams.capacity[lane, stage] else "stands still"
        return f"{stage_name(streams, lane, stage)} {verb}{capacity(streams, lane, stage)}"
    latency = latency_quantiles(streams, lane)
    if latency is None:
        return "All stages keep up; nothing was delivered lately"
    if any_late(streams, lane):
        return f"All stages keep up again; events of the last minute took up to {latency['p95']} s"
    return f"All stages keep up; events arrive within {latency['p95']} s"


def trouble(streams: StreamState, lane: int, light: str) -> str:
    """The stage where it starts, its backlog and its capacity."""
    stage = culprit(streams.health[lane], streams.blocked[lane])
    verb = "can't keep up" if light == "critical" else "is falling behind"
    if streams.capacity[lane, stage] == 0:
        verb = "stands still"
    waiting = f"{streams.backlog[lane, stage]} events waiting"
    return f"{stage_name(streams, lane, stage)} {verb}: {waiting}{capacity(streams, lane, stage)}"


def capacity(streams: StreamState, lane: int, stage: int) -> str:
    """How far capacity is down and for how long; empty when it is not."""
    now, usual = streams.capacity[lane, stage], streams.nominal[lane, stage]
    if now >= usual:
        return ""
    lasting = format_duration(float(streams.reduced_for[lane, stage]))
    return f"{capacity_words(now, usual)} for {lasting}"


def consequences(streams: StreamState, lane: int) -> list[str]:
    """What users notice: late, missing, refused or failed events in the last minute."""
    flow = streams.recent_flow.last(RECENT, lane)
    words = []
    if any_late(streams, lane) and not recovered(streams, lane):
        words.append("deliveries are late" if flow[:, DELIVERED].any() else "nothing is delivered")
    if dropped := int(flow[:, DROPPED].sum()):
        words.append(f"{dropped} events were turned away in the last minute")
    if failed := int(flow[:, FAILED].sum()):
        words.append(f"{failed} events failed in the last minute")
    return words


def recovered(streams: StreamState, lane: int) -> bool:
    """True while every stage keeps up at its usual capacity."""
    return not (streams.health[lane].any() or (streams.capacity[lane] < streams.nominal[lane]).any())


def any_late(streams: StreamState, lane: int) -> bool:
    """True when a latency SLO of the pipeline fails at the moment."""
    mine = ((n, slo) for n, (row, slo) in enumerate(streams.slos.slos) if row == lane)
    return any(isinstance(slo, LatencySlo) and judge(streams, n).passing is False for n, slo in mine)


def stage_name(streams: StreamState, lane: int, stage: int) -> str:
    """The name of a stage."""
    return streams.pipelines[lane].stages[stage].name
