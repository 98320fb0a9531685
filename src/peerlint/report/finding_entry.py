"""Findings as the JSON report says them, and what their rules say once."""

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

#: What a text of the portal says where a session has no address.
_NO_ADDRESS: Final = "(no address declared)"


@attrs.frozen
class RuleEntry:
    """What a rule says, whatever it finds.

    Attributes:
        title: names the problem.
        stage: of onboarding at which Microsoft checks it: T, A, R, S or O, several joined by +.
        portal: what Microsoft's portal says; `{peer}` stands for the session's `peer` address and
            `{prefix}` for the prefix.
        basis: the documents that ask for it.
        texts: what documents say, each with its source, where they contradict each other.
        fix: what to do where it fires; null if there is nothing to do.
        help: what it checks and why it matters.
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
        """Write down a rule; a diagnosis has the stage of the rule that it explains."""
        general = rule if rule.diagnoses is None else CATALOGUE[rule.diagnoses]
        stage = "+".join(general.stages)
        return cls(rule.title, stage, rule.portal, rule.basis, rule.texts, rule.fix, rule.page)


def rules_of(named: Iterable[str]) -> dict[str, RuleEntry]:
    """Write down the rules of these ids, each once, in the order of the catalogue."""
    wanted = set(named)
    return {id_: RuleEntry.of(rule) for id_, rule in CATALOGUE.items() if id_ in wanted}


@attrs.frozen
class EvidenceEntry:
    """Where something was seen; what is not known is left out.

    Attributes:
        source: the name of the source.
        file: the name of the file, if it is one.
        octet: offset of the record in the decompressed file; in an export of Azure's, of the
            row's prefix.
        router: that printed it.
        feed: that sent it.
        time: of the route.
        route: in the one-line notation.
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
        """Write down a piece of evidence."""
        source, position, route = evidence.source, evidence.position, evidence.route
        if isinstance(position, FilePosition):
            place = position.file, position.octet
            return cls(source, *place, time=evidence.time, route=route)
        return cls(
            source, router=position.router, feed=position.feed, time=position.time, route=route
        )

    def evidence(self) -> Evidence | None:
        """Return the piece of evidence; None if the report does not say where it was seen."""
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
    """One rule's outcome for one subject, unless it passed.

    In a report of more than 10,000 findings, what is null or empty is left out, and so are `found`
    and `wanted`, which the message says.

    Attributes:
        id: a hash of rule, subject and `about`; unique in the report, the same in the next one.
        rule: the id of the rule; see `rules` for what it says.
        outcome: fail, unknown, waived or attested.
        severity: of the problem.
        confidence: whether it was observed on the wire, or inferred from before export policy.
        subject: what it is about; null where a part does not apply.
        key: of the prefix or service prefix that it is about; null if it is about neither.
        about: what tells it from other findings of its rule about the same subject; null if
            nothing has to.
        location: the metro of the session or connection; null without one, or if it is not known.
        message: what was found and what was wanted, in one sentence.
        found: what was found, by itself; null in a report of an earlier version, if the message was
            of another form.
        wanted: what was wanted, by itself; null if nothing is set against what was found.
        hint: what the message says behind both, such as where to look; null without one.
        missing: for an unknown outcome, what would decide it.
        need: for an unknown outcome, the kind of data that is missing.
        statement: of waived and attested ones, who said so, until when and why; of a failed one,
            the statement that the message is about, instead of what the rule says.
        evidence: where it was seen, the first places.
        names: where the names of its subject stand in found, wanted, hint and the first of missing,
            such as "wanted[13:30] place": the field, offsets in characters, and what is named:
            prefix, place (session or connection with its router), session, peering, source or
            rules.
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
        """Write down a finding, without what its rule says anyway."""
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
        """Return the finding with what its rule says.

        Args:
            rules: by id.
            peers: the partner's address of each session, by id.
        """
        rule = rules.get(self.rule)
        peer = peers.get(self.subject.session) or _NO_ADDRESS
        texts = SentenceParts.of(self.message, self.found, self.wanted, self.hint)
        failed = self.need is None and self.outcome in (Outcome.FAIL, Outcome.WAIVED)
        # A warning about a statement is none of what the rule asks.
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
        # Not by `format`: the file may hold any braces.
        return tuple(
            text.replace("{peer}", peer).replace("{prefix}", prefix) for text in rule.portal
        )
