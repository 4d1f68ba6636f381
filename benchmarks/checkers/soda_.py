"""The same checks in Soda's language, over a view of the file; what it has no word for as SQL."""

from collections.abc import Iterator
from importlib import import_module
from typing import Any

import duckdb

from benchmarks.checkers.run import Counts, run

Scan: Any = import_module("soda.scan").Scan
NEWEST = "(SELECT max(ts)::DATE FROM events)"
SHARES = """WITH near AS (
    SELECT ts::DATE = {newest} AS now, device, count(*) AS n FROM events WHERE ts >= {newest} - 7 GROUP BY ALL
), shares AS (SELECT now, device, n / sum(n) OVER (PARTITION BY now) AS share FROM near)
SELECT max(abs(a.share - b.share)) FROM shares a JOIN shares b USING (device) WHERE a.now AND NOT b.now"""
DAYS = """SELECT ts::DATE AS day, count(*) AS rows, sum(amount) AS revenue,
    count(*) FILTER (WHERE event = 'purchase') AS purchases, count(*) FILTER (WHERE referrer = '') AS direct
    FROM events WHERE ts >= {newest} - 7 GROUP BY day"""
# What Soda has no word for: a number by its SQL.
NUMBERS = {
    "revenue": "SELECT revenue FROM ({days}) WHERE day = {newest}",
    "purchases": "SELECT purchases FROM ({days}) WHERE day = {newest}",
    "conversion": "SELECT purchases / rows FROM ({days}) WHERE day = {newest}",
    "direct": "SELECT direct FROM ({days}) WHERE day = {newest}",
    "usual rows": "SELECT avg(rows) FROM ({days}) WHERE day < {newest}",
    "usual revenue": "SELECT avg(revenue) FROM ({days}) WHERE day < {newest}",
    "usual conversion": "SELECT avg(purchases / rows) FROM ({days}) WHERE day < {newest}",
    "mix": SHARES,
}
CHECKS = """checks for events:
  - row_count > 0
  - freshness(ts) < 36500d
  - duplicate_count(event_id) < 100000000
  - missing_count(client_id) < 100000000
  - missing_count(referrer) < 100000000:
      missing values: ['']
  - invalid_count(event) < 100000000:
      valid values: [view, cart, purchase]
  - invalid_count(amount) < 100000000:
      valid min: 0
      valid max: 10000
  - json_errors < 100000000:
      json_errors expression: count(*) FILTER (WHERE NOT json_valid(payload))
  - schema:
      fail:
        when required column missing: [event_id, client_id, ts, event, amount]
        when wrong column type: {event_id: BIGINT, client_id: VARCHAR, ts: TIMESTAMP, amount: DOUBLE}
"""
# What Soda's results call a count: the beginning of its identity after the table's name.
KNOWN = {
    "row_count": "rows", "event_id-duplicate_count": "duplicates", "client_id-missing_count": "nulls",
    "referrer-missing_count": "missing", "event-invalid_count": "taxonomy", "amount-invalid_count": "range",
    "json_errors": "json",
}  # fmt: skip


def language() -> str:
    """All checks as Soda reads them."""
    days = " ".join(DAYS.format(newest=NEWEST).split())
    lines = [CHECKS]
    for name, sql in NUMBERS.items():
        query = " ".join(sql.format(days=days, newest=NEWEST).split())
        metric = name.replace(" ", "_")
        lines.append(f"  - {metric} >= 0:\n      {metric} query: |\n        {query}\n")
    return "".join(lines)


def check(path: str, memory: str) -> Counts:
    """All the checks."""
    with duckdb.connect(config={"memory_limit": memory}) as database:
        database.execute(f"CREATE VIEW events AS FROM '{path}'")
        scan = Scan()
        scan.disable_telemetry()
        scan.set_data_source_name("duckdb")
        scan.add_duckdb_connection(database)
        scan.add_sodacl_yaml_str(language())
        scan.execute()
        assert not scan.has_error_logs(), scan.get_error_logs_text()
        assert not scan.has_check_fails(), scan.get_checks_fail_text()
        results = scan.get_scan_results()
    return {name: value for metric in results["metrics"] for name, value in counted(metric)}


def counted(metric: dict[str, Any]) -> Iterator[tuple[str, float]]:
    """The name and value of a number that all contestants have."""
    identity = metric["identity"].removeprefix("metric-duckdb-").removeprefix("events-")
    for start, name in KNOWN.items():
        if identity.startswith(start):
            yield name, metric["value"]
    own = metric["metricName"].removesuffix(" >= 0").replace("_", " ")
    if own in NUMBERS:
        yield own, metric["value"]


if __name__ == "__main__":
    run(check)
