"""Parse the result of an answer: prefixes, AS numbers, objects, serials."""

from __future__ import annotations

import re
from collections.abc import Callable
from enum import StrEnum
from typing import Final, Generic, TypeVar

import attrs

from peerlint.errors import InputError
from peerlint.model import Asn, Prefix
from peerlint.registry.whois.answers import Answer

_Value = TypeVar("_Value")
_SERIALS: Final = re.compile(r"([0-9]{1,19})-([0-9]{1,19})", re.ASCII)
_EMPTY_LINES: Final = re.compile(rb"\n(?:[ \t\r]*\n)+")


@attrs.frozen
class Parsed(Generic[_Value]):
    """The values of a result.

    Attributes:
        values: the values.
        skipped: the words of the result that are no such values.
    """

    values: tuple[_Value, ...]
    skipped: tuple[str, ...] = ()


class JournalState(StrEnum):
    """Whether a server keeps the changes of a source, as `!j` says.

    Attributes:
        KEPT: it does (`Y`).
        NOT_KEPT: it does not (`N`).
        UNKNOWN_SOURCE: it does not have the source (`X`).
    """

    KEPT = "Y"
    NOT_KEPT = "N"
    UNKNOWN_SOURCE = "X"


@attrs.frozen
class SourceSerials:
    """How fresh a server's copy of a source is.

    Attributes:
        source: the registry.
        journal: whether the server keeps its changes, or does not have the source.
        oldest: the lowest serial; None if the server does not say.
        newest: the highest serial: the last change that the server has of the registry, to be
            compared with the registry's own; None if it does not say.
        exported: the serial of the server's last export, of the server's own numbers; None if
            there is none.
    """

    source: str
    journal: JournalState
    oldest: int | None = None
    newest: int | None = None
    exported: int | None = None


def prefixes(answer: Answer) -> Parsed[Prefix]:
    """Return the prefixes of an answer to `prefixes_of`, each once, sorted.

    The order of IRRd's own list is that of a hash table, and differs from run to run.
    """
    parsed = _parsed(answer, Prefix.parse)
    return Parsed(tuple(sorted(set(parsed.values))), parsed.skipped)


def origins(answer: Answer) -> Parsed[Asn]:
    """Return the AS numbers of an answer to `origins_of`, each once."""
    parsed = _parsed(answer, Asn.parse)
    return Parsed(tuple(dict.fromkeys(parsed.values)), parsed.skipped)


def objects(answer: Answer) -> tuple[bytes, ...]:
    """Return the objects of an answer to `routes_of` or `ripe_object`, as RPSL.

    The octets of an answer are a valid RPSL file too: what reads a dump reads them.
    """
    parts = _EMPTY_LINES.split(answer.octets)
    return tuple(each.strip(b"\r\n") for each in parts if each.strip())


def serials(answer: Answer) -> Parsed[SourceSerials]:
    """Return the serials of an answer to `serials_of`."""
    found: list[SourceSerials] = []
    skipped: list[str] = []
    for line in answer.text.splitlines():
        parsed = _serials(line.strip())
        if parsed is None:
            skipped.append(line)
        else:
            found.append(parsed)
    return Parsed(tuple(found), tuple(skipped))


def _serials(line: str) -> SourceSerials | None:
    """Return what a line such as `RADB:Y:0-1001:990` says; None if it has another form."""
    source, _, rest = line.partition(":")
    state, _, rest = rest.partition(":")
    if not source or state not in set(JournalState):
        return None
    journal = JournalState(state)
    if journal is JournalState.UNKNOWN_SOURCE:
        return SourceSerials(source.upper(), journal)
    serials, _, exported = rest.partition(":")
    match = _SERIALS.fullmatch(serials)
    if (match is None and serials != "-") or not _is_number_or_empty(exported):
        return None
    return SourceSerials(
        source.upper(),
        journal,
        None if match is None else int(match[1]),
        None if match is None else int(match[2]),
        int(exported) if exported else None,
    )


def _is_number_or_empty(text: str) -> bool:
    return not text or (text.isascii() and text.isdecimal() and len(text) < 20)


def _parsed(answer: Answer, parse: Callable[[str], _Value]) -> Parsed[_Value]:
    values: list[_Value] = []
    skipped: list[str] = []
    for word in answer.words:
        try:
            values.append(parse(word))
        except InputError:
            skipped.append(word)
    return Parsed(tuple(values), tuple(skipped))
