"""Alertmanager in virtual time: alerts arrive, groups are flushed, receivers are told."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from heapq import heappop, heappush
from itertools import count

from exporter.alerting.configuration import InhibitRule
from exporter.alerting.episode import Episode, Notification
from exporter.alerting.group import Group, Told
from exporter.alerting.inhibition import Inhibitor, Key
from exporter.alerting.routes import Route

Place = tuple[Route, Key]
ARRIVAL, FLUSH = 0, 1
NEVER = Told(float("-inf"), frozenset(), frozenset())


@dataclass(frozen=True)
class Sender:
    """How alerts are sent: that one is over is said every `resend` seconds, for `keeps` seconds."""

    resend: float
    keeps: float


# --rules.alert.resend-delay, and how long its rules keep an alert that is over.
PROMETHEUS = Sender(resend=60.0, keeps=900.0)


class Timeline:
    """One run. Alerts of the same moment arrive before the flushes of that moment."""

    def __init__(self, root: Route, rules: Sequence[InhibitRule], ends_told: dict[str, set[bool]]) -> None:
        self.root = root
        self.inhibitor = Inhibitor(rules)
        self.ends_told = ends_told
        self.groups: dict[Place, Group] = {}
        self.told: dict[Place, dict[bool, Told]] = {}
        self.sequence = count()
        self.due: list[tuple[float, int, int, Episode | Place]] = []

    def run(self, episodes: Iterable[Episode], sender: Sender, until: float) -> Iterator[Notification]:
        """Every notification up to `until`, in order."""
        for episode in episodes:
            for at in sendings(episode, sender):
                self.add(at, ARRIVAL, episode)
        while self.due and self.due[0][0] <= until:
            at, _, _, what = heappop(self.due)
            if isinstance(what, Episode):
                self.arrive(what, at)
            elif notification := self.flush(what, at):
                yield notification

    def add(self, at: float, order: int, what: Episode | Place) -> None:
        """Plan something."""
        heappush(self.due, (at, order, next(self.sequence), what))

    def arrive(self, episode: Episode, at: float) -> None:
        """Take an alert into the groups it belongs to. One that fires anew is no longer said to be over."""
        if episode.is_resolved(at) and self.inhibitor.is_superseded(episode):
            return
        self.inhibitor.note(episode)
        for route in self.root.match(episode.labels):
            labels = route.options.group(episode.labels)
            place = (route, frozenset(labels.items()))
            if place not in self.groups:
                self.open(place, labels, episode, at)
            self.groups[place].alerts[episode.key] = episode

    def open(self, place: Place, labels: dict[str, str], first: Episode, at: float) -> None:
        """A new group: it waits for more alerts, unless its first one is older than that wait."""
        route = place[0]
        told = self.told.setdefault(place, dict.fromkeys(self.ends_told[route.options.receiver], NEVER))
        self.groups[place] = Group(route, labels, told)
        waited = first.start + route.options.group_wait < at
        self.add(at if waited else at + route.options.group_wait, FLUSH, place)

    def flush(self, place: Place, at: float) -> Notification | None:
        """Tell a group; it is gone when nothing in it fires any more."""
        group = self.groups[place]
        unmuted = [alert for key, alert in group.alerts.items() if not self.inhibitor.is_muted(key, at)]
        notification = group.flush(at, unmuted)
        if group.alerts:
            self.add(at + group.route.options.group_interval, FLUSH, place)
        else:
            del self.groups[place]
        return notification


def sendings(episode: Episode, sender: Sender) -> Iterator[float]:
    """When the alert is sent for the first time, and when it is said to be over."""
    yield episode.start
    if episode.end is not None:
        at = episode.end
        while at < episode.end + sender.keeps:
            yield at
            at += sender.resend
