"""manifest.json as a graph: the project's name, and which datasets a node reads and writes."""

from pathlib import Path

import msgspec

from exporter.dbt.artifacts import MANIFEST, read

MOST_INPUTS = 200
QUOTES = str.maketrans("", "", '"`[]')


class _Project(msgspec.Struct):
    project_name: str | None = None


class _DependsOn(msgspec.Struct):
    nodes: list[str] = []


class _Node(msgspec.Struct):
    relation_name: str | None = None
    depends_on: _DependsOn = msgspec.field(default_factory=_DependsOn)


class Graph(msgspec.Struct):
    """What is told of manifest.json; without one nothing is known."""

    metadata: _Project = msgspec.field(default_factory=_Project)
    nodes: dict[str, _Node] = {}

    @property
    def project(self) -> str | None:
        """The project's name."""
        return self.metadata.project_name

    def relation(self, unique_id: str) -> str | None:
        """The dataset that a node writes; run_results.json doesn't say it of seeds."""
        node = self.nodes.get(unique_id)
        return dataset(node.relation_name) if node else None

    def inputs(self, unique_id: str) -> list[str]:
        """The datasets that a node reads; an ephemeral model is none, and stands for what it reads."""
        found: dict[str, None] = {}
        seen, ahead = {unique_id}, self._parents(unique_id)
        while ahead and len(found) < MOST_INPUTS:
            parent = ahead.pop(0)
            if parent in seen:
                continue
            seen.add(parent)
            if name := source(parent) or self.relation(parent):
                found[name] = None
            else:
                ahead += self._parents(parent)
        return [*found]

    def _parents(self, unique_id: str) -> list[str]:
        node = self.nodes.get(unique_id)
        return [*node.depends_on.nodes] if node else []


def read_graph(folder: Path) -> Graph:
    """What manifest.json says; nothing where there is none. Raises ArtifactError."""
    return read(folder / MANIFEST, Graph) or Graph()


def dataset(relation: str | None) -> str | None:
    """A relation's name without quotes."""
    return (relation and relation.translate(QUOTES)) or None


def source(unique_id: str) -> str | None:
    """A source's name as a dataset; None for what is none."""
    kind, _, rest = unique_id.partition(".")
    return f"source:{rest}" if kind == "source" else None
