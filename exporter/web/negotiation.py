"""Content negotiation: which of a few things a request prefers, by the q values of RFC 9110."""

from collections.abc import Iterator

OPENMETRICS = "application/openmetrics-text"
VERSIONS = ("1.0.0", None)


def weights(header: str) -> Iterator[tuple[str, dict[str, str], float]]:
    """Each thing that a header names, with its parameters and its weight, 0 to 1."""
    for entry in header.lower().split(","):
        name, *rest = (part.strip() for part in entry.split(";"))
        parameters = dict(part.split("=", 1) for part in rest if "=" in part)
        yield name, parameters, weight(parameters.get("q", "1"))


def weight(text: str) -> float:
    """A q value; 0 for what is none."""
    try:
        return min(1.0, max(0.0, float(text)))
    except ValueError:
        return 0.0


def prefers_openmetrics(accept: str) -> bool:
    """True when OpenMetrics 1.0 is wanted at least as much as text."""
    wanted = list(weights(accept))
    openmetrics = max(
        (
            q
            for name, parameters, q in wanted
            if name == OPENMETRICS and parameters.get("version") in VERSIONS
        ),
        default=0.0,
    )
    text = max((q for name, _, q in wanted if name in ("text/plain", "text/*")), default=0.0)
    return openmetrics > 0 and openmetrics >= text


def takes_gzip(accept_encoding: str) -> bool:
    """True when gzip is named and not refused."""
    return any(name == "gzip" and q > 0 for name, _, q in weights(accept_encoding))
