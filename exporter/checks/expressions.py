"""SQL expressions out of a configuration: one expression over the data's columns, and nothing else.

DuckDB's own parser takes them apart. What could reach beyond the row is refused here; what is overlooked here
still finds a session that opens nothing (session.py).
"""

import json
from collections.abc import Container, Iterator
from typing import Any

import duckdb

REFUSED_CLASSES = {
    "SUBQUERY": "a subquery",
    "STAR": "*",
    "WINDOW": "a window function",
    "PARAMETER": "a parameter",
    "POSITIONAL_REFERENCE": "a position",
}
# They tell of the machine or of the session, change it, or never give the same answer twice.
REFUSED_FUNCTIONS = frozenset(
    [
        "current_setting",
        "current_user",
        "current_database",
        "current_schema",
        "current_schemas",
        "current_catalog",
        "current_query",
        "current_query_id",
        "current_transaction_id",
        "current_connection_id",
        "session_user",
        "user",
        "getenv",
        "getvariable",
        "nextval",
        "currval",
        "setseed",
        "error",
        "write_log",
        "pg_sleep",
        "sleep_ms",
        "stats",
        "pg_conf_load_time",
        "pg_postmaster_start_time",
        "ago",
        "txid_current",
        "in_search_path",
        "query",
        "query_table",
        "read_text",
        "read_blob",
        "uuid",
        "uuidv4",
        "uuidv7",
        "gen_random_uuid",
        "random",
        "get_current_time",
        "get_current_timestamp",
        "now",
        "today",
        "current_date",
        "current_timestamp",
        "current_localtime",
        "current_localtimestamp",
        "transaction_timestamp",
    ]
)

# Those that need no brackets, so that they look like columns; they are, where the data has such a column.
BARE_FUNCTIONS = frozenset(
    [
        "current_catalog",
        "current_date",
        "current_role",
        "current_schema",
        "current_time",
        "current_timestamp",
        "current_user",
        "localtime",
        "localtimestamp",
        "session_user",
        "user",
    ]
)


class ExpressionError(Exception):
    """An expression that can't be used; the message says what was expected."""


def parse(text: str, connection: duckdb.DuckDBPyConnection, columns: Container[str]) -> dict[str, Any]:
    """The tree of one safe expression over columns (names in lower case); ExpressionError for all else."""
    try:
        row = connection.execute("SELECT json_serialize_sql(?)", [f"SELECT ({text}\n)"]).fetchone()
        tree: dict[str, Any] = json.loads(row[0]) if row else {"error": True}
        return safe(tree, text, columns)
    except (RecursionError, duckdb.Error) as error:
        raise ExpressionError("expected an SQL expression, got one that is nested too deeply") from error


def safe(tree: dict[str, Any], text: str, columns: Container[str]) -> dict[str, Any]:
    """The only expression in a parsed query, if it is safe. Raises ExpressionError."""
    if tree["error"]:
        said = tree.get("error_message", "not SQL")
        raise ExpressionError(f"expected an SQL expression: {said}, got {text!r}")
    statement, *others = tree["statements"]
    expression = only_expression(statement["node"])
    if others or expression is None:
        raise ExpressionError(f"expected a single SQL expression, got {text!r}")
    for node in nodes(expression):
        if (refused := refusal(node, columns)) is not None:
            raise ExpressionError(f"expected an expression over the data's columns, got {refused}")
    return expression


def only_expression(node: dict[str, Any]) -> dict[str, Any] | None:
    """What a bare SELECT selects; None when it has more to say."""
    bare = (
        node["type"] == "SELECT_NODE"
        and node["from_table"]["type"] == "EMPTY"
        and len(node["select_list"]) == 1
        and not any(
            node[key] for key in ("modifiers", "where_clause", "group_expressions", "having", "qualify")
        )
        and not node["cte_map"]["map"]
    )
    return node["select_list"][0] if bare else None


def nodes(tree: object) -> Iterator[dict[str, Any]]:
    """Every part of an expression that has a class."""
    if isinstance(tree, dict):
        if "class" in tree:
            yield tree
        for value in tree.values():
            yield from nodes(value)
    elif isinstance(tree, list):
        for value in tree:
            yield from nodes(value)


def refusal(node: dict[str, Any], columns: Container[str]) -> str | None:
    """What is wrong with a part."""
    if node["class"] in REFUSED_CLASSES:
        return REFUSED_CLASSES[node["class"]]
    name = str(node.get("function_name", "")).lower()
    if node["class"] == "FUNCTION" and (
        name in REFUSED_FUNCTIONS or node.get("schema") or node.get("catalog") or is_since_today(name, node)
    ):
        return f"{name}()"
    bare = str(node["column_names"][-1]).lower() if node["class"] == "COLUMN_REF" else ""
    return bare if bare in BARE_FUNCTIONS and bare not in columns else None


def is_since_today(name: str, node: dict[str, Any]) -> bool:
    """Whether an age is that of today: it asks the clock where no second time is named."""
    return name == "age" and len(node["children"]) == 1


def is_single_aggregate(tree: dict[str, Any]) -> bool:
    """Whether FILTER may follow it: a function call without a filter of its own."""
    return tree["class"] == "FUNCTION" and not tree["is_operator"] and tree["filter"] is None


def quoted(name: str) -> str:
    """A name as SQL has it."""
    return '"' + name.replace('"', '""') + '"'


def literal(value: str | float | bool) -> str:
    """A value as SQL has it."""
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    return str(value).lower() if isinstance(value, bool) else repr(value)
