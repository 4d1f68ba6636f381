"""Alertmanager with the repository's configuration, made quick, and alerts as Prometheus sends them."""

import copy
import http.client
import json
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from exporter.alerting import Episode
from tools.receivers import ALERTMANAGER

Labels = Mapping[str, str]
Json = dict[str, Any]

# In seconds: a minute is two, and what is never repeated stays so. An interval that is not here is a
# KeyError: whoever changes the configuration decides what is quick.
QUICK = {
    "group_wait": {"0s": 0, "10s": 1},
    "group_interval": {"1m": 2},
    "repeat_interval": {"4m": 3, "5m": 3, "1h": 5, "1d": 9, "120h": 3600},
}
WAIT, INTERVAL, REPEAT = 1, 2, 5
SECONDS_UNTIL_GONE = 300


def configuration(stretch: int = 1) -> Json:
    """The repository's configuration with quick intervals, so many times as long; templates are found."""
    content: Json = YAML(typ="safe").load(ALERTMANAGER)
    content["templates"] = [str(ALERTMANAGER.parent / "templates/*.tmpl")]
    hasten(content["route"], stretch)
    return content


def hasten(route: Json, stretch: int) -> None:
    """Make a route and all below it quick."""
    for key, quick in QUICK.items():
        if key in route:
            route[key] = f"{stretch * quick[route[key]]}s"
    for child in route.get("routes", []):
        hasten(child, stretch)


def told_to(content: Json, url: str) -> Json:
    """The configuration where each receiver is a path at `url`; one that is told nothing still isn't."""
    changed = copy.deepcopy(content)
    changed["receivers"] = [
        {"name": one["name"], "webhook_configs": [{"url": f"{url}/{one['name']}"}]} if len(one) > 1 else one
        for one in content["receivers"]
    ]
    return changed


def written(content: Json, folder: Path) -> Path:
    """A configuration file: JSON is YAML."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "quick.json"
    path.write_text(json.dumps(content))
    return path


def post(url: str, alerts: Iterable[tuple[Labels, float, float]], annotations: Labels | None = None) -> None:
    """Send alerts with their starts and ends, in seconds since 1970."""
    body = [
        {
            "labels": labels,
            "annotations": annotations or {},
            "startsAt": timestamp(starts),
            "endsAt": timestamp(ends),
        }
        for labels, starts, ends in alerts
    ]
    ask(url, "POST", "/api/v2/alerts", body)


def ask(url: str, method: str, path: str, body: object = None) -> Any:
    """What Alertmanager answers; many questions a second, so no client that needs long to begin."""
    connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=10)
    try:
        connection.request(method, path, json.dumps(body), {"Content-Type": "application/json"})
        answer = connection.getresponse()
        content = answer.read()
        assert answer.status == http.client.OK, content
        return json.loads(content) if content else None
    finally:
        connection.close()


def timestamp(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat()


def fire(url: str, *alerts: Labels) -> None:
    """Alerts that fire from now on."""
    now = time.time()
    post(url, [(labels, now, now + SECONDS_UNTIL_GONE) for labels in alerts])


def resolve(url: str, *alerts: Labels) -> None:
    """They are over."""
    now = time.time()
    post(url, [(labels, now - 1, now) for labels in alerts])


def inhibited(url: str) -> dict[frozenset[tuple[str, str]], bool]:
    """Every alert that fires, and whether another mutes it."""
    alerts = ask(url, "GET", "/api/v2/alerts")
    return {frozenset(alert["labels"].items()): bool(alert["status"]["inhibitedBy"]) for alert in alerts}


@contextmanager
def sent(url: str, episodes: Sequence[Episode], every: float, keeps: float) -> Iterator[float]:
    """Play episodes against the wall clock in a thread; yields when they began (monotonic seconds).

    What fires, and what has been over for less than `keeps` seconds, is sent `every` so many seconds.
    """
    start, start_time, stop = time.monotonic(), time.time(), threading.Event()

    def play() -> None:
        tick = 0
        while not stop.wait(max(0.0, start + tick * every - time.monotonic())):
            post(url, due(episodes, tick * every, start_time, keeps))
            tick += 1

    thread = threading.Thread(target=play)
    thread.start()
    try:
        yield start
    finally:
        stop.set()
        thread.join()


def due(
    episodes: Sequence[Episode], at: float, start: float, keeps: float
) -> Iterator[tuple[Labels, float, float]]:
    """The alerts to send `at` seconds after the start: of each only its latest time."""
    latest = {episode.key: episode for episode in episodes if episode.start <= at}
    for episode in latest.values():
        if episode.end is None or at < episode.end:
            yield episode.labels, start + episode.start, start + at + SECONDS_UNTIL_GONE
        elif at < episode.end + keeps:
            yield episode.labels, start + episode.start, start + episode.end
