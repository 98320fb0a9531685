"""The positions of the subject's names in the texts of a stored finding.

A position is written as "wanted[13:30] place": the field, the offsets of the name in characters,
and the kind of name. With them, a text is read back as a phrase.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from peerlint.results import (
    Phrase,
    PhrasePart,
    RuleIds,
    SourceName,
    SubjectName,
    SubjectRef,
    phrase,
)

#: The kinds of names that are not names of the subject.
_SOURCE: Final = "source"
_RULES: Final = "rules"
_OWN: Final = {each.value: each for each in SubjectName}
_FORM: Final = re.compile(r"(\w+)\[([0-9]{1,9}):([0-9]{1,9})\] (\w+)")


def names_in(field: str, each: Phrase, subject: SubjectRef) -> Iterator[str]:
    """Yield the positions of the names in a phrase.

    Args:
        field: the name of the field with the text of the phrase.
        each: the phrase.
        subject: the subject of the finding.
    """
    at = 0
    for part in each.parts:
        if isinstance(part, str):
            at += len(part)
            continue
        end = at + len(part.text(subject))
        if isinstance(part, SubjectName):
            yield f"{field}[{at}:{end}] {part.value}"
        elif isinstance(part, SourceName | RuleIds):
            kind = _SOURCE if isinstance(part, SourceName) else _RULES
            yield f"{field}[{at}:{end}] {kind}"
        at = end


def with_names(text: str, field: str, names: Iterable[str], subject: SubjectRef) -> Phrase:
    """Return a text as a phrase; a position without the expected name is ignored.

    Args:
        text: a text of a stored finding.
        field: the name of the field with the text.
        names: the positions of names in all fields of the finding.
        subject: the subject of the finding.
    """
    parts: list[PhrasePart] = []
    end = 0
    for each in names:
        form = _FORM.fullmatch(each)
        if form is None or form[1] != field or int(form[2]) < end:
            continue
        start, stop = int(form[2]), int(form[3])
        name = _named(form[4], text[start:stop], subject)
        if name is not None:
            parts += [text[end:start], name]
            end = stop
    return phrase(*parts, text[end:])


def _named(kind: str, text: str, subject: SubjectRef) -> PhrasePart | None:
    """Return a text as a placeholder of some kind; None if it is not such a name."""
    if kind == _SOURCE:
        return SourceName(text[2:-1]) if text[:2] == " (" and text[-1:] == ")" else None
    if kind == _RULES:
        ids, _, more = text.removesuffix(" more").partition(" and ")
        number = more.replace(",", "")
        return RuleIds(tuple(ids.split(", ")), int(number) if number.isdecimal() else 0)
    own = _OWN.get(kind)
    return own if own is not None and own.text(subject) == text else None
