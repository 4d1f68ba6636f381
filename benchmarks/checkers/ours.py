"""`pipeline-health check`: arguments are checks.yml and, if not all days are judged, how many."""

from datetime import UTC, datetime
from pathlib import Path

from benchmarks.checkers.run import Counts, run
from exporter.checks.checking import Asked, check_all
from exporter.checks.load import read_checks
from exporter.checks.outcome import Outcome

NOW = datetime(2026, 4, 1, 6, tzinfo=UTC)
RATES = ("duplicates", "nulls", "missing", "json", "range", "taxonomy")


def check(configuration: str, days: str = "") -> Counts:
    """All the checks."""
    asked = Asked(NOW, judge=int(days) if days else None)
    [result] = check_all(read_checks(Path(configuration)), asked)
    found = {f"{one.check} {one.subject}".strip(): one for one in result.outcomes}
    assert result.status == "PASS", [one.message for one in result.outcomes if one.severity != "PASS"]
    counts = {one.check: rows(one) for one in result.outcomes if one.check in RATES}
    drift = found["drift revenue"]
    assert drift.baseline is not None
    return counts | {
        "rows": result.rows,
        "revenue": float(drift.observed or 0),
        "usual revenue": float(drift.baseline),
        "conversion": float(found["drift conversion"].observed or 0),
        "usual conversion": float(found["drift conversion"].baseline or 0),
        "purchases": float(found["key_events purchases"].observed or 0),
        "direct": rows(found["share direct"]),
        "mix": float(found["mix device"].observed or 0),
        "usual rows": float(found["rows"].baseline or 0),
    }


def rows(outcome: Outcome) -> float:
    """How many rows a share is."""
    return float(round(float(outcome.observed or 0) * outcome.rows_examined))


if __name__ == "__main__":
    run(check)
