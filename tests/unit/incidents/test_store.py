"""What is kept is there after a restart; what can't be kept is refused in words."""

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from exporter.incidents.acknowledgement import Acknowledgement
from exporter.incidents.store import FILE, SCHEMA, TABLES, Store
from exporter.storage import MEMORY, StoreError
from tests.unit.incidents.notifications import T0, Book, alert

FULL = "PRAGMA max_page_count = 1"
KILLED = """
import os, sys
from pathlib import Path
from tests.unit.incidents.notifications import Book, alert
Book(Path(sys.argv[1])).tell(alert(), alert("Watchdog", "w"))
os.kill(os.getpid(), 9)
"""
HOLDING = """
import sys
from pathlib import Path
from exporter.incidents.store import Store
store = Store(Path(sys.argv[1]))
print("held", flush=True)
sys.stdin.read()
"""


def filled(folder: Path) -> Book:
    """An open incident, a resolved one, an acknowledgement, a Watchdog."""
    book = Book(folder)
    book.tell(alert(), alert("PipelineEscalation", "e", severity="critical"), alert("Watchdog", "w"))
    book.tell(alert(fingerprint="b2", pipeline="refunds", ends=T0 + 60))
    book.now += 90
    book.incidents.acknowledge("1", Acknowledgement(acknowledged=True, by="Ada", note="on it"), book.now)
    return book


def test_a_new_process_knows_the_same(tmp_path: Path) -> None:
    book = filled(tmp_path)
    before, numbers, recent = book.all(), book.state.incidents, book.incidents.recent
    book.incidents.store.close()
    again = Book(tmp_path)
    assert (again.all(), again.state.incidents, again.incidents.recent) == (before, numbers, recent)
    again.tell(alert(), alert("Watchdog", "w"))
    assert (again.all(), again.state.incidents) == (before, numbers)


def test_a_process_goes_on_where_the_last_one_stopped(tmp_path: Path) -> None:
    filled(tmp_path).incidents.store.close()
    book = Book(tmp_path)
    book.tell(alert(ends=T0 + 60), alert("PipelineEscalation", "e", severity="critical", ends=T0 + 60))
    assert book.tell(alert(starts=T0 + 500)) == ["3"]
    counts = book.state.incidents
    assert counts.opened == {("shop", "critical"): 1, ("shop", "high"): 2}
    assert counts.durations_of("shop", "resolve").sum == 120


def test_what_was_answered_outlives_a_process_that_is_killed(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path)], check=False)
    assert done.returncode == -9
    book = Book(tmp_path)
    assert (book.only().started, book.state.incidents.last_heard) == (T0, T0)


def test_the_folder_is_made_and_the_disk_is_written_before_the_answer(tmp_path: Path) -> None:
    store = Store(tmp_path / "a" / "b")
    assert (tmp_path / "a" / "b" / FILE).exists()
    modes = [
        store.connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("journal_mode", "synchronous")
    ]
    assert modes == ["wal", 2]


def test_without_a_folder_the_disk_is_not_touched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    book = Book()
    book.tell(alert())
    assert book.incidents.store.place == MEMORY
    assert list(tmp_path.iterdir()) == []


def test_a_second_exporter_is_refused_while_the_first_one_runs(tmp_path: Path) -> None:
    command = [sys.executable, "-c", HOLDING, str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        with pytest.raises(StoreError) as caught:
            Store(tmp_path)
        process.communicate()
    assert str(caught.value) == f"can't keep incidents in {tmp_path / FILE}: another exporter uses it"
    Store(tmp_path)


def test_a_database_of_a_newer_exporter_is_refused_and_left_alone(tmp_path: Path) -> None:
    filled(tmp_path).incidents.store.close()
    with sqlite3.connect(tmp_path / FILE) as database:
        database.execute(f"PRAGMA user_version = {len(SCHEMA) + 1}")
    database.close()
    with pytest.raises(StoreError) as caught:
        Store(tmp_path)
    newer = f"expected schema version {len(SCHEMA)} at most, got {len(SCHEMA) + 1}: a newer exporter wrote it"
    assert str(caught.value) == f"{tmp_path / FILE}: {newer}"


def test_a_file_that_is_no_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / FILE
    path.write_text("These are somebody's notes, and they are longer than a header of SQLite's.\n" * 99)
    before = path.read_bytes()
    with pytest.raises(StoreError, match=f"can't keep incidents in {path}: file is not a database"):
        Store(tmp_path)
    assert path.read_bytes() == before


def test_a_place_that_can_not_be_written_is_refused_in_words(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    with pytest.raises(StoreError, match=f"can't keep incidents in {tmp_path}/taken/{FILE}: File exists"):
        Store(tmp_path / "taken")
    (tmp_path / "folder" / FILE).mkdir(parents=True)
    with pytest.raises(StoreError, match="unable to open database file"):
        Store(tmp_path / "folder")


def test_a_full_disk_is_told_and_nothing_is_kept_by_halves(tmp_path: Path) -> None:
    book = filled(tmp_path)
    before, numbers = book.all(), book.state.incidents
    book.incidents.store.connection.execute(FULL)
    many = [alert(fingerprint=f"f{number}", pipeline=f"p{number}") for number in range(300)]
    with pytest.raises(StoreError, match="database or disk is full"):
        book.tell(*many, alert(fingerprint="x", pipeline="refunds"))
    assert (book.all(), book.state.incidents) == (before, numbers)
    assert book.tell(alert()) == ["1"]


def test_what_another_version_counted_in_other_buckets_is_not_lost(tmp_path: Path) -> None:
    book = filled(tmp_path)
    with book.incidents.store.transaction() as database:
        database.execute(
            "INSERT INTO total VALUES ('detect', 'shop', '42.5', 3), ('detect', 'shop', 'sum', 99)"
        )
    book.incidents.store.close()
    durations = Book(tmp_path).state.incidents.durations_of("shop", "detect")
    assert (sum(durations.counts), durations.sum) == (3, 99)


def test_a_database_from_before_datasets_is_taken_on(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / FILE) as database:
        database.executescript(f"{TABLES}; PRAGMA user_version = 1")
        database.execute(
            "INSERT INTO incident (team, pipeline, rank, started, summary, facts) "
            "VALUES ('shop', 'orders', 1, 5, 'late', '{}')"
        )
    database.close()
    book = Book(tmp_path)
    assert (book.only().pipeline, book.only().dataset, book.only().summary) == ("orders", None, "late")
    assert book.tell(alert()) == [book.only().id]
