"""From attrs classes to JSON Schema: types, defaults, and what their docstrings say."""

from __future__ import annotations

import inspect
import re
from collections.abc import Mapping
from enum import StrEnum
from types import NoneType, UnionType
from typing import Any, Final, Union, get_args, get_origin, get_type_hints

import attrs

Json = dict[str, object]

_DRAFT: Final = "https://json-schema.org/draft/2020-12/schema"
#: An entry of a docstring's "Attributes:"; what follows it is indented deeper.
_ENTRY: Final = re.compile(r"^    (\w+): (.*(?:\n {6,}.*)*)", re.MULTILINE)


@attrs.frozen
class Dialect:
    """How a form of text says what the classes hold.

    Attributes:
        types: schemas of types that are not attrs classes.
        fields: schemas of single fields, by class and name, instead of their type's.
        keys: names of fields in the text, where they differ.
        left_out: fields, by class and name, that the text does not have.
        writes_none: whether None is written as null, and every field is always there.
        without_none: classes of which what is None is left out even so.
        optional: classes of which a large report leaves out what is the default.
        is_closed: whether an unknown key is a mistake.
    """

    types: Mapping[Any, Json]
    fields: Mapping[tuple[type, str], Json] = attrs.field(factory=dict)
    keys: Mapping[str, str] = attrs.field(factory=dict)
    left_out: frozenset[tuple[type, str]] = frozenset()
    writes_none: bool = False
    without_none: frozenset[type] = frozenset()
    optional: frozenset[type] = frozenset()
    is_closed: bool = False


def schema_of(cls: type, dialect: Dialect, *, id_: str, title: str) -> Json:
    """Return the schema of a class and of all that it holds.

    Raises:
        AssertionError: a field has a type that the dialect does not know.
    """
    definitions: dict[str, Json] = {}
    head: Json = {"$schema": _DRAFT, "$id": id_, "title": title}
    body = _object(cls, dialect, definitions)
    return {**head, **body, "$defs": dict(sorted(definitions.items()))}


def _object(cls: Any, dialect: Dialect, definitions: dict[str, Json]) -> Json:  # noqa: ANN401  # what attrs takes
    hints = get_type_hints(cls)
    described = _described(cls)
    if cls in dialect.without_none:
        dialect = attrs.evolve(dialect, writes_none=False)
    properties: dict[str, Json] = {}
    required: list[str] = []
    for field in attrs.fields(cls):
        if (cls, field.name) in dialect.left_out:
            continue
        key = dialect.keys.get(field.name, field.name)
        schema = dialect.fields.get((cls, field.name))
        schema = schema or _type(hints[field.name], dialect, definitions)
        if field.name in described:
            schema = {**schema, "description": described[field.name]}
        properties[key] = schema
        is_written = dialect.writes_none and cls not in dialect.optional
        if is_written or field.default is attrs.NOTHING:
            required.append(key)
    found: Json = {"type": "object", "description": _summary(cls), "properties": properties}
    if required:
        found["required"] = required
    if dialect.is_closed:
        found["additionalProperties"] = False
    return found


def _type(kind: Any, dialect: Dialect, definitions: dict[str, Json]) -> Json:  # noqa: ANN401  # a type of any form
    if kind in dialect.types:
        return dialect.types[kind]
    origin, parts = get_origin(kind), get_args(kind)
    if origin in (Union, UnionType):
        some = [part for part in parts if part is not NoneType]
        schemas = [_type(part, dialect, definitions) for part in some]
        if dialect.writes_none and NoneType in parts:
            schemas.append({"type": "null"})
        return schemas[0] if len(schemas) == 1 else {"anyOf": schemas}
    if origin in (tuple, frozenset):
        return {"type": "array", "items": _type(parts[0], dialect, definitions)}
    if origin is dict:
        return {"type": "object", "additionalProperties": _type(parts[1], dialect, definitions)}
    if attrs.has(kind):
        if kind.__name__ not in definitions:
            definitions[kind.__name__] = {}  # a class may hold itself
            definitions[kind.__name__] = _object(kind, dialect, definitions)
        return {"$ref": f"#/$defs/{kind.__name__}"}
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return {"enum": [str(word) for word in kind]}
    raise AssertionError(f"no schema for {kind}")


def _summary(cls: type) -> str:
    return inspect.cleandoc(cls.__doc__ or "").partition("\n\n")[0].replace("\n", " ")


def _described(cls: type) -> dict[str, str]:
    """Return what the docstring says of each attribute."""
    section = inspect.cleandoc(cls.__doc__ or "").partition("Attributes:\n")[2]
    return {name: " ".join(text.split()) for name, text in _ENTRY.findall(section)}
