"""Findings in the form of the JSON report, and the texts of their rules."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Final, Self

import attrs

from peerlint.observations import Confidence
from peerlint.report.names_entry import names_in, with_names
from peerlint.report.sentence import SentenceParts, sentence
from peerlint.results import (
    Evidence,
    FeedPosition,
    FilePosition,
    Finding,
    Outcome,
    Phrase,
    Severity,
    SubjectRef,
    as_phrase,
)
from peerlint.rules import CATALOGUE, Rule

#: The text in a portal message for a session without an address.
_NO_ADDRESS: Final = "(no address declared)"


@attrs.frozen
class RuleEntry:
    """The texts of a rule that all of its findings share.

    Attributes:
        title: the name of the problem.
        stage: the stages of onboarding at which Microsoft checks it: T, A, R, S or O, joined by +.
        portal: messages of Microsoft's portal; `{peer}` stands for the session's `peer` address and
            `{prefix}` for the prefix.
        basis: the documents that the rule is based on.
        texts: the texts of documents that contradict each other, each with its source.
        fix: what to do if the rule fires; null if there is nothing to do.
        help: what the rule checks and why it matters.
    """

    title: str
    stage: str
    portal: tuple[str, ...]
    basis: tuple[str, ...]
    texts: tuple[str, ...]
    fix: str | None
    help: str

    @classmethod
    def of(cls, rule: Rule) -> Self:
        """Return the texts of a rule; a diagnosis has the stages of the rule that it explains."""
        general = rule if rule.diagnoses is None else CATALOGUE[rule.diagnoses]
        stage = "+".join(general.stages)
        return cls(rule.title, stage, rule.portal, rule.basis, rule.texts, rule.fix, rule.page)


def rules_of(named: Iterable[str]) -> dict[str, RuleEntry]:
    """Return the texts of some rules, by id in the order of the catalogue."""
    ids = set(named)
    return {id_: RuleEntry.of(rule) for id_, rule in CATALOGUE.items() if id_ in ids}


@attrs.frozen
class EvidenceEntry:
    """A route that supports a finding, and where it was seen; unknown values are left out.

    Attributes:
        source: the name of the source.
        file: the name of the file, if the source is a file.
        octet: the offset of the record in the decompressed file, in octets; in an export of
            Azure's, the offset of the row's prefix.
        router: the router that sent the route to the feed.
        feed: the name of the feed.
        time: the time of the route.
        route: the route in the one-line notation.
    """

    source: str
    file: str | None = None
    octet: int | None = None
    router: str | None = None
    feed: str | None = None
    time: datetime | None = None
    route: str | None = None

    @classmethod
    def of(cls, evidence: Evidence) -> Self:
        """Return the JSON form of a piece of evidence."""
        source, position, route = evidence.source, evidence.position, evidence.route
        if isinstance(position, FilePosition):
            return cls(source, position.file, position.octet, time=evidence.time, route=route)
        return cls(
            source, router=position.router, feed=position.feed, time=position.time, route=route
        )

    def evidence(self) -> Evidence | None:
        """Return the piece of evidence; None if the entry has no position."""
        position: FilePosition | FeedPosition
        if self.octet is not None:
            position = FilePosition(self.file or self.source, self.octet)
        elif self.feed is not None and self.router is not None and self.time is not None:
            position = FeedPosition(self.feed, self.router, self.time)
        else:
            return None
        return Evidence(self.source, position, self.route or "", self.time)


def _names(finding: Finding) -> Iterator[str]:
    first = finding.missing[0] if finding.missing else None
    phrases = (finding.found, finding.wanted, finding.hint, first)
    for field, each in zip(("found", "wanted", "hint", "missing"), phrases, strict=True):
        if each is not None:
            yield from names_in(field, each, finding.subject)


@attrs.frozen(kw_only=True)
class FindingEntry:
    """The outcome of one rule for one subject, unless it passed.

    In a report of more than 10,000 findings, fields that are null or empty are left out, and so are
    `found` and `wanted`, which are part of the message.

    Attributes:
        id: a hash of rule, subject and `about`; unique in a report, and equal in the next report.
        rule: the id of the rule; its texts are in `rules`.
        outcome: fail, unknown, waived or attested.
        severity: the severity of the problem.
        confidence: whether it was observed on the wire, or inferred from routes before export
            policy.
        subject: the names of the subject; null for names that do not apply.
        key: the key of the prefix or service prefix that it is about; null if it is about neither.
        about: the text that distinguishes it from other findings of the rule about the same
            subject; null if there is only one.
        location: the metro of the session or connection; null if there is neither, or it is not
            known.
        message: what was found and what was wanted, in one sentence.
        found: what was found; null in a report of an earlier version, if the message had another
            form.
        wanted: what was expected instead; null if there is no single expected value.
        hint: the end of the message, such as where to look for the cause; null without a hint.
        missing: for an unknown outcome, the data that would decide it.
        need: for an unknown outcome, the kind of data that is missing.
        statement: for waived and attested, the author of the statement, its dates and its reason;
            for fail, the statement that the message is about, in a warning about a statement.
        evidence: the first routes that support it, and where they were seen.
        names: the positions of the subject's names in found, wanted, hint and the first of missing,
            such as "wanted[13:30] place": the field, the offsets in characters, and the kind of
            name: prefix, place (session or connection with its router), session, peering, source
            or rules.
    """

    id: str
    rule: str
    outcome: Outcome
    severity: Severity
    confidence: Confidence
    subject: SubjectRef
    key: str | None = None
    about: str | None = None
    location: str | None = None
    message: str
    found: str | None = None
    wanted: str | None = None
    hint: str | None = None
    missing: tuple[str, ...] = ()
    need: str | None = None
    statement: str | None = None
    evidence: tuple[EvidenceEntry, ...] = ()
    names: tuple[str, ...] = ()

    @classmethod
    def of(cls, finding: Finding) -> Self:
        """Return the JSON form of a finding, without the texts of its rule."""
        subject = finding.subject
        wanted, hint = (
            None if each is None else each.text(subject) for each in (finding.wanted, finding.hint)
        )
        return cls(
            id=finding.id,
            rule=finding.rule,
            outcome=finding.outcome,
            severity=finding.severity,
            confidence=finding.confidence,
            subject=finding.subject,
            key=finding.key,
            about=finding.about,
            location=finding.location,
            message=sentence(finding),
            found=finding.found.text(subject),
            wanted=wanted,
            hint=hint,
            missing=finding.missing_texts,
            need=finding.need,
            statement=finding.statement,
            evidence=tuple(map(EvidenceEntry.of, finding.evidence)),
            names=tuple(_names(finding)),
        )

    def finding(
        self, rules: Mapping[str, RuleEntry], peers: Mapping[str | None, str | None]
    ) -> Finding:
        """Return the finding, with the texts of its rule.

        Args:
            rules: the texts of the rules, by id.
            peers: the partner's address of each session, by the session's id.
        """
        rule = rules.get(self.rule)
        peer = peers.get(self.subject.session) or _NO_ADDRESS
        texts = SentenceParts.of(self.message, self.found, self.wanted, self.hint)
        failed = self.need is None and self.outcome in (Outcome.FAIL, Outcome.WAIVED)
        # A warning about a statement is not a problem that the rule checks.
        of_statement = self.outcome is Outcome.FAIL and self.statement is not None
        return Finding(
            rule=self.rule,
            outcome=self.outcome,
            severity=self.severity,
            confidence=self.confidence,
            subject=self.subject,
            found=attrs.evolve(
                self._phrase(texts.found, "found"),
                is_clause=texts.is_clause,
                is_long=texts.is_long,
            ),
            wanted=None if texts.wanted is None else self._phrase(texts.wanted, "wanted"),
            hint=None if texts.hint is None else self._phrase(texts.hint, "hint"),
            stage="" if rule is None else rule.stage,
            portal=self._portal(rule, peer) if rule and failed and not of_statement else (),
            basis=() if rule is None or of_statement else rule.basis,
            missing=tuple(
                self._phrase(each, "missing") if number == 0 else as_phrase(each)
                for number, each in enumerate(self.missing)
            ),
            evidence=tuple(seen for each in self.evidence if (seen := each.evidence()) is not None),
            texts=() if rule is None or of_statement else rule.texts,
            need=self.need,
            statement=self.statement,
            about=self.about,
            location=self.location,
            key=self.key,
        )

    def _phrase(self, text: str, part: str) -> Phrase:
        return with_names(text, part, self.names, self.subject)

    def _portal(self, rule: RuleEntry, peer: str) -> tuple[str, ...]:
        prefix = self.subject.prefix or ""
        # `str.format` would fail on other braces in the file.
        return tuple(
            text.replace("{peer}", peer).replace("{prefix}", prefix) for text in rule.portal
        )
