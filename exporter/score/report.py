"""Scores as JSON with stable keys, and as a table for people."""

from collections.abc import Mapping
from statistics import median
from typing import Any

from exporter.config.durations import format_duration
from exporter.score.judgement import Score
from exporter.summary import table

Json = dict[str, Any]
HEAD = ("faults", "detected", "missed", "false", "to detect", "worst", "to clear", "told")


def report(scores: Mapping[str, Score]) -> Json:
    """`scenarios` by name, and their `total`; times in seconds, None where nothing was detected."""
    return {
        "scenarios": {name: figures(score) | details(score) for name, score in scores.items()},
        "total": figures(total(scores)),
    }


def total(scores: Mapping[str, Score]) -> Score:
    """All scenarios as one."""
    found = Score()
    for score in scores.values():
        for key in Score.__dataclass_fields__:
            setattr(found, key, getattr(found, key) + getattr(score, key))
    return found


def figures(score: Score) -> Json:
    """The counts and times of one score."""
    return {
        "faults": score.faults,
        "detected": score.detected,
        "missed": len(score.missed),
        "false_alerts": len(score.false_alerts),
        "false_pages": score.false_pages,
        "notifications": score.notifications,
        "time_to_detect_seconds": middle_and_worst(score.times_to_detect),
        "time_to_clear_seconds": middle_and_worst(score.times_to_clear),
    }


def details(score: Score) -> Json:
    """What went wrong, in words."""
    return {"passed": score.passed, "problems": [*score.missed, *score.unmet, *score.false_alerts]}


def middle_and_worst(times: list[float]) -> dict[str, float | None]:
    """The median and the largest."""
    return {"median": median(times) if times else None, "worst": max(times, default=None)}


def text(content: Json) -> str:
    """The report for people."""
    rows = [*content["scenarios"].items(), ("total", content["total"])]
    lines = table("Scenario", HEAD, (row(name, entry) for name, entry in rows))
    for name, entry in content["scenarios"].items():
        lines += [f"{name}: {problem}" for problem in entry["problems"]]
    return "\n".join(lines)


def row(name: str, entry: Json) -> list[object]:
    """One line of the table."""
    detect, clear = entry["time_to_detect_seconds"], entry["time_to_clear_seconds"]
    times = (detect["median"], detect["worst"], clear["median"])
    counts = (entry[key] for key in ("faults", "detected", "missed", "false_alerts"))
    return [
        name,
        *counts,
        *("-" if time is None else format_duration(time) for time in times),
        entry["notifications"],
    ]
