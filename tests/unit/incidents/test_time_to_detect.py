"""Time to detect: from a fault's onset, which only the simulation knows, to the alert that tells of it."""

from dataclasses import replace
from pathlib import Path

import pytest

from exporter.incidents.onsets import AFTERMATH_SECONDS, MOST_REMEMBERED, Onsets
from exporter.incidents.webhook import Alert
from exporter.observations.fault import Fault
from exporter.state import State
from tests.unit.incidents.notifications import alert, notification
from tests.unit.web.pipelines import EPOCH, Json, Web, calm, web_of

PIPELINE, TEAM = "business-signals", "commercial-analytics"
ENRICH = {"at": 100, "for": 200, "stage": "enrich", "kind": "slowdown", "factor": 3}
STORE = {"at": 150, "for": 200, "stage": "store", "kind": "stall"}


def struck(folder: Path, *faults: Json, ticks: int = 200) -> Web:
    web = web_of(calm(*faults), folder)
    web.service.advance(ticks)
    return web


def tell(web: Web, *alerts: Alert, after: float) -> None:
    web.clock.seconds = EPOCH + after
    assert web.post("/api/v1/alerts", notification(*alerts)).status_code == 200


def firing(after: float, fingerprint: str = "a1", **labels: str) -> Alert:
    usual: Json = {"pipeline": PIPELINE, "team": TEAM}
    return alert(fingerprint=fingerprint, starts=EPOCH + after, **{**usual, **labels})


def detected(web: Web) -> tuple[int, float]:
    """How many faults were detected, and the sum of the times that it took."""
    durations = web.service.state.incidents.durations_of(TEAM, "detect")
    return sum(durations.counts), durations.sum


def test_it_takes_from_the_onset_to_the_arrival_of_the_alert(tmp_path: Path) -> None:
    web = struck(tmp_path, ENRICH)
    tell(web, firing(160, stage="enrich"), after=172)
    assert detected(web) == (1, 72)
    assert web.sample("pipeline_incident_time_to_detect_seconds_count", team=TEAM) == 1


def test_a_fault_is_detected_once(tmp_path: Path) -> None:
    web = struck(tmp_path, ENRICH)
    tell(web, firing(160, stage="enrich"), after=172)
    tell(web, firing(160, stage="enrich"), after=190)
    tell(web, firing(180, "b2", stage="enrich"), after=190)
    tell(web, firing(185, "c3"), after=190)
    assert detected(web) == (1, 72)


def test_each_of_two_faults_is_detected_by_the_alert_of_its_stage(tmp_path: Path) -> None:
    web = struck(tmp_path, ENRICH, STORE)
    tell(web, firing(180, stage="store"), firing(180, "b2", stage="enrich"), after=190)
    assert detected(web) == (2, 40 + 90)


def test_an_alert_of_another_stage_or_pipeline_detects_nothing(tmp_path: Path) -> None:
    web = struck(tmp_path, ENRICH)
    tell(web, firing(160, stage="store"), after=172)
    tell(web, firing(160, "b2", stage="enrich", pipeline="orders"), after=172)
    tell(web, firing(160, "c3", team="platform", pipeline=""), after=172)
    assert detected(web) == (0, 0)


def test_an_alert_of_the_whole_pipeline_detects_the_last_fault_when_it_is_the_first(tmp_path: Path) -> None:
    web = struck(tmp_path, ENRICH, STORE)
    tell(web, firing(180, slo="latency"), after=190)
    tell(web, firing(185, "b2", slo="throughput"), after=190)
    assert detected(web) == (1, 40)


def test_what_fired_before_the_onset_does_not_tell_of_it(tmp_path: Path) -> None:
    web = struck(tmp_path, ENRICH)
    tell(web, firing(99, stage="enrich"), after=172)
    assert detected(web) == (0, 0)


@pytest.mark.parametrize(("late", "found"), [(-1, 1), (1, 0)])
def test_an_alert_may_fire_for_a_while_after_the_end(tmp_path: Path, late: float, found: int) -> None:
    web = struck(tmp_path, ENRICH, ticks=400)
    after = 300 + AFTERMATH_SECONDS + late
    tell(web, firing(after, stage="enrich"), after=after + 5)
    assert detected(web)[0] == found


def test_an_alert_that_is_over_already_detects_nothing(tmp_path: Path) -> None:
    web = struck(tmp_path, ENRICH)
    over = alert(starts=EPOCH + 160, ends=EPOCH + 170, pipeline=PIPELINE, team=TEAM, stage="enrich")
    tell(web, over, after=172)
    assert detected(web) == (0, 0)


def test_when_the_streams_begin_anew_so_do_their_faults(tmp_path: Path) -> None:
    web = struck(tmp_path, ENRICH)
    tell(web, firing(160, stage="enrich"), after=172)
    web.clock.seconds = EPOCH + 1000
    web.service.start_streams()
    web.service.advance(200)
    tell(web, firing(1160, "b2", stage="enrich"), after=1150 + 30)
    assert detected(web) == (2, 72 + 80)


def many_faults(folder: Path, count: int) -> State:
    state = struck(folder).service.state
    fault = Fault("first", PIPELINE, "enrich", "stall", 10, 60, "injected")
    state.streams[0].struck = [(0, 2, replace(fault, id=f"injected-{number}")) for number in range(count)]
    return state


def test_only_so_many_faults_are_remembered_and_the_oldest_give_way(tmp_path: Path) -> None:
    onsets = Onsets()
    onsets.note(many_faults(tmp_path, MOST_REMEMBERED + 5))
    assert len(onsets.untold) == MOST_REMEMBERED
    assert next(iter(onsets.untold)) == "injected-5"


def test_faults_are_forgotten_once_no_alert_can_tell_of_them(tmp_path: Path) -> None:
    onsets = Onsets()
    onsets.note(many_faults(tmp_path, 3))
    assert onsets.told_by(firing(20, stage="enrich"), True, EPOCH + 30) == 20
    assert (len(onsets.untold), len(onsets.told)) == (2, 1)
    assert onsets.told_by(firing(9000, stage="enrich"), True, EPOCH + 9000) is None
    assert (onsets.untold, onsets.told) == ({}, {})
