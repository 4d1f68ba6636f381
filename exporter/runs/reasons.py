"""Why runs fail, in classes: few enough for a label, and each with somebody who can help."""

import re

UNKNOWN = "unknown"


def _status(code: str) -> str:
    """A status of HTTP, not any number: 404 rows are none."""
    return rf"\b(http|status|code|error|response)(\W+|/[\d.]+ ){code}\b|\b{code} (client|server) error"


# The first class with one of these in what was said: words of Python, Java, Spark, SQL databases, clouds.
PATTERNS = {
    "timeout": (r"\btime[ds]?[ -]out\b", "timeout", "timedout", "deadline exceeded", "took too long"),
    "resources": (
        "out of memory",
        "outofmemory",
        "memoryerror",
        r"\boom\b",
        "oomkilled",
        "memory limit",
        "no space left",
        "quota",
    ),
    "access": (
        "permission",
        "denied",
        "unauthori[sz]ed",
        "forbidden",
        "credential",
        "authenticat",
        _status("40[13]"),
    ),
    "connection": (
        "connection",
        "connect to",
        "unreachable",
        "refused",
        "broken pipe",
        "bad gateway",
        "unavailable",
        "name resolution",
        r"\bdns\b",
        _status("50[234]"),
    ),
    "missing": ("not[ _]found", "no such", "does ?n.t exist", "does not exist", "missing", _status("404")),
    "data": ("constraint", "violat", "invalid input", "duplicate key", "cannot cast", "configured to fail"),
    "killed": (
        r"\bkill",
        "sigterm",
        r"signal \d",
        r"\bsigkill\b",
        r"(exit|return) code -?(9|15|137|143)\b",
        "interrupt",
        "cancel",
        "evicted",
    ),
    "code": ("syntax", "traceback", "exception", r"\w+error\b", "nullpointer", "compil"),
}
CLASSES = (*PATTERNS, UNKNOWN)

_PATTERNS = {name: re.compile("|".join(words), re.IGNORECASE) for name, words in PATTERNS.items()}
MOST_CHARACTERS = 2000


def reason(message: str) -> str:
    """The class of an error by what was said of it."""
    said = message[:MOST_CHARACTERS]
    return next((name for name, pattern in _PATTERNS.items() if pattern.search(said)), UNKNOWN)
