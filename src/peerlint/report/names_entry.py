"""Where the names of its subject stand in the texts of a stored finding.

A name is written as "wanted[13:30] place": the field, the offsets of the name in it in characters,
and what is named. What is around the names is the same for other subjects.
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

#: What a name is called that is none of the subject's.
_SOURCE: Final = "source"
_RULES: Final = "rules"
_OWN: Final = {each.value: each for each in SubjectName}
_FORM: Final = re.compile(r"(\w+)\[([0-9]{1,9}):([0-9]{1,9})\] (\w+)")


def names_in(field: str, each: Phrase, subject: SubjectRef) -> Iterator[str]:
    """Yield the names in a phrase.

    Args:
        field: that has the phrase as a text.
        each: the phrase.
        subject: of the finding.
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
    """Return a text as a phrase; a name that is not where it should be stays a text.

    Args:
        text: of a stored finding.
        field: that has it.
        names: of the finding.
        subject: of the finding.
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
    """Return what a text names; None if it does not name it."""
    if kind == _SOURCE:
        return SourceName(text[2:-1]) if text[:2] == " (" and text[-1:] == ")" else None
    if kind == _RULES:
        ids, _, more = text.removesuffix(" more").partition(" and ")
        number = more.replace(",", "")
        return RuleIds(tuple(ids.split(", ")), int(number) if number.isdecimal() else 0)
    own = _OWN.get(kind)
    return own if own is not None and own.text(subject) == text else None
