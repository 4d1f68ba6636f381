"""Which alerts mute which in the real Alertmanager: each rule, what it spares, and the model beside it."""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest
from numpy.random import default_rng

from exporter.alerting import Alertmanager
from exporter.alerting.inhibition import mutes
from tests.alerts import ALERTS, COMMERCIAL, PLATFORM, alert
from tests.quick import fire, inhibited, resolve
from tests.servers import free_port, serving, wait_until
from tools import programs
from tools.receivers import ALERTMANAGER, write_alertmanager

Labels = dict[str, str]

ABSENT = alert("PipelineExporterAbsent").of(PLATFORM)
DOWN = alert("PipelineExporterDown").of(PLATFORM)
# What watches the alerting itself is never muted by the exporter's absence.
SPARED = ("PipelineAlertmanagerUnreachable", "PipelineRulesFailing", "PipelineNotificationsFailing")
OF_AN_EXPORTER = (
    *("PipelineStageDegraded", "PipelineStageCritical", "PipelineStageBlocked", "PipelineStageStalled"),
    *("PipelineEventsDropped", "PipelineEventsFailed", "PipelineStageErrors", "PipelineStageSlow"),
    *("PipelineRunFailing", "PipelineRunSuccessLow", "PipelineRunSlow", "PipelineRunThroughputLow"),
    *("PipelineRunRowsLow", "PipelineRunUnlikePeers", "PipelineRunStuck", "PipelineRunSilent"),
    *("PipelineRunStale", "PipelineMissing", "PipelineUpstreamFailing", "PipelineDatasetStale"),
    *("PipelineDatasetAssertionsFailing", "PipelineDatasetSchemaChanged", "PipelineDataBroken"),
    *("PipelineDataDoubtful", "PipelineDataUndecided", "PipelineDataUnreadable", "PipelineDataUnchecked"),
    "PipelineExporterBehind",
    *("PipelineIntakeRefusing", "PipelineConfigNotLoaded", "PipelineProfileMismatch"),
)
EXCUSED = (
    *("PipelineRunStale", "PipelineRunSilent", "PipelineRunSlow", "PipelineRunRowsLow"),
    *("PipelineRunThroughputLow", "PipelineDatasetStale"),
)
TIERS = ("PipelineSloPageFast", "PipelineSloPageSlow", "PipelineSloTicketFast", "PipelineSloTicketSlow")
LAST = tuple(alert("PipelineRunFailing", severity).of(pipeline="last") for severity in ("critical", "medium"))


def of(name: str, severity: str | None = None, **labels: str) -> Labels:
    return alert(name, severity).of(COMMERCIAL, **labels)


def keys(alerts: Iterable[Labels]) -> set[frozenset[tuple[str, str]]]:
    return {frozenset(labels.items()) for labels in alerts}


def absence() -> Iterator[tuple[Labels, Labels, bool]]:
    for one in ALERTS:
        if one.name not in ("PipelineExporterAbsent", "Watchdog"):
            yield ABSENT, one.of(escalated_alert="PipelineStageCritical"), one.name not in SPARED
    escalation = alert("PipelineEscalation")
    for name in (*SPARED, "PipelineExporterAbsent"):
        yield ABSENT, escalation.of(PLATFORM, escalated_alert=name), False
    yield ABSENT, alert("Watchdog").of(PLATFORM), False
    yield ABSENT, {"alertname": "DiskFull", "severity": "high", "team": PLATFORM}, False


def down() -> Iterator[tuple[Labels, Labels, bool]]:
    for name in OF_AN_EXPORTER:
        yield DOWN, of(name), True
        yield DOWN, of(name, instance="another"), False
        yield DOWN, of(name, job="another"), False
    for name in (*SPARED, *TIERS, "PipelineSloNoData"):
        yield DOWN, of(name), False


def tiers() -> Iterator[tuple[Labels, Labels, bool]]:
    for index, fast in enumerate(TIERS):
        for slow in TIERS[index + 1 :]:
            yield of(fast), of(slow), True
            yield of(fast), of(slow, slo="another"), False
            yield of(fast), of(slow, pipeline="another"), False
            yield of(slow), of(fast), False
        yield of(fast), of("PipelineSloBudgetSpent"), False
        yield of(fast), of("PipelineSloNoData"), False


def stages() -> Iterator[tuple[Labels, Labels, bool]]:
    pairs = (
        ("PipelineStageStalled", "PipelineStageCritical"),
        ("PipelineStageStalled", "PipelineStageDegraded"),
        ("PipelineStageCritical", "PipelineStageDegraded"),
        ("PipelineEventsFailed", "PipelineStageErrors"),
    )
    for worse, better in pairs:
        yield of(worse), of(better), True
        yield of(worse), of(better, stage="another"), False
        yield of(worse), of(better, pipeline="another"), False
        yield of(better), of(worse), False
    for cause in ("PipelineStageStalled", "PipelineStageCritical"):
        yield of(cause), of("PipelineStageBlocked", stage="another"), True
        yield of(cause), of("PipelineStageBlocked", pipeline="another"), False
        yield of(cause), of("PipelineEventsDropped"), False
    yield of("PipelineStageDegraded"), of("PipelineStageBlocked"), False


def runs() -> Iterator[tuple[Labels, Labels, bool]]:
    failing = "PipelineRunFailing"
    for worse, better in (("critical", "high"), ("critical", "medium"), ("high", "medium")):
        yield of(failing, worse), of(failing, better), True
        yield of(failing, worse), of(failing, better, pipeline="another"), False
        yield of(failing, better), of(failing, worse), False
    for severity in ("critical", "high", "medium"):
        yield of(failing, severity), of("PipelineRunStale"), True
        yield of(failing, severity), of("PipelineRunStale", pipeline="another"), False
        yield of("PipelineRunStale"), of(failing, severity), False
    yield of(failing, "critical"), of("PipelineMissing"), False


