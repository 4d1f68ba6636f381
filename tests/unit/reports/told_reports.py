"""Reports of dataset checks, as jobs send them."""

import json
from typing import Any

from exporter.reports.document import decode_reports
from exporter.reports.event import ChecksReport

Json = dict[str, Any]
CHECKED = "2027-01-15T07:00:00Z"
CHECKED_AT = 1_799_996_400.0


def outcome(check: str, subject: str = "", severity: str = "PASS", tier: int = 1, **said: object) -> Json:
    """One check's verdict."""
    common = {"check": check, "subject": subject, "severity": severity, "tier": tier, "message": "said"}
    return {**common, **said}


ROWS = outcome("rows", observed=900, expected=1, baseline=1000.0, low=200.0)
NULLS = outcome("nulls", "client_id", "WARN", 2, observed=0.34, expected=0.2)
DRIFT = outcome("drift", "revenue", "CRITICAL", 3, observed=40.5, expected=60.0, baseline=100.0, low=60.0,
                high=200.0)  # fmt: skip
QUIET = outcome("drift", "visits", "INFO", 3, observed=12)
FRESH = outcome("freshness", "", "PASS", 1, observed="2027-01-14", expected="2027-01-13")


def dataset(name: str, *checks: Json, status: str = "PASS", **said: object) -> Json:
    """A dataset of a report."""
    common: Json = {"dataset": name, "team": "shop", "checked": CHECKED, "date": "2027-01-14"}
    measures = {"revenue": {"2027-01-14": 40.5}}
    return {**common, "status": status, "rows": 900, "duration_seconds": 0.5, "checks": [*checks],
            "measures": measures, **said}  # fmt: skip


SICK = dataset("shop/orders", ROWS, NULLS, DRIFT, QUIET, FRESH, status="FAIL")


def report(*datasets: Json) -> Json:
    """What `check --format json` writes, as far as it doesn't follow from the datasets."""
    return {"datasets": [*datasets]}


def reports(*datasets: Json) -> list[ChecksReport]:
    """As the exporter takes them in."""
    return decode_reports(json.dumps(report(*datasets)).encode())
