"""Why runs fail, in classes: few enough for a label, and each with somebody who can help."""

import re

UNKNOWN = "unknown"
# The first class with one of these in what was said: words of Python, Java, Spark, SQL databases, clouds.
PATTERNS = {
    "timeout": ("time[ds]?[ -]?out", "deadline exceeded", "took too long"),
    "resources": (
        "out of memory",
        "outofmemory",
        "memoryerror",
        r"oom\b",
        "oomkilled",
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
        r"\b40[13]\b",
    ),
    "connection": (
        "connection",
        "connect to",
        "unreachable",
        "refused",
        "broken pipe",
        r"\bdns\b",
        r"\b50[234]\b",
    ),
    "missing": ("not found", "no such", "does ?n.t exist", "does not exist", "missing", r"\b404\b"),
    "data": ("constraint", "violat", "invalid input", "duplicate key", "cannot cast", "configured to fail"),
    "killed": (
        r"\bkill",
        "sigterm",
        r"signal \d",
        r"exit code -?(9|15|137|143)\b",
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
