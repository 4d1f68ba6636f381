"""What fired against what should have: detected, missed, late, false."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from exporter.alerting import Episode
from exporter.config.durations import format_duration
from exporter.config.fleet import JobFault
from exporter.config.scenario import Expectation, Restart, Scenario, ScriptedFault

PAGE = "critical"
Cause = ScriptedFault | JobFault | Restart


@dataclass
class Score:
    """How a scenario went; times in seconds.

    `missed` names faults that none of their alerts told in time, `unmet` alerts that did not do as expected.
    """

    faults: int = 0
    detected: int = 0
    missed: list[str] = field(default_factory=list)
    unmet: list[str] = field(default_factory=list)
    false_alerts: list[str] = field(default_factory=list)
    false_pages: int = 0
    notifications: int = 0
    times_to_detect: list[float] = field(default_factory=list)
    times_to_clear: list[float] = field(default_factory=list)

    @property
    def passed(self) -> bool:
        """Exactly what was expected fired, in time, and cleared."""
        return not (self.missed or self.unmet or self.false_alerts)


def judge(scenario: Scenario, episodes: Sequence[Episode]) -> Score:
    """Compare; a fault of which nothing is expected must raise nothing, and isn't counted.

    `notifications` is left to who knows Alertmanager.
    """
    score = Score()
    for kind, index, cause in causes(scenario):
        wanted = [one for one in scenario.expect if expects(one, kind, index)]
        if wanted:
            judge_cause(score, f"{kind} {index} ({words(cause)})", cause, wanted, episodes)
    for episode in unexplained(scenario, episodes):
        score.false_alerts.append(f"{alert_words(episode)} at {format_duration(episode.start)}")
        score.false_pages += episode.labels.get("severity") == PAGE
    return score


def causes(scenario: Scenario) -> Iterator[tuple[str, int, Cause]]:
    """Everything that happens: kind, index and what it is."""
    yield from (("fault", index, fault) for index, fault in enumerate(scenario.faults))
    of_fleet = scenario.fleet.faults if scenario.fleet else []
    yield from (("fleet_fault", index, fault) for index, fault in enumerate(of_fleet))
    yield from (("restart", index, restart) for index, restart in enumerate(scenario.restarts))


def expects(expected: Expectation, kind: str, index: int) -> bool:
    """True when the expectation is about this cause; when it is about none, it is about each fault."""
    if expected.fault is expected.fleet_fault is expected.restart is None:
        return kind == "fault"
    wanted: int | None = getattr(expected, kind)
    return wanted == index


def judge_cause(
    score: Score, name: str, cause: Cause, wanted: Sequence[Expectation], episodes: Sequence[Episode]
) -> None:
    """Add one cause to the score."""
    onset, end = cause.at, cause.at + cause.duration
    score.faults += 1
    starts, ends = [], []
    for expected in wanted:
        found = [
            one for one in episodes if matches(one, expected) and overlaps(one, onset, end + expected.cleared)
        ]
        score.unmet += [f"{name}: {problem}" for problem in problems(expected, found, onset, end)]
        if found and found[0].start <= onset + expected.within:
            starts.append(max(0.0, found[0].start - onset))
            ends += [one.end - end for one in found if one.end is not None]
    if not starts:
        score.missed.append(name)
        return
    score.detected += 1
    score.times_to_detect.append(min(starts))
    if ends:
        score.times_to_clear.append(max(0.0, *ends))


def problems(expected: Expectation, found: Sequence[Episode], onset: float, end: float) -> Iterator[str]:
    """What an alert did otherwise than expected."""
    name = " ".join([expected.alert, *expected.labels.values()])
    if not found:
        yield f"{name} never fired"
        return
    if found[0].start > onset + expected.within:
        late = format_duration(found[0].start - onset)
        yield f"{name} fired after {late}, expected within {format_duration(expected.within)}"
    if found[-1].end is None or found[-1].end > end + expected.cleared:
        yield f"{name} was not over {format_duration(expected.cleared)} after the end"


def matches(episode: Episode, expected: Expectation) -> bool:
    """True when this is the alert that was expected."""
    wanted = {"alertname": expected.alert, **expected.labels}
    return all(episode.labels.get(key) == value for key, value in wanted.items())


def overlaps(episode: Episode, onset: float, end: float) -> bool:
    """True when the episode has part in the time from `onset` to `end`."""
    return episode.start <= end and (episode.end is None or episode.end > onset)


def unexplained(scenario: Scenario, episodes: Sequence[Episode]) -> Iterator[Episode]:
    """Alerts that nothing in the scenario should have raised when they began."""
    explained = [
        (expected, cause.at, cause.at + cause.duration + expected.cleared)
        for kind, index, cause in causes(scenario)
        for expected in scenario.expect
        if expects(expected, kind, index)
    ]
    for episode in episodes:
        if not any(matches(episode, one) and start <= episode.start <= end for one, start, end in explained):
            yield episode


def words(cause: Cause) -> str:
    """What happened."""
    match cause:
        case ScriptedFault():
            return f"{cause.stage} {cause.kind}"
        case JobFault():
            return f"job {cause.job} {cause.kind}"
        case _:
            return "exporter away"


def alert_words(episode: Episode) -> str:
    """The alert, and what of."""
    about = [
        episode.labels[key]
        for key in ("pipeline", "stage", "slo", "escalated_alert")
        if key in episode.labels
    ]
    return " ".join([episode.labels["alertname"], *about])
