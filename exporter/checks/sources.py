"""The data as a view: one reader for each format, all of them giving the same thing."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from exporter.checks.config import Dataset, FormatName
from exporter.checks.expressions import literal, quoted
from exporter.checks.files import DataError, common_format, csv_header, is_remote, require_content
from exporter.checks.session import Session, attached
from exporter.checks.text_types import sampled, text_types

FILE = "__file"
# The text of a value beside the value of its type: what can't be cast is counted.
TEXT = "__text_"
VIEW = "data"
Headers = Mapping[str, tuple[str, list[str]]]
TEXT_TYPES = ("VARCHAR", "TEXT", "STRING")


@dataclass(frozen=True, slots=True)
class Source:
    """An opened view `name`: columns with types, those that are read as text, the files.

    schemas: names and types of each file's own columns where they can differ, types empty for text.
    lacking: declared columns that the data doesn't have; they are all null.
    empty: text without a row, of which nobody knows the types.
    """

    name: str
    kind: FormatName
    files: tuple[str, ...]
    columns: dict[str, str]
    typed: dict[str, str]
    schemas: dict[str, dict[str, str]]
    lacking: frozenset[str] = frozenset()
    empty: bool = False


def open_source(session: Session, dataset: Dataset, files: list[str], name: str = VIEW) -> Source:
    """Make the view of a dataset's data. Raises DataError."""
    kind = common_format(dataset, files)
    if kind in ("duckdb", "postgres"):
        return open_database(session, dataset, kind, files, name)
    require_content(files)
    if kind == "parquet":
        return open_parquet(session, dataset, files, name)
    return open_text(session, dataset, kind, files, name)


def prepare(session: Session, kind: FormatName, files: Sequence[str]) -> None:
    """What must be done before the session is locked: extensions and networks. Raises DataError."""
    if kind == "postgres":
        session.load("postgres", "PostgreSQL")
        session.run(f"ATTACH {literal(files[0])} AS source (READ_ONLY, TYPE postgres)")
    elif any(is_remote(file) for file in files):
        if kind == "csv":
            raise DataError(f"{files[0]}: expected Parquet or JSON lines of what is elsewhere, got CSV")
        session.load("httpfs", "data elsewhere")


def open_database(
    session: Session, dataset: Dataset, kind: FormatName, files: list[str], name: str
) -> Source:
    """A table of a DuckDB file or of PostgreSQL."""
    if dataset.table is None:
        raise DataError(f"table: expected the name of a table for {kind}, got nothing")
    if len(files) > 1:
        raise DataError(f"data: expected one {kind} database, got {len(files)}")
    if kind == "duckdb":
        require_content(files)
        session.run(f"ATTACH {literal(files[0])} AS source (READ_ONLY)")
    relation = attached(dataset.table)
    columns = session.columns(relation)
    create_view(session, dataset, name, f"SELECT * FROM {relation}", columns)
    return Source(
        name, kind, tuple(files), with_declared(dataset, columns), {}, {}, lacking(dataset, columns)
    )


def open_parquet(session: Session, dataset: Dataset, files: list[str], name: str) -> Source:
    """Parquet files, by the names of their columns."""
    reader = f"read_parquet({listed(files)}, {options(files)})"
    columns = session.columns(reader)
    columns.pop(FILE, None)
    create_view(session, dataset, name, f"SELECT * FROM {reader}", columns)
    schemas = parquet_schemas(session, files) if len(files) > 1 else {}
    return Source(
        name, "parquet", tuple(files), with_declared(dataset, columns), {}, schemas, lacking(dataset, columns)
    )


def parquet_schemas(session: Session, files: list[str]) -> dict[str, dict[str, str]]:
    """Names and types of the columns of each file; what is inside of a nested column is left out."""
    schemas: dict[str, dict[str, str]] = {}
    inside: dict[str, int] = {}
    rows = session.run(
        f"SELECT file_name, name, coalesce(duckdb_type, logical_type, 'STRUCT'), coalesce(num_children, 0) "
        f"FROM parquet_schema({listed(files)})"
    )
    for file, column, kind, children in rows:
        if file not in schemas:
            schemas[file], inside[file] = {}, 0
        elif inside[file]:
            inside[file] += children - 1
        else:
            schemas[file][column], inside[file] = kind, children
    return schemas


