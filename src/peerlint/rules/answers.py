"""The answers of rules: a problem, or an unknown."""

from __future__ import annotations

from enum import StrEnum

import attrs

from peerlint.observations import Observation
from peerlint.results import Phrase, Severity, as_clause, as_optional_phrase, as_phrase


class Need(StrEnum):
    """A kind of data that a rule needs."""

    ROUTES = "routes"
    COMMUNITIES = "communities"
    PATH = "path"
    AZURE = "azure"
    ATTESTATION = "attestation"
    IRR = "irr"
    VRPS = "vrps"
    PEERINGDB = "peeringdb"
    PLAN = "plan"

    @property
    def is_seen(self) -> bool:
        """Whether routes have it; the others come from people, exports and registries."""
        return self in (Need.ROUTES, Need.COMMUNITIES, Need.PATH)


@attrs.frozen
class Problem:
    """A problem that a rule found.

    A string can be given wherever a phrase is expected. Phrases do not contain the names of the
    subject: `SubjectName` marks where the report inserts them.

    Attributes:
        found: what was found; a `clause` if it is not the object of "found".
        wanted: what was expected instead; None if there is no single expected value.
        evidence: the routes that show the problem.
        severity: the severity; None for that of the rule.
        hint: where to look for the cause; None without a hint.
        prefix: the prefix that it is about, if the subject is not a prefix.
        word: one to three words for the matrix; None for those of the rule.
        about: the text that distinguishes it from other problems of the rule with the same
            subject; None if there is only one.
        sessions: the ids of the sessions that it concerns, if the subject is a prefix.
        is_symptom: whether a problem on one of these sessions may be its only cause. The matrix
            then shows the cause only.
        number: the number of the registration of `prefix` with the peering, from 1, if there are
            several.
        leaves_open: what would decide Microsoft's check, if the problem leaves it undecided,
            because no document says what Microsoft makes of it; None if its severity decides it.
    """

    found: Phrase = attrs.field(converter=as_phrase)
    wanted: Phrase | None = attrs.field(default=None, converter=as_optional_phrase)
    evidence: tuple[Observation, ...] = ()
    severity: Severity | None = None
    hint: Phrase | None = attrs.field(default=None, converter=as_optional_phrase, kw_only=True)
    prefix: str | None = None
    word: str | None = None
    about: str | None = None
    sessions: tuple[str, ...] = ()
    is_symptom: bool = False
    number: int | None = None
    leaves_open: Phrase | None = attrs.field(
        default=None, converter=as_optional_phrase, kw_only=True
    )


@attrs.frozen
class Unknown:
    """A question that a rule cannot decide.

    A string can be given wherever a phrase is expected, see `Problem`.

    Attributes:
        need: the kind of data that is missing; one of the rule's needs.
        found: what is not known, as a clause.
        missing: the data that would decide it, for the user to supply.
        evidence: the routes that leave it undecided.
        about: the text that distinguishes it from other answers of the rule about the same
            subject; None if there is only one.
        severity: the severity of the possible problem; None for that of the rule.
        sessions: the ids of the sessions that it concerns, if the subject is a prefix.
    """

    need: Need
    found: Phrase = attrs.field(converter=as_clause)
    missing: Phrase = attrs.field(converter=as_phrase)
    evidence: tuple[Observation, ...] = ()
    about: str | None = None
    severity: Severity | None = None
    sessions: tuple[str, ...] = ()


#: All answers of a rule about one subject.
Answers = tuple[Problem | Unknown, ...]
