"""The report as JSON: writes schema `peerlint/report/2`, and reads schemas 1 and 2."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, cast, get_args, get_origin

import attrs
from cattrs import BaseValidationError, ClassValidationError, Converter, IterableValidationError
from cattrs.cols import mapping_structure_factory
from cattrs.errors import IterableValidationNote
from cattrs.gen import make_dict_structure_fn, make_dict_unstructure_fn

from peerlint.display import escaped_json
from peerlint.errors import Mistake, ReportError
from peerlint.report import schema1
from peerlint.report.document import SCHEMA, Document
from peerlint.report.finding_entry import EvidenceEntry, FindingEntry
from peerlint.results import Finding, PrefixResult, Report, ServicePrefixResult, StoredReport
from peerlint.texts import JSON, json_mistake
from peerlint.wording import shown

#: The most findings of a report that is indented; larger reports are read by programs only.
INDENTED: Final = 10_000
#: Fields that repeat parts of the message; large reports leave them out.
_IN_THE_MESSAGE: Final = frozenset({"found", "wanted"})


def render_json(report: Report) -> str:
    """Return the report as JSON with a newline at its end, indented up to `INDENTED` findings."""
    document = Document.of(report)
    return dumped(document) if len(report.findings) <= INDENTED else "".join(_parts(document))


def dumped(value: object) -> str:
    """Return a value of a report, or a value made of them, as indented JSON."""
    text = json.dumps(to_json(value), indent=2, ensure_ascii=False) + "\n"
    # This also escapes lone surrogates of file names, which cannot be encoded in UTF-8.
    return escaped_json(text)


def _parts(document: Document) -> Iterator[str]:
    """Yield a large report in parts, because dictionaries of all findings take too much memory."""
    data = cast("dict[str, object]", to_json(attrs.evolve(document, findings=())))
    for number, (name, value) in enumerate(data.items()):
        yield f'{"," if number else "{"}"{name}":'
        if name != "findings":
            yield _compact(value)
            continue
        for place, finding in enumerate(document.findings):
            yield f"{',' if place else '['}{_compact(_terse(finding))}"
        yield "]"
    yield "}\n"


def _compact(data: object) -> str:
    return escaped_json(json.dumps(data, ensure_ascii=False, separators=(",", ":")))


def _terse(finding: FindingEntry) -> dict[str, object]:
    """Return a finding without empty fields and those that repeat its message."""
    data = cast("dict[str, object]", to_json(finding))
    return {
        name: each
        for name, each in data.items()
        if each not in (None, [], ()) and name not in _IN_THE_MESSAGE
    }


def to_json(value: object) -> object:
    """Return a value as dictionaries and lists; a finding is written as in the report."""
    return _CONVERTER.unstructure(value)


def parse_report(text: str, file: str) -> StoredReport:
    """Read a report that `peerlint check --format json` wrote, in this version or an earlier one.

    Unknown fields are ignored.

    Args:
        text: the JSON.
        file: the name of the file, for errors.

    Raises:
        ReportError: the text has mistakes, all of which are in the error: JSON syntax, another
            schema, missing fields, wrong types.
    """
    try:
        data = JSON.decode(text)
    except (ValueError, RecursionError) as error:
        mistake = Mistake("the file", "", "JSON", json_mistake(error, text))
        raise ReportError(file, (mistake,)) from None
    schema = data.get("schema") if isinstance(data, dict) else None
    if schema not in (SCHEMA, schema1.SCHEMA):
        mistake = Mistake("the report", "schema", repr(SCHEMA), shown(schema))
        raise ReportError(file, (mistake,))
    try:
        if schema == schema1.SCHEMA:
            return StoredReport(_CONVERTER.structure(data, schema1.Document).report(), schema=1)
        return StoredReport(_CONVERTER.structure(data, Document).report())
    except BaseValidationError as error:
        raise ReportError(file, tuple(_mistakes(error, ()))) from None


# -- conversion


class _ExpectedError(ValueError):
    """A value of the wrong type for its field."""

    def __init__(self, expected: str, found: object) -> None:
        super().__init__(expected, found)
        self.expected = expected
        self.found = found


def _exactly(kind: type, expected: str) -> Callable[[object, object], object]:
    def structure(value: object, _: object) -> object:
        if type(value) is not kind:
            raise _ExpectedError(expected, value)
        return value

    return structure


def _word(value: object, kind: type[StrEnum]) -> StrEnum:
    if not isinstance(value, str) or value not in set(kind):
        raise _ExpectedError(" or ".join(kind), value)
    return kind(value)


def _time(value: object, _: object) -> datetime:
    expected = 'a time such as "2026-11-21T00:00:00+00:00"'
    if not isinstance(value, str):
        raise _ExpectedError(expected, value)
    try:
        return datetime.fromisoformat(value)
    except ValueError:
        raise _ExpectedError(expected, value) from None


def _objects(cls: Any, converter: Converter) -> Callable[[object, object], object]:  # noqa: ANN401  # what cattrs calls it with
    """Return a hook that accepts objects only, not arrays or strings."""
    structure_fields = make_dict_structure_fn(cls, converter)

    def structure(value: object, _: object) -> object:
        if not isinstance(value, Mapping):
            raise _ExpectedError("an object", value)
        return structure_fields(cast("Mapping[str, Any]", value), cls)

    return structure


def _lists(kind: Any, converter: Converter) -> Callable[[object, object], object]:  # noqa: ANN401  # what cattrs calls it with
    """Return a hook that accepts arrays only, not strings."""
    item = get_args(kind)[0]

    def structure(value: object, _: object) -> tuple[object, ...]:
        if not isinstance(value, list):
            raise _ExpectedError("a list", value)
        done: list[object] = []
        errors: list[Exception] = []
        for index, element in enumerate(value):
            try:
                done.append(converter.structure(element, item))
            except (BaseValidationError, ValueError) as error:
                error.add_note(IterableValidationNote("", index, item))
                errors.append(error)
        if errors:
            raise IterableValidationError("mistakes in a list", errors, kind)
        return tuple(done)

    return structure


def _mappings(kind: Any, converter: Converter) -> Callable[[object, object], object]:  # noqa: ANN401  # what cattrs calls it with
    """Return a hook that accepts objects with any fields."""
    structure_fields = mapping_structure_factory(kind, converter)

    def structure(value: object, _: object) -> object:
        if not isinstance(value, Mapping):
            raise _ExpectedError("an object", value)
        return structure_fields(value, kind)

    return structure


def _is_list(kind: object) -> bool:
    return get_origin(kind) is tuple


def _is_mapping(kind: object) -> bool:
    return get_origin(kind) is dict


def _converter() -> Converter:
    converter = Converter()
    converter.register_structure_hook_factory(attrs.has, _objects)
    converter.register_structure_hook_factory(_is_list, _lists)
    converter.register_structure_hook_factory(_is_mapping, _mappings)
    converter.register_structure_hook(str, _exactly(str, "a string"))
    converter.register_structure_hook(StrEnum, _word)
    converter.register_structure_hook(int, _exactly(int, "a number"))
    converter.register_structure_hook(bool, _exactly(bool, "true or false"))
    converter.register_structure_hook(datetime, _time)
    converter.register_unstructure_hook(datetime, datetime.isoformat)
    converter.register_unstructure_hook(
        EvidenceEntry,
        make_dict_unstructure_fn(EvidenceEntry, converter, _cattrs_omit_if_default=True),
    )
    for result in (PrefixResult, ServicePrefixResult):
        converter.register_unstructure_hook(result, _key_first(result, converter))
    write_finding = make_dict_unstructure_fn(FindingEntry, converter)
    converter.register_unstructure_hook(FindingEntry, write_finding)
    converter.register_unstructure_hook(
        Finding, lambda finding: write_finding(FindingEntry.of(finding))
    )
    return converter


def _key_first(cls: Any, converter: Converter) -> Callable[[object], dict[str, object]]:  # noqa: ANN401  # what cattrs takes
    """Return a hook that writes the key of a row first, and the list of passed rules last."""
    write = make_dict_unstructure_fn(cls, converter)

    def unstructure(value: object) -> dict[str, object]:
        fields = write(value)
        passed = fields.pop("passed")
        return {"key": fields.pop("key"), **fields, "passed": passed}

    return unstructure


_CONVERTER: Final = _converter()


def _mistakes(error: Exception, place: tuple[str, ...]) -> Iterator[Mistake]:
    """Yield the mistakes in a tree of errors.

    Args:
        error: the root of the tree.
        place: the path of the error in the document.
    """
    if isinstance(error, (ClassValidationError, IterableValidationError)):
        noted, others = error.group_exceptions()
        for inner, note in noted:
            step = f"[{note.index}]" if isinstance(note, IterableValidationNote) else note.name
            yield from _mistakes(inner, (*place, step))
        for inner in others:
            yield from _mistakes(inner, place)
        return
    *path, key = place or ("",)
    where = ".".join(path).replace(".[", "[") or "the report"
    if isinstance(error, _ExpectedError):
        yield Mistake(where, key, error.expected, shown(error.found))
    elif isinstance(error, KeyError):
        yield Mistake(where, key, "a value: the field must be there", "nothing")
    else:
        raise error
