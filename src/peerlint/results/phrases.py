"""Phrases: texts of findings with placeholders for the names of the subject.

Because names are placeholders, findings about different subjects have equal phrases if they have
the same cause. Findings are grouped by comparing phrases.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from enum import Enum

import attrs

from peerlint.arguments import must_be
from peerlint.model import View
from peerlint.results.subject_ref import SubjectRef
from peerlint.wording import NAMED, listed


class SubjectName(Enum):
    """A placeholder in a phrase for a name of the finding's subject."""

    PREFIX = "prefix"
    #: The session or connection with its router: "ams-1 (edge1.ams)".
    PLACE = "place"
    #: The id of the session alone: "ams-1".
    SESSION = "session"
    PEERING = "peering"

    def text(self, subject: SubjectRef) -> str:
        """Return the name that a subject has here; empty if it has none."""
        if self is SubjectName.PREFIX:
            return subject.prefix or ""
        if self is SubjectName.PLACE:
            return subject.place
        return (subject.session if self is SubjectName.SESSION else subject.peering) or ""


@attrs.frozen
class SourceName:
    """The name of a source in brackets; it is evidence, and not part of the cause."""

    name: str

    def text(self, _: SubjectRef) -> str:
        """Return the name in brackets, after a blank."""
        return f" ({self.name})"


@attrs.frozen
class RuleIds:
    """The ids of rules; they are evidence, and not part of the cause.

    Attributes:
        ids: the first ids, at most `NAMED` of them if made by `of`.
        more: the number of further ids.
    """

    ids: tuple[str, ...]
    more: int = 0

    @classmethod
    def of(cls, ids: Iterable[str]) -> RuleIds:
        """Return the ids without duplicates."""
        every = tuple(dict.fromkeys(ids))
        return cls(every[:NAMED], max(0, len(every) - NAMED))

    def text(self, _: SubjectRef) -> str:
        """Return the ids, and the number of further ones."""
        return listed(self.ids, more=self.more)


@attrs.frozen
class RouteCount:
    """A placeholder for the number of routes of a session in a source.

    The number changes with every route. It is filled in when the report is assembled.

    Attributes:
        session: the id of the session.
        source: the name of the source.
        view: the view of the source.
    """

    session: str
    source: str
    view: View

    @property
    def key(self) -> tuple[str, str, View]:
        """The key by which the number is looked up: session, source and view."""
        return self.session, self.source, self.view

    def text(self, _: SubjectRef) -> str:
        """Return the noun alone, because the number is not known yet."""
        return "routes"


#: A part of a phrase: a text or a placeholder.
PhrasePart = str | SubjectName | SourceName | RuleIds | RouteCount


@attrs.frozen
class Phrase:
    """A text of a finding with placeholders: what was found, what was expected, or a hint.

    Attributes:
        parts: the parts in order; neighbouring texts are joined.
        is_clause: for what was found, whether it is a complete clause, such as "203.0.113.0/24
            overlaps 203.0.113.0/25"; otherwise the sentence is "found" and the phrase.
        is_long: for what was found, whether it contains commas, so that a semicolon follows it.
    """

    parts: tuple[PhrasePart, ...]
    is_clause: bool = False
    is_long: bool = False

    def text(self, subject: SubjectRef) -> str:
        """Return the phrase as a text.

        Args:
            subject: the names for the placeholders.
        """
        return "".join(part if isinstance(part, str) else part.text(subject) for part in self.parts)

    def resolved(self, subject: SubjectRef) -> Phrase:
        """Return the phrase with the names filled in, for a finding about another subject."""
        return attrs.evolve(self, parts=(self.text(subject),))

    @property
    def cause(self) -> Phrase:
        """The phrase without its evidence: the names of sources and rules."""
        if not any(isinstance(part, SourceName | RuleIds) for part in self.parts):
            return self
        return attrs.evolve(self, parts=tuple(map(_without_evidence, self.parts)))

    @property
    def count(self) -> RouteCount | None:
        """The placeholder for a number of routes; None if the phrase has none."""
        return next((part for part in self.parts if isinstance(part, RouteCount)), None)

    def with_parts(self, change: Callable[[PhrasePart], PhrasePart]) -> Phrase:
        """Return the phrase with a function applied to each part."""
        return attrs.evolve(self, parts=_merged(tuple(map(change, self.parts))))


def _without_evidence(part: PhrasePart) -> PhrasePart:
    if isinstance(part, SourceName):
        return SourceName("")
    return RuleIds(()) if isinstance(part, RuleIds) else part


def as_phrase(value: str | Phrase) -> Phrase:
    """Return a text as a phrase."""
    return Phrase((value,)) if isinstance(value, str) else value


def as_optional_phrase(value: str | Phrase | None) -> Phrase | None:
    """Return a text as a phrase; None stays None."""
    return None if value is None else as_phrase(value)


def as_phrases(values: Iterable[str | Phrase]) -> tuple[Phrase, ...]:
    """Return the texts in `missing` as phrases.

    Raises:
        InputError: `values` is not a tuple or a list.
    """
    must_be("missing", values, (tuple, list), "a list of texts")
    return tuple(map(as_phrase, values))


def as_clause(value: str | Phrase) -> Phrase:
    """Return a text as a phrase that is a complete clause."""
    return clause(value) if isinstance(value, str) else value


def phrase(*parts: PhrasePart | Phrase, is_long: bool = False) -> Phrase:
    """Return a phrase made of parts.

    Args:
        parts: texts, placeholders and phrases.
        is_long: whether it contains commas, so that a semicolon has to follow.
    """
    return Phrase(_merged(parts), is_long=is_long)


def clause(*parts: PhrasePart | Phrase, is_long: bool = True) -> Phrase:
    """Return a phrase that is a complete clause, so that "found" does not precede it.

    Args:
        parts: texts, placeholders and phrases.
        is_long: whether a semicolon has to follow; otherwise a comma follows.
    """
    return Phrase(_merged(parts), is_clause=True, is_long=is_long)


def _merged(parts: tuple[PhrasePart | Phrase, ...]) -> tuple[PhrasePart, ...]:
    """Return parts with neighbouring texts joined, so that equal phrases have equal parts."""
    merged: list[PhrasePart] = []
    for item in parts:
        for part in item.parts if isinstance(item, Phrase) else (item,):
            if isinstance(part, str) and merged and isinstance(merged[-1], str):
                merged[-1] += part
            elif part != "":
                merged.append(part)
    return tuple(merged)
