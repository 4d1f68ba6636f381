"""Samples in promtool's notation, and what fires read out of its answer."""

import numpy as np
import pytest

from exporter.score.promtool import PromtoolError, notation, read

W = '{__name__="ALERTS", alertname="Watchdog", alertstate="firing"} 1E+00'
A = r'{__name__="ALERTS", alertname="A", alertstate="firing", pipeline="a\"b}, {"} 1E+00'
SAID = r"""  FAILED:
    expr: "ALERTS{alertstate=\"firing\"}", time: 15s,
        exp: nil
        got: {W}
    expr: "ALERTS{alertstate=\"firing\"}", time: 1h1m30s,
        exp: nil
        got: {A}, {W}
""".replace("{A}", A).replace("{W}", W)


def written(*values: float | None) -> str:
    return " ".join(notation(np.array([np.nan if value is None else value for value in values])))


def test_what_stays_the_same_is_written_once() -> None:
    assert written(1, 1, 1, 2.5, 0, 0) == "1x2 2.5x0 0x1"


def test_a_gap_begins_with_a_stale_marker() -> None:
    assert written(1, None, None, None, 3) == "1x0 stale _x2 3x0"


def test_a_single_lost_scrape_is_stale_and_nothing_else() -> None:
    assert written(1, None, 3) == "1x0 stale 3x0"


def test_what_comes_late_was_not_there_before() -> None:
    assert written(None, None, 7, 7) == "_x2 7x1"


def test_large_counters_keep_every_digit() -> None:
    assert written(123456789012) == "123456789012x0"


def test_alerts_are_read_with_their_labels_and_times() -> None:
    watchdog = (("alertname", "Watchdog"),)
    assert dict(read(SAID)) == {
        15: [watchdog],
        3690: [(("alertname", "A"), ("pipeline", 'a"b}, {')), watchdog],
    }


def test_silence_is_read_as_nothing() -> None:
    assert dict(read("Unit Testing:  scenario.test.yml\n  SUCCESS\n")) == {}


@pytest.mark.parametrize("line", ["  scenario.test.yml: yaml: did not find expected key", "panic: oops"])
def test_whatever_else_promtool_says_is_an_error_that_repeats_it(line: str) -> None:
    with pytest.raises(PromtoolError, match=line.split()[-1]):
        dict(read(SAID + line + "\n"))
