"""From a rule's answer to a finding: its subject, confidence, id and portal message."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping

import attrs

from peerlint.inventory import Inventory, RegisteredPrefix, ServicePrefix, SessionRef, metro
from peerlint.model import View
from peerlint.observations import Confidence, Observation
from peerlint.results import Finding, Outcome, Subject
from peerlint.rules import (
    Cell,
    ConnectionSubject,
    Need,
    ObservedPeering,
    ObservedPrefix,
    ObservedServicePrefix,
    ObservedSession,
    Problem,
    Rule,
    Unknown,
)
from peerlint.rules import Subject as AnySubject
from peerlint.rules._rule import ROUTES
from peerlint.wording import counted


def about(subject: AnySubject) -> Subject:
    """Return what a finding says that it is about."""
    peering = subject.peering.name
    if isinstance(subject, (Cell, ObservedSession)):
        session = subject.session
        prefix = subject.registered.prefix if isinstance(subject, Cell) else None
        connection = session.connection
        return Subject(peering, connection.name, session.id, connection.router, prefix)
    if isinstance(subject, (ObservedPrefix, ObservedServicePrefix)):
        return Subject(peering, prefix=subject.registered.prefix)
    if isinstance(subject, ConnectionSubject):
        return Subject(peering, subject.connection.name, router=subject.connection.router)
    return Subject(peering)


def location(subject: AnySubject) -> str | None:
    """Return the metro of the session or connection that a finding is about."""
    if isinstance(subject, (Cell, ObservedSession)):
        found = metro(subject.session.peering, subject.session.connection)
    elif isinstance(subject, ConnectionSubject):
        found = metro(subject.peering, subject.connection)
    else:
        return None
    return None if found is None else found.name


#: The place of a declaration among those of the same prefix in one peering or service, from 1 on,
#: by `id()`; a prefix that is declared once there is not in it.
Numbers = Mapping[int, int]


def numbers_of(inventory: Inventory) -> Numbers:
    """Number what a peering registers, or a peering service activates, more than once."""
    owners: list[tuple[RegisteredPrefix | ServicePrefix, ...]] = [
        *(peering.registered_prefixes for peering in inventory.peerings),
        *(service.service_prefixes for service in inventory.peering_services),
    ]
    found: dict[int, int] = {}
    for declared in owners:
        by_prefix: dict[str, list[RegisteredPrefix | ServicePrefix]] = {}
        for each in declared:
            by_prefix.setdefault(each.prefix, []).append(each)
        for same in by_prefix.values():
            if len(same) > 1:
                found.update({id(each): number for number, each in enumerate(same, start=1)})
    return found


def discriminator(subject: AnySubject, answer: Problem | Unknown, numbers: Numbers) -> str | None:
    """Return the text that tells a finding from others of its rule about the same subject.

    Args:
        subject: what the rule was asked about.
        answer: of the rule.
        numbers: see `Numbers`.
    """
    number = _number(subject, answer, numbers)
    words = [
        subject.service.name if isinstance(subject, ObservedServicePrefix) else None,
        None if number is None else f"number {number}",
        answer.about,
    ]
    return " ".join(word for word in words if word) or None


def key(subject: AnySubject, answer: Problem | Unknown, numbers: Numbers) -> str | None:
    """Return the key of the prefix that a finding is about, see `PrefixResult.key`.

    The report may have no prefix of that key: see `told_apart`.
    """
    if isinstance(subject, ObservedServicePrefix):
        owner, prefix = subject.service.name, subject.declared.prefix
    elif isinstance(subject, (Cell, ObservedPrefix)):
        owner, prefix = subject.peering.name, subject.registered.prefix
    elif isinstance(answer, Problem) and answer.prefix is not None:
        owner, prefix = subject.peering.name, answer.prefix
    else:
        return None
    return key_of(owner, prefix, _number(subject, answer, numbers) or 1)


def key_of(owner: str, prefix: str, number: int) -> str:
    """Return the key of a prefix that a peering or a peering service has for the nth time."""
    return f"{owner} {prefix}" if number == 1 else f"{owner} {prefix} #{number}"


def _number(subject: AnySubject, answer: Problem | Unknown, numbers: Numbers) -> int | None:
    if isinstance(subject, (Cell, ObservedPrefix, ObservedServicePrefix)):
        return numbers.get(id(subject.registered))
    return answer.number if isinstance(answer, Problem) else None


def told_apart(findings: Iterable[Finding], keys: Container[str]) -> tuple[Finding, ...]:
    """Make the ids of findings unique, and drop keys that the report does not have.

    If a rule has several findings about one subject that nothing else tells apart, they are
    numbered: failures come first, so that their ids do not depend on unknown outcomes.

    Args:
        findings: of a whole report.
        keys: of its prefixes and service prefixes.
    """
    found = [
        finding if finding.key is None or finding.key in keys else attrs.evolve(finding, key=None)
        for finding in findings
    ]
    groups: dict[tuple[str, Subject, str | None], list[int]] = {}
    for at, finding in enumerate(found):
        groups.setdefault((finding.rule, finding.subject, finding.about), []).append(at)
    for (_, _, own), sessions in groups.items():
        failed_first = sorted(sessions, key=lambda at: _is_open(found[at]))
        for number, at in enumerate(failed_first[1:], start=2):
            words = f"#{number}" if own is None else f"{own} #{number}"
            found[at] = attrs.evolve(found[at], about=words)
    return tuple(found)


def with_counts(
    findings: Iterable[Finding], counts: Mapping[tuple[str, str, View], int]
) -> Iterator[Finding]:
    """Fill the numbers of routes into messages, see `Problem.routes_of`.

    Args:
        findings: of any subjects.
        counts: how many routes a source shows, by session, source and view.
    """
    for each in findings:
        if each.routes_of is None:
            yield each
        else:
            number = counted(counts.get(each.routes_of, 0), "route")
            message = each.message.replace(ROUTES, number, 1)
            yield attrs.evolve(each, message=message, routes_of=None)


def _is_open(finding: Finding) -> bool:
    """Whether it is unknown, or would be without an attestation or a waiver."""
    return finding.need is not None or finding.outcome in (Outcome.UNKNOWN, Outcome.ATTESTED)


def confidence(rule: Rule, subject: AnySubject, evidence: tuple[Observation, ...]) -> Confidence:
    """Return the lowest confidence of the evidence; declared facts count as observed."""
    views = {seen.view for seen in evidence}
    if isinstance(subject, Cell) or (not evidence and Need.ROUTES in rule.needs):
        views |= views_of(subject)
    if all(Confidence.of(view) is Confidence.OBSERVED for view in views):
        return Confidence.OBSERVED
    return Confidence.INFERRED


def portal(rule: Rule, subject: AnySubject) -> tuple[str, ...]:
    """Return what Microsoft's portal would say."""
    session: SessionRef | None = (
        subject.session if isinstance(subject, (Cell, ObservedSession)) else None
    )
    peer = session.declared.peer if session is not None else None
    registered = getattr(subject, "registered", None)
    return tuple(
        text.format(
            peer=peer or "(no address declared)",
            prefix=registered.prefix if registered is not None else "",
        )
        for text in rule.portal
    )


def views_of(subject: AnySubject) -> set[View]:
    """Return where the routes of a subject were seen."""
    found: list[View | None] = []
    if isinstance(subject, Cell):
        found = [subject.view]
    elif isinstance(subject, ObservedPrefix):
        found = [*(cell.view for cell in subject.cells), *subject.passing.values()]
    elif isinstance(subject, ObservedServicePrefix):
        found = [cell.view for cell in subject.cells]
    elif isinstance(subject, (ObservedSession, ObservedPeering)):
        sessions = (subject,) if isinstance(subject, ObservedSession) else subject.sessions
        found = [each.source.view for each in sessions if each.source is not None]
    return {view for view in found if view is not None}
