"""Addresses to listen on, as people write them: `127.0.0.1:9888`, `[::1]:9888`."""

from typing import Annotated

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


Address = Annotated[str, AfterValidator(checked)]
