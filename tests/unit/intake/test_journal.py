"""The journal: what is appended is there in its order, and a snapshot takes its place."""

import sqlite3
from pathlib import Path

import pytest

from exporter.intake.journal import FILE, Journal, Part
from exporter.storage import StoreError

A, B = Part("job", "a"), Part("job", "b")


def test_entries_are_read_in_the_order_in_which_they_were_appended(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    journal.append([b"3", b"1"])
    journal.append([b"2"])
    assert list(journal.entries()) == [b"3", b"1", b"2"]


def test_a_new_process_reads_the_same(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    journal.append([b"1", b"2"])
    journal.write_snapshot({A: b"a"})
    journal.append([b"3"])
    journal.close()
    again = Journal(tmp_path)
    assert (dict(again.parts()), list(again.entries())) == ({A: b"a"}, [b"3"])


def test_a_snapshot_takes_in_all_entries_and_keeps_the_parts_that_have_not_changed() -> None:
    journal = Journal(None)
    journal.write_snapshot({A: b"a", B: b"b"})
    journal.append([b"1"])
    journal.write_snapshot({A: b"aa"})
    assert (dict(journal.parts()), list(journal.entries())) == ({A: b"aa", B: b"b"}, [])


def test_a_part_that_is_gone_is_gone_from_the_snapshot() -> None:
    journal = Journal(None)
    journal.write_snapshot({A: b"a", B: b"b"})
    journal.write_snapshot({A: None, Part("run", "never there"): None})
    assert dict(journal.parts()) == {B: b"b"}


def test_parts_of_different_kinds_may_have_the_same_name() -> None:
    journal = Journal(None)
    journal.write_snapshot({A: b"job", Part("run", "a"): b"run"})
    assert dict(journal.parts()) == {A: b"job", Part("run", "a"): b"run"}


def test_what_is_appended_after_a_snapshot_comes_after_it_even_if_numbers_are_used_again() -> None:
    journal = Journal(None)
    journal.append([b"1", b"2"])
    journal.write_snapshot({})
    journal.append([b"3"])
    assert list(journal.entries()) == [b"3"]


def test_a_full_disk_keeps_all_of_an_append_or_nothing(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    journal.append([b"first"])
    journal.connection.execute("PRAGMA max_page_count = 1")
    with pytest.raises(StoreError, match=f"can't keep runs in {tmp_path / FILE}: database or disk is full"):
        journal.append([b"x" * 1000] * 100)
    assert list(journal.entries()) == [b"first"]


def test_a_full_disk_keeps_the_entries_that_a_snapshot_would_have_taken_in(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    journal.write_snapshot({A: b"before"})
    journal.append([b"1"])
    journal.connection.execute("PRAGMA max_page_count = 1")
    with pytest.raises(StoreError, match="database or disk is full"):
        journal.write_snapshot({A: b"after", B: b"x" * 100_000})
    assert (dict(journal.parts()), list(journal.entries())) == ({A: b"before"}, [b"1"])


def test_a_journal_of_a_newer_exporter_is_refused(tmp_path: Path) -> None:
    Journal(tmp_path).close()
    with sqlite3.connect(tmp_path / FILE) as database:
        database.execute("PRAGMA user_version = 2")
    database.close()
    with pytest.raises(StoreError, match="a newer exporter wrote it"):
        Journal(tmp_path)


def test_what_is_acknowledged_is_on_the_disk(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    settings = [journal.connection.execute(f"PRAGMA {name}") for name in ("journal_mode", "synchronous")]
    assert [found.fetchone()[0] for found in settings] == ["wal", 2]
