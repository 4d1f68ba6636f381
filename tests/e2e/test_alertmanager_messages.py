"""What people read: the messages that the real Alertmanager sends by Slack, PagerDuty and mail."""

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.alerts import PLATFORM, alert
from tests.quick import SECONDS_UNTIL_GONE, configuration, post, written
from tests.servers import Server, wait_until
from tests.sinks import Mailbox, Web, mailbox, web

PATIENCE_SECONDS = 20
RUNBOOK = "http://127.0.0.1:9888/runbooks#x"
DASHBOARD = "http://127.0.0.1:3000/d/pipeline-health?var-team=a&var-pipeline=b"
STOPPED = {
    "summary": "business-signals: stage enrich has stopped",
    "description": "Stage enrich has finished nothing for a minute while > 5 events were waiting. "
    "Nothing is delivered until it runs again.",
    "runbook_url": RUNBOOK,
    "dashboard_url": DASHBOARD,
}
SLACK_LINKS = f"<{RUNBOOK}|Runbook>  <{DASHBOARD.replace('&', '&amp;')}|Dashboard>"
PIPELINE = {"pipeline": "business-signals"}
STALLED = alert("PipelineStageStalled").of(**PIPELINE, stage="enrich")
CRITICAL = alert("PipelineStageCritical").of(**PIPELINE, stage="enrich")
SLOW = alert("PipelineStageSlow").of(**PIPELINE, stage="store")
DEGRADED = alert("PipelineStageDegraded").of(**PIPELINE, stage="enrich")
BEHIND = alert("PipelineExporterBehind").of(PLATFORM)
ESCALATED = alert("PipelineEscalation", "high").of(**PIPELINE)


class Outside(NamedTuple):
    """Alertmanager, and all that it can tell people by."""

    url: str
    web: Web
    mail: Mailbox

    def told(self, path: str, count: int = 1) -> Any:
        """The newest of the first `count` messages."""
        wait_until(lambda: len(self.web.to(path)) >= count, PATIENCE_SECONDS)
        return self.web.to(path)[count - 1].content

    def mailed(self, count: int = 1) -> tuple[str, str, str]:
        """The newest of the first `count` mails: subject, recipient and text."""
        wait_until(lambda: len(self.mail.mails) >= count, PATIENCE_SECONDS)
        return self.mail.mails[count - 1]


@pytest.fixture
def outside(alertmanager: Callable[..., Server], tmp_path: Path) -> Iterator[Outside]:
    """Every integration is on, and leads to this machine."""
    secrets = tmp_path / "secrets"
    secrets.mkdir()
    with web() as sink, mailbox() as mail:
        for who in ("commercial-analytics", "platform", "next-in-line"):
            (secrets / f"{who}.slack").write_text(f"{sink.url}/slack/{who}\n")
            (secrets / f"{who}.pagerduty").write_text(f"key-of-{who}\n")
            (secrets / f"{who}.email").write_text("a password\n")
        source = written(to_this_machine(configuration(), sink, mail), tmp_path)
        yield Outside(alertmanager(source=source, secrets=secrets).url, sink, mail)


def to_this_machine(content: dict[str, Any], sink: Web, mail: Mailbox) -> dict[str, Any]:
    content["global"] |= {
        "smtp_smarthost": f"127.0.0.1:{mail.port}",
        "smtp_require_tls": False,
        "pagerduty_url": f"{sink.url}/pagerduty",
    }
    return content


def fire(url: str, *alerts: dict[str, str], starts: float | None = None, ends: float | None = None) -> str:
    """Send alerts; the time of their start as messages have it."""
    starts = time.time() if starts is None else starts
    post(url, [(labels, starts, ends or starts + SECONDS_UNTIL_GONE) for labels in alerts], STOPPED)
    return shown(starts)


