"""Simulated datasets: the same for the same seed, and what is wrong with them, and only that, is found."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from exporter.checks.checking import Asked, check_all
from exporter.checks.load import read_checks
from exporter.config import ConfigError, load_config, validate
from exporter.config.simulated_datasets import SimulatedDatasets
from exporter.simulated_datasets import CHECKS, Deliveries
from exporter.simulated_datasets.deliveries import HISTORY_DAYS
from exporter.simulated_datasets.tables import TABLES

TODAY = date(2026, 11, 20)
NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
ORDERS, CLICKS = "simulated/orders", "simulated/clickstream"
# Each day's faults, and the checks that find them.
STORY: tuple[dict[str, tuple[str, str, str]], ...] = (
    {},
    {"null_customers": (ORDERS, "nulls", "WARN"), "unknown_events": (CLICKS, "taxonomy", "WARN")},
    {"repeated_orders": (ORDERS, "duplicates", "CRITICAL"), "broken_payloads": (CLICKS, "json", "WARN")},
    {"lost_orders": (ORDERS, "drift", "CRITICAL")},
    {},
)
FAULTS = [{"kind": kind, "day": day} for day, faults in enumerate(STORY) for kind in faults]


def deliveries(seed: int = 1, **said: object) -> Deliveries:
    return Deliveries(validate(SimulatedDatasets, {"wrong": 0.0, **said}, "datasets"), seed)


def content(folder: Path) -> dict[str, str]:
    return {str(path.relative_to(folder)): path.read_text() for path in folder.rglob("*") if path.is_file()}


def delivered(folder: Path, one: Deliveries, today: date = TODAY) -> dict[str, str]:
    one.deliver(folder, today)
    return content(folder)


def faults(one: Deliveries) -> set[str]:
    return {fault for (_, fault), wrong in one.truth().items() if wrong}


def failed(checks: Path, now: datetime = NOW) -> set[tuple[str, str, str]]:
    """Dataset, check and severity of all that did not pass."""
    results = check_all(read_checks(checks), Asked(now, None, (), None))
    found = [(one.dataset.name, check) for one in results for check in one.outcomes]
    return {(name, check.check, check.severity) for name, check in found if check.severity != "PASS"}


def test_the_same_seed_gives_the_same_files(tmp_path: Path) -> None:
    first = delivered(tmp_path / "one", deliveries(wrong=0.5))
    assert delivered(tmp_path / "two", deliveries(wrong=0.5)) == first
    assert delivered(tmp_path / "three", deliveries(seed=2)) != first


def test_a_delivery_is_a_day_further_and_ends_yesterday(tmp_path: Path) -> None:
    one = deliveries()
    first = delivered(tmp_path, one)
    second = delivered(tmp_path, one)
    yesterday, before = TODAY - timedelta(1), TODAY - timedelta(2)
    assert max(first) == max(second) == f"orders/{yesterday}.csv"
    for table in ("orders", "clickstream"):
        moved = first[f"{table}/{yesterday}.csv"].replace(str(yesterday), str(before))
        assert second[f"{table}/{before}.csv"] == moved
        assert second[f"{table}/{yesterday}.csv"] != first[f"{table}/{yesterday}.csv"]


def test_what_is_old_is_removed(tmp_path: Path) -> None:
    one = deliveries()
    first, later = delivered(tmp_path, one), delivered(tmp_path, one, TODAY + timedelta(40))
    assert len(first) == len(later) == 2 * (HISTORY_DAYS + 1) + 1
    assert first.keys() & later.keys() == {"checks.yml"}


def test_a_delivery_that_could_not_be_written_is_made_again(tmp_path: Path) -> None:
    expected = delivered(tmp_path / "well", deliveries(faults=FAULTS))
    one, folder = deliveries(faults=FAULTS), tmp_path / "ill"
    (folder / "orders").mkdir(parents=True)
    (folder / "clickstream").write_text("in the way")
    with pytest.raises(OSError, match="exists"):
        one.deliver(folder, TODAY)
    (folder / "clickstream").unlink()
    assert delivered(folder, one) == expected


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_what_is_wrong_is_found_and_nothing_else(seed: int, tmp_path: Path) -> None:
    one = deliveries(seed, faults=FAULTS)
    assert faults(one) == set()
    for wrong in STORY:
        checks = one.deliver(tmp_path, TODAY)
        assert faults(one) == wrong.keys()
        assert failed(checks) == set(wrong.values())


@pytest.mark.parametrize("seed", range(10, 18))
def test_days_that_are_well_pass(seed: int, tmp_path: Path) -> None:
    one = deliveries(seed)
    one.next = 50 * (seed - 10)
    assert failed(one.deliver(tmp_path, TODAY)) == set()


def test_a_check_after_midnight_does_not_call_the_delivery_before_it_old(tmp_path: Path) -> None:
    assert failed(deliveries().deliver(tmp_path, TODAY), NOW + timedelta(1)) == set()


def test_a_share_of_days_is_wrong_by_chance_but_not_the_first() -> None:
    one = deliveries(wrong=0.2)
    wrong = [bool(one.faults(table, number)) for table in TABLES for number in range(1, 1001)]
    assert 0.17 < sum(wrong) / len(wrong) < 0.23
    always = deliveries(wrong=1)
    assert [always.faults(table, number) for table in TABLES for number in (-1, 0)] == [set()] * 4
    assert all(always.faults(table, 1) for table in TABLES)


def test_tables_stay_small() -> None:
    one = deliveries()
    assert max(len(table.rows(one.day(table, 1_000_000, TODAY))) for table in TABLES) < 1500


def test_the_checks_are_about_the_tables() -> None:
    datasets = {dataset.name: dataset for dataset in read_checks(CHECKS).config.datasets}
    assert datasets.keys() == {table.dataset for table in TABLES} == {ORDERS, CLICKS}


def test_the_first_start_has_a_warning_then_a_critical_day() -> None:
    config = load_config(None)
    assert config.simulated_datasets is not None
    one = Deliveries(config.simulated_datasets, config.seed)
    days = [{fault for table in TABLES for fault in one.faults(table, number)} for number in range(6)]
    assert days == [set(), set(), {"unknown_events"}, set(), {"lost_orders"}, set()]


@pytest.mark.parametrize(
    ("said", "mistake"),
    [
        ({"day": "1s"}, "datasets: day: expected >= 10, got '1s'"),
        ({"wrong": 2.0}, "datasets: wrong: expected <= 1, got 2.0"),
        ({"faults": [{"kind": "fire", "day": 1}]}, "datasets: faults\\[0\\].kind: expected .*, got 'fire'"),
    ],
)
def test_mistakes_are_named(said: dict[str, object], mistake: str) -> None:
    with pytest.raises(ConfigError, match=mistake):
        validate(SimulatedDatasets, said, "datasets")
