"""The pages' text: a file each, and what all of them have in common."""

from functools import cache
from pathlib import Path

PAGE = Path(__file__).with_name("page")
# What every head begins with, the picture beside the name, and the end of every top: connection and token.
SHARED = ("head", "mark", "top")


def page_text(name: str, up: str = "") -> str:
    """A page; `up` leads from its address to where the exporter is."""
    return whole(name).replace("{up}", up)


@cache
def whole(name: str) -> str:
    """The file with the shared parts in their places."""
    text = read(f"{name}.html")
    for part in SHARED:
        text = text.replace(f"{{{part}}}\n", read(f"shared-{part}.html"))
    return text


def read(file: str) -> str:
    """A file of the pages."""
    return (PAGE / file).read_text(encoding="utf-8")
