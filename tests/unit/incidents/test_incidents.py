"""Incidents: from the first alert that fires until the last one has ended, one for each team and pipeline."""

import logging
from typing import Any

import pytest

from exporter.incidents.acknowledgement import Acknowledgement
from exporter.incidents.incident import Incident
from exporter.incidents.intake import MOST_ALERTS, MOST_OPEN, TooManyIncidentsError
from exporter.incidents.totals import MOST_TEAMS
from tests.unit.incidents.notifications import HOUR, MINUTE, T0, Book, alert


@pytest.fixture
def book() -> Book:
    return Book()


def test_the_first_alert_opens_an_incident_in_its_own_words(book: Book) -> None:
    assert book.tell(alert(stage="enrich")) == ["1"]
    incident = book.only()
    assert (incident.team, incident.pipeline, incident.severity) == ("shop", "orders", "high")
    assert (incident.started, incident.ended, incident.resolution) == (T0, None, None)
    assert (incident.stage, incident.summary) == ("enrich", "PipelineStageCritical of orders")
    assert incident.alerts == (alert(stage="enrich"),)


def test_an_alert_without_a_summary_is_told_by_its_name(book: Book) -> None:
    one = alert()
    one.annotations.clear()
    book.tell(one)
    assert book.only().summary == "PipelineStageCritical"


def test_a_further_alert_of_the_same_place_joins_it(book: Book) -> None:
    book.tell(alert())
    book.now += MINUTE
    assert book.tell(alert("PipelineStageBlocked", "b2", T0 + 50, severity="medium")) == ["1"]
    incident = book.only()
    assert incident.alert_names == ["PipelineStageCritical", "PipelineStageBlocked"]
    assert (incident.severity, incident.started) == ("high", T0)


def test_it_goes_on_until_the_last_of_its_alerts_has_ended(book: Book) -> None:
    book.tell(alert(), alert(fingerprint="b2"))
    book.tell(alert(ends=T0 + 60))
    assert book.only().ended is None
    book.tell(alert(ends=T0 + 60), alert(fingerprint="b2", ends=T0 + 90))
    incident = book.only()
    assert (incident.ended, incident.resolution, incident.lasting(T0 + 500)) == (T0 + 90, "resolved", 90)


def test_one_alert_that_ends_while_another_begins_is_one_incident(book: Book) -> None:
    book.tell(alert())
    book.tell(alert(ends=T0 + 60), alert(fingerprint="b2", starts=T0 + 58))
    assert book.only().ended is None


def test_other_teams_and_other_pipelines_have_their_own(book: Book) -> None:
    places = [("shop", "orders"), ("shop", "refunds"), ("finance", "orders"), ("shop", "")]
    told = [alert(fingerprint=str(n), team=team, pipeline=pipe) for n, (team, pipe) in enumerate(places)]
    assert len(set(book.tell(*told))) == 4
    assert {(one.team, one.pipeline or "") for one in book.all()} == set(places)


def test_the_monitoring_itself_has_incidents_without_a_pipeline(book: Book) -> None:
    book.tell(alert("PipelineExporterDown", "d", team="platform", pipeline="", severity="critical"))
    book.tell(alert("PipelineConfigNotLoaded", "c", team="platform", pipeline="", severity="medium"))
    incident = book.only()
    assert (incident.team, incident.pipeline, incident.severity) == ("platform", None, "critical")


def test_a_new_alert_after_the_end_opens_a_new_one(book: Book) -> None:
    book.tell(alert())
    book.tell(alert(ends=T0 + 60))
    book.tell(alert(starts=T0 + 200))
    assert [(one.id, one.started, one.ended) for one in book.all()] == [
        ("2", T0 + 200, None),
        ("1", T0, T0 + 60),
    ]


def test_the_severity_is_the_worst_so_far_and_does_not_sink(book: Book) -> None:
    seen = []
    for number, severity in enumerate(("low", "high", "medium", "critical", "low")):
        book.tell(alert(fingerprint=str(number), severity=severity))
        seen.append(book.only().severity)
    book.tell(alert(fingerprint="3", severity="critical", ends=T0 + 60))
    assert [*seen, book.only().severity] == ["low", "high", "high", "critical", "critical", "critical"]


def test_the_worst_alert_of_the_first_notification_gives_the_summary(book: Book) -> None:
    over = alert("A", "1", severity="critical", ends=T0 + 5)
    book.tell(over, alert("B", "2", severity="low"), alert("C", "3", severity="high"))
    assert book.only().summary == "C of orders"
    assert book.state.incidents.opened == {("shop", "high"): 1}


def test_an_escalation_joins_raises_and_marks(book: Book) -> None:
    book.tell(alert())
    assert not book.only().escalated
    book.tell(alert("PipelineEscalation", "e", severity="critical", escalated_from="high"))
    incident = book.only()
    assert (incident.severity, incident.escalated) == ("critical", True)


