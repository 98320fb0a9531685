"""Findings: the outcomes of rules, as fields."""

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
        """The position from the worst severity to the mildest, 0 for the worst."""
        return list(Severity).index(self)


class Outcome(ArgumentEnum):
    """The outcome of a rule for one subject."""

    PASS = "pass"  # noqa: S105  # an outcome, not a password
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
        file: the name of the file.
        octet: the offset of the record in the decompressed file, in octets; in an export of
            Azure's, the offset of the row's prefix.
    """

    file: str
    octet: int


@attrs.frozen
class FeedPosition:
    """A place in a live feed, whose messages cannot be read again.

    Attributes:
        feed: the name of the feed.
        router: the router that sent the message.
        time: the time at which the message arrived, with its time zone.
    """

    feed: str
    router: str
    time: datetime


@attrs.frozen
class Evidence:
    """A route that supports a finding, and where it was seen.

    Attributes:
        source: the name of the source.
        position: the position in the file or feed.
        route: the route in the one-line notation.
        time: the time of the route, with its time zone; None if the source does not have it.
    """

    source: str
    position: FilePosition | FeedPosition
    route: str
    time: datetime | None = None


@attrs.frozen
class Finding:
    """The outcome of one rule for one subject, unless it passed.

    A string can be given wherever a phrase is expected. `peerlint.sentence` returns a finding as a
    sentence.

    Attributes:
        rule: the rule's id.
        outcome: fail, unknown, waived or attested.
        severity: the severity of the problem.
        confidence: the confidence in the outcome.
        subject: the names of the subject.
        found: what was found, without the names of the subject.
        stage: the stages of onboarding at which Microsoft checks it: letters of `Stage`, joined
            by `+`.
        wanted: what was expected instead; None if there is no single expected value.
        hint: where to look for the cause; None without a hint.
        portal: the messages that Microsoft's portal would show.
        basis: the documents that the rule is based on.
        missing: for an unknown outcome, the data that would decide it.
        evidence: the first routes that support it, and where they were seen.
        texts: the texts of documents that contradict each other, each with its source.
        need: for an unknown outcome, the kind of data that is missing.
        statement: for waived and attested, the author of the statement, and its dates.
        about: the text that distinguishes it from other findings of the rule about the same
            subject.
        location: the metro of the subject's session or connection; None if the subject has
            neither, or the metro is not known.
        key: the key of the report's prefix or service prefix that it is about; None if it is about
            no prefix of the report.
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
        """A short hash of rule, subject and `about`: unique in a report, equal in the next one."""
        subject = attrs.astuple(self.subject)
        parts = [self.rule, *(part or "" for part in subject)]
        if self.about is not None:
            parts.append(self.about)
        # A report that is read back may contain lone surrogates, which JSON can escape.
        octets = "\0".join(parts).encode("utf-8", "surrogatepass")
        return hashlib.sha256(octets).hexdigest()[:12]

    @property
    def missing_texts(self) -> tuple[str, ...]:
        """The data that would decide an unknown outcome, as texts."""
        return tuple(each.text(self.subject) for each in self.missing)
