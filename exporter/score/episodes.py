"""Firing alerts at every evaluation become episodes with a start and an end."""

from collections.abc import Iterator

from exporter.alerting import Episode
from exporter.score.promtool import Firing, Labels

WATCHDOG = "Watchdog"


class SilentError(Exception):
    """Not even the alert that always fires did: nothing was judged."""


def episodes(firing: Firing, interval: int, until: int) -> list[Episode]:
    """Every alert's times in firing, by their start; SilentError unless the Watchdog always fired."""
    times: dict[Labels, list[int]] = {}
    for time, alerts in sorted(firing.items()):
        for labels in alerts:
            times.setdefault(labels, []).append(time)
    always = [seen for labels, seen in times.items() if dict(labels)["alertname"] == WATCHDOG]
    if [len(seen) for seen in always] != [until // interval + 1]:
        raise SilentError(f"{WATCHDOG} did not fire at every evaluation: were the rules evaluated at all?")
    found = [
        Episode(dict(labels), start, end if end <= until else None)
        for labels, seen in times.items()
        if dict(labels)["alertname"] != WATCHDOG
        for start, end in spells(seen, interval)
    ]
    return sorted(found, key=lambda episode: (episode.start, sorted(episode.labels.items())))


def spells(times: list[int], interval: int) -> Iterator[tuple[int, int]]:
    """Start and end (the first time without it) of each unbroken sequence in rising `times`."""
    start = before = times[0]
    for time in times[1:]:
        if time != before + interval:
            yield start, before + interval
            start = time
        before = time
    yield start, before + interval
