"""What a rule answers: a problem, or that something is not known."""

from __future__ import annotations

from enum import StrEnum

import attrs

from peerlint.observations import Observation
from peerlint.results import Phrase, Severity, as_clause, as_optional_phrase, as_phrase


class Need(StrEnum):
    """What has to be known before a rule can be answered."""

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
        """Whether routes show it; people, exports and registries tell the rest."""
        return self in (Need.ROUTES, Need.COMMUNITIES, Need.PATH)


@attrs.frozen
class Problem:
    """What a rule found.

    Texts may be given for phrases. The names of the subject do not stand in them: `SubjectName` says where
    the report has to write them.

    Attributes:
        found: what was found; a `clause` if "found" shall not stand before it.
        wanted: what was wanted instead; None if there is nothing to set against it.
        evidence: the routes that show it.
        severity: if not the rule's own.
        hint: where to look; None without one.
        prefix: what it is about, where the subject is no prefix.
        word: two or three words for the matrix, if not the rule's own.
        about: what tells it from other problems that the rule has with the same subject.
        sessions: ids of the sessions that it concerns, where the subject is a prefix.
        is_symptom: whether a problem on one of these sessions may be its only cause: then the
            matrix names the cause alone.
        number: which registration of `prefix` with the peering it is about, where there are
            several: 1 is the first.
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


@attrs.frozen
class Unknown:
    """A rule that cannot be answered.

    Texts may be given for phrases, see `Problem`.

    Attributes:
        need: what it lacks; the rule declares it.
        found: what is not known, as a sentence.
        missing: what would decide it, for the user to supply.
        evidence: the routes that leave it open.
        about: what tells it from other answers that the rule has for the same subject.
        severity: of the problem that it may be, if not the rule's own.
        sessions: ids of the sessions that it concerns, where the subject is a prefix.
    """

    need: Need
    found: Phrase = attrs.field(converter=as_clause)
    missing: Phrase = attrs.field(converter=as_phrase)
    evidence: tuple[Observation, ...] = ()
    about: str | None = None
    severity: Severity | None = None
    sessions: tuple[str, ...] = ()


#: All that a rule says about one subject.
Answers = tuple[Problem | Unknown, ...]
