"""manifest.json as a graph: the project's name, and which datasets a node reads and writes.

A dataset is named as dbt's OpenLineage wrapper names it, `NAMESPACE/database.schema.table`, so that it is the
same one that others read and write. The namespace is not in dbt's artifacts.
"""

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
    """What is told of manifest.json; without one nothing is known. `namespace` is that of the datasets."""

    metadata: _Project = msgspec.field(default_factory=_Project)
    nodes: dict[str, _Node] = {}
    sources: dict[str, _Node] = {}
    namespace: str | None = None

    @property
    def project(self) -> str | None:
        """The project's name."""
        return self.metadata.project_name

    def dataset(self, relation: str | None) -> str | None:
        """A relation's name without quotes, in the namespace."""
        bare = relation and relation.translate(QUOTES)
        return (f"{self.namespace}/{bare}" if self.namespace else bare) if bare else None

    def relation(self, unique_id: str) -> str | None:
        """The dataset that a node writes; run_results.json doesn't say it of seeds."""
        node = self.nodes.get(unique_id)
        return self.dataset(node.relation_name) if node else None

    def source(self, unique_id: str) -> str | None:
        """The dataset that a source is, by its own name where no manifest knows it; None for no source."""
        kind, _, rest = unique_id.partition(".")
        if kind != "source":
            return None
        known = self.sources.get(unique_id)
        return (known and self.dataset(known.relation_name)) or f"source:{rest}"

    def inputs(self, unique_id: str) -> list[str]:
        """The datasets that a node reads; an ephemeral model is none, and stands for what it reads."""
        found: dict[str, None] = {}
        seen, ahead = {unique_id}, self._parents(unique_id)
        while ahead and len(found) < MOST_INPUTS:
            parent = ahead.pop(0)
            if parent in seen:
                continue
            seen.add(parent)
            if name := self.source(parent) or self.relation(parent):
                found[name] = None
            else:
                ahead += self._parents(parent)
        return [*found]

    def _parents(self, unique_id: str) -> list[str]:
        node = self.nodes.get(unique_id)
        return [*node.depends_on.nodes] if node else []


def read_graph(folder: Path, namespace: str | None = None) -> Graph:
    """What manifest.json says; nothing where there is none. Raises ArtifactError."""
    graph = read(folder / MANIFEST, Graph) or Graph()
    graph.namespace = namespace
    return graph
