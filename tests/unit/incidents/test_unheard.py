"""Alerts that nobody speaks of any more are given up, so that restarts of the others leave no ghosts."""

from pathlib import Path

from tests.unit.incidents.notifications import MINUTE, T0, Book, alert

LONG = 20 * MINUTE
REPEAT = 5 * MINUTE


def test_what_is_repeated_every_five_minutes_goes_on() -> None:
    book = Book()
    for _ in range(30):
        book.tell(alert())
        book.pass_time(REPEAT)
    assert book.only().ended is None


def test_what_is_not_heard_of_for_long_is_given_up_at_the_time_it_was_last_heard() -> None:
    book = Book()
    book.tell(alert())
    book.pass_time(REPEAT)
    book.tell(alert())
    book.pass_time(LONG)
    assert book.only().ended is None
    book.pass_time(MINUTE)
    incident = book.only()
    assert (incident.ended, incident.resolution) == (T0 + REPEAT, "not heard of again")
    counts = book.state.incidents
    assert (counts.open, counts.durations_of("shop", "resolve").sum) == ({}, 0)


def test_a_ghost_does_not_keep_an_incident_open_once_its_living_alerts_have_ended() -> None:
    book = Book()
    book.tell(alert(fingerprint="ghost"))
    for _ in range(6):
        book.tell(alert())
        book.pass_time(REPEAT)
    assert book.only().ended is None
    book.tell(alert(ends=T0 + 6 * REPEAT))
    incident = book.only()
    assert (incident.ended, incident.resolution) == (T0 + 6 * REPEAT, "not heard of again")


def test_what_was_given_up_and_is_heard_of_again_goes_on_as_the_same_incident() -> None:
    book = Book()
    book.tell(alert())
    book.pass_time(LONG + 2 * MINUTE)
    assert book.only().ended is not None
    assert book.tell(alert()) == ["1"]
    assert (book.only().ended, book.only().resolution) == (None, None)
    book.tell(alert(ends=T0 + 4 * REPEAT))
    assert (book.only().ended, book.only().resolution) == (T0 + 4 * REPEAT, "resolved")
    counts = book.state.incidents
    assert (counts.opened, counts.durations_of("shop", "resolve").sum) == ({("shop", "high"): 1}, 4 * REPEAT)


def test_what_was_given_up_joins_what_has_begun_since() -> None:
    book = Book()
    book.tell(alert())
    book.pass_time(LONG + 2 * MINUTE)
    book.tell(alert(fingerprint="b2", starts=book.now))
    book.tell(alert())
    [now, before] = book.all()
    assert (now.ended, [one.fingerprint for one in now.alerts]) == (None, ["a1", "b2"])
    assert (before.resolution, before.alerts) == ("not heard of again", ())


def test_the_end_of_what_was_given_up_is_still_worth_knowing() -> None:
    book = Book()
    book.tell(alert())
    book.pass_time(LONG + 2 * MINUTE)
    book.tell(alert(ends=T0 + REPEAT))
    assert (book.only().ended, book.only().resolution) == (T0 + REPEAT, "resolved")
    assert book.state.incidents.durations_of("shop", "resolve").sum == REPEAT


def test_an_exporter_that_was_away_for_long_waits_before_it_gives_anything_up(tmp_path: Path) -> None:
    book = Book(tmp_path)
    book.tell(alert())
    book.incidents.store.close()
    later = Book(tmp_path, now=T0 + 24 * REPEAT)
    later.pass_time(LONG - MINUTE)
    assert later.only().ended is None
    later.pass_time(2 * MINUTE)
    assert later.only().resolution == "not heard of again"


def test_a_clock_that_is_set_back_gives_nothing_up_and_does_not_stop_the_sweeping() -> None:
    book = Book()
    book.tell(alert())
    book.now -= REPEAT
    book.incidents.sweep(book.now)
    assert book.only().ended is None
    book.pass_time(REPEAT + LONG + 2 * MINUTE)
    assert book.only().ended is not None
