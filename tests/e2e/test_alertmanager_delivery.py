"""The real Alertmanager tells: grouped, once in a while, not in maintenance; the dead man all the time."""

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.alerts import COMMERCIAL, PLATFORM, alert
from tests.quick import (
    INTERVAL,
    REPEAT,
    WAIT,
    ask,
    configuration,
    fire,
    resolve,
    told_to,
    written,
)
from tests.servers import Server, wait_until
from tests.sinks import Delivery, Web, web

StartAlertmanager = Callable[..., Server]
PATIENCE_SECONDS = 30
# What a busy machine may take from an interval that is measured at the receiving end.
SLACK_SECONDS = 0.5

CRITICAL = alert("PipelineStageCritical").of(stage="enrich")
DROPPED = alert("PipelineEventsDropped").of(stage="ingest")
DEGRADED = alert("PipelineStageDegraded").of(stage="store")
WATCHDOG = alert("Watchdog").of(PLATFORM)
ESCALATION = alert("PipelineEscalation").of(COMMERCIAL)
# A window of planned maintenance that is open all day, every day.
ALWAYS = [{"times": [{"start_time": "00:00", "end_time": "24:00"}]}]


@pytest.fixture
def sink() -> Iterator[Web]:
    """Where everybody is told."""
    with web() as sink:
        yield sink


def names(delivery: Delivery) -> list[str]:
    """The alerts of a notification that fire, and those that are over after a minus."""
    alerts = delivery.content["alerts"]
    return sorted("-" * (one["status"] == "resolved") + one["labels"]["alertname"] for one in alerts)


def deliveries(sink: Web, receiver: str, count: int) -> list[Delivery]:
    """The first notifications of a receiver, when there are so many."""
    return wait_until(lambda: sink.to(receiver) if len(sink.to(receiver)) >= count else [], PATIENCE_SECONDS)


@pytest.fixture
def quick(alertmanager: StartAlertmanager, sink: Web, tmp_path: Path) -> str:
    """The URL of an Alertmanager that is quick and tells the sink."""
    return alertmanager(source=written(told_to(configuration(), sink.url), tmp_path)).url


def test_alerts_of_a_pipeline_are_told_together_and_those_of_another_apart(quick: str, sink: Web) -> None:
    other = {**CRITICAL, "pipeline": "other"}
    slow = alert("PipelineStageSlow").of(stage="store")
    fire(quick, CRITICAL, slow, other)
    told = deliveries(sink, "commercial-analytics-channel", 2)
    assert sorted(names(one) for one in told) == [
        ["PipelineStageCritical"],
        ["PipelineStageCritical", "PipelineStageSlow"],
    ]
    assert {one.content["groupLabels"]["pipeline"] for one in told} == {"pipeline", "other"}


def test_a_further_alert_is_told_with_the_next_round_and_the_end_too(quick: str, sink: Web) -> None:
    fire(quick, CRITICAL)
    deliveries(sink, "incident-log", 1)
    fire(quick, DROPPED)
    deliveries(sink, "incident-log", 2)
    resolve(quick, CRITICAL)
    first, second, third, *_ = deliveries(sink, "incident-log", 3)
    assert [names(one) for one in (first, second, third)] == [
        ["PipelineStageCritical"],
        ["PipelineEventsDropped", "PipelineStageCritical"],
        ["-PipelineStageCritical", "PipelineEventsDropped"],
    ]
    assert second.at - first.at > INTERVAL - SLACK_SECONDS
    assert [names(one) for one in deliveries(sink, "commercial-analytics-page", 1)] == [
        ["PipelineEventsDropped"]
    ]


def test_what_has_not_changed_is_told_again_only_after_the_cooldown(quick: str, sink: Web) -> None:
    fire(quick, CRITICAL)
    first, second, *_ = deliveries(sink, "commercial-analytics-channel", 2)
    assert REPEAT - SLACK_SECONDS < second.at - first.at < REPEAT + INTERVAL + WAIT
    assert names(first) == names(second) == ["PipelineStageCritical"]


