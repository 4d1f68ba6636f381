"""How jobs are judged: as all are, but for the exceptions."""

import pytest

from exporter.config import ConfigError, validate
from exporter.config.runs import Runs


def runs(**said: object) -> Runs:
    return validate(Runs, said, "runs")


def test_without_exceptions_all_are_judged_alike() -> None:
    judged = runs(failures={"medium": 4, "high": 5, "critical": 6}).judgement("nightly/load")
    assert judged.failures.medium == 4
    assert (judged.success.medium, judged.success.high) == (0.8, 0.5)
    assert (judged.duration.medium, judged.duration.high) == (2, 3)
    assert (judged.throughput.high, judged.rows.high) == (0.5, 0.5)


def test_an_exception_says_only_what_is_otherwise() -> None:
    config = runs(
        failures={"medium": 4, "high": 5, "critical": 6},
        exceptions=[{"pipeline": "nightly/*", "success": {"medium": 0.9, "high": 0.7}}],
    )
    judged = config.judgement("nightly/load")
    assert judged.success.medium == 0.9
    assert judged.failures.medium == 4
    assert config.judgement("daily/load").success.medium == 0.8


def test_the_first_exception_that_fits_counts() -> None:
    config = runs(
        exceptions=[
            {"pipeline": "nightly/load", "rows": {"high": 0.1}},
            {"pipeline": "nightly/*", "rows": {"high": 0.2}},
        ]
    )
    found = [config.judgement(name).rows.high for name in ("nightly/load", "nightly/copy", "Nightly/copy")]
    assert found == [0.1, 0.2, 0.5]


@pytest.mark.parametrize(
    ("said", "complaint"),
    [
        ({"success": {"medium": 0.5, "high": 0.8}}, "success: expected medium > high, got 0.5, 0.8"),
        ({"duration": {"medium": 3, "high": 3}}, "duration: expected medium < high, got 3.0, 3.0"),
        ({"rows": {"high": 1.0}}, "rows.high: expected < 1, got 1"),
        ({"team_share": 0}, "team_share: expected > 0, got 0"),
        ({"team_share": 1.5}, "team_share: expected <= 1, got 1.5"),
        ({"null_columns": -1}, "null_columns: expected >= 0, got -1"),
        ({"exceptions": [{"pipeline": "", "rows": {"high": 0.1}}]}, "exceptions[0].pipeline: expected"),
        ({"exceptions": [{"pipeline": "a", "stale_after": "1h"}]}, "exceptions[0].stale_after: unknown key"),
    ],
)
def test_limits_that_make_no_sense_are_refused(said: dict[str, object], complaint: str) -> None:
    with pytest.raises(ConfigError) as caught:
        runs(**said)
    assert complaint in str(caught.value)
