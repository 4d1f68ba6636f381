"""Clickstreams as shops have them: seeded, with a weekly season, growth and a day that is still arriving."""

from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import numpy as np

from exporter.checks.checking import Asked, Result, check_all
from exporter.checks.load import read_checks
from exporter.checks.outcome import Outcome

FIRST, DAYS = date(2026, 3, 2), 28
LAST = date(2026, 3, 29)
NOW = datetime(2026, 3, 30, 9, tzinfo=UTC)
SEASON = (1.0, 1.02, 1.05, 1.1, 1.15, 0.85, 0.8)
ROWS_A_DAY, GROWTH, ARRIVED = 1000, 1.01, 0.92
# Numbers to names, where that is quick.
NAMED = """
CREATE TABLE events AS SELECT
    event_id,
    CASE WHEN client >= 0.1 THEN 'c' || event_id END AS client_id,
    "at" AS ts,
    ['view', 'cart', 'purchase'][event + 1] AS event,
    CASE WHEN event = 2 THEN amount END AS amount,
    ['phone', 'desktop', 'tablet'][device + 1] AS device,
    ['direct', 'search', 'ads'][channel + 1] AS channel,
    CASE WHEN referrer < 0.4 THEN '' ELSE 'https://example.org' END AS referrer,
    '{"page": 1}' AS payload,
    product
FROM columns
"""

CHECKS = """
datasets:
  - name: shop/clickstream
    team: growth
    owner: analytics
    data: events.parquet
    date: ts
    key: event_id
    measures:
      revenue: sum(amount)
      purchases: {sql: count(*), where: event = 'purchase'}
      conversion: count(*) FILTER (WHERE event = 'purchase') / count(*)
    checks:
      key_events: [{measure: purchases, at_least: 60}]
      total: [{measure: revenue, at_least: 100}]
      freshness: {lag: 1d}
      taxonomy: [{column: event, allowed: [view, cart, purchase]}]
      nulls: [{columns: client_id, at_most: 20%}]
      missing: [{columns: referrer, at_most: 60%}]
      json: [{columns: payload}]
      range: [{column: amount, low: 0, high: 5000}]
      references: [{column: product, data: products.csv, key: id}]
      unique: [{columns: [client_id, ts]}]
      drift:
        - {measure: revenue, below: 40%, above: 100%, severity: critical}
        - {measure: conversion, below: 30%, volume: purchases, min_volume: 50}
      share: [{name: direct, when: channel = 'direct', at_most: 80%}]
      mix: [{column: device}]
"""


def volumes(random: np.random.Generator) -> list[int]:
    """Rows of each day."""
    found = []
    for number in range(DAYS):
        usual = ROWS_A_DAY * SEASON[number % 7] * GROWTH**number
        found.append(int(random.normal(usual, 0.03 * usual) * (ARRIVED if number == DAYS - 1 else 1)))
    return found


def clickstream(seed: int) -> duckdb.DuckDBPyConnection:
    """A database with the clean table `events`."""
    random = np.random.default_rng(seed)
    days = np.repeat(np.arange(DAYS), volumes(random))
    count = len(days)
    start = np.datetime64(FIRST.isoformat(), "us")
    columns = {
        "event_id": np.arange(count),
        "client": random.random(count),
        "at": start + days * np.timedelta64(86_400_000_000, "us") + random.integers(0, 86_399_999_999, count),
        "event": random.choice(3, count, p=(0.65, 0.15, 0.2)),
        "amount": random.gamma(2, 20, count).round(2),
        "device": random.choice(3, count, p=(0.6, 0.3, 0.1)),
        "channel": random.choice(3, count, p=(0.5, 0.3, 0.2)),
        "referrer": random.random(count),
        "product": random.integers(0, 50, count),
    }
    connection = duckdb.connect(config={"threads": "1"})
    connection.register("columns", columns)
    connection.execute(NAMED)
    connection.unregister("columns")
    return connection


def written(folder: Path, seed: int, defect: str = "", checks: str = CHECKS) -> Path:
    """A clickstream with a defect, SQL on `events`, as Parquet beside its checks.yml."""
    with clickstream(seed) as connection:
        connection.execute(defect.format(last=f"ts >= DATE '{LAST}'"))
        connection.execute(f"COPY (SELECT * FROM events ORDER BY ts) TO '{folder}/events.parquet'")
    (folder / "products.csv").write_text("id\n" + "\n".join(map(str, range(50))) + "\n")
    (folder / "checks.yml").write_text(checks)
    return folder / "checks.yml"


def judged(path: Path, as_of: date | None = None, judge: int | None = None, now: datetime = NOW) -> Result:
    """The only dataset's result."""
    [result] = check_all(read_checks(path), Asked(now, as_of, (), judge))
    return result


def failed(result: Result) -> set[tuple[str, str, int, str]]:
    """Check, subject, tier and severity of all that did not pass."""
    return {(o.check, o.subject, o.tier, o.severity) for o in result.outcomes if o.severity != "PASS"}


def found(result: Result, check: str, subject: str = "") -> Outcome:
    """One outcome."""
    [outcome] = [one for one in result.outcomes if (one.check, one.subject) == (check, subject)]
    return outcome
