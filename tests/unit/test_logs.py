"""Logs: one line a record, key=value, whatever is in it."""

import logging
import sys

import pytest

from exporter.logs import KeyValueFormatter, quoted


def line(message: str, *arguments: object, **extra: object) -> str:
    """What the formatter makes of a record."""
    record = logging.getLogger("exporter.web").makeRecord(
        "exporter.web", logging.WARNING, "file.py", 1, message, arguments, None, extra=extra
    )
    return KeyValueFormatter().format(record)


def test_a_line_has_time_level_logger_message_and_what_was_added() -> None:
    assert line("fault injected", stage="enrich", count=3).split(" ", 1)[1] == (
        'level=warning logger=exporter.web msg="fault injected" stage=enrich count=3'
    )


def test_the_time_has_a_zone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(KeyValueFormatter, "converter", lambda *_: (2026, 11, 21, 3, 4, 5, 5, 325, 0))
    assert line("x").startswith("ts=2026-11-21T03:04:05+")


def test_arguments_are_part_of_the_message() -> None:
    assert 'msg="3 of 4"' in line("%d of %d", 3, 4)


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("enrich", "enrich"),
        (3.5, "3.5"),
        (None, "None"),
        ("", '""'),
        ("two words", '"two words"'),
        ("a=b", '"a=b"'),
        ('say "no"', '"say \\"no\\""'),
        ("two\nlines", '"two\\nlines"'),
        ("a\\b c", '"a\\\\b c"'),
    ],
)
def test_values_are_quoted_when_they_need_it(value: object, written: str) -> None:
    assert quoted(value) == written


@pytest.mark.parametrize("control", ["\r", "\x1b", "\x00", "\t"])
def test_no_value_writes_control_characters(control: str) -> None:
    assert control not in quoted(f"a{control}b")


def test_a_traceback_is_folded_into_the_line() -> None:
    try:
        raise RuntimeError("it\nbroke")
    except RuntimeError:
        record = logging.getLogger("exporter").makeRecord(
            "exporter", logging.ERROR, "file.py", 1, "request failed", (), sys.exc_info()
        )
    text = KeyValueFormatter().format(record)
    assert "\n" not in text
    assert 'msg="request failed" traceback="Traceback (most recent call last):\\n' in text
    assert text.endswith('RuntimeError: it\\nbroke"')
