"""Which alerts mute which."""

from collections.abc import Iterable, Mapping, Sequence

from exporter.alerting.configuration import InhibitRule

Labels = Mapping[str, str]


def mutes(rule: InhibitRule, source: Labels, target: Labels) -> bool:
    """True when `source`, which fires, mutes `target`.

    A label that neither has is equal. Alerts that are on both sides of a rule don't mute one another.
    """
    if not (rule.source_matchers.match(source) and rule.target_matchers.match(target)):
        return False
    if rule.source_matchers.match(target) and rule.target_matchers.match(source):
        return False
    return all(source.get(label, "") == target.get(label, "") for label in rule.equal)


def is_muted(rules: Sequence[InhibitRule], target: Labels, firing: Iterable[Labels]) -> bool:
    """True when one of the firing alerts mutes `target`, be it muted itself."""
    wanted = [rule for rule in rules if rule.target_matchers.match(target)]
    return bool(wanted) and any(mutes(rule, source, target) for source in firing for rule in wanted)
