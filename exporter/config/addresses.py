"""Addresses to listen on, as people write them: `127.0.0.1:9888`, `[::1]:9888`; and those of web pages."""

from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator


def parse_address(text: str) -> tuple[str, int]:
    """Host and port; ValueError for everything else."""
    host, colon, port = text.rpartition(":")
    bare = host.removeprefix("[").removesuffix("]")
    if not colon or not bare or not port.isdecimal() or int(port) > 65535:
        raise ValueError("expected HOST:PORT")
    return bare, int(port)


def checked(text: str) -> str:
    """`text`, when it is an address."""
    parse_address(text)
    return text


def checked_page(text: str) -> str:
    """`text` without a slash at its end, when a link may lead there: no script."""
    split = urlsplit(text)
    if split.scheme not in ("http", "https") or not split.netloc:
        raise ValueError("expected http://HOST or https://HOST")
    return text.rstrip("/")


Address = Annotated[str, AfterValidator(checked)]
WebAddress = Annotated[str, AfterValidator(checked_page)]
