"""The parts of what a finding says, with the names of its subject left out.

What a rule found on one session and what it found on another one are equal phrases: a phrase says
where the name of its subject stands, not the name. So equal causes are found by comparing phrases.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from enum import Enum

import attrs

from peerlint.arguments import must_be
from peerlint.model import View
from peerlint.results.subject_ref import SubjectRef
from peerlint.wording import NAMED, listed


class Own(Enum):
    """A name of what a finding is about, which stands in a phrase."""

    PREFIX = "prefix"
    #: The session or connection with its router: "ams-1 (edge1.ams)".
    PLACE = "place"
    #: The id of the session alone: "ams-1".
    SESSION = "session"
    PEERING = "peering"

    def text(self, subject: SubjectRef) -> str:
        """Return the name."""
        if self is Own.PREFIX:
            return subject.prefix or ""
        if self is Own.PLACE:
            return subject.place
        return (subject.session if self is Own.SESSION else subject.peering) or ""


@attrs.frozen
class SourceName:
    """The name of a source in brackets: evidence, on which the cause does not depend."""

    name: str

    def text(self, _: SubjectRef) -> str:
        """Return the name in brackets, with a blank in front."""
        return f" ({self.name})"


@attrs.frozen
class RuleIds:
    """The ids of rules that have the cause in common.

    Attributes:
        ids: the first of them.
        more: how many more there are.
    """

    ids: tuple[str, ...]
    more: int = 0

    @classmethod
    def of(cls, ids: Iterable[str]) -> RuleIds:
        """Take some ids, each once."""
        every = tuple(dict.fromkeys(ids))
        return cls(every[:NAMED], max(0, len(every) - NAMED))

    def text(self, _: SubjectRef) -> str:
        """Return the ids, and how many more there are."""
        return listed(self.ids, more=self.more)


@attrs.frozen
class RouteCount:
    """How many routes a source shows of a session, until the report is assembled.

    The number changes with every route, so that it is filled in then, as a text.

    Attributes:
        session: the id of the session.
        source: the name of the source.
        view: of the source.
    """

    session: str
    source: str
    view: View

    @property
    def key(self) -> tuple[str, str, View]:
        """What the number is looked up by."""
        return self.session, self.source, self.view

    def text(self, _: SubjectRef) -> str:
        """Return the noun: the number is not known yet."""
        return "routes"


#: What a phrase is made of: texts, and what is written in when the phrase is told.
Part = str | Own | SourceName | RuleIds | RouteCount


@attrs.frozen
class Phrase:
    """What was found, what was wanted, a hint, or what would decide an open question.

    Phrases are equal if they say the same of their subjects and have the same evidence.

    Attributes:
        parts: in their order; no two texts stand beside each other.
        is_clause: of what was found, whether it is a sentence of its own, such as "203.0.113.0/24
            overlaps 203.0.113.0/25", and not the object of "found".
        is_long: of what was found, whether it has commas, so that a semicolon follows it.
    """

    parts: tuple[Part, ...]
    is_clause: bool = False
    is_long: bool = False

    def text(self, subject: SubjectRef) -> str:
        """Return the phrase with the names of its subject."""
        return "".join(part if isinstance(part, str) else part.text(subject) for part in self.parts)

    def spelled(self, subject: SubjectRef) -> Phrase:
        """Return the phrase as it is told of one subject, for a finding about another one."""
        return attrs.evolve(self, parts=(self.text(subject),))

    @property
    def cause(self) -> Phrase:
        """The phrase without its evidence: the names of sources and rules."""
        if not any(isinstance(part, SourceName | RuleIds) for part in self.parts):
            return self
        return attrs.evolve(self, parts=tuple(map(_without_evidence, self.parts)))

    @property
    def count(self) -> RouteCount | None:
        """The number of routes that is part of the phrase; None if none is."""
        return next((part for part in self.parts if isinstance(part, RouteCount)), None)

    def with_parts(self, change: Callable[[Part], Part]) -> Phrase:
        """Return the phrase with its parts changed."""
        return attrs.evolve(self, parts=_joined(tuple(map(change, self.parts))))


def _without_evidence(part: Part) -> Part:
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
    """Return what is missing as phrases.

    Raises:
        InputError: it is one text, or no list.
    """
    must_be("missing", values, (tuple, list), "a list of texts")
    return tuple(map(as_phrase, values))


def as_clause(value: str | Phrase) -> Phrase:
    """Return a text as a sentence of its own."""
    return clause(value) if isinstance(value, str) else value


def phrase(*parts: Part | Phrase, is_long: bool = False) -> Phrase:
    """Put a phrase together.

    Args:
        parts: texts, names and whole phrases.
        is_long: whether it has commas, so that a semicolon has to follow.
    """
    return Phrase(_joined(parts), is_long=is_long)


def clause(*parts: Part | Phrase, is_long: bool = True) -> Phrase:
    """Put together what was found as a sentence of its own, which "found" does not precede.

    Args:
        parts: texts, names and whole phrases.
        is_long: whether a semicolon has to follow; a comma does otherwise.
    """
    return Phrase(_joined(parts), is_clause=True, is_long=is_long)


def _joined(parts: tuple[Part | Phrase, ...]) -> tuple[Part, ...]:
    """Return parts with neighbouring texts joined, so that equal phrases have equal parts."""
    found: list[Part] = []
    for part in parts:
        for each in part.parts if isinstance(part, Phrase) else (part,):
            if isinstance(each, str) and found and isinstance(found[-1], str):
                found[-1] += each
            elif each != "":
                found.append(each)
    return tuple(found)