def test_the_dead_man_speaks_all_the_time_and_is_silent_about_the_end(
    alertmanager: StartAlertmanager, sink: Web, tmp_path: Path
) -> None:
    secrets = tmp_path / "secrets"
    secrets.mkdir()
    (secrets / "dead-man.webhook").write_text(f"{sink.url}/outside\n")
    server = alertmanager(source=written(configuration(), tmp_path), secrets=secrets)
    fire(server.url, WATCHDOG)
    deliveries(sink, "outside", 2)
    resolve(server.url, WATCHDOG)
    before = len(sink.to("outside"))
    wait_until(lambda: not ask(server.url, "GET", "/api/v2/alerts/groups"), PATIENCE_SECONDS)
    assert len(sink.to("outside")) <= before + 1
    assert {one.content["status"] for one in sink.to("outside")} == {"firing"}


def test_the_watchdog_is_told_to_nobody_else(quick: str, sink: Web) -> None:
    fire(quick, WATCHDOG)
    deliveries(sink, "dead-man", 2)
    assert {one.path for one in sink.deliveries} == {"dead-man"}


def test_an_escalation_is_told_once_while_it_is_recorded_again(quick: str, sink: Web) -> None:
    fire(quick, ESCALATION)
    deliveries(sink, "incident-log", 2)
    assert len(sink.to("next-in-line")) == 1


def with_maintenance_now(sink: Web) -> dict[str, Any]:
    content = told_to(configuration(), sink.url)
    [interval] = content["time_intervals"]
    interval["time_intervals"] = ALWAYS
    return content


def test_planned_maintenance_mutes_all_but_pages_and_is_recorded(
    alertmanager: StartAlertmanager, sink: Web, tmp_path: Path
) -> None:
    url = alertmanager(source=written(with_maintenance_now(sink), tmp_path)).url
    elsewhere = alert("PipelineStageCritical").of(PLATFORM)
    fire(url, CRITICAL, DEGRADED, DROPPED, elsewhere)
    # Recorded twice: whoever is told at all has been told by then.
    deliveries(sink, "incident-log", 4)
    assert {one.path for one in sink.deliveries} == {
        "incident-log",
        "commercial-analytics-page",
        "platform-channel",
    }
    recorded = [
        names(one) for one in sink.to("incident-log") if one.content["groupLabels"]["team"] == COMMERCIAL
    ]
    assert recorded[0] == ["PipelineEventsDropped", "PipelineStageCritical", "PipelineStageDegraded"]


def test_alertmanager_says_by_which_maintenance_a_group_is_muted(
    alertmanager: StartAlertmanager, sink: Web, tmp_path: Path
) -> None:
    url = alertmanager(source=written(with_maintenance_now(sink), tmp_path)).url
    fire(url, CRITICAL, DROPPED)

    def muted() -> dict[str, list[str]]:
        groups = ask(url, "GET", "/api/v2/alerts/groups")
        return {
            one["receiver"]["name"]: one["alerts"][0]["status"]["mutedBy"] for one in groups if one["alerts"]
        }

    expected = {
        "incident-log": [],
        "commercial-analytics-page": [],
        "commercial-analytics-channel": ["commercial-analytics-maintenance"],
    }
    wait_until(lambda: muted() == expected, PATIENCE_SECONDS)


def test_an_ad_hoc_silence_mutes_all_receivers_until_it_ends(quick: str, sink: Web, amtool: Path) -> None:
    silence = ("silence", "--alertmanager.url", quick, "add", "--author=ops", "--comment=moving the store")
    command = [str(amtool), *silence, "--duration=1h", f"team={COMMERCIAL}", "pipeline=pipeline"]
    subprocess.run(command, check=True, capture_output=True)
    fire(quick, CRITICAL, {**CRITICAL, "pipeline": "other"})
    deliveries(sink, "incident-log", 2)
    assert {one.content["groupLabels"]["pipeline"] for one in sink.deliveries} == {"other"}
