"""Alertmanager as a model: alerts in, notifications out, in virtual time."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from exporter.alerting.configuration import AlertmanagerConfig, read
from exporter.alerting.episode import Episode, Notification
from exporter.alerting.routes import Options, Route
from exporter.alerting.timeline import PROMETHEUS, Sender, Timeline


class Alertmanager:
    """Routing, grouping, waiting, repeating and inhibition as Alertmanager 0.33 does them.

    Mute times and silences are not in the model: it has no calendar. It tells of every delivery at once and
    with success, so a repetition that is due exactly at a flush comes with the next one.
    """

    def __init__(self, config: AlertmanagerConfig) -> None:
        self.config = config
        self.root = Route.of(config.route, Options())
        self.by_name = {receiver.name: receiver for receiver in config.receivers}

    @classmethod
    def load(cls, path: Path) -> "Alertmanager":
        """The one that a configuration file makes; ConfigError when it can't be used."""
        return cls(read(path))

    def receivers(self, labels: Mapping[str, str]) -> list[str]:
        """Who is told of an alert with these labels, in the order of the tree."""
        return [route.options.receiver for route in self.root.match(labels)]

    def is_human(self, receiver: str) -> bool:
        """Whether a person is told through the receiver: by anything but a webhook."""
        return self.by_name[receiver].is_human

    def notifications(
        self, episodes: Iterable[Episode], until: float, sender: Sender = PROMETHEUS
    ) -> list[Notification]:
        """All notifications up to the time `until` (seconds), in order.

        The episodes of alerts with the same labels don't overlap.
        """
        ends_told = {name: receiver.tells_the_end for name, receiver in self.by_name.items()}
        return list(Timeline(self.root, self.config.inhibit_rules, ends_told).run(episodes, sender, until))
