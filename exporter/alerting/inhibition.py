"""Which alerts mute which."""

from collections.abc import Mapping, Sequence

from exporter.alerting.configuration import InhibitRule
from exporter.alerting.episode import Episode

Labels = Mapping[str, str]
Key = frozenset[tuple[str, str]]


def mutes(rules: Sequence[InhibitRule], source: Labels, target: Labels) -> bool:
    """True when `source`, while it fires, mutes `target` by one of the rules."""
    return any(mutes_by(rule, source, target) for rule in rules)


def mutes_by(rule: InhibitRule, source: Labels, target: Labels) -> bool:
    """True when it does so by this rule.

    A label that neither has is equal. Alerts that are on both sides of a rule don't mute one another.
    """
    if not (rule.source_matchers.match(source) and rule.target_matchers.match(target)):
        return False
    if rule.source_matchers.match(target) and rule.target_matchers.match(source):
        return False
    return all(source.get(label, "") == target.get(label, "") for label in rule.equal)


class Inhibitor:
    """The latest episode of every alert, and who is muted by whom among them.

    An alert that is muted itself mutes on.
    """

    def __init__(self, rules: Sequence[InhibitRule]) -> None:
        self.rules = rules
        self.latest: dict[Key, Episode] = {}
        self.sources: dict[Key, list[Key]] = {}

    def note(self, episode: Episode) -> None:
        """An alert fires, or its end is told."""
        if episode.key not in self.latest:
            known = {key: one.labels for key, one in self.latest.items()}
            for key, labels in known.items():
                if mutes(self.rules, episode.labels, labels):
                    self.sources[key].append(episode.key)
            self.sources[episode.key] = [
                key for key, labels in known.items() if mutes(self.rules, labels, episode.labels)
            ]
        self.latest[episode.key] = episode

    def is_superseded(self, episode: Episode) -> bool:
        """Whether the alert has fired anew since."""
        return self.latest.get(episode.key) is not episode

    def is_muted(self, key: Key, at: float) -> bool:
        """Whether an alert that fires now mutes this one."""
        return any(not self.latest[source].is_resolved(at) for source in self.sources[key])