def test_the_runbook_is_that_of_the_worst_alert_and_not_of_its_escalation(book: Book) -> None:
    first, worse = alert("A", "1", severity="low"), alert("B", "2", severity="high")
    escalation = alert("PipelineEscalation", "3", severity="critical")
    for one in (first, worse, escalation):
        one.annotations["runbook_url"] = f"http://runbooks/{one.name}"
    book.tell(escalation)
    assert book.only().runbook_url == "http://runbooks/PipelineEscalation"
    book.tell(first, worse)
    assert book.only().runbook_url == "http://runbooks/B"


def last_heard(book: Book) -> float | None:
    return book.state.incidents.last_heard


def test_the_watchdog_makes_no_incident_and_says_that_alerting_is_alive(book: Book) -> None:
    assert last_heard(book) is None
    book.tell(alert("Watchdog", "w", team="platform", pipeline="", severity="low"))
    assert book.all() == []
    assert last_heard(book) == T0
    book.now += HOUR
    book.tell(alert("Watchdog", "w", ends=T0 + HOUR), alert())
    assert book.only().alert_names == ["PipelineStageCritical"]
    assert last_heard(book) == T0


def test_a_redelivered_notification_changes_nothing(book: Book) -> None:
    told = (
        alert(),
        alert(fingerprint="b2", ends=T0 + 9),
        alert("PipelineEscalation", "e", severity="critical"),
    )
    touched = book.tell(*told)
    before, numbers = book.all(), book.state.incidents
    book.now += MINUTE
    assert book.tell(*told) == touched
    assert (book.all(), book.state.incidents) == (before, numbers)


def test_a_redelivered_end_changes_nothing(book: Book) -> None:
    book.tell(alert())
    book.tell(alert(ends=T0 + 60))
    before, numbers = book.all(), book.state.incidents
    book.tell(alert(ends=T0 + 60))
    book.tell(alert())
    assert (book.all(), book.state.incidents) == (before, numbers)


def test_resolved_before_firing_stays_resolved(book: Book) -> None:
    book.tell(alert(ends=T0 + 60))
    book.tell(alert())
    incident = book.only()
    assert (incident.started, incident.ended, incident.resolution) == (T0, T0 + 60, "resolved")
    assert incident.facts == {}


def test_an_unknown_alert_that_arrives_resolved_is_an_incident_opened_and_resolved(book: Book) -> None:
    book.tell(alert(ends=T0 + 60))
    assert book.only().ended == T0 + 60
    counts = book.state.incidents
    assert (counts.opened, counts.open) == ({("shop", "high"): 1}, {})
    assert counts.durations_of("shop", "resolve").sum == 60


def test_a_late_word_of_an_alert_belongs_to_the_incident_of_its_time(book: Book) -> None:
    book.tell(alert())
    book.tell(alert(ends=T0 + 60))
    book.tell(alert(starts=T0 + 300))
    book.tell(alert(fingerprint="b2", starts=T0 + 20, ends=T0 + 50))
    assert [(one.id, len(one.alerts)) for one in book.all()] == [("2", 1), ("1", 2)]


def test_an_alert_that_fires_anew_has_ended_before_even_if_nobody_said_so(book: Book) -> None:
    book.tell(alert())
    book.tell(alert(starts=T0 + 300))
    incident = book.only()
    assert [(one.starts, one.ends) for one in incident.alerts] == [(T0, T0 + 300), (T0 + 300, None)]
    book.tell(alert(starts=T0 + 300, ends=T0 + 400))
    assert book.only().ended == T0 + 400


def test_a_late_word_of_an_alert_that_has_fired_anew_since_reopens_nothing(book: Book) -> None:
    book.tell(alert(starts=T0 + 300))
    book.tell(alert(starts=T0 + 300, ends=T0 + 400))
    book.tell(alert())
    incident = book.only()
    assert (incident.started, incident.ended) == (T0, T0 + 400)


def test_open_incidents_come_first_and_the_newest_before_older_ones(book: Book) -> None:
    for number in range(6):
        ends = T0 + number + 100 if number % 2 else None
        book.tell(alert(fingerprint=str(number), pipeline=f"p{number}", starts=T0 + number, ends=ends))
    assert [one.pipeline for one in book.all()] == ["p4", "p2", "p0", "p5", "p3", "p1"]
    assert [one.pipeline for one in book.incidents.newest(2)] == ["p4", "p2"]
    assert [one.pipeline for one in book.incidents.newest(9, "open")] == ["p4", "p2", "p0"]
    assert [one.pipeline for one in book.incidents.newest(9, "resolved")] == ["p5", "p3", "p1"]
    assert book.incidents.recent == {None: book.all()}


