"""Simulated datasets are checked as others are; nothing of them outlives the process or stops it."""

import asyncio
import errno
import gc
import os
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from exporter.config import ConfigError
from exporter.config.simulated_datasets import SimulatedDatasets
from exporter.intake.journal import Journal
from exporter.reports.document import Reasons
from exporter.reports.event import ChecksReport
from exporter.schedule import SimulatedData, planned
from exporter.schedule import simulated as module
from exporter.schedule.attempt import NoVerdictError
from exporter.service import Options, Service
from exporter.simulated_datasets import CHECKS, Deliveries
from exporter.state import State
from tests.unit.checks.asking_checks import configured
from tests.unit.web.pipelines import EPOCH, calm, written

DATASETS = ["simulated/orders", "simulated/clickstream"]
SIMULATED = {**calm(), "simulated_datasets": {"day": "1m", "faults": [{"kind": "lost_orders", "day": 0}]}}
WELL = SimulatedDatasets(wrong=0)


async def passed(file: Path, within: float) -> tuple[list[ChecksReport], Reasons]:
    """Instead of a check: what is read here is there."""
    assert within > 0
    assert (file.parent / "orders").is_dir()
    assert file.read_text() == CHECKS.read_text()
    return [ChecksReport(name, "sales", EPOCH) for name in DATASETS], {}


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "attempt", passed)


def simulated(data: Path | None) -> SimulatedData:
    one = SimulatedData(data, State(), lambda: EPOCH)
    one.begin(WELL, 1)
    return one


def attempted(one: SimulatedData) -> list[ChecksReport]:
    reports, _ = asyncio.run(one.attempt(CHECKS, 60))
    return reports


def started(config: dict[str, Any], folder: Path, data: Path | None = None) -> Service:
    return Service(Options(written(config, folder), data=data), lambda: EPOCH, lambda: 0.0)


def checked(service: Service) -> None:
    """Make the only check that is planned."""
    [plan] = service.schedule.plans.values()
    asyncio.run(service.schedule.check(plan))


def held(service: Service) -> list[str]:
    return [one.dataset for one in service.state.checks]


def test_they_lie_below_the_data(tmp_path: Path) -> None:
    attempted(simulated(tmp_path))
    assert {path.name for path in (tmp_path / module.FOLDER).iterdir()} == {
        "checks.yml", "orders", "clickstream",
    }  # fmt: skip


def test_without_data_they_lie_in_a_folder_that_ends_with_them() -> None:
    one = simulated(None)
    assert one.folder is None
    attempted(one)
    folder = one.folder
    assert folder is not None
    assert folder.is_dir()
    del one
    gc.collect()
    assert not folder.exists()


def test_what_can_not_be_written_is_no_verdict_and_the_day_comes_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: Deliveries, _folder: Path, _today: date) -> Path:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    one = simulated(tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(Deliveries, "deliver", full)
        with pytest.raises(NoVerdictError, match="can't be written: No space left on device") as why:
            attempted(one)
    assert why.value.outcome == "unreadable"
    assert len(attempted(one)) == 2


def test_a_machine_without_a_temporary_folder_is_no_reason_to_stop(monkeypatch: pytest.MonkeyPatch) -> None:
    def nowhere(prefix: str) -> str:
        raise FileNotFoundError(errno.ENOENT, f"no usable folder for {prefix}")

    monkeypatch.setattr(module, "mkdtemp", nowhere)
    with pytest.raises(NoVerdictError, match="can't be written: no usable folder"):
        attempted(simulated(None))


def test_they_are_planned_when_they_are_asked_for(tmp_path: Path) -> None:
    [plan] = planned([], tmp_path, "my.yml", WELL)
    assert (plan.file, plan.every, list(plan.teams), plan.simulated) == (CHECKS, 120, DATASETS, True)
    assert planned([], tmp_path, "my.yml") == []


def test_a_real_dataset_of_the_same_name_is_a_mistake(tmp_path: Path) -> None:
    file = configured(tmp_path, "    date: ts")
    file.write_text(file.read_text().replace("sales", DATASETS[0]))
    config = {**SIMULATED, "datasets": [{"checks": "checks.yml", "every": "1h"}]}
    with pytest.raises(ConfigError) as error:
        started(config, tmp_path)
    place = f"{tmp_path}/pipelines.yml: simulated_datasets: {CHECKS}"
    assert str(error.value) == f"{place}: {DATASETS[0]} is in datasets[0].checks, too"


def test_the_truth_is_told_from_the_start_on_and_follows_the_days(tmp_path: Path) -> None:
    service = started(SIMULATED, tmp_path)
    lost = DATASETS[0], "lost_orders"
    assert len(service.state.dataset_faults) == 5
    assert not service.state.dataset_faults[lost]
    checked(service)
    assert service.state.dataset_faults[lost]
    checked(service)
    assert not service.state.dataset_faults[lost]


def test_a_configuration_without_them_knows_nothing_of_them(tmp_path: Path) -> None:
    service = started(SIMULATED, tmp_path)
    checked(service)
    assert held(service) == DATASETS
    written(calm(), tmp_path)
    asyncio.run(service.reload())
    assert (held(service), service.state.dataset_faults, service.state.scheduled) == ([], {}, {})


def test_nothing_of_them_is_kept(tmp_path: Path) -> None:
    data = tmp_path / "data"
    service = started(SIMULATED, tmp_path, data)
    checked(service)
    real = ChecksReport("sales", "shop", EPOCH)

    async def keep() -> None:
        await service.intake.tell([real])
        await service.intake.write_snapshot()

    asyncio.run(keep())
    service.intake.journal.close()
    journal = Journal(data)
    assert [part.name for part, _ in journal.parts() if part.kind == "checks"] == ["sales"]
    journal.close()


def test_a_check_that_ends_after_they_are_gone_is_not_heard(tmp_path: Path) -> None:
    service = started(SIMULATED, tmp_path)
    [plan] = service.schedule.plans.values()
    written(calm(), tmp_path)

    async def go() -> None:
        await service.reload()
        await service.schedule.keep(plan, [ChecksReport(DATASETS[0], "sales", EPOCH)])

    asyncio.run(go())
    assert held(service) == []
