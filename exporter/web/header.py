"""One header of a request. Starlette's mapping encodes, decodes and raises for each that is asked for."""

from starlette.types import Scope


def header(scope: Scope, name: bytes) -> str | None:
    """The first one of this name (lower case); None without."""
    for known, value in scope["headers"]:
        if known == name:
            text: str = value.decode("latin-1")
            return text
    return None


def content_type(scope: Scope) -> str:
    """What the body is said to be, without parameters; empty where nothing is said."""
    return (header(scope, b"content-type") or "").partition(";")[0].strip().lower()
