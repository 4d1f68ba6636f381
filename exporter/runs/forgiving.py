"""JSON of which only what has the expected shape counts: a facet of another shape says nothing."""

from typing import Any, get_args, get_origin

import msgspec


def forgiving(kind: Any, content: Any) -> Any:
    """`content` as a `kind`, without what in it has another shape; None where it has another one itself.

    A kind is Any, a struct whose fields all have defaults, a list of kinds, or one of these or None.
    """
    if kind is Any or content is None:
        return content
    if get_origin(kind) is list:
        [member] = get_args(kind)
        return _list(member, content) if isinstance(content, list) else None
    if options := get_args(kind):
        return forgiving(options[0], content)
    return _struct(kind, content) if isinstance(content, dict) else None


def _list(member: Any, content: list[object]) -> list[Any]:
    read = (forgiving(member, one) for one in content)
    return [one for one in read if one is not None]


def _struct(kind: type[msgspec.Struct], content: dict[str, object]) -> msgspec.Struct:
    known = [field for field in msgspec.structs.fields(kind) if field.encode_name in content]
    return kind(**{field.name: forgiving(field.type, content[field.encode_name]) for field in known})