def test_what_happens_to_an_incident_is_a_line_in_the_log(
    book: Book, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    book.tell(alert())
    book.tell(alert())
    book.tell(alert(ends=T0 + 60))
    lines: list[Any] = caplog.records
    assert [(line.message, line.incident, line.severity) for line in lines] == [
        ("incident opened", "1", "high"),
        ("incident resolved", "1", "high"),
    ]
    assert lines[1].lasted == 60


def acknowledged(book: Book, **given: Any) -> Incident:
    found = book.incidents.acknowledge("1", Acknowledgement(**given), book.now)
    assert found == book.only()
    return found


def test_an_acknowledgement_keeps_its_first_time_and_name(book: Book) -> None:
    book.tell(alert())
    book.now += 90
    acknowledged(book, acknowledged=True, by="Ada")
    book.now += 90
    incident = acknowledged(book, acknowledged=True, by="Grace", note="on it")
    assert (incident.acknowledged, incident.acknowledged_by, incident.note) == (T0 + 90, "Ada", "on it")
    assert book.state.incidents.durations_of("shop", "acknowledge").sum == 90
    assert sum(book.state.incidents.durations_of("shop", "acknowledge").counts) == 1


def test_a_note_is_no_acknowledgement_and_a_later_one_replaces_it(book: Book) -> None:
    book.tell(alert())
    assert acknowledged(book, note="disk is full").acknowledged is None
    assert acknowledged(book, note="disk was full").note == "disk was full"
    assert acknowledged(book, acknowledged=True).note == "disk was full"
    assert acknowledged(book, note="").note == ""


@pytest.mark.parametrize(
    "name", ["2", "0", "-1", "01", "1.0", "", "one", "\N{SUPERSCRIPT ONE}", "9" * 18, "9" * 5000]
)
def test_an_incident_that_is_not_kept_can_not_be_acknowledged(book: Book, name: str) -> None:
    book.tell(alert())
    assert book.incidents.acknowledge(name, Acknowledgement(acknowledged=True), book.now) is None
    assert book.only().acknowledged is None


def test_the_oldest_resolved_incidents_are_forgotten_and_their_ids_and_counts_are_not() -> None:
    book = Book(keep=3)
    for number in range(10):
        starts = T0 + 100 * number
        book.tell(alert(starts=starts))
        book.tell(alert(starts=starts, ends=starts + 10))
    book.tell(alert(starts=T0 + 5000))
    assert [one.id for one in book.all()] == ["11", "10", "9", "8"]
    counts = book.state.incidents
    assert (counts.opened, counts.open) == ({("shop", "high"): 11}, {("shop", "high"): 1})
    assert counts.durations_of("shop", "resolve").sum == 100


def test_an_incident_keeps_the_newest_of_very_many_alerts(book: Book) -> None:
    many = [alert(starts=T0 + number) for number in range(MOST_ALERTS + 50)]
    book.tell(alert(fingerprint="steady"), *many)
    kept = book.only().alerts
    assert len(kept) == MOST_ALERTS + 1
    assert {kept[0].fingerprint, kept[-1].fingerprint} == {"steady", "a1"}
    assert book.only().started == T0


def test_there_is_an_end_to_open_incidents_and_nothing_of_such_a_notification_is_kept(book: Book) -> None:
    book.tell(*(alert(fingerprint=str(number), pipeline=f"p{number}") for number in range(MOST_OPEN - 1)))
    before = book.state.incidents
    further = [alert(fingerprint=f"f{number}", pipeline=f"f{number}") for number in range(2)]
    with pytest.raises(TooManyIncidentsError, match="expected at most 1000 open incidents"):
        book.tell(alert("Watchdog", "w"), *further)
    assert (len(book.all()), book.state.incidents) == (MOST_OPEN - 1, before)


def test_teams_that_somebody_names_are_known_until_there_are_too_many(book: Book) -> None:
    for number in range(2 * MOST_TEAMS):
        book.incidents.meet([f"team {number}", f"team {number}"])
    teams = book.state.incidents.teams
    assert len(teams) == MOST_TEAMS
    assert {"platform", "team 0"} <= set(teams)


def test_each_dataset_without_a_pipeline_has_an_incident_of_its_own() -> None:
    book = Book()
    orders, clicks = (
        [
            alert(name, f"{dataset}-{name}", pipeline="", dataset=dataset, severity=severity)
            for name, severity in (("PipelineDataDoubtful", "medium"), ("PipelineDataBroken", "critical"))
        ]
        for dataset in ("shop/orders", "shop/clicks")
    )
    book.tell(orders[0])
    book.tell(*clicks, orders[1])
    found = {one.dataset: (one.pipeline, one.severity, {*one.alert_names}) for one in book.all()}
    both = {"PipelineDataDoubtful", "PipelineDataBroken"}
    assert found == dict.fromkeys(("shop/orders", "shop/clicks"), (None, "critical", both))


def test_a_dataset_that_a_pipeline_stands_for_is_in_that_ones_incident() -> None:
    book = Book()
    book.tell(alert(), alert("PipelineDatasetStale", "d", dataset="shop/orders"))
    assert (book.only().pipeline, book.only().dataset) == ("orders", None)
