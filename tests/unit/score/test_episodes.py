"""Firing alerts at every evaluation become episodes."""

import pytest

from exporter.alerting import Episode
from exporter.score.episodes import SilentError, episodes
from exporter.score.promtool import Firing, Labels

WATCHDOG: Labels = (("alertname", "Watchdog"),)
SLOW: Labels = (("alertname", "Slow"), ("stage", "enrich"))


def fired(*times: int) -> Firing:
    return {time: [WATCHDOG, *([SLOW] if time in times else [])] for time in range(0, 91, 15)}


def test_an_alert_lasts_from_its_first_evaluation_to_the_first_without_it() -> None:
    assert episodes(fired(30, 45), 15, 90) == [Episode(dict(SLOW), 30, 60)]


def test_an_alert_that_comes_back_is_another_episode() -> None:
    assert [(one.start, one.end) for one in episodes(fired(15, 45, 60), 15, 90)] == [(15, 30), (45, 75)]


def test_an_alert_that_fires_at_the_end_has_no_end() -> None:
    assert episodes(fired(75, 90), 15, 90) == [Episode(dict(SLOW), 75, None)]


def test_the_watchdog_is_no_episode() -> None:
    assert episodes(fired(), 15, 90) == []


@pytest.mark.parametrize("silent", [{}, {0: [WATCHDOG]}, {0: [SLOW], 15: [SLOW]}])
def test_rules_that_were_not_evaluated_are_an_error_and_not_silence(silent: Firing) -> None:
    with pytest.raises(SilentError, match="Watchdog did not fire at every evaluation"):
        episodes(silent, 15, 90)