def open_text(session: Session, dataset: Dataset, kind: FormatName, files: list[str], name: str) -> Source:
    """CSV or JSON lines: all is read as text; columns of a type get it where the text is of it."""
    schemas: dict[str, dict[str, str]] = {}
    if kind == "csv":
        headers = {file: csv_header(file) for file in files}
        parts = csv_readers(headers, files, dataset.null_text)
        samples = [part for one in sampled(files) for part in csv_readers(headers, [one], dataset.null_text)]
        if len(files) > 1:
            schemas = {file: dict.fromkeys(names, "") for file, (_, names) in headers.items()}
    else:
        parts, samples = json_readers(session, files)
    raw = f"{name}_raw"
    whole = " UNION ALL BY NAME ".join(f"SELECT * FROM {part}" for part in parts)
    session.run(f"CREATE VIEW {quoted(raw)} AS {whole}")
    found = session.columns(quoted(raw))
    found.pop(FILE, None)
    typed = chosen_types(session, dataset, found, samples)
    selected = ", ".join([FILE, *(as_typed(column, typed.get(column)) for column in found)])
    create_view(session, dataset, name, f"SELECT {selected} FROM {quoted(raw)}", found)
    columns = with_declared(dataset, found | typed)
    empty = not session.run(f"SELECT 1 FROM {quoted(raw)} LIMIT 1")
    return Source(name, kind, tuple(files), columns, typed, schemas, lacking(dataset, found), empty)


def chosen_types(
    session: Session, dataset: Dataset, found: dict[str, str], samples: Sequence[str]
) -> dict[str, str]:
    """The types of columns that are no text: as declared, else as they look."""
    typed = text_types(session, samples, [column for column, kind in found.items() if kind == "VARCHAR"])
    declared = {column.lower(): kind for column, kind in dataset.columns.items()}
    typed |= {column: declared[column.lower()] for column in found if column.lower() in declared}
    return {column: kind for column, kind in typed.items() if kind.upper() not in TEXT_TYPES}


def as_typed(column: str, column_type: str | None) -> str:
    """A column of the view: of its type, with its text beside it."""
    if column_type is None:
        return quoted(column)
    text = f"{quoted(column)} AS {quoted(TEXT + column)}"
    return f"TRY_CAST({quoted(column)} AS {column_type}) AS {quoted(column)}, {text}"


def csv_readers(headers: Headers, files: Sequence[str], nulls: Sequence[str]) -> list[str]:
    """Readers of CSV files, one for all those that begin alike; nothing is guessed from their rows."""
    groups: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for file in files:
        mark, names = headers[file]
        groups.setdefault((mark, tuple(names)), []).append(file)
    null_text = "[" + ", ".join(literal(text) for text in nulls or ["\x01"]) + "]"
    return [
        f"read_csv({listed(group)}, {options(group, by_name=False)}, auto_detect = false, header = true, "
        f"columns = {text_columns(names)}, delim = {literal(mark)}, "
        f"""quote = '"', escape = '"', nullstr = {null_text}, strict_mode = true)"""
        for (mark, names), group in groups.items()
    ]


def json_readers(session: Session, files: Sequence[str]) -> tuple[list[str], list[str]]:
    """Readers of JSON, all and samples, every value as text; the names are from the beginnings."""
    lines = not all(file.lower().removesuffix(".gz").endswith(".json") for file in files)
    form = f"format = '{'newline_delimited' if lines else 'auto'}'"
    found = session.columns(
        f"read_json({listed(files)}, {options(files)}, {form}, maximum_sample_files = 100000)"
    )
    found.pop(FILE, None)

    def reader(some: Sequence[str]) -> str:
        return f"read_json({listed(some)}, {options(some)}, {form}, columns = {text_columns(found)})"

    return [reader(files)], [reader([one]) for one in sampled(files)]


def text_columns(names: Iterable[str]) -> str:
    """Columns for a reader, all of them text."""
    return "{" + ", ".join(f"{literal(name)}: 'VARCHAR'" for name in names) + "}"


def listed(files: Sequence[str]) -> str:
    """A list of files as SQL has it."""
    return "[" + ", ".join(literal(file) for file in files) + "]"


def options(files: Sequence[str], *, by_name: bool = True) -> str:
    """What every reader is told."""
    hive = str(any("=" in part for file in files for part in file.split("/")[:-1])).lower()
    return f"union_by_name = {str(by_name).lower()}, hive_partitioning = {hive}, filename = '{FILE}'"


def create_view(session: Session, dataset: Dataset, name: str, body: str, columns: dict[str, str]) -> None:
    """The view, with nulls for the declared columns that the data lacks."""
    nulls = [f"CAST(NULL AS {kind}) AS {quoted(column)}" for column, kind in absent(dataset, columns).items()]
    extra = f"SELECT *, {', '.join(nulls)} FROM ({body})" if nulls else body
    session.run(f"CREATE VIEW {quoted(name)} AS {extra}")


def absent(dataset: Dataset, columns: dict[str, str]) -> dict[str, str]:
    """Declared columns that the data lacks."""
    known = {column.lower() for column in columns}
    return {column: kind for column, kind in dataset.columns.items() if column.lower() not in known}


def with_declared(dataset: Dataset, columns: dict[str, str]) -> dict[str, str]:
    """All columns of the view."""
    return columns | absent(dataset, columns)


def lacking(dataset: Dataset, columns: dict[str, str]) -> frozenset[str]:
    """Names of declared columns that the data lacks."""
    return frozenset(absent(dataset, columns))
