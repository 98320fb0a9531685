"""Findings: what a rule found about a subject, as fields."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Never

import attrs

from peerlint.arguments import ArgumentEnum
from peerlint.errors import InputError
from peerlint.observations import Confidence
from peerlint.results.phrases import Phrase, as_optional_phrase, as_phrase, as_phrases
from peerlint.results.subject_ref import SubjectRef


class Severity(ArgumentEnum):
    """How bad a problem is."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"

    @classmethod
    def _missing_(cls, value: object) -> Never:
        raise InputError("severity", expected=" or ".join(cls), found=value) from None

    @property
    def rank(self) -> int:
        """0 for the worst."""
        return list(Severity).index(self)


class Outcome(ArgumentEnum):
    """What came out of a rule for one subject."""

    PASS = "pass"  # noqa: S105  # a verdict, not a password
    FAIL = "fail"
    UNKNOWN = "unknown"
    NOT_APPLICABLE = "not-applicable"
    ATTESTED = "attested"
    WAIVED = "waived"

    @classmethod
    def _missing_(cls, value: object) -> Never:
        raise InputError("outcome", expected=" or ".join(cls), found=value) from None


@attrs.frozen
class FilePosition:
    """A place in a file.

    Attributes:
        file: its name.
        octet: offset of the record in the decompressed file; in an export of Azure's, of the row's
            prefix.
    """

    file: str
    octet: int


@attrs.frozen
class FeedPosition:
    """A place in a live feed, whose messages cannot be read again.

    Attributes:
        feed: the name of the feed.
        router: that sent it.
        time: at which the message arrived, with its zone.
    """

    feed: str
    router: str
    time: datetime


@attrs.frozen
class Evidence:
    """Where something was seen.

    Attributes:
        source: the name of the source.
        position: the place in the file or feed.
        route: in the one-line notation.
        time: of the route, with its zone; None if the source does not tell.
    """

    source: str
    position: FilePosition | FeedPosition
    route: str
    time: datetime | None = None


@attrs.frozen
class Finding:
    """One rule's outcome for one subject, unless it passed.

    Texts may be given for phrases. `peerlint.sentence` returns what a finding says as a sentence.

    Attributes:
        rule: the rule's id.
        outcome: fail, unknown, waived or attested.
        severity: of the problem.
        confidence: of the outcome.
        subject: the names of what it is about.
        found: what was found, without the names of the subject.
        stage: the stage of onboarding at which Microsoft checks it.
        wanted: what was wanted; None if there is nothing to set against what was found.
        hint: where to look; None without one.
        portal: what Microsoft's portal would say.
        basis: the documents that ask for it.
        missing: for an unknown outcome, what would decide it.
        evidence: where it was seen.
        texts: what documents say, each with its source, where they contradict each other.
        need: for an unknown outcome, the kind of data that is missing.
        statement: for waived and attested, who said so and until when.
        about: what tells it from other findings of the rule about the same subject.
        location: the metro of the session or connection that it is about; None if it is about
            neither, or the metro is not known.
        key: of the prefix or service prefix of the report that it is about; None if it is about
            none of them.
    """

    rule: str
    outcome: Outcome
    severity: Severity
    confidence: Confidence
    subject: SubjectRef
    found: Phrase = attrs.field(converter=as_phrase)
    stage: str
    wanted: Phrase | None = attrs.field(default=None, converter=as_optional_phrase)
    hint: Phrase | None = attrs.field(default=None, converter=as_optional_phrase)
    portal: tuple[str, ...] = ()
    basis: tuple[str, ...] = ()
    missing: tuple[Phrase, ...] = attrs.field(default=(), converter=as_phrases)
    evidence: tuple[Evidence, ...] = ()
    texts: tuple[str, ...] = ()
    need: str | None = None
    statement: str | None = None
    about: str | None = None
    location: str | None = None
    key: str | None = None

    @property
    def id(self) -> str:
        """A short hash of rule, subject and `about`: unique in a report, the same tomorrow."""
        subject = attrs.astuple(self.subject)
        parts = [self.rule, *(part or "" for part in subject)]
        if self.about is not None:
            parts.append(self.about)
        # A report that is read back may have halves of characters: JSON can spell them.
        octets = "\0".join(parts).encode("utf-8", "surrogatepass")
        return hashlib.sha256(octets).hexdigest()[:12]

    @property
    def what_is_missing(self) -> tuple[str, ...]:
        """What would decide an unknown outcome, as texts."""
        return tuple(each.text(self.subject) for each in self.missing)
