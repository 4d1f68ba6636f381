"""Scenarios to scores: play, judge by the real rules, compare, and count what people are told."""

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from exporter.alerting import Alertmanager, Episode
from exporter.config.scenario import Scenario
from exporter.score.catalog import read_scenario
from exporter.score.episodes import episodes
from exporter.score.judgement import Score, judge
from exporter.score.promtool import firing
from exporter.score.recording import record
from exporter.service import Options, Service

# How often Prometheus scrapes and evaluates in the prod profile, in seconds. promtool knows one interval
# for all groups of rules: what lasts for days is evaluated as often as the slow groups ask for.
INTERVAL = 15
SLOW_INTERVAL = 60
DAY = 86400


@dataclass(frozen=True)
class Judges:
    """The real rules, the tool that evaluates them, and Alertmanager's configuration."""

    promtool: Path
    rules: Sequence[Path]
    alertmanager: Path


def fired(options: Options, promtool: Path, rules: Sequence[Path]) -> list[Episode]:
    """The alerts that the rules fire when the scenario of `options` is played."""
    service = Service(options, now=lambda: 0.0)
    scenario = service.config.scenario
    if scenario.fleet is None:
        service.fleet = None
    text = "".join(path.read_text(encoding="utf-8") for path in rules)
    recording = record(service, scenario, INTERVAL, text)
    every = INTERVAL if scenario.lasts <= DAY else SLOW_INTERVAL
    return episodes(firing(promtool, rules, recording, every), every, int(scenario.lasts) // every * every)


def score(path: Path, judges: Judges, config: Path | None = None) -> Score:
    """How the scenario in `path` goes; ConfigError, PromtoolError or SilentError when that can't be said."""
    found = fired(Options(config, path), judges.promtool, judges.rules)
    return judged(read_scenario(path), found, Alertmanager.load(judges.alertmanager))


def judged(scenario: Scenario, found: Sequence[Episode], alertmanager: Alertmanager) -> Score:
    """The score of what fired, with the number of notifications that people get."""
    result = judge(scenario, found)
    told = alertmanager.notifications(found, scenario.lasts)
    result.notifications = sum(alertmanager.is_human(notification.receiver) for notification in told)
    return result


def scores(paths: Sequence[Path], judges: Judges, config: Path | None = None) -> Iterator[tuple[str, Score]]:
    """Each scenario's score, as they come out; as many at a time as there are processors."""
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        yield from zip(
            [path.stem for path in paths],
            pool.map(lambda path: score(path, judges, config), paths),
            strict=True,
        )
