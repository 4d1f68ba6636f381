"""dbt's artifacts: a file in, checked structures out. Of their schemas only what is told is read.

The formats are those of https://docs.getdbt.com/reference/artifacts/dbt-artifacts: run_results.json in
versions 4 to 6, and sources.json in version 3; graph.py reads manifest.json.
"""

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, TypeVar, get_args

import msgspec

from exporter.decoding import InvalidBodyError, parse, shown

RUN_RESULTS = "run_results.json"
SOURCES = "sources.json"
MANIFEST = "manifest.json"
SCHEMA = re.compile(r"https://schemas\.getdbt\.com/dbt/([a-z-]+)/v(\d+)\.json")
# These write run_results.json too, but build and test nothing: what they call a success is none.
IDLE_COMMANDS = ("compile", "docs", "generate", "list", "parse", "show")

Status = Literal[
    "success", "error", "skipped", "partial success", "no-op", "pass", "fail", "warn", "runtime error"
]
SourceStatus = Literal["pass", "warn", "error", "runtime error"]
Period = Literal["minute", "hour", "day"]
Content = TypeVar("Content")


class ArtifactError(ValueError):
    """A file that isn't what dbt documents; the message names file, key and what was expected."""


class Metadata(msgspec.Struct):
    """Which format, and which invocation wrote it."""

    dbt_schema_version: str
    generated_at: datetime | None = None
    invocation_id: str | None = None
    invocation_started_at: datetime | None = None


class Timing(msgspec.Struct):
    """A phase of a node's run: `compile` or `execute`."""

    name: str
    started_at: datetime | None = None
    completed_at: datetime | None = None


class Node(msgspec.Struct):
    """What became of a model, test, seed or snapshot."""

    unique_id: str
    status: Status
    timing: list[Timing]
    execution_time: float
    adapter_response: dict[str, Any]
    message: str | None = None
    relation_name: str | None = None


class Arguments(msgspec.Struct):
    """Of the command line: which command."""

    which: str | None = None


class RunResults(msgspec.Struct):
    """run_results.json; `elapsed_time` in seconds."""

    metadata: Metadata
    results: list[Node]
    elapsed_time: float
    args: Arguments = msgspec.field(default_factory=Arguments)


class Limit(msgspec.Struct):
    """After how long a source is too old."""

    count: int | None = None
    period: Period | None = None


class Criteria(msgspec.Struct):
    """A source's limits."""

    warn_after: Limit | None = None
    error_after: Limit | None = None


class Source(msgspec.Struct):
    """How fresh a source is. A `runtime error` has neither a time nor criteria."""

    unique_id: str
    status: SourceStatus
    max_loaded_at: datetime | None = None
    criteria: Criteria = msgspec.field(default_factory=Criteria)
    error: str | int | None = None


class Sources(msgspec.Struct):
    """sources.json."""

    metadata: Metadata
    results: list[Source]


def read_run_results(folder: Path) -> RunResults | None:
    """run_results.json; None where there is none. Raises ArtifactError, also when nothing was built."""
    path = folder / RUN_RESULTS
    found = read(path, RunResults)
    if found is None:
        return None
    _check_version(path, found.metadata, "run-results", (4, 5, 6))
    if found.args.which in IDLE_COMMANDS:
        expected = "expected a command that builds or tests, such as build, run or test"
        raise ArtifactError(f"{path}: args.which: {expected}, got {shown(found.args.which)}")
    return found


def read_sources(folder: Path) -> Sources | None:
    """sources.json; None where there is none. Raises ArtifactError."""
    path = folder / SOURCES
    found = read(path, Sources)
    if found is not None:
        _check_version(path, found.metadata, "sources", (3,))
    return found


def in_utc(moment: datetime) -> datetime:
    """A time with offset: where dbt writes none, it means UTC."""
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment


def read(path: Path, kind: type[Content]) -> Content | None:
    """A file's content; None where there is none. Raises ArtifactError."""
    try:
        return parse(msgspec.json.Decoder(kind), path.read_bytes())
    except FileNotFoundError:
        return None
    except OSError as error:
        raise ArtifactError(f"{path}: can't be read: {error.strerror}") from error
    except InvalidBodyError as error:
        raise ArtifactError(f"{path}: {error}{_choices(str(error), kind)}") from error


def _choices(complaint: str, kind: type) -> str:
    """What was expected, where the complaint about an unknown word doesn't say it."""
    place, _, words = complaint.partition(": ")
    if not words.startswith("invalid enum value"):
        return ""
    statuses = SourceStatus if kind is Sources else Status
    return f"; expected one of {', '.join(get_args(Period if place.endswith('period') else statuses))}"


def _check_version(path: Path, metadata: Metadata, artifact: str, versions: tuple[int, ...]) -> None:
    found = SCHEMA.fullmatch(metadata.dbt_schema_version)
    if found is None or found[1] != artifact or int(found[2]) not in versions:
        known = ", ".join(f"{artifact}/v{version}" for version in versions)
        got = shown(metadata.dbt_schema_version)
        raise ArtifactError(f"{path}: metadata.dbt_schema_version: expected one of {known}, got {got}")
