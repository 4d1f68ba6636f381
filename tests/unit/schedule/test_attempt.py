"""An attempt is a real process: its report comes back, and it is gone when the attempt ends."""

import asyncio
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from subprocess import Popen

import pytest

from exporter.reports.event import ChecksReport
from exporter.schedule import attempt as module
from exporter.schedule.attempt import NoVerdictError, attempt
from tests.servers import wait_until
from tests.unit.checks.asking_checks import configured

DAY = "id,ts,amount\n1,2026-11-20 10:00:00,5\n2,2026-11-20 11:00:00,6\n"
SLOW = "import time; print('x' * 10**6, flush=True); time.sleep(600)"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Checks that a day's file passes."""
    (tmp_path / "day.csv").write_text(DAY)
    return configured(tmp_path, "    date: ts")


@pytest.fixture
def processes(monkeypatch: pytest.MonkeyPatch) -> Iterator[list["Popen[bytes]"]]:
    """What was started; instead of a check it says much and takes its time."""
    found: list[Popen[bytes]] = []

    def started(_: Path, _within: float) -> "Popen[bytes]":
        found.append(Popen([sys.executable, "-c", SLOW], stdout=-1, stderr=-1))
        return found[-1]

    monkeypatch.setattr(module, "started", started)
    yield found
    assert [process.poll() for process in found] == [-9]


def made(file: Path, within: float = 60) -> list[ChecksReport]:
    reports, reasons = asyncio.run(attempt(file, within))
    assert reasons == {}
    return reports


def no_verdict(file: Path, within: float = 60) -> tuple[str, str]:
    with pytest.raises(NoVerdictError) as why:
        made(file, within)
    return why.value.outcome, str(why.value).replace(f"{file.parent}/", "")


def test_what_lies_in_the_folder_where_the_exporter_was_started_is_not_run(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (file.parent / "duckdb.py").write_text("raise SystemExit(3)\n")
    monkeypatch.chdir(file.parent)
    [passed] = made(file)
    assert passed.status == "PASS"


def test_a_report_comes_back_whether_or_not_it_is_a_good_one(file: Path) -> None:
    [passed] = made(file)
    assert (passed.dataset, passed.team, passed.status, passed.rows) == ("sales", "shop", "PASS", 2)
    (file.parent / "day.csv").write_text("id,ts,amount\n")
    [failed] = made(file)
    assert failed.status == "FAIL"


def test_data_or_checks_that_can_not_be_read_are_no_verdict(file: Path) -> None:
    (file.parent / "day.csv").unlink()
    outcome, why = no_verdict(file)
    assert outcome == "unreadable"
    assert why.startswith("sales: ")
    assert "day.csv" in why
    file.write_text("datasets: 3\n")
    assert no_verdict(file) == ("unreadable", "checks.yml:1: datasets: expected a list, got 3")


def test_the_others_of_a_file_are_judged(file: Path) -> None:
    text = file.read_text()
    others = text.partition("datasets:\n")[2]
    gone = others.replace("sales", "gone").replace("day.csv", "gone.csv")
    wrong = others.replace("sales", "wrong").replace("date: ts", "date: moment")
    file.write_text(text + gone + wrong)
    reports, reasons = asyncio.run(attempt(file, 60))
    assert [report.dataset for report in reports] == ["sales"]
    assert reasons.keys() == {"gone", "wrong"}
    assert "gone.csv" in reasons["gone"]
    assert "datasets[2].date: the data has no column moment" in reasons["wrong"]


def test_each_of_several_has_its_own_reason(file: Path) -> None:
    text = file.read_text()
    others = text.partition("datasets:\n")[2].replace("sales", "mails").replace("day.csv", "mails.csv")
    file.write_text(text + others)
    (file.parent / "day.csv").unlink()
    assert asyncio.run(attempt(file, 60)) == (
        [], {"sales": "sales: day.csv: no such file", "mails": "mails: mails.csv: no such file"},
    )  # fmt: skip


def test_what_takes_too_long_is_ended(file: Path, processes: list["Popen[bytes]"]) -> None:
    assert no_verdict(file, within=0.3) == ("overdue", "not done within 0.3 s")
    assert len(processes) == 1


def test_what_goes_on_is_ended_with_the_exporter(file: Path, processes: list["Popen[bytes]"]) -> None:
    async def go() -> None:
        trying = asyncio.create_task(attempt(file, 60))
        while not processes:
            await asyncio.sleep(0)
        trying.cancel()
        await asyncio.wait([trying])
        assert trying.cancelled()

    asyncio.run(go())
    wait_until(lambda: not Path(f"/proc/{processes[0].pid}").exists())


@pytest.mark.parametrize(
    ("script", "why"),
    [
        ("print('{}')", "its report: body: object missing required field `datasets`"),
        ("import os; os.abort()", "exit code -6"),
        ("raise SystemExit('Error: no memory')", "its report: body: not JSON: ends too early near byte 0"),
    ],
)
def test_what_is_no_report_is_no_verdict(
    file: Path, script: str, why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        module, "started", lambda *_: Popen([sys.executable, "-c", script], stdout=-1, stderr=-1)
    )
    assert no_verdict(file) == ("unreadable", why)


def test_what_can_not_be_started_is_no_verdict(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", str(file.parent / "missing"))
    assert no_verdict(file) == ("unreadable", f"can't be started: {os.strerror(2)}")
