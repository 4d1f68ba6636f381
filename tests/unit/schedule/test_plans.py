"""What the configuration says of scheduled checks; mistakes in the files that it names are its mistakes."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from exporter.cli import main
from exporter.config import Config, ConfigError
from exporter.reports.event import ChecksReport
from exporter.schedule import planned
from exporter.service import Options, Service
from tests.unit.checks.asking_checks import configured
from tests.unit.web.pipelines import EPOCH, calm, written


def folder(parent: Path, name: str, *lines: str) -> Path:
    """A folder with checks of the dataset `sales`."""
    (parent / name).mkdir()
    return configured(parent / name, "    date: ts", *lines)


def mistakes(parent: Path, *entries: dict[str, Any]) -> list[str]:
    config = Config.model_validate({"datasets": [*entries]})
    with pytest.raises(ConfigError) as error:
        planned(config.datasets, parent, "my.yml")
    return str(error.value).replace(f"{parent}/", "").splitlines()


def test_paths_are_from_the_configurations_folder(tmp_path: Path) -> None:
    folder(tmp_path, "shop")
    config = Config.model_validate({"datasets": [{"checks": "shop/checks.yml", "every": "1h"}]})
    [plan] = planned(config.datasets, tmp_path, "my.yml")
    assert (plan.file, plan.every, plan.within) == (tmp_path / "shop/checks.yml", 3600, 600)
    assert plan.teams == {"sales": "shop"}


def test_mistakes_in_the_files_are_named_with_both_places(tmp_path: Path) -> None:
    (folder(tmp_path, "bad")).write_text("datasets:\n  - {name: x, team: shop, date: ts}\n  - {nme: y}\n")
    found = mistakes(tmp_path, {"checks": "gone.yml", "every": 60}, {"checks": "bad/checks.yml", "every": 60})
    assert found == [
        "my.yml: datasets[0].checks: gone.yml: can't be read: No such file or directory",
        "my.yml: datasets[1].checks: bad/checks.yml:2: datasets[0].data: expected a value, got nothing",
        "my.yml: datasets[1].checks: bad/checks.yml:3: datasets[1].name: expected a value, got nothing",
        "my.yml: datasets[1].checks: bad/checks.yml:3: datasets[1].data: expected a value, got nothing",
        "my.yml: datasets[1].checks: bad/checks.yml:3: datasets[1].team: expected a value, got nothing",
        "my.yml: datasets[1].checks: bad/checks.yml:3: datasets[1].date: expected a value, got nothing",
        "my.yml: datasets[1].checks: bad/checks.yml:3: datasets[1].nme: unknown key",
    ]


def test_a_dataset_is_checked_by_one_file(tmp_path: Path) -> None:
    for name in ("one", "two"):
        folder(tmp_path, name)
    entries = [{"checks": f"{name}/checks.yml", "every": "1h"} for name in ("one", "two")]
    assert mistakes(tmp_path, *entries) == [
        "my.yml: datasets[1].checks: two/checks.yml: sales is in datasets[0].checks, too"
    ]


def test_check_config_looks_into_the_files(tmp_path: Path) -> None:
    file = folder(tmp_path, "shop")
    config = written({**calm(), "datasets": [{"checks": "shop/checks.yml", "every": "1h"}]}, tmp_path)
    assert CliRunner().invoke(main, ["check-config", str(config)]).exit_code == 0
    file.write_text("datasets: []\n")
    refused = CliRunner().invoke(main, ["check-config", str(config)])
    assert refused.exit_code == 2
    assert f"{config}: datasets[0].checks: {file}:1: datasets: expected at least 1" in refused.stderr


def test_what_is_on_schedule_is_not_forgotten_however_seldom_it_is_checked(tmp_path: Path) -> None:
    folder(tmp_path, "shop")
    entry = {"checks": "shop/checks.yml", "every": "180d"}
    config = written({**calm(), "datasets": [entry], "runs": {"forget_after": "1d"}}, tmp_path)
    times = [0.0, 0.0]
    service = Service(Options(config), lambda: EPOCH + times[0], lambda: times[1])

    async def tidied() -> None:
        await service.intake.tell([ChecksReport(name, "shop", EPOCH) for name in ("sales", "visits")])
        times[:] = [100 * 86400.0, 86400.0]
        await service.tidy_up()

    asyncio.run(tidied())
    assert [one.dataset for one in service.state.checks] == ["sales"]


def reloaded(service: Service) -> None:
    asyncio.run(service.reload())


def test_a_reload_changes_what_is_scheduled_and_no_streams(tmp_path: Path) -> None:
    folder(tmp_path, "shop")
    entry = {"checks": "shop/checks.yml", "every": "1h"}
    service = Service(Options(written({**calm(), "datasets": [entry]}, tmp_path)), lambda: EPOCH, lambda: 0.0)
    service.advance(60)
    assert service.state.scheduled["sales"].every == 3600
    written({**calm(), "datasets": [{**entry, "every": "2h"}]}, tmp_path)
    reloaded(service)
    assert (service.state.scheduled["sales"].every, service.simulation.tick) == (7200, 60)
    written({**calm(), "datasets": [{**entry, "checks": "gone.yml"}]}, tmp_path)
    with pytest.raises(ConfigError, match=r"datasets\[0\].checks: .*gone.yml: can't be read"):
        reloaded(service)
    assert service.state.scheduled["sales"].every == 7200
    written(calm(), tmp_path)
    reloaded(service)
    assert (service.state.scheduled, service.simulation.tick) == ({}, 60)
