"""Incidents on the page: what Alertmanager tells, somebody who takes it on, and what they write."""

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Locator, Page, expect

from exporter.incidents.webhook import Alert
from tests.browser.conftest import OpenPage
from tests.browser.test_live_page import CONTRAST, OVERFLOW, PHONE, READABLE, calm_exporter, part
from tests.servers import Server, free_port
from tests.unit.incidents.notifications import T0, alert, notification


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with calm_exporter(tmp_path, free_port()) as started:
        yield started


def tell(server: Server, *alerts: Alert) -> None:
    assert httpx.post(f"{server.url}/api/v1/alerts", json=notification(*alerts)).status_code == 200


def kept(server: Server) -> dict[str, object]:
    [incident] = httpx.get(f"{server.url}/api/v1/incidents").json()
    assert isinstance(incident, dict)
    return incident


def only_incident(page: Page) -> Locator:
    return part(page, "incident-1")


def test_without_a_word_from_alertmanager_the_page_says_so(visit: OpenPage, server: Server) -> None:
    incidents = part(visit(server).page, "incidents")
    unheard = incidents.get_by_text("No incidents. Alertmanager has not been heard yet")
    expect(unheard).to_be_visible()
    tell(server, alert("Watchdog", "w"))
    expect(incidents).to_contain_text(re.compile(r"Alertmanager last heard (just now|\d+ s ago)"))
    expect(incidents.get_by_text("No incidents", exact=True)).to_be_visible()
    expect(unheard).to_be_hidden()


def test_an_alert_becomes_an_incident_on_the_page_and_goes_on_until_it_is_resolved(
    visit: OpenPage, server: Server
) -> None:
    page = visit(server).page
    first = alert(stage="enrich", severity="critical")
    first.annotations["runbook_url"] = f"{server.url}/runbooks#pipelinestagecritical"
    tell(server, first)
    incident = only_incident(page)
    expect(incident).to_contain_text("Critical")
    expect(incident).to_have_attribute("data-open", "true")
    for words in ("PipelineStageCritical of orders", "orders / enrich", "team shop", "since ", "so far"):
        expect(incident).to_contain_text(words)
    expect(incident.get_by_role("link", name="Runbook")).to_have_attribute(
        "href", first.annotations["runbook_url"]
    )
    expect(incident.get_by_text("Escalated", exact=True)).to_be_hidden()
    tell(server, alert("PipelineEscalation", "e", severity="critical"))
    expect(incident.get_by_text("Escalated", exact=True)).to_be_visible()
    tell(server, alert("PipelineEscalation", "e", ends=T0 + 60), alert(ends=T0 + 75))
    expect(incident).to_have_attribute("data-open", "false")
    expect(incident).to_contain_text("resolved after 1 min 15 s")
    expect(incident.get_by_role("button", name="Acknowledge")).to_be_hidden()


def test_somebody_takes_it_on_and_writes_a_note(visit: OpenPage, server: Server) -> None:
    page, other = visit(server).page, visit(server).page
    tell(server, alert())
    incident = only_incident(page)
    note = incident.get_by_role("textbox", name="Note")
    expect(incident.get_by_role("button", name="Save note")).to_be_hidden()
    note.fill("the model is slow; asked <b>Ada</b>")
    incident.get_by_role("button", name="Save note").click()
    expect(incident).to_contain_text("Note saved")
    incident.get_by_role("button", name="Acknowledge").click()
    expect(incident.get_by_role("button", name="Acknowledged")).to_have_attribute("aria-pressed", "true")
    assert kept(server)["note"] == "the model is slow; asked <b>Ada</b>"
    assert kept(server)["acknowledged"] is not None
    expect(only_incident(other).get_by_role("textbox")).to_have_value("the model is slow; asked <b>Ada</b>")
    expect(only_incident(other).get_by_role("button", name="Acknowledged")).to_be_visible()


def test_a_note_that_is_being_written_is_not_overwritten(visit: OpenPage, server: Server) -> None:
    page = visit(server).page
    tell(server, alert())
    note = only_incident(page).get_by_role("textbox", name="Note")
    note.fill("half a sen")
    answer = httpx.post(
        f"{server.url}/api/v1/incidents/1", json={"note": "mine", "acknowledged": True, "by": "Ada"}
    )
    assert answer.status_code == 200
    expect(only_incident(page)).to_contain_text("by Ada")
    expect(note).to_have_value("half a sen")
    expect(note).to_be_focused()


def test_what_is_over_can_still_be_explained(visit: OpenPage, server: Server) -> None:
    page = visit(server).page
    tell(server, alert(ends=T0 + 60))
    incident = only_incident(page)
    incident.get_by_role("button", name="Write a note").click()
    note = incident.get_by_role("textbox", name="Note")
    expect(note).to_be_focused()
    note.fill("a deployment")
    note.press("Enter")
    expect(incident).to_contain_text("Note saved")
    assert (kept(server)["note"], kept(server)["acknowledged"]) == ("a deployment", None)


def test_a_link_that_would_run_a_script_is_no_link(visit: OpenPage, server: Server) -> None:
    page = visit(server).page
    sly = alert(pipeline="<img src=x onerror=alert(1)>")
    sly.annotations.update(runbook_url="javascript:alert(1)", summary="<script>alert(1)</script>")
    tell(server, sly)
    incident = only_incident(page)
    expect(incident).to_contain_text("<script>alert(1)</script>")
    expect(incident.locator("a")).to_be_hidden()
    assert incident.locator("a[href]").count() == incident.locator("img, script").count() == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_incidents_fit_a_phone_and_are_readable(visit: OpenPage, server: Server, scheme: str) -> None:
    long = "warehouse/nightly." + "a_very_long_name." * 20
    for number, severity in enumerate(("critical", "high", "medium", "low")):
        tell(server, alert(fingerprint=severity, severity=severity, pipeline=f"{long}{number}"))
    page = visit(server, viewport=PHONE, color_scheme=scheme).page
    for number in range(1, 5):
        incident = part(page, f"incident-{number}")
        expect(incident).to_be_visible()
        for words in (".light", "h3", ".incident-meta span", ".incident-alerts li", "button"):
            assert incident.locator(words).first.evaluate(CONTRAST) >= READABLE, words
    assert page.evaluate(OVERFLOW) <= 0
