"""What a receiver gets and when: grouping, waiting, repeating, the end, inhibition."""

from typing import Any

import pytest

from exporter.alerting import Alertmanager, Episode, Notification
from exporter.alerting.timeline import Sender
from tests.unit.alerting.configurations import SLACK, WEBHOOK, model

DAY = 86400.0
RULES = [
    {
        "source_matchers": ['alertname="Cause"'],
        "target_matchers": ['alertname="Effect"'],
        "equal": ["pipeline"],
    }
]


def during(
    name: str, start: float, end: float | None = None, pipeline: str = "orders", **more: str
) -> Episode:
    return Episode({"alertname": name, "pipeline": pipeline, **more}, start, end)


def line(notification: Notification) -> tuple[float, str, list[str]]:
    """When, in which state, and the alerts; those that are over with a minus."""
    at = notification.at
    names = ["-" * alert.is_resolved(at) + alert.labels["alertname"] for alert in notification.alerts]
    return at, notification.status, sorted(names)


def told(alertmanager: Alertmanager, *episodes: Episode, until: float = DAY, **more: Any) -> list[Any]:
    return [line(one) for one in alertmanager.notifications(episodes, until, **more)]


def test_a_group_waits_for_more_alerts_before_the_first_word() -> None:
    assert told(model(), during("A", 100), during("B", 109), until=120) == [(110, "firing", ["A", "B"])]


def test_a_later_alert_waits_for_the_next_round() -> None:
    assert told(model(), during("A", 0), during("B", 11), until=100) == [
        (10, "firing", ["A"]),
        (70, "firing", ["A", "B"]),
    ]


def test_alerts_of_other_groups_are_told_apart() -> None:
    notifications = model().notifications([during("A", 0), during("A", 5, pipeline="returns")], 60)
    assert [(one.at, dict(one.group)) for one in notifications] == [
        (10, {"pipeline": "orders"}),
        (15, {"pipeline": "returns"}),
    ]


def test_what_has_not_changed_is_told_again_after_the_cooldown_with_the_next_round() -> None:
    assert told(model(), during("A", 0), until=8000) == [
        (10, "firing", ["A"]),
        (3670, "firing", ["A"]),
        (7330, "firing", ["A"]),
    ]
    assert [at for at, _, _ in told(model({"repeat_interval": "3590s"}), during("A", 0), until=8000)] == [
        10,
        3610,
        7210,
    ]


def test_the_end_is_told_once() -> None:
    assert told(model(), during("A", 0, 200)) == [(10, "firing", ["A"]), (250, "resolved", ["-A"])]


def test_the_end_of_one_of_several_is_told_with_those_that_go_on() -> None:
    assert told(model(), during("A", 0, 200), during("B", 0), until=300) == [
        (10, "firing", ["A", "B"]),
        (250, "firing", ["-A", "B"]),
    ]


def test_what_is_over_before_the_first_round_is_told_to_nobody() -> None:
    assert told(model(), during("A", 0, 9)) == []


def test_what_fires_anew_is_told_anew_though_the_cooldown_is_not_over() -> None:
    assert told(model(), during("A", 0, 60), during("A", 100, 200)) == [
        (10, "firing", ["A"]),
        (70, "resolved", ["-A"]),
        (110, "firing", ["A"]),
        (230, "resolved", ["-A"]),
    ]


def test_what_flaps_between_two_rounds_goes_unnoticed() -> None:
    assert told(model(), during("A", 0, 20), during("A", 30, 80)) == [
        (10, "firing", ["A"]),
        (130, "resolved", ["-A"]),
    ]


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({}, [(10, "firing", ["A", "B"]), (130, "firing", ["B", "C"])]),
        (
            {"send_resolved": True},
            [
                (10, "firing", ["A", "B"]),
                (70, "firing", ["-A", "B"]),
                (130, "firing", ["-A", "B", "C"]),
                (190, "resolved", ["-A", "-B", "-C"]),
            ],
        ),
    ],
)
def test_who_is_not_told_of_the_end_hears_only_what_fires(
    settings: dict[str, bool], expected: list[Any]
) -> None:
    slack = {"slack_configs": [{**SLACK["slack_configs"][0], **settings}]}
    alertmanager = model(receivers=[{"name": "all", **slack}])
    assert told(alertmanager, during("A", 0, 20), during("B", 0, 150), during("C", 80, 150)) == expected


