"""Logs: key=value on stderr, one line for each change of state."""

import json
import logging
import sys

PLAIN = set(vars(logging.makeLogRecord({}))) | {"message", "color_message", "taskName"}


def quoted(value: object) -> str:
    """A value, in quotes when it has spaces."""
    text = str(value)
    if text and text.isprintable() and not any(character in text for character in ' "='):
        return text
    return json.dumps(text, ensure_ascii=False)


class KeyValueFormatter(logging.Formatter):
    """`ts=... level=info msg="..." key=value`."""

    def format(self, record: logging.LogRecord) -> str:
        """One line a record, a traceback folded into it."""
        pairs: dict[str, object] = {
            "ts": self.formatTime(record, "%Y-%m-%dT%H:%M:%S%z"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "msg": record.getMessage(),
        }
        pairs |= {key: value for key, value in vars(record).items() if key not in PLAIN}
        if record.exc_info:
            pairs["traceback"] = self.formatException(record.exc_info)
        return " ".join(f"{key}={quoted(value)}" for key, value in pairs.items())


def configure() -> None:
    """Send the exporter's own log and uvicorn's errors to stderr."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(KeyValueFormatter())
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    # Its warnings are one for each request that is none: those are counted instead.
    logging.getLogger("uvicorn").setLevel(logging.ERROR)
    logging.getLogger("httpx").setLevel(logging.WARNING)
