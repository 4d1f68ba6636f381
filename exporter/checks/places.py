"""Where in a YAML file a key is: `datasets[0].checks.rows` to its line."""

import re

from ruamel.yaml import YAML
from ruamel.yaml.nodes import MappingNode, Node, SequenceNode

STEP = re.compile(r"\[(\d+)\]|[^.\[]+")


def line_of(text: str, place: str) -> int | None:
    """The line, from 1, of what `place` names in good YAML, or of the nearest that is there, if any."""
    node: Node | None = YAML(typ="safe", pure=True).compose(text)
    line = None
    for step in STEP.finditer(place):
        found = child(node, step)
        if found is None:
            break
        line, node = found
    return line


def child(node: Node | None, step: re.Match[str]) -> tuple[int, Node] | None:
    """The line of a node's child, and the child."""
    if isinstance(node, SequenceNode) and step[1] is not None and int(step[1]) < len(node.value):
        entry: Node = node.value[int(step[1])]
        return entry.start_mark.line + 1, entry
    if isinstance(node, MappingNode):
        for key, value in node.value:
            if key.value == step[0]:
                return key.start_mark.line + 1, value
    return None