def shown(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S")


def attachment(message: dict[str, Any]) -> dict[str, str]:
    [found] = message["attachments"]
    return {key: found[key] for key in ("title", "title_link", "text", "fallback", "color")}


def test_slack_is_told_of_one_alert_in_a_title_a_sentence_and_two_links(outside: Outside) -> None:
    since = fire(outside.url, CRITICAL)
    assert attachment(outside.told("slack/commercial-analytics")) == {
        "title": "[HIGH] business-signals: stage enrich has stopped",
        "title_link": DASHBOARD,
        "text": "Stage enrich has finished nothing for a minute while &gt; 5 events were waiting. "
        f"Nothing is delivered until it runs again.\n_since {since} UTC_  {SLACK_LINKS}",
        "fallback": "[HIGH] business-signals: stage enrich has stopped",
        "color": "danger",
    }


def test_slack_is_told_of_several_alerts_one_after_the_other_and_which_of_them_are_over(
    outside: Outside,
) -> None:
    starts = time.time()
    since = fire(outside.url, CRITICAL, SLOW, starts=starts)
    heading = "*[HIGH] business-signals: stage enrich has stopped*"
    sentence = STOPPED["description"].replace(">", "&gt;")
    one = f"{heading}\n{sentence}\n_since {since} UTC_  {SLACK_LINKS}"
    first = attachment(outside.told("slack/commercial-analytics"))
    assert first["title"] == "[HIGH] business-signals: 2 alerts"
    assert first["text"] == f"{one}\n{one}"

    ends = time.time()
    fire(outside.url, SLOW, starts=starts, ends=ends)
    over = "*[RESOLVED] business-signals: stage enrich has stopped*"
    second = attachment(outside.told("slack/commercial-analytics", 2))
    assert second["title"] == "[HIGH] business-signals: 2 alerts, 1 of them over"
    assert second["text"] == f"{one}\n{over}\n_from {since} to {shown(ends)} UTC_  {SLACK_LINKS}"


def test_slack_is_told_of_the_end(outside: Outside) -> None:
    starts = time.time()
    since = fire(outside.url, CRITICAL, starts=starts)
    outside.told("slack/commercial-analytics")
    ends = time.time()
    fire(outside.url, CRITICAL, starts=starts, ends=ends)
    told = attachment(outside.told("slack/commercial-analytics", 2))
    assert told["title"] == "[RESOLVED] business-signals: stage enrich has stopped"
    assert told["text"] == f"_from {since} to {shown(ends)} UTC_  {SLACK_LINKS}"
    assert told["color"] == "good"


def test_pagerduty_is_paged_and_its_incident_closed(outside: Outside) -> None:
    starts = time.time()
    since = fire(outside.url, STALLED, starts=starts)
    paged = outside.told("pagerduty")
    assert (paged["routing_key"], paged["event_action"]) == ("key-of-commercial-analytics", "trigger")
    assert paged["client_url"] == DASHBOARD
    assert paged["payload"]["severity"] == "critical"
    assert paged["payload"]["summary"] == "[CRITICAL] business-signals: stage enrich has stopped"
    assert paged["payload"]["custom_details"]["firing"].splitlines() == [
        "[CRITICAL] business-signals: stage enrich has stopped",
        "",
        STOPPED["description"],
        "",
        f"When:       since {since} UTC",
        "Alert:      PipelineStageStalled for team commercial-analytics",
        f"Runbook:    {RUNBOOK}",
        f"Dashboard:  {DASHBOARD}",
        "",
    ]
    assert attachment(outside.told("slack/commercial-analytics"))["title"].startswith("[CRITICAL]")

    fire(outside.url, STALLED, starts=starts, ends=time.time())
    closed = outside.told("pagerduty", 2)
    assert (closed["event_action"], closed["dedup_key"]) == ("resolve", paged["dedup_key"])


def test_a_ticket_is_a_mail_in_plain_text(outside: Outside) -> None:
    starts = time.time()
    since = fire(outside.url, DEGRADED, starts=starts)
    subject, to, text = outside.mailed()
    assert subject == "[MEDIUM] business-signals: stage enrich has stopped"
    assert to == "tickets+commercial-analytics@example.com"
    assert text == (
        "[MEDIUM] business-signals: stage enrich has stopped\n"
        "\n"
        f"{STOPPED['description']}\n"
        "\n"
        f"When:       since {since} UTC\n"
        "Alert:      PipelineStageDegraded for team commercial-analytics\n"
        f"Runbook:    {RUNBOOK}\n"
        f"Dashboard:  {DASHBOARD}\n"
        "\n"
        f"To silence it: {outside.url}/#/silences\n"
    )
    assert [line.split()[:2] for line in outside.mail.logins] == [["AUTH", "PLAIN"]]

    ends = time.time()
    fire(outside.url, DEGRADED, starts=starts, ends=ends)
    subject, _, text = outside.mailed(2)
    assert subject == "[RESOLVED] business-signals: stage enrich has stopped"
    assert text.splitlines()[:3] == [
        "[RESOLVED] business-signals: stage enrich has stopped",
        "",
        f"When:       from {since} to {shown(ends)} UTC",
    ]


def test_what_has_no_pipeline_is_about_its_team(outside: Outside) -> None:
    fire(outside.url, BEHIND, alert("PipelineConfigNotLoaded").of(PLATFORM))
    subject, to, _ = outside.mailed()
    assert (subject, to) == ("[MEDIUM] team platform: 2 alerts", "tickets+platform@example.com")


def test_the_next_in_line_is_told_by_everything_that_is_on(outside: Outside) -> None:
    fire(outside.url, ESCALATED)
    assert outside.told("pagerduty")["payload"]["severity"] == "error"
    assert attachment(outside.told("slack/next-in-line"))["title"].startswith("[HIGH]")
    assert outside.mailed()[1] == "head-of-data@example.com"
