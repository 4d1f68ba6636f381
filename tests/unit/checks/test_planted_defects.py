"""Clean data is quiet; every planted defect is found with its tier and severity, and nothing else is."""

from pathlib import Path

import pytest

from tests.unit.checks.clickstreams import CHECKS, failed, judged, written

Failed = set[tuple[str, str, int, str]]


def last_day(column: str, value: str, when: str = "true") -> str:
    return f"UPDATE events SET {column} = {value} WHERE {{last}} AND {when};"


# What happens to the table, what must be found, and the beginning of the message of the first.
DEFECTS: dict[str, tuple[str, Failed, str]] = {
    "few rows": (
        "DELETE FROM events WHERE {last} AND event_id % 8 <> 0;",
        {("rows", "", 1, "CRITICAL"), ("key_events", "purchases", 1, "CRITICAL"),
         ("drift", "revenue", 3, "CRITICAL")},
        "Drop in rows detected: ",
    ),
    "no purchases": (
        "DELETE FROM events WHERE {last} AND event = 'purchase';",
        {("key_events", "purchases", 1, "CRITICAL"), ("total", "revenue", 1, "CRITICAL"),
         ("drift", "revenue", 3, "CRITICAL"), ("drift", "conversion", 3, "WARN")},
        "Few purchases: 0, expected at least 60",
    ),
    "revenue is infinite": (
        last_day("amount", "'inf'", "event_id = (SELECT max(event_id) FROM events)"),
        {("total", "revenue", 1, "CRITICAL"), ("range", "amount", 2, "WARN"),
         ("drift", "revenue", 3, "CRITICAL")},
        "Low revenue: inf is not a number to judge",
    ),
    "revenue is not a number": (
        last_day("amount", "'nan'", "event_id = (SELECT max(event_id) FROM events)"),
        {("total", "revenue", 1, "CRITICAL"), ("range", "amount", 2, "WARN"),
         ("drift", "revenue", 3, "CRITICAL")},
        "Low revenue: nan is not a number to judge",
    ),
    "two days late": (
        "DELETE FROM events WHERE ts >= DATE '2026-03-28';",
        {("freshness", "", 1, "CRITICAL")},
        "Stale data: latest date 2026-03-27, expected 2026-03-29 or later",
    ),
    "a day without rows": (
        "DELETE FROM events WHERE CAST(ts AS DATE) = DATE '2026-03-20';",
        {("freshness", "gaps", 1, "CRITICAL")},
        "Gap in the calendar: 1 day without rows (2026-03-20)",
    ),
    "sent twice": (
        "INSERT INTO events BY NAME SELECT * REPLACE (NULL AS client_id) FROM events "
        "WHERE {last} AND event_id % 20 = 0;",
        {("duplicates", "event_id", 2, "WARN")},
        "High duplicate rate: 0.1",
    ),
    "not unique": (
        "INSERT INTO events BY NAME SELECT * REPLACE (-event_id - 1 AS event_id) FROM events "
        "WHERE client_id IS NOT NULL LIMIT 2;",
        {("unique", "client_id, ts", 2, "WARN")},
        "Not unique: client_id, ts: 0.01%",
    ),
    "unknown events": (
        last_day("event", "'viwe'", "event = 'view' AND event_id % 10 = 0"),
        {("taxonomy", "event", 2, "WARN")},
        "Values of event outside the taxonomy: 0.",
    ),
    "a third of the ids null": (
        "UPDATE events SET client_id = NULL WHERE event_id % 3 = 0;",
        {("nulls", "client_id", 2, "WARN")},
        "High null client_id rate: 4",
    ),
    "ids null on the last day": (
        last_day("client_id", "NULL", "event_id % 3 = 0"),
        {("nulls", "client_id", 2, "WARN")},
        "High null client_id rate: ",
    ),
    "referrers lost": (
        last_day("referrer", "' '", "event_id % 2 = 0"),
        {("missing", "referrer", 2, "WARN")},
        "High missing referrer rate: ",
    ),
    "JSON in single quotes": (
        "UPDATE events SET payload = replace(payload, '\"', '''') WHERE event_id % 25 = 0;",
        {("json", "payload", 2, "WARN")},
        "JSON parse errors in payload: 4.00%",
    ),
    "negative amounts": (
        last_day("amount", "-amount", "event_id % 20 = 0"),
        {("range", "amount", 2, "WARN")},
        "Values of amount outside [0, 5000]: 0.",
    ),
    "unknown products": (
        last_day("product", "99", "event_id % 50 = 0"),
        {("references", "product", 2, "WARN")},
        "Values of product without a reference: 0.",
    ),
    "half the revenue": (
        last_day("amount", "amount * 0.4"),
        {("drift", "revenue", 3, "CRITICAL")},
        "Revenue drop detected: ",
    ),
    "four times the revenue": (
        last_day("amount", "amount * 4"),
        {("drift", "revenue", 3, "CRITICAL")},
        "Revenue rise detected: ",
    ),
    "conversion drops": (
        "UPDATE events SET event = 'view' WHERE {last} AND event = 'purchase' AND event_id % 5 < 3;",
        {("drift", "conversion", 3, "WARN")},
        "Conversion drop detected: 0.0",
    ),
    "all direct": (
        last_day("channel", "'direct'", "event_id % 10 < 8"),
        {("share", "direct", 3, "WARN")},
        "High share of direct: ",
    ),
    "tablets are phones": (
        last_day("device", "'phone'", "device = 'desktop'"),
        {("mix", "device", 3, "WARN")},
        "Mix of device shifted: ",
    ),
    "rows of the future": (
        "UPDATE events SET ts = TIMESTAMP '2027-01-01' WHERE event_id % 100 = 0;",
        {("dates", "future", 2, "WARN")},
        "Rows of the future: 1.00%",
    ),
    "rows without a date": (
        "UPDATE events SET ts = NULL WHERE event_id % 100 = 0;",
        {("dates", "undated", 2, "WARN")},
        "Rows without a date: 1.00%",
    ),
}  # fmt: skip


@pytest.mark.parametrize("seed", range(25))
def test_clean_data_is_quiet(seed: int, tmp_path: Path) -> None:
    assert failed(judged(written(tmp_path, seed))) == set()


@pytest.mark.parametrize("seed", [101, 102])
@pytest.mark.parametrize("defect", DEFECTS)
def test_a_defect_is_found_and_nothing_else(defect: str, seed: int, tmp_path: Path) -> None:
    sql, expected, message = DEFECTS[defect]
    result = judged(written(tmp_path, seed, sql))
    assert failed(result) == expected
    messages = [outcome.message for outcome in result.outcomes if outcome.severity != "PASS"]
    assert any(found.startswith(message) for found in messages), messages


@pytest.mark.parametrize("seed", [201])
@pytest.mark.parametrize("defect", ["half the revenue", "a third of the ids null", "unknown events"])
def test_who_looks_away_sees_nothing(defect: str, seed: int, tmp_path: Path) -> None:
    sql, expected, _ = DEFECTS[defect]
    [(check, _, _, _)] = expected
    of_check = (f"      {check}: [", "measure: revenue, below")
    blind = [line for line in CHECKS.splitlines() if not any(words in line for words in of_check)]
    assert failed(judged(written(tmp_path, seed, sql, "\n".join(blind)))) == set()
