"""Generate JSON Schemas from attrs classes: types, defaults, and docstrings as descriptions."""

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
#: An entry of a docstring's "Attributes:"; its further lines are indented deeper.
_ENTRY: Final = re.compile(r"^    (\w+): (.*(?:\n {6,}.*)*)", re.MULTILINE)


@attrs.frozen
class FileFormat:
    """A file format: how it represents the classes.

    Attributes:
        types: schemas of types that are not attrs classes.
        fields: schemas of single fields, by class and name, instead of those of their types.
        keys: keys in the file, by name of the field, if they differ.
        omitted: fields, by class and name, that the file does not have.
        writes_none: whether None is written as null, and all fields are required.
        without_none: classes whose fields are omitted if they are None, in spite of `writes_none`.
        optional: classes whose fields a large report omits if they have the default value.
        is_closed: whether an unknown key is a mistake.
    """

    types: Mapping[Any, Json]
    fields: Mapping[tuple[type, str], Json] = attrs.field(factory=dict)
    keys: Mapping[str, str] = attrs.field(factory=dict)
    omitted: frozenset[tuple[type, str]] = frozenset()
    writes_none: bool = False
    without_none: frozenset[type] = frozenset()
    optional: frozenset[type] = frozenset()
    is_closed: bool = False


def schema_of(cls: type, form: FileFormat, *, id_: str, title: str) -> Json:
    """Return the schema of a class, with definitions of the classes that it refers to.

    Args:
        cls: an attrs class.
        form: the file format.
        id_: the schema's `$id`.
        title: the schema's title.

    Raises:
        AssertionError: a field has a type that the form does not know.
    """
    definitions: dict[str, Json] = {}
    head: Json = {"$schema": _DRAFT, "$id": id_, "title": title}
    body = _object(cls, form, definitions)
    return {**head, **body, "$defs": dict(sorted(definitions.items()))}


def _object(cls: Any, form: FileFormat, definitions: dict[str, Json]) -> Json:  # noqa: ANN401  # what attrs takes
    hints = get_type_hints(cls)
    described = _described(cls)
    if cls in form.without_none:
        form = attrs.evolve(form, writes_none=False)
    properties: dict[str, Json] = {}
    required: list[str] = []
    for field in attrs.fields(cls):
        if (cls, field.name) in form.omitted:
            continue
        key = form.keys.get(field.name, field.name)
        schema = form.fields.get((cls, field.name))
        schema = schema or _type(hints[field.name], form, definitions)
        if field.name in described:
            schema = {**schema, "description": described[field.name]}
        properties[key] = schema
        is_written = form.writes_none and cls not in form.optional
        if is_written or field.default is attrs.NOTHING:
            required.append(key)
    found: Json = {"type": "object", "description": _summary(cls), "properties": properties}
    if required:
        found["required"] = required
    if form.is_closed:
        found["additionalProperties"] = False
    return found


def _type(kind: Any, form: FileFormat, definitions: dict[str, Json]) -> Json:  # noqa: ANN401  # a type of any form
    if kind in form.types:
        return form.types[kind]
    origin, parts = get_origin(kind), get_args(kind)
    if origin in (Union, UnionType):
        some = [part for part in parts if part is not NoneType]
        schemas = [_type(part, form, definitions) for part in some]
        if form.writes_none and NoneType in parts:
            schemas.append({"type": "null"})
        return schemas[0] if len(schemas) == 1 else {"anyOf": schemas}
    if origin in (tuple, frozenset):
        return {"type": "array", "items": _type(parts[0], form, definitions)}
    if origin is dict:
        return {"type": "object", "additionalProperties": _type(parts[1], form, definitions)}
    if attrs.has(kind):
        if kind.__name__ not in definitions:
            definitions[kind.__name__] = {}  # a class may refer to itself
            definitions[kind.__name__] = _object(kind, form, definitions)
        return {"$ref": f"#/$defs/{kind.__name__}"}
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return {"enum": [str(word) for word in kind]}
    raise AssertionError(f"no schema for {kind}")


def _summary(cls: type) -> str:
    return inspect.cleandoc(cls.__doc__ or "").partition("\n\n")[0].replace("\n", " ")


def _described(cls: type) -> dict[str, str]:
    """Return the description of each attribute in the docstring, by name."""
    section = inspect.cleandoc(cls.__doc__ or "").partition("Attributes:\n")[2]
    return {name: " ".join(text.split()) for name, text in _ENTRY.findall(section)}
