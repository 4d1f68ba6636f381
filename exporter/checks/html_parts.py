"""Elements of the page; whatever is text is escaped when they are written."""

from collections.abc import Iterable
from xml.etree.ElementTree import Element

from exporter.checks.junit import readable


def part(tag: str, content: str | Iterable[Element] = (), /, **attributes: str) -> Element:
    """An element of text or of other elements."""
    found = Element(tag, {name: readable(value) for name, value in attributes.items()})
    if isinstance(content, str):
        found.text = readable(content)
    else:
        found.extend(content)
    return found
