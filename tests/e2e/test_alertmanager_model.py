"""The notification model says what the real Alertmanager does: the same groups, alerts and times."""

import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import NamedTuple

from exporter.alerting import Alertmanager, Episode, Notification
from exporter.alerting.timeline import Sender
from tests.alerts import COMMERCIAL, PLATFORM, alert
from tests.quick import configuration, sent, told_to, written
from tests.servers import Server, wait_until
from tests.sinks import Delivery, web

# All is twice as slow as elsewhere: a busy machine is later than a model, and a round later would be four
# seconds off.
STRETCH = 2
EVERY, KEEPS = 2.0 * STRETCH, 4.0 * STRETCH
SECONDS = 26.0 * STRETCH
TOLERANCE_SECONDS = 1.5 * STRETCH

Group = tuple[str, frozenset[tuple[str, str]]]


class Line(NamedTuple):
    """A notification to a receiver about a group."""

    status: str
    alerts: frozenset[tuple[str, str]]
    at: float


def during(name: str, start: float, end: float | None, severity: str | None = None, **labels: str) -> Episode:
    """Starts and ends are even and stretched, so that every flush has two seconds on each side."""
    team = labels.pop("team", COMMERCIAL)
    over = None if end is None else end * STRETCH
    return Episode(alert(name, severity).of(team, **labels), start * STRETCH, over)


EVENING = (
    during("PipelineStageDegraded", 0, 10, stage="enrich"),
    during("PipelineStageCritical", 0, 14, stage="enrich"),
    during("PipelineStageBlocked", 2, 20, stage="ingest"),
    during("PipelineStageStalled", 4, 12, stage="store"),
    during("PipelineStageCritical", 6, 10, stage="store"),
    during("PipelineEventsDropped", 0, 2, stage="ingest"),
    during("PipelineEventsDropped", 6, 8, stage="ingest"),
    during("PipelineSloPageFast", 8, 18),
    during("PipelineSloPageSlow", 4, 22),
    during("PipelineSloTicketSlow", 4, None),
    during("PipelineRunFailing", 2, 16, "medium", team="newcomers"),
    during("PipelineRunFailing", 8, 16, "high", team="newcomers"),
    during("PipelineRunStale", 0, 16, team="newcomers"),
    during("PipelineConfigNotLoaded", 2, 14, team=PLATFORM),
    during("PipelineExporterDown", 6, 12, team=PLATFORM),
)
# The end of the first escalation is swallowed while the absence mutes it; when it fires anew, Alertmanager
# takes it for the one that it has told already.
SWALLOWED = (
    during("PipelineEscalation", 0, 6),
    during("PipelineExporterAbsent", 4, 12, team=PLATFORM),
    during("PipelineRulesFailing", 6, 14, team=PLATFORM),
    during("PipelineEscalation", 14, 20),
)
# Prometheus says for a while that an alert is over: the end is told late, when nothing mutes it any more. The
# second escalation keeps the group: one that begins anew is flushed at once, when Alertmanager's inhibition
# may or may not have heard yet that the absence is over.
HEALED = (
    during("PipelineEscalation", 0, 6),
    during("PipelineEscalation", 0, None, stage="store"),
    during("PipelineExporterAbsent", 4, 8, team=PLATFORM),
    during("PipelineEscalation", 12, 18),
)


def foreseen(notifications: Iterable[Notification]) -> dict[Group, list[Line]]:
    """What the model says, by receiver and group."""
    lines = defaultdict(list)
    for one in notifications:
        states = ((words(alert.labels), state(alert, one.at)) for alert in one.alerts)
        group = (one.receiver, frozenset(one.group.items()))
        lines[group].append(Line(one.status, frozenset(states), one.at))
    return lines


def seen(deliveries: Iterable[Delivery], start: float, until: float) -> dict[Group, list[Line]]:
    """What came before `until` seconds after the start, by receiver and group."""
    lines = defaultdict(list)
    for one in deliveries:
        content, at = one.content, one.at - start
        states = ((words(alert["labels"]), alert["status"]) for alert in content["alerts"])
        if at < until:
            group = (one.path, frozenset(content["groupLabels"].items()))
            lines[group].append(Line(content["status"], frozenset(states), at))
    return lines


def state(alert: Episode, at: float) -> str:
    return "resolved" if alert.is_resolved(at) else "firing"


def words(labels: Mapping[str, str]) -> str:
    return f"{labels['alertname']} {labels['severity']} {labels.get('stage', '')}"


def told_in(
    start: Callable[..., Server], folder: Path, episodes: Sequence[Episode]
) -> tuple[dict[Group, list[Line]], dict[Group, list[Line]]]:
    """What the model foresees and what the real Alertmanager tells, by receiver and group."""
    with web() as sink:
        source = written(told_to(configuration(STRETCH), sink.url), folder / sink.url.rpartition(":")[2])
        model = Alertmanager.load(source)
        with sent(start(source=source).url, episodes, EVERY, KEEPS) as began:
            wait_until(lambda: time.monotonic() > began + SECONDS, SECONDS + 1)
        expected = model.notifications(episodes, SECONDS, Sender(EVERY, KEEPS))
        return foreseen(expected), seen(sink.deliveries, began, SECONDS)


def test_the_model_tells_what_alertmanager_tells(alertmanager: Callable[..., Server], tmp_path: Path) -> None:
    stories = (EVENING, SWALLOWED, HEALED)
    with ThreadPoolExecutor(len(stories)) as pool:
        for expected, told in pool.map(partial(told_in, alertmanager, tmp_path), stories):
            assert told.keys() == expected.keys()
            for group, lines in expected.items():
                assert [line[:2] for line in told[group]] == [line[:2] for line in lines], group
                for real, modelled in zip(told[group], lines, strict=True):
                    assert abs(real.at - modelled.at) < TOLERANCE_SECONDS, (group, real)
