"""Where the names of its subject stand in the texts of a stored finding."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

import attrs

from peerlint.results import Own, Part, Phrase, RuleIds, SourceName, SubjectRef, phrase

#: What a name is called that is none of the subject's.
_SOURCE: Final = "source"
_RULES: Final = "rules"


@attrs.frozen
class NameEntry:
    """A name in a text of a finding: what is around it is the same for other subjects.

    Attributes:
        part: the text that has it: found, wanted, hint, or missing, of which it is the first.
        name: what is named: the prefix; the place, which is the session or connection with its
            router; the session; the peering; the source, in brackets; rules.
        at: offset of the name in the text, in characters.
        length: of the name, in characters.
    """

    part: str
    name: str
    at: int
    length: int


def names_in(part: str, each: Phrase | None, subject: SubjectRef) -> Iterator[NameEntry]:
    """Yield the names in a phrase.

    Args:
        part: what the text is called.
        each: the phrase; None has no names.
        subject: of the finding.
    """
    at = 0
    for one in () if each is None else each.parts:
        length = len(one if isinstance(one, str) else one.text(subject))
        if isinstance(one, Own):
            yield NameEntry(part, one.value, at, length)
        elif isinstance(one, SourceName | RuleIds):
            kind = _SOURCE if isinstance(one, SourceName) else _RULES
            yield NameEntry(part, kind, at, length)
        at += length


def with_names(text: str, part: str, names: Iterable[NameEntry], subject: SubjectRef) -> Phrase:
    """Return a text as a phrase; a name that is not where it should be stays a text.

    Args:
        text: of a stored finding.
        part: what the text is called.
        names: of the finding.
        subject: of the finding.
    """
    parts: list[Part] = []
    end = 0
    for each in names:
        name = _named(each.name, text[each.at : each.at + each.length], subject)
        if each.part == part and each.at >= end and name is not None:
            parts += [text[end : each.at], name]
            end = each.at + each.length
    return phrase(*parts, text[end:])


def _named(kind: str, text: str, subject: SubjectRef) -> Part | None:
    """Return what a text names; None if it does not name it."""
    if kind == _SOURCE:
        return SourceName(text[2:-1]) if text[:2] == " (" and text[-1:] == ")" else None
    if kind == _RULES:
        ids, _, more = text.removesuffix(" more").partition(" and ")
        number = more.replace(",", "")
        return RuleIds(tuple(ids.split(", ")), int(number) if number.isdecimal() else 0)
    own = next((each for each in Own if each.value == kind), None)
    return own if own is not None and own.text(subject) == text else None
