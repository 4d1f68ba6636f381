"""docs/checks.md says what the code does."""

from pathlib import Path

from exporter.checks.config import Checks, ChecksConfig
from exporter.checks.load import checks_of
from exporter.collector.checks import CHECK_FAMILIES

GUIDE = Path(__file__).parents[3] / "docs/checks.md"
TEXT = GUIDE.read_text(encoding="utf-8")


def test_the_configuration_in_it_is_good() -> None:
    shown = TEXT.partition("```yaml\n")[2].partition("```")[0]
    assert isinstance(checks_of(shown, "shown.yml").config, ChecksConfig)


def test_every_check_is_in_it() -> None:
    names = {field.alias or name for name, field in Checks.model_fields.items()}
    rows = [row.split("|")[2] for row in TEXT.splitlines() if row.startswith(("| 1 |", "| 2 |", "| 3 |"))]
    assert {name.strip(" *") for cell in rows for name in cell.split(",")} == names


def test_every_metric_is_in_it() -> None:
    for family in CHECK_FAMILIES:
        assert f"| `{family.sample_name}` | {', '.join(family.labels)} | {family.help} |" in TEXT.splitlines()