def test_a_receiver_with_several_integrations_is_told_once() -> None:
    alertmanager = model(receivers=[{"name": "all", **WEBHOOK, **SLACK}])
    assert told(alertmanager, during("A", 0, 20)) == [(10, "firing", ["A"]), (70, "resolved", ["-A"])]


def test_a_receiver_without_integrations_is_told_nothing() -> None:
    assert told(model(receivers=[{"name": "all"}]), during("A", 0)) == []


def test_an_alert_that_is_routed_twice_is_told_twice() -> None:
    routes = [{"receiver": "few", "continue": True, "group_wait": "0s"}, {"receiver": "all"}]
    notifications = model({"routes": routes}).notifications([during("A", 0)], 60)
    assert [(one.receiver, one.at) for one in notifications] == [("few", 0), ("all", 10)]


def test_what_is_muted_is_told_when_the_cause_is_over() -> None:
    alertmanager = model(inhibit_rules=RULES)
    assert told(alertmanager, during("Cause", 5, 100), during("Effect", 0, 200)) == [
        (10, "firing", ["Cause"]),
        (130, "firing", ["-Cause", "Effect"]),
        (250, "resolved", ["-Cause", "-Effect"]),
    ]


def test_an_end_is_repeated_with_the_news_of_others_as_long_as_prometheus_sends_it() -> None:
    over, later, last = during("A", 0, 20), during("B", 0, 1500), during("C", 500)
    assert told(model(), over, later, last, until=5000) == [
        (10, "firing", ["A", "B"]),
        (70, "firing", ["-A", "B"]),
        (550, "firing", ["-A", "B", "C"]),
        (1510, "firing", ["-B", "C"]),
    ]


def test_a_cause_elsewhere_mutes_nothing() -> None:
    alertmanager = model({"group_by": []}, inhibit_rules=RULES)
    assert told(alertmanager, during("Cause", 0, pipeline="returns"), during("Effect", 0), until=60) == [
        (10, "firing", ["Cause", "Effect"])
    ]


def test_what_is_muted_itself_mutes_on() -> None:
    rules = [
        {"source_matchers": [f"level={level + 1}"], "target_matchers": [f"level={level}"]} for level in (1, 2)
    ]
    chain = [during(f"Level{level}", 0, level=str(level)) for level in (1, 2, 3)]
    assert told(model(inhibit_rules=rules), *chain, until=60) == [(10, "firing", ["Level3"])]


# Effect was told, is over while Cause mutes it, and fires again: Alertmanager never told its end.
SWALLOWED = (during("Effect", 0, 100), during("Cause", 50, 2000, note="x"), during("Effect", 2100, 2200))
APART = {"group_by": ["alertname"]}


def test_an_end_that_is_muted_is_never_told_and_the_next_time_within_the_cooldown_neither() -> None:
    alertmanager = model(APART, inhibit_rules=RULES)
    assert [one for one in told(alertmanager, *SWALLOWED) if "Cause" not in str(one)] == [
        (10, "firing", ["Effect"]),
        (2230, "resolved", ["-Effect"]),
    ]


def test_an_end_is_told_late_when_the_cause_ends_while_prometheus_still_sends_it() -> None:
    alertmanager = model(APART, inhibit_rules=RULES)
    effect, cause = during("Effect", 0, 100), during("Cause", 50, 300)
    assert [one for one in told(alertmanager, effect, cause) if "Cause" not in str(one)] == [
        (10, "firing", ["Effect"]),
        (340, "resolved", ["-Effect"]),
    ]
    silent = Sender(resend=60, keeps=60)
    assert [one for one in told(alertmanager, effect, cause, sender=silent) if "Effect" in str(one)] == [
        (10, "firing", ["Effect"])
    ]


def test_nothing_is_told_after_the_time_asked_for() -> None:
    assert told(model(), during("A", 0, 200), until=249) == [(10, "firing", ["A"])]
    assert told(model(), during("A", 0), until=9) == []
    assert told(model()) == []
