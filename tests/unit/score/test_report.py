"""Scores as JSON and as a table."""

from exporter.score.judgement import Score
from exporter.score.report import report, text

GOOD = Score(faults=2, detected=2, notifications=3, times_to_detect=[45, 75], times_to_clear=[30, 90])
BAD = Score(faults=1, missed=["fault 0 (enrich stall)"], false_alerts=["Slow store at 11 min"], false_pages=1)


def test_the_json_has_a_scenario_each_and_a_total() -> None:
    content = report({"good": GOOD, "bad": BAD})
    assert content["scenarios"]["good"] == {
        "faults": 2,
        "detected": 2,
        "missed": 0,
        "false_alerts": 0,
        "false_pages": 0,
        "notifications": 3,
        "time_to_detect_seconds": {"median": 60, "worst": 75},
        "time_to_clear_seconds": {"median": 60, "worst": 90},
        "passed": True,
        "problems": [],
    }
    assert content["scenarios"]["bad"]["problems"] == ["fault 0 (enrich stall)", "Slow store at 11 min"]
    assert content["total"] == {
        "faults": 3,
        "detected": 2,
        "missed": 1,
        "false_alerts": 1,
        "false_pages": 1,
        "notifications": 3,
        "time_to_detect_seconds": {"median": 60, "worst": 75},
        "time_to_clear_seconds": {"median": 60, "worst": 90},
    }


def test_nothing_detected_has_no_times() -> None:
    assert report({"bad": BAD})["total"]["time_to_detect_seconds"] == {"median": None, "worst": None}


def test_the_table_ends_with_the_total_and_what_went_wrong() -> None:
    assert text(report({"good": GOOD, "bad": BAD})).splitlines() == [
        "Scenario  faults  detected  missed  false  to detect       worst  to clear  told",
        "good           2         2       0      0      1 min  1 min 15 s     1 min     3",
        "bad            1         0       1      1          -           -         -     0",
        "total          3         2       1      1      1 min  1 min 15 s     1 min     3",
        "bad: fault 0 (enrich stall)",
        "bad: Slow store at 11 min",
    ]
