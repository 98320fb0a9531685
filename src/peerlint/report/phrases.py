"""Texts that several formats share, and texts made safe to print."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, TypeVar

from peerlint.bulk import Quality
from peerlint.display import displayed
from peerlint.inventory.mapped import mapped
from peerlint.model.times import time_text
from peerlint.observations import SourceSummary
from peerlint.redaction import redacted
from peerlint.report.sentence import sentence
from peerlint.results import (
    Evidence,
    FeedPosition,
    Finding,
    Outcome,
    PeeringSummary,
    PrefixResult,
    Report,
)
from peerlint.rules import CATALOGUE
from peerlint.rules.documents import basis_text, with_titles
from peerlint.wording import counted, listed

_Value = TypeVar("_Value")


def no_prefix(peering: PeeringSummary) -> str:
    """Return the reason why a peering has no row."""
    if peering.is_unseen:
        return "not all of its sessions were seen whole: what asks for the service is not known"
    at_route_server = peering.profile == "route-server"
    return "no prefix asks for the service" if at_route_server else "no prefix is registered"


def cleaned(value: _Value) -> _Value:
    """Return a report, or a part of one, with every text in it safe to show (`displayed`)."""
    return mapped(value, displayed)


def without_secrets(value: _Value) -> _Value:
    """Return a report, or a part of one, without the secrets of this run and those of URLs."""
    return mapped(value, redacted)


def label(finding: Finding) -> str:
    """Return the label of a finding: the severity of a failure, else the outcome."""
    return str(finding.severity if finding.outcome is Outcome.FAIL else finding.outcome)


def results_by_peering(report: Report) -> dict[str, list[PrefixResult]]:
    """Return the results of registered prefixes by peering."""
    found: dict[str, list[PrefixResult]] = {peering.name: [] for peering in report.peerings}
    for result in report.prefixes:
        found[result.peering].append(result)
    return found


def where(finding: Finding) -> str:
    """Return the session or connection with its router; empty if it is about neither."""
    return finding.subject.place


def place_of(evidence: Evidence) -> str:
    """Return the position of a piece of evidence as a text."""
    position = evidence.position
    if isinstance(position, FeedPosition):
        return f"{position.feed}, from {position.router} at {time_text(position.time)}"
    return f"{position.file}, record at octet {position.octet:,}"


def explained(finding: Finding, *, verbose: bool = False) -> Iterator[str]:
    """Yield the lines about a finding: messages, statements, missing data, evidence and basis.

    Args:
        finding: the finding.
        verbose: whether to name all pieces of evidence, not only the first.
    """
    confidence = (
        "" if finding.confidence == "observed" else " (inferred: seen before export policy)"
    )
    yield sentence(finding) + confidence
    if finding.portal:
        yield f"Microsoft says: {finding.portal[0]}"
    if finding.texts:
        yield f"documents differ: {'; but '.join(map(with_titles, finding.texts))}"
    if finding.statement:
        yield finding.statement
    if finding.missing:
        yield f"to decide it: {'; '.join(finding.missing_texts)}"
    evidence = finding.evidence if verbose else finding.evidence[:1]
    seen = "; ".join(map(place_of, evidence))
    basis = f"basis: {basis_text(finding.basis)}"
    yield f"seen in {seen}; {basis}" if seen else basis


#: The most types of skipped records that are named: those with most records.
_NAMED_KINDS: Final = 5
#: The most damaged places of a dump that are described.
_PLACES: Final = 3
#: The most peers without a session that are named.
_PEERS: Final = 5


def source_remarks(source: SourceSummary) -> Iterator[str]:
    """Yield remarks about a dump: damage, skipped records, peers without a session."""
    quality = source.quality
    if source.error is not None:
        yield source.error
        return
    if quality.octets == 0 and quality.cut is None and not source.is_live:
        yield "it is empty"
    if quality.cut is not None:
        yield quality.cut
    for damage in quality.damage[:_PLACES]:
        yield f"damaged at {damage}"
    if quality.damages > _PLACES:
        yield counted(quality.damages - _PLACES, "more damaged place")
    yield from _reading_remarks(quality)
    yield from source.remarks
    yield from (text for _, text in source.swapped)
    if source.unmapped_peers:
        peers = (f"{peer} ({counted(count, 'route')})" for peer, count in source.unmapped_peers)
        yield f"not evaluated, no session: {listed(peers, _PEERS, more=source.more_unmapped_peers)}"


def _reading_remarks(quality: Quality) -> Iterator[str]:
    """Yield remarks about skipped records, and records that were read with corrections."""
    most = quality.unsupported
    if len(most) > _NAMED_KINDS:
        named = sorted(most, key=lambda each: -each[-1])[:_NAMED_KINDS]
        most = tuple(each for each in most if each in named)
    for kind, subtype, records in most:
        skipped = f"{counted(records, 'record')} of MRT type {kind}, subtype {subtype} skipped"
        yield f"{skipped}: not supported"
    if kinds := len(quality.unsupported) - len(most) + quality.other_kinds:
        every = sum(records for *_, records in quality.unsupported) + quality.other_records
        others = counted(every - sum(records for *_, records in most), "record")
        number = f"{'more than ' if quality.kinds_full else ''}{kinds:,}"
        yield f"{others} of {number} more MRT types and subtypes skipped: not supported"
    if quality.may_hide_routes:
        yield f"{quality.may_hide_routes:,} of the records skipped may hold IPv4 unicast routes"
    if quality.malformed:
        routes = counted(quality.malformed, "route")
        yield f"{routes} treated as withdrawn for malformed attributes"
    if quality.undeclared_path_ids:
        yield (
            f"path identifiers in {counted(quality.undeclared_path_ids, 'UPDATE')}, though the MRT "
            "subtype says that there are none: read with them"
        )


#: The fixes at a route server, where AS numbers are registered instead of prefixes, by rule.
_FIX_AT_ROUTE_SERVER: Final = {
    "prefix.private-range": "announce public address space",
    "prefix.longer-than-24": "activate the prefix; if the portal refuses it, quote the FAQ on "
    "smaller subnets to Microsoft",
    "route.covering-only": "announce the prefix itself, or activate the one that you announce",
    "route.more-specifics-only": "announce the prefix itself, or activate the more specific ones "
    "instead",
    "route.more-specific-unregistered": "set 8075:8007 on the more specific prefix, or stop "
    "announcing it",
    "activation.not-registered": "register the AS that originates the prefix, and use its key",
}


def fix_of(rule: str, *, at_route_server: bool = False) -> str | None:
    """Return what to do if a rule fires; None for a rule of another version.

    Args:
        rule: the id of the rule.
        at_route_server: whether the peering is one of a route server.
    """
    if at_route_server and rule in _FIX_AT_ROUTE_SERVER:
        return _FIX_AT_ROUTE_SERVER[rule]
    declared = CATALOGUE.get(rule)
    return None if declared is None else declared.fix
