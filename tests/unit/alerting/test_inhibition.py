"""Which alerts mute which, by the rules alone."""

from typing import Any

from exporter.alerting.inhibition import mutes
from tests.unit.alerting.configurations import model

WORSE, BETTER = {"level": "2", "team": "shop"}, {"level": "1", "team": "shop"}


def muted(target: dict[str, str], *firing: dict[str, str], **rule: Any) -> bool:
    given = {"source_matchers": ['level="2"'], "target_matchers": ['level="1"'], "equal": ["team"], **rule}
    rules = model(inhibit_rules=[given]).config.inhibit_rules
    return any(mutes(rules, source, target) for source in firing)


def test_a_source_mutes_the_target_with_equal_labels() -> None:
    assert muted(BETTER, WORSE)
    assert not muted(BETTER, {**WORSE, "team": "other"})
    assert not muted(WORSE, BETTER)
    assert not muted(BETTER, BETTER)
    assert not muted(BETTER)


def test_two_missing_labels_are_equal() -> None:
    assert muted({"level": "1"}, {"level": "2"})
    assert muted({"level": "1"}, {"level": "2", "team": ""})
    assert not muted({"level": "1"}, WORSE)


def test_all_equal_labels_must_be_equal() -> None:
    both = ["team", "stage"]
    assert muted({**BETTER, "stage": "a"}, {**WORSE, "stage": "a"}, equal=both)
    assert not muted({**BETTER, "stage": "a"}, {**WORSE, "stage": "b"}, equal=both)


def test_without_equal_labels_every_source_mutes_every_target() -> None:
    assert muted(BETTER, {**WORSE, "team": "other"}, equal=[])


def test_alerts_on_both_sides_do_not_mute_one_another_nor_themselves() -> None:
    anything = {"target_matchers": ['team="shop"'], "source_matchers": ['team="shop"']}
    assert not muted(BETTER, WORSE, **anything)
    assert not muted(BETTER, BETTER, **anything)


def test_one_on_both_sides_is_muted_by_one_that_is_only_a_source() -> None:
    rule = {"source_matchers": ['team="shop"'], "target_matchers": ['level="1"']}
    assert muted(BETTER, WORSE, **rule)
    assert not muted(WORSE, BETTER, **rule)
