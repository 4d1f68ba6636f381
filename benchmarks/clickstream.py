"""A clickstream of any size, always the same, as a Parquet file in .cache; and what is checked of it."""

from pathlib import Path

import duckdb

from benchmarks.pinned import CACHE

DAYS = 365
# With repeated ids, nulls, blanks, broken JSON, unknown events, amounts out of range: all below their limits.
COLUMNS = """
    (hash(CASE WHEN i >= 5000 AND repeats % 2000 = 0 THEN i - 5000 ELSE i END) >> 1)::BIGINT AS event_id,
    CASE WHEN client % 10 > 0 THEN 'client-' || client % 1000003 END AS client_id,
    TIMESTAMP '2025-04-01' + INTERVAL (i * {days} // {rows}) DAY + to_microseconds(time % 86400000000) AS ts,
    CASE WHEN kind % 1000 = 0 THEN 'bogus' WHEN kind % 100 < 65 THEN 'view' WHEN kind % 100 < 80 THEN 'cart'
         ELSE 'purchase' END AS event,
    CASE WHEN kind % 100 < 80 THEN NULL WHEN amount % 1000 = 0 THEN -1 ELSE amount % 20000 / 100 END
        AS amount,
    ['phone', 'desktop', 'tablet'][1 + device % 3] AS device,
    CASE WHEN referrer % 10 < 4 THEN '' ELSE 'https://example.org/' || referrer % 5000 END AS referrer,
    CASE WHEN page % 500 = 0 THEN '{{''page'': 1}}' ELSE '{{"page": ' || page % 100000 || ', "session": "' ||
         client % 1000003 || '", "items": [' || device % 100 || ', ' || referrer % 100 || ']}}' END AS payload
"""
CHANCES = ("repeats", "client", "time", "kind", "amount", "device", "referrer", "page")
CHECKS = """\
limits: {{memory: {memory}}}
datasets:
  - name: shop/clickstream
    team: growth
    data: {data}
    date: ts
    key: event_id
    columns: {{event_id: BIGINT, client_id: VARCHAR, ts: TIMESTAMP, event: VARCHAR, amount: DOUBLE}}
    measures:
      revenue: sum(amount)
      purchases: {{sql: count(*), where: event = 'purchase'}}
      conversion: count(*) FILTER (WHERE event = 'purchase') / count(*)
    checks:
      key_events: [{{measure: purchases, at_least: 10}}]
      total: [{{measure: revenue, at_least: 100}}]
      nulls: [{{columns: client_id, at_most: 20%}}]
      missing: [{{columns: referrer, at_most: 60%}}]
      json: [{{columns: payload, at_most: 1%}}]
      range: [{{column: amount, low: 0, high: 10000, at_most: 1%}}]
      taxonomy: [{{column: event, allowed: [view, cart, purchase], at_most: 1%}}]
      duplicates: {{at_most: 1%}}
      drift:
        - {{measure: revenue, below: 40%, above: 100%, severity: critical}}
        - {{measure: conversion, below: 30%, volume: purchases, min_volume: 50}}
      share: [{{name: direct, when: referrer = '', at_most: 60%}}]
      mix: [{{column: device}}]
"""


def clickstream(rows: int) -> Path:
    """The file, made where it isn't there yet."""
    path = CACHE / f"clickstream-{rows}-{DAYS}.parquet"
    if not path.exists():
        CACHE.mkdir(exist_ok=True)
        chances = ", ".join(f"(hash(i, {seed}) >> 1)::BIGINT AS {name}" for seed, name in enumerate(CHANCES))
        drawn = f"SELECT {COLUMNS.format(days=DAYS, rows=rows)} FROM (SELECT i, {chances} FROM numbers)"
        half = path.with_suffix(".half")
        with duckdb.connect() as database:
            # Rows of a table are made by all cores, those of range() by one.
            database.execute(f"CREATE TABLE numbers AS SELECT range AS i FROM range({rows})")
            database.execute(f"COPY ({drawn}) TO '{half}' (FORMAT parquet, COMPRESSION zstd)")
        half.rename(path)
    return path


def checks(data: Path, memory: str) -> Path:
    """A checks.yml for it, beside it."""
    path = data.with_name(f"{data.stem}-{memory}.yml")
    path.write_text(CHECKS.format(data=data.name, memory=memory))
    return path
