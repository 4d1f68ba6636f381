"""The types of columns that come as text, by a sample from the files' beginnings."""

from collections.abc import Sequence

from exporter.checks.expressions import quoted
from exporter.checks.session import Session

SAMPLE_ROWS, SAMPLE_FILES = 5_000, 32
# A column is of a type when so much of it is: a wrongly typed value is counted, it doesn't change the type.
ENOUGH = 0.9
ZONED = r"\d{2}:\d{2}.*(Z|[+-]\d{2}(:?\d{2})?)$"
LEADING_ZERO = r"^[+-]?0\d"
TESTS = {
    # A cast to a whole number would round.
    "BIGINT": r"regexp_matches({0}, '^[+-]?(0|[1-9]\d*)$') AND TRY_CAST({0} AS BIGINT) IS NOT NULL",
    "DOUBLE": f"TRY_CAST({{0}} AS DOUBLE) IS NOT NULL AND NOT regexp_matches({{0}}, '{LEADING_ZERO}')",
    "BOOLEAN": "lower({0}) IN ('true', 'false')",
    "DATE": r"regexp_matches({0}, '^\d{{4}}-\d{{2}}-\d{{2}}$') AND TRY_CAST({0} AS DATE) IS NOT NULL",
    "TIMESTAMPTZ": f"regexp_matches({{0}}, '{ZONED.replace('{', '{{').replace('}', '}}')}') "
    "AND TRY_CAST({0} AS TIMESTAMPTZ) IS NOT NULL",
    "TIMESTAMP": r"regexp_matches({0}, '^\d{{4}}-\d{{2}}-\d{{2}}[ T]\d') "
    "AND TRY_CAST({0} AS TIMESTAMP) IS NOT NULL",
}


def sampled(files: Sequence[str]) -> list[str]:
    """Files to look into: evenly from the first to the last."""
    if len(files) <= SAMPLE_FILES:
        return list(files)
    return [files[number * (len(files) - 1) // (SAMPLE_FILES - 1)] for number in range(SAMPLE_FILES)]


def text_types(session: Session, readers: Sequence[str], columns: Sequence[str]) -> dict[str, str]:
    """The types of those columns that have one, by the first rows of each reader. Raises DataError."""
    if not columns:
        return {}
    heads = " UNION ALL BY NAME ".join(f"(SELECT * FROM {reader} LIMIT {SAMPLE_ROWS})" for reader in readers)
    known = session.columns(f"({heads})")
    columns = [column for column in columns if column in known]
    counts = [f"count({quoted(column)})" for column in columns]
    for column in columns:
        counts += [f"count(*) FILTER (WHERE {test.format(quoted(column))})" for test in TESTS.values()]
    names = ", ".join(quoted(column) for column in columns)
    [row] = session.run(f"SELECT {', '.join(counts)} FROM (SELECT {names} FROM ({heads}))")
    found = {}
    for number, column in enumerate(columns):
        start = len(columns) + number * len(TESTS)
        hits = dict(zip(TESTS, row[start : start + len(TESTS)], strict=True))
        kind = next((kind for kind, count in hits.items() if count >= ENOUGH * row[number] > 0), None)
        if kind is not None:
            found[column] = kind
    return found
