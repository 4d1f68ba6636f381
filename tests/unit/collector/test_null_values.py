"""Null values are exported where the configuration asks for them, of so many columns."""

import pytest
from prometheus_client.parser import text_string_to_metric_families

from exporter import names
from exporter.collector import StateCollector
from exporter.config.runs import Runs
from exporter.runs.event import Dataset, DatasetEvent
from exporter.state import State

COLUMNS = (("id", 0), ("sum", 4), ('na"me', 2))


@pytest.mark.parametrize(("wanted", "told"), [(0, 0), (1, 1), (2, 2), (9, 3)])
def test_of_as_many_columns_as_are_asked_for(wanted: int, told: int) -> None:
    state = State(runs=Runs(null_columns=wanted))
    state.datasets.hear(DatasetEvent(Dataset("orders", nulls=COLUMNS), 10))
    state.simulated_datasets.hear(DatasetEvent(Dataset("played"), 10))
    text = StateCollector(state).render(openmetrics=False).decode()
    [family] = [one for one in text_string_to_metric_families(text) if one.name == names.DATASET_NULLS]
    found = {sample.labels["column"]: sample.value for sample in family.samples}
    assert found == dict(COLUMNS[:told])
    assert {sample.labels["dataset"] for sample in family.samples} == ({"orders"} if told else set())


def test_nobody_gets_them_unasked() -> None:
    assert Runs().null_columns == 0
