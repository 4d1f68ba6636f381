"""What fired against what was expected."""

from typing import Any

import pytest

from exporter.alerting import Episode
from exporter.config.scenario import Scenario
from exporter.score.judgement import Score, judge

FAULT = {"at": "10m", "for": "5m", "stage": "enrich", "kind": "stall"}
SLOW = {"alert": "Slow", "labels": {"stage": "enrich"}, "within": "2m", "cleared": "3m"}


def scenario(**changes: Any) -> Scenario:
    return Scenario.model_validate({"faults": [FAULT], "expect": [SLOW], **changes})


def slow(start: float, end: float | None, stage: str = "enrich", severity: str = "high") -> Episode:
    return Episode({"alertname": "Slow", "stage": stage, "severity": severity}, start, end)


def judged(*episodes: Episode, **changes: Any) -> Score:
    return judge(scenario(**changes), episodes)


def test_an_alert_in_time_detects_the_fault() -> None:
    score = judged(slow(660, 960))
    assert (score.faults, score.detected, score.passed) == (1, 1, True)
    assert (score.times_to_detect, score.times_to_clear) == ([60], [60])


def test_an_alert_that_clears_before_the_fault_ends_took_no_time_to_clear() -> None:
    assert judged(slow(660, 700)).times_to_clear == [0]


def test_a_fault_without_an_alert_is_missed() -> None:
    score = judged()
    assert score.missed == ["fault 0 (enrich stall)"]
    assert score.unmet == ["fault 0 (enrich stall): Slow enrich never fired"]


def test_a_late_alert_is_missed_but_not_false() -> None:
    score = judged(slow(721, 960))
    assert score.missed == ["fault 0 (enrich stall)"]
    assert score.unmet == ["fault 0 (enrich stall): Slow enrich fired after 2 min 1 s, expected within 2 min"]
    assert score.false_alerts == []


@pytest.mark.parametrize("end", [1081, None])
def test_an_alert_that_does_not_clear_is_unmet(end: float | None) -> None:
    score = judged(slow(660, end))
    assert score.unmet == ["fault 0 (enrich stall): Slow enrich was not over 3 min after the end"]
    assert (score.detected, score.passed) == (1, False)


def test_the_alert_of_another_stage_is_false_and_detects_nothing() -> None:
    score = judged(slow(660, 960, stage="store", severity="critical"))
    assert score.missed == ["fault 0 (enrich stall)"]
    assert score.false_alerts == ["Slow store at 11 min"]
    assert score.false_pages == 1


@pytest.mark.parametrize("start", [599, 1081])
def test_the_right_alert_at_a_time_when_nothing_was_wrong_is_false(start: float) -> None:
    score = judged(slow(660, 960), slow(start, start + 15))
    assert len(score.false_alerts) == 1
    assert score.false_pages == 0


def test_an_alert_that_fires_already_detects_the_next_fault_at_once() -> None:
    again = {**FAULT, "at": "16m"}
    score = judged(slow(660, 1300), faults=[FAULT, again], expect=[{**SLOW, "cleared": "10m"}])
    assert (score.faults, score.detected) == (2, 2)
    assert score.times_to_detect == [60, 0]


def test_a_fault_of_which_nothing_is_expected_must_raise_nothing_and_does_not_count() -> None:
    assert judged(expect=[]).faults == 0
    assert judged(slow(660, 960), expect=[]).false_alerts == ["Slow enrich at 11 min"]


def test_a_restart_is_told_by_its_own_alert() -> None:
    down = {"alert": "Down", "restart": 0, "within": "1m", "cleared": "1m"}
    found = Episode({"alertname": "Down", "severity": "critical"}, 1830, 1845)
    score = judged(found, faults=[], restarts=[{"at": "30m", "for": "45s"}], expect=[down])
    assert (score.detected, score.times_to_detect, score.passed) == (1, [30], True)
