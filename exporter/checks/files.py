"""Which files the data is: paths and globs to names in order, and what can be said without opening them."""

import csv
import glob
import gzip
import zlib
from collections.abc import Iterable
from pathlib import Path
from typing import IO

from exporter.checks.config import Dataset, FormatName

SUFFIXES: dict[str, FormatName] = {
    ".parquet": "parquet", ".pq": "parquet",
    ".csv": "csv", ".tsv": "csv", ".txt": "csv",
    ".jsonl": "json", ".ndjson": "json", ".json": "json",
    ".duckdb": "duckdb", ".ddb": "duckdb", ".db": "duckdb",
}  # fmt: skip
COMPRESSED = (".gz", ".zst")
POSTGRES = ("postgres://", "postgresql://")
REMOTE = ("http://", "https://", "s3://", "gs://", "az://")
DELIMITERS = ",;\t|"
MAX_FILES = 100_000


class DataError(Exception):
    """Data that can't be read; the message is one line that says which and why."""


def is_remote(path: str) -> bool:
    """Whether it is somewhere else."""
    return path.startswith((*REMOTE, *POSTGRES))


def find(patterns: Iterable[str], base: Path) -> list[str]:
    """Every file that the paths and globs name, relative ones from `base`, each once, by name.

    A folder stands for all that is below it. Raises DataError for what isn't there.
    """
    found: dict[str, None] = {}
    for pattern in patterns:
        files = [pattern] if is_remote(pattern) else matches(str(base / Path(pattern).expanduser()))
        if not files:
            exists = glob.has_magic(pattern) or (base / pattern).is_dir()
            raise DataError(f"{pattern}: {'matches no file of data' if exists else 'no such file'}")
        found |= dict.fromkeys(files)
    if len(found) > MAX_FILES:
        raise DataError(f"expected at most {MAX_FILES} files, got {len(found)}")
    return list(found)


def matches(pattern: str) -> list[str]:
    """Files that a path or glob names."""
    if Path(pattern).is_dir():
        pattern = f"{glob.escape(pattern)}/**"
    elif not glob.has_magic(pattern) or Path(pattern).exists():
        return [pattern] if Path(pattern).exists() else []
    found = sorted(glob.glob(pattern, recursive=True))
    return [path for path in found if Path(path).is_file() and format_of(path) is not None]


def format_of(path: str) -> FormatName | None:
    """What a file is by its name; None when that doesn't say."""
    if path.startswith(POSTGRES):
        return "postgres"
    name = Path(path.partition("?")[0] if is_remote(path) else path)
    suffixes = [suffix.lower() for suffix in name.suffixes]
    if suffixes and suffixes[-1] in COMPRESSED:
        suffixes.pop()
    return SUFFIXES.get(suffixes[-1]) if suffixes else None


def common_format(dataset: Dataset, files: list[str]) -> FormatName:
    """The one format of all files. Raises DataError."""
    if dataset.format is not None:
        return dataset.format
    found = {file: format_of(file) for file in files}
    for file, kind in found.items():
        if kind is None:
            raise DataError(f"{file}: expected a name that ends like {', '.join(SUFFIXES)}, or `format`")
        if kind != found[files[0]]:
            raise DataError(f"{file}: expected {found[files[0]]} as {files[0]} is, got {kind}")
    return next(kind for kind in found.values() if kind is not None)


def require_content(files: Iterable[str]) -> None:
    """Refuse files without a byte, and those that can't be opened. Raises DataError."""
    for file in files:
        if is_remote(file):
            continue
        try:
            with Path(file).open("rb") as opened:
                empty = not opened.read(1)
        except OSError as error:
            raise DataError(f"{file}: can't be read: {error.strerror}") from error
        if empty:
            raise DataError(f"{file}: empty, not a byte in it")


def csv_header(file: str) -> tuple[str, list[str]]:
    """A CSV file's delimiter and column names, by its first line. Raises DataError."""
    try:
        with opened_text(file) as text:
            line = text.readline(1_000_000)
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"{file}: can't be read: {error}") from error
    except UnicodeDecodeError as error:
        raise DataError(f"{file}: can't be read: not UTF-8 at byte {error.start + 1}") from error
    if "\0" in line or not line.strip():
        raise DataError(f"{file}: expected a line of column names first")
    delimiter = max(DELIMITERS, key=line.count) if any(map(line.count, DELIMITERS)) else ","
    return delimiter, named(next(csv.reader([line.rstrip("\r\n")], delimiter=delimiter)))


def named(cells: Iterable[str]) -> list[str]:
    """Column names: one that is empty or there twice gets its number."""
    found: dict[str, None] = {}
    for number, cell in enumerate(cells):
        name = cell.strip() or f"column{number}"
        found[name if name.lower() not in map(str.lower, found) else f"{name}_{number}"] = None
    return list(found)


def opened_text(file: str) -> IO[str]:
    """A text file, unpacked if need be; a byte order mark is no part of it."""
    if file.lower().endswith(".gz"):
        return gzip.open(file, "rt", encoding="utf-8-sig", newline="")
    return Path(file).open(encoding="utf-8-sig", newline="")
