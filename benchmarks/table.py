"""The result as a table for people."""

from collections.abc import Sequence

from benchmarks.row import Row

HEADINGS = ("", "peer", "peer's", "ours", "times as good", "wanted", "")
ALIGNED = "<<>>><<"


def table(rows: Sequence[Row]) -> str:
    """One line a row, columns aligned."""
    cells = [HEADINGS, *(row.cells() for row in rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return "\n".join(
        "  ".join(
            f"{cell:{side}{width}}" for cell, side, width in zip(line, ALIGNED, widths, strict=True)
        ).rstrip()
        for line in cells
    )
