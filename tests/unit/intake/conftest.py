"""An intake whose process ends and begins anew."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from exporter.intake.journal import Journal
from tests.unit.intake.told import Life, Start


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Call it for a process that lives; the one before it is dead then."""
    lives: list[Life] = []

    def begin() -> Life:
        for life in lives[-1:]:
            life.journal.close()
        lives.append(Life(Journal(tmp_path)))
        return lives[-1]

    yield begin
    for life in lives:
        life.end()
        life.journal.close()
