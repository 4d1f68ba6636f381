"""The planted defects prove each kind of check: one that doesn't count any more no longer finds its own."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from exporter.checks import checking, plan, scan
from exporter.checks.binder import Binder
from exporter.checks.config import Checks
from exporter.checks.outcome import Outcome
from exporter.checks.plan import Mix, Plan, Rate
from exporter.checks.scan import Facts
from exporter.checks.session import Session
from tests.unit.checks.clickstreams import failed, judged, written
from tests.unit.checks.test_check_formats import clicks, daily, verdict
from tests.unit.checks.test_planted_defects import DEFECTS

Blind = Callable[[pytest.MonkeyPatch, str], None]


def rates(patch: pytest.MonkeyPatch, kind: str) -> None:
    """The SQL of a kind counts nothing."""
    add = plan.add_rate
    patch.setattr(plan, "add_rate", lambda of, rate: add(of, deaf(rate) if rate.check == kind else rate))


def deaf(rate: Rate) -> Rate:
    return replace(rate, bad="sum(0)")


def keys(patch: pytest.MonkeyPatch, _kind: str) -> None:
    """Every row has a key of its own."""
    patch.setattr(scan, "digest", lambda *_: "CAST(row_number() OVER () AS UINTEGER)")


def values(patch: pytest.MonkeyPatch, _kind: str) -> None:
    """Measures are always the same."""
    patch.setattr(Binder, "aggregate", lambda *_: "CAST(1e6 AS DOUBLE)")


def conditions(patch: pytest.MonkeyPatch, _kind: str) -> None:
    """No row is counted."""
    patch.setattr(plan, "counted", lambda _: "sum(0)")


def mixes(patch: pytest.MonkeyPatch, _kind: str) -> None:
    """Every value is the same."""
    patch.setattr(plan, "Mix", lambda index, _: Mix(index, "'same'"))


def arrivals(patch: pytest.MonkeyPatch, _kind: str) -> None:
    """Every day has its rows."""
    patch.setattr(Facts, "rows", lambda *_: 1000)


def calendar(patch: pytest.MonkeyPatch, _kind: str) -> None:
    """No day is late or lost."""

    def none(*_: object) -> Iterator[Outcome]:
        yield from ()

    patch.setattr("exporter.checks.pipeline_health.freshness", none)


def outside_days(patch: pytest.MonkeyPatch, _kind: str) -> None:
    """Rows without a day or of the future are not seen."""
    read = scan.read_all

    def forgetful(session: Session, of: Plan, span: scan.Span, facts: Facts) -> None:
        read(session, of, span, facts)
        facts.undated = facts.future = 0

    patch.setattr(scan, "read_all", forgetful)


BLIND: dict[str, Blind] = {
    "rows": arrivals, "key_events": values, "total": values, "freshness": calendar, "duplicates": keys,
    "unique": keys, "taxonomy": rates, "nulls": rates, "missing": rates, "json": rates, "range": rates,
    "references": rates, "drift": values, "share": conditions, "mix": mixes, "dates": outside_days,
}  # fmt: skip
ELSEWHERE = {"types", "schema"}


def test_every_kind_of_check_is_blinded() -> None:
    kinds = {field.alias or name for name, field in Checks.model_fields.items()}
    assert kinds == BLIND.keys() | ELSEWHERE
    assert {check for _, expected, _ in DEFECTS.values() for check, _, _, _ in expected} == set(BLIND)


@pytest.mark.parametrize(
    ("kind", "defect"),
    [(next(iter(expected))[0], name) for name, (_, expected, _) in DEFECTS.items() if len(expected) == 1]
    + [("rows", "few rows"), ("key_events", "no purchases"), ("total", "no purchases")],
)
def test_a_kind_that_does_not_count_does_not_find(
    kind: str, defect: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = written(tmp_path, 101, DEFECTS[defect][0])
    assert kind in {check for check, _, _, _ in failed(judged(path))}
    BLIND[kind](monkeypatch, kind)
    assert kind not in {check for check, _, _, _ in failed(judged(path))}


def test_types_that_are_not_counted(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    rates(monkeypatch, "types")
    with clicks() as database:
        daily(
            database,
            tmp_path,
            lambda _: "* REPLACE (CASE WHEN id % 20 = 1 THEN 'n/a' ELSE amount::VARCHAR END AS amount)",
        )
    assert ("types", "amount", 2, "WARN") not in failed(verdict(tmp_path, "*.csv"))


def test_a_schema_that_is_not_looked_at(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(checking, "judge_schema", lambda *_: ())
    with clicks() as database:
        daily(database, tmp_path, lambda day: "*, 1 AS campaign" if day == 9 else "*")
    assert failed(verdict(tmp_path, "*.csv")) == set()