def runs_of_one_job() -> Iterator[tuple[Labels, Labels, bool]]:
    for severity in ("critical", "high", "medium"):
        failing = of("PipelineRunFailing", severity)
        for name in ("PipelineRunUnlikePeers", "PipelineDatasetStale"):
            yield failing, of(name), True
            yield failing, of(name, pipeline="another"), False
        yield failing, of("PipelineRunSuccessLow", "medium"), True
        yield failing, of("PipelineRunSuccessLow", "high"), False
        yield failing, of("PipelineRunSlow", "medium"), False
    for name in ("PipelineRunSuccessLow", "PipelineRunSlow"):
        yield of(name, "high"), of(name, "medium"), True
        yield of(name, "high"), of(name, "medium", pipeline="another"), False
        yield of(name, "medium"), of("PipelineRunUnlikePeers"), True
    yield of("PipelineRunSlow", "high"), of("PipelineRunSuccessLow", "medium"), False
    for name in ("PipelineRunStale", "PipelineRunSilent", "PipelineDatasetStale"):
        yield of("PipelineRunStuck"), of(name), True
        yield of("PipelineRunStuck"), of(name, pipeline="another"), False


def data() -> Iterator[tuple[Labels, Labels, bool]]:
    for worse, better in (
        ("PipelineDataBroken", "PipelineDataDoubtful"),
        ("PipelineDataBroken", "PipelineDataUndecided"),
        ("PipelineDataUnreadable", "PipelineDataUnchecked"),
    ):
        yield of(worse), of(better), True
        yield of(worse), of(better, dataset="another"), False
        yield of(worse), alert(better).of(PLATFORM), False
        yield of(better), of(worse), False
    yield of("PipelineDataUnreadable"), of("PipelineDataBroken"), False
    yield of("PipelineDataBroken"), of("PipelineDatasetStale"), False


def upstream() -> Iterator[tuple[Labels, Labels, bool]]:
    waits = of("PipelineUpstreamFailing")
    for name in EXCUSED:
        yield waits, of(name), True
        yield waits, alert(name).of(PLATFORM), True
        yield waits, of(name, pipeline="another"), False
        yield waits, of("PipelineEscalation", escalated_alert=name), True
        yield waits, of("PipelineEscalation", escalated_alert=name, pipeline="another"), False
    for name in ("PipelineRunFailing", "PipelineRunStuck", "PipelineRunSuccessLow", "PipelineMissing"):
        yield waits, of(name), False
        yield waits, of("PipelineEscalation", escalated_alert=name), False
    nobodys = {name: value for name, value in of("PipelineDatasetStale").items() if name != "pipeline"}
    yield waits, nobodys, False


@pytest.fixture(scope="module")
def url(alertmanager_binary: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """An Alertmanager that tells nobody."""
    folder = tmp_path_factory.mktemp("inhibition")
    configuration, _ = write_alertmanager(folder, None, folder / "none")
    with serving(programs.alertmanager(alertmanager_binary, free_port(), configuration, folder)) as server:
        yield server.url


def muted(url: str, *alerts: Labels) -> set[frozenset[tuple[str, str]]]:
    """Which of these alerts are muted while exactly they fire."""
    fire(url, *alerts)
    # Alerts are taken in one after the other: when these two have come through, all have.
    fire(url, *LAST)
    wait_until(lambda: inhibited(url)[frozenset(LAST[1].items())])
    found = {key for key, is_inhibited in inhibited(url).items() if is_inhibited}
    resolve(url, *alerts, *LAST)
    wait_until(lambda: not inhibited(url))
    return found - keys(LAST)


@pytest.mark.parametrize(
    "cases",
    [absence, down, tiers, stages, runs, runs_of_one_job, data, upstream],
    ids=lambda cases: cases.__name__,
)
def test_a_rule_mutes_what_it_should_and_nothing_else(
    url: str, cases: Callable[[], Iterable[tuple[Labels, Labels, bool]]]
) -> None:
    for source, target, expected in cases():
        is_muted_now = frozenset(target.items()) in muted(url, source, target)
        assert is_muted_now == expected, (source, target)


def test_one_failing_upstream_is_told_once_however_many_teams_wait(url: str) -> None:
    failing = of("PipelineRunFailing", "critical", pipeline="load")
    waiting = [
        alert(name).of(f"team-{number}", pipeline=f"reader-{number}", **more)
        for number in range(5)
        for name, more in (
            ("PipelineUpstreamFailing", {"upstream": "load"}),
            ("PipelineRunStale", {}),
            ("PipelineDatasetStale", {}),
            ("PipelineEscalation", {"escalated_alert": "PipelineRunStale"}),
        )
    ]
    for_the_record = [labels for labels in waiting if labels["alertname"] == "PipelineUpstreamFailing"]
    told = keys([failing, *waiting]) - muted(url, failing, *waiting)
    assert told == keys([failing, *for_the_record])
    assert {labels["severity"] for labels in for_the_record} == {"low"}


def test_the_model_mutes_what_alertmanager_mutes(url: str) -> None:
    rules = Alertmanager.load(ALERTMANAGER).config.inhibit_rules
    chance = default_rng(3)
    possible = [one for one in ALERTS if one.name != ABSENT["alertname"]]
    for _ in range(20):
        alerts = [
            possible[index].of(**{label: str(chance.integers(2)) for label in possible[index].labels})
            for index in chance.permutation(len(possible))[:12]
        ]
        foreseen = keys(target for target in alerts if any(mutes(rules, source, target) for source in alerts))
        assert muted(url, *alerts) == foreseen
