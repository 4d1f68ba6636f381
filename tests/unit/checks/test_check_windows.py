"""Windows end at the newest day in the data: late data, re-runs and backfills are judged alike."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from tests.unit.checks.clickstreams import CHECKS, LAST, failed, found, judged, written

YEARS_LATER = datetime(2036, 1, 1, tzinfo=UTC)
HALF = "UPDATE events SET amount = amount * 0.4 WHERE CAST(ts AS DATE) = DATE '2026-03-20';"
WITHOUT_A_CLOCK = CHECKS.replace("freshness: {lag: 1d}", "freshness: {}")


def test_years_later_the_verdict_is_the_same(tmp_path: Path) -> None:
    path = written(tmp_path, 1, checks=WITHOUT_A_CLOCK)
    assert judged(path, now=YEARS_LATER).outcomes == judged(path).outcomes


def test_a_past_day_is_judged_as_it_was_then(tmp_path: Path) -> None:
    path = written(tmp_path, 2, HALF)
    assert failed(judged(path)) == set()
    assert failed(judged(path, as_of=date(2026, 3, 20))) == {("drift", "revenue", 3, "CRITICAL")}
    assert failed(judged(path, as_of=date(2026, 3, 21))) == set()


def test_a_past_day_without_rows_is_stale(tmp_path: Path) -> None:
    path = written(tmp_path, 3, "DELETE FROM events WHERE CAST(ts AS DATE) = DATE '2026-03-20';",
                   CHECKS.replace("lag: 1d", "lag: 0d"))  # fmt: skip
    outcome = found(judged(path, as_of=date(2026, 3, 20)), "freshness")
    assert outcome.message == "Stale data: latest date 2026-03-19, expected 2026-03-20 or later"


@pytest.mark.parametrize("days", [1, 2, 5, 40])
def test_the_newest_days_alone_have_the_same_verdict_on_the_newest_day(days: int, tmp_path: Path) -> None:
    path = written(tmp_path, 4, "UPDATE events SET amount = amount * 0.4 WHERE {last};")
    whole, newest = judged(path), judged(path, judge=days)
    assert failed(newest) == failed(whole)
    for check, subject in (("rows", ""), ("total", "revenue"), ("drift", "revenue"), ("mix", "device")):
        assert found(newest, check, subject) == found(whole, check, subject)
    assert found(newest, "nulls", "client_id").rows_examined == newest.rows


def test_the_newest_days_leave_old_defects_alone(tmp_path: Path) -> None:
    path = written(
        tmp_path, 5, "UPDATE events SET client_id = NULL WHERE CAST(ts AS DATE) = DATE '2026-03-10';"
    )
    assert failed(judged(path)) == {("nulls", "client_id", 2, "WARN")}
    assert found(judged(path), "nulls", "client_id").date == date(2026, 3, 10)
    assert failed(judged(path, judge=7)) == set()


def test_the_first_days_have_no_baseline_and_say_so(tmp_path: Path) -> None:
    path = written(tmp_path, 6)
    result = judged(path, as_of=date(2026, 3, 4))
    assert {severity for _, _, _, severity in failed(result)} == {"INFO"}
    assert found(result, "drift", "revenue").message == (
        "revenue: no verdict: 2 of at least 3 days to compare with"
    )
    assert result.status == "PASS"


def test_a_small_shop_gets_no_verdict(tmp_path: Path) -> None:
    path = written(
        tmp_path, 7, "DELETE FROM events WHERE event_id % 20 <> 0;", WITHOUT_A_CLOCK.replace("60}", "1}")
    )
    result = judged(path)
    assert {("drift", "revenue", 3, "INFO"), ("mix", "device", 3, "INFO")} <= failed(result)
    assert {severity for _, _, _, severity in failed(result)} == {"INFO"}


def test_days_are_those_of_the_time_zone(tmp_path: Path) -> None:
    zoned = WITHOUT_A_CLOCK.replace(
        "    date: ts\n", "    date: timezone('UTC', ts)\n    timezone: Asia/Tokyo\n"
    )
    path = written(tmp_path, 8, checks=zoned)
    assert judged(written(tmp_path, 8, checks=WITHOUT_A_CLOCK)).date == LAST
    path.write_text(zoned)
    assert judged(path).date == date(2026, 3, 30)


def test_saturdays_and_sundays_may_be_missing(tmp_path: Path) -> None:
    weekdays = CHECKS.replace("lag: 1d", "lag: 1d, calendar: weekdays")
    path = written(tmp_path, 9, "DELETE FROM events WHERE isodow(ts) > 5;", weekdays)
    assert failed(judged(path)) == set()
    path.write_text(CHECKS)
    assert {("freshness", "gaps", 1, "CRITICAL"), ("freshness", "", 1, "CRITICAL")} <= failed(judged(path))


def test_sundays_against_sundays(tmp_path: Path) -> None:
    quiet = "DELETE FROM events WHERE isodow(ts) = 7 AND event_id % 10 < 7;"
    path = written(tmp_path, 10, quiet)
    assert ("drift", "revenue", 3, "CRITICAL") in failed(judged(path))
    path.write_text(
        CHECKS.replace("below: 40%, above", "weekday: true, days: 28, min_volume: 50, below: 40%, above")
    )
    assert failed(judged(path)) == set()


@pytest.mark.parametrize("days", [None, 1, 3])
def test_a_day_that_is_still_arriving_can_wait(days: int | None, tmp_path: Path) -> None:
    morning = "DELETE FROM events WHERE {last} AND ts > TIMESTAMP '2026-03-29 09:30:00';"
    waiting = CHECKS.replace("    date: ts\n", "    date: ts\n    complete_from: '22:00'\n")
    path = written(tmp_path, 11, morning, CHECKS)
    assert ("drift", "revenue", 3, "CRITICAL") in failed(judged(path, judge=days))
    path.write_text(waiting)
    result = judged(path, judge=days)
    assert failed(result) == {("freshness", "partial day", 1, "INFO")}
    assert result.date == date(2026, 3, 28)
    assert found(result, "freshness", "partial day").message == (
        "2026-03-29 isn't complete, its newest row is of 09:29: no verdict"
    )
    written(tmp_path, 11, checks=waiting)
    assert judged(path, judge=days).date == LAST


def test_rows_sent_again_in_the_future_are_not_counted_and_do_not_hide_others(tmp_path: Path) -> None:
    again = (
        "INSERT INTO events BY NAME SELECT * REPLACE (ts + INTERVAL 1 YEAR AS ts) "
        "FROM events WHERE event_id < 10;"
        "INSERT INTO events BY NAME SELECT * REPLACE (NULL AS client_id) FROM events WHERE event_id < 100;"
    )
    result = judged(written(tmp_path, 12, again))
    assert found(result, "duplicates", "event_id").observed == pytest.approx(100 / result.rows)


@pytest.mark.parametrize("days", [None, 1, 40])
@pytest.mark.parametrize(
    "odd",
    [
        "'infinity'",
        "'-infinity'",
        "NULL",
        "TIMESTAMP '2026-05-01'",
        "TIMESTAMP '20260-03-01'",
        "TIMESTAMP '2026-03-01 (BC)'",
    ],
)
def test_dates_that_are_no_days_are_not_the_newest(odd: str, days: int | None, tmp_path: Path) -> None:
    path = written(tmp_path, 13, f"UPDATE events SET ts = {odd} WHERE event_id % 5000 = 0;", WITHOUT_A_CLOCK)
    result = judged(path, judge=days)
    assert (result.date, failed(result)) == (LAST, set())


def test_all_rows_without_a_day_are_counted(tmp_path: Path) -> None:
    no_days = "['infinity'::TIMESTAMP, '-infinity', NULL]"
    odd = f"UPDATE events SET ts = ({no_days})[1 + event_id % 3] WHERE event_id < 300;"
    result = judged(written(tmp_path, 13, odd, WITHOUT_A_CLOCK))
    undated = found(result, "dates", "undated")
    assert float(undated.observed or 0) * undated.rows_examined == pytest.approx(300)


@pytest.mark.parametrize("days", [None, 1])
def test_no_row_has_a_day(days: int | None, tmp_path: Path) -> None:
    path = written(tmp_path, 14, "UPDATE events SET ts = '-infinity';", WITHOUT_A_CLOCK)
    result = judged(path, judge=days)
    assert (result.date, ("rows", "", 1, "CRITICAL") in failed(result)) == (None, True)
