"""Requests to a running exporter, with its refusal or its absence in words that tell no secret."""

from collections.abc import Iterator
from contextlib import contextmanager

import httpx

TIMEOUT_SECONDS = 10


class SendError(Exception):
    """What the exporter would not take, or why it could not be asked; one reason a line."""


def place(url: str) -> str:
    """The exporter in words that tell no password."""
    scheme, separator, rest = url.partition("://")
    host, slash, path = rest.partition("/")
    return f"{scheme}{separator}{host.rpartition('@')[2]}{slash}{path}"


@contextmanager
def asking(url: str, token: str | None, kind: str) -> Iterator[httpx.Client]:
    """A client that sends content of a kind; SendError for whatever keeps the exporter from answering."""
    token = (token or "").strip()
    if not (token.isascii() and token.isprintable()):
        raise SendError("token: expected printable ASCII")
    headers = {"Content-Type": kind, **({"Authorization": f"Bearer {token}"} if token else {})}
    try:
        with httpx.Client(headers=headers, timeout=TIMEOUT_SECONDS, trust_env=False) as client:
            yield client
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
        raise SendError(f"no exporter at {place(url)}: {error}") from error


def require_success(response: httpx.Response) -> None:
    """SendError with the exporter's own words for a refusal."""
    if not response.is_success:
        wait = response.headers.get("Retry-After")
        later = f" (try again in {wait} s)" if wait else ""
        asked = f"{place(str(response.url))} answers {response.status_code}"
        raise SendError(f"{asked}: {_words(response)}{later}")


def _words(response: httpx.Response) -> str:
    try:
        return str(response.json()["error"])
    except (ValueError, KeyError, TypeError):
        return response.reason_phrase
