"""From a rule's answer to a finding: what it is about, how sure it is, what Microsoft says."""

from __future__ import annotations

from peerlint.inventory import Peering, RegisteredPrefix, SessionPlace
from peerlint.model import View
from peerlint.observe import Confidence, Observation
from peerlint.rules import (
    Cell,
    ConnectionSubject,
    Need,
    PeeringSubject,
    PrefixSubject,
    Rule,
    ServicePrefixSubject,
    SessionSubject,
)
from peerlint.rules import Subject as AnySubject
from peerlint.verdicts import Subject


def about(subject: AnySubject) -> Subject:
    """Return what a finding says that it is about."""
    peering = subject.peering.name
    if isinstance(subject, (Cell, SessionSubject)):
        place = subject.place
        prefix = subject.registered.prefix if isinstance(subject, Cell) else None
        connection = place.connection
        return Subject(peering, connection.name, place.id, connection.router, prefix)
    if isinstance(subject, (PrefixSubject, ServicePrefixSubject)):
        return Subject(peering, prefix=subject.registered.prefix)
    if isinstance(subject, ConnectionSubject):
        return Subject(peering, subject.connection.name, router=subject.connection.router)
    return Subject(peering)


def apart(subject: AnySubject, own: str | None, twice: frozenset[str]) -> str | None:
    """Return what tells a finding from others of its rule about the same parts.

    Args:
        subject: what the rule was asked about.
        own: what the rule says itself.
        twice: the prefixes that the peering registers more than once.
    """
    words = [own]
    if isinstance(subject, ServicePrefixSubject):
        words.insert(0, subject.service.name)
    elif isinstance(subject, (Cell, PrefixSubject)) and subject.registered.prefix in twice:
        words.insert(0, _which(subject.peering, subject.registered))
    return " ".join(word for word in words if word) or None


def _which(peering: Peering, registered: RegisteredPrefix) -> str | None:
    """Return the number of a prefix among those that a peering registers twice."""
    same = [each for each in peering.registered_prefixes if each.prefix == registered.prefix]
    numbers = [number for number, each in enumerate(same, start=1) if each is registered]
    return f"number {numbers[0]}" if numbers else None


def confidence(rule: Rule, subject: AnySubject, evidence: tuple[Observation, ...]) -> Confidence:
    """Return the least sure of what was looked at; what is declared is sure."""
    views = {seen.view for seen in evidence}
    if isinstance(subject, Cell) or (not evidence and Need.ROUTES in rule.needs):
        views |= _views(subject)
    if all(Confidence.of(view) is Confidence.OBSERVED for view in views):
        return Confidence.OBSERVED
    return Confidence.INFERRED


def portal(rule: Rule, subject: AnySubject) -> tuple[str, ...]:
    """Return what Microsoft's portal would say."""
    place: SessionPlace | None = (
        subject.place if isinstance(subject, (Cell, SessionSubject)) else None
    )
    peer = place.session.peer if place is not None else None
    registered = getattr(subject, "registered", None)
    return tuple(
        text.format(
            peer=peer or "(no address declared)",
            prefix=registered.prefix if registered is not None else "",
        )
        for text in rule.portal
    )


def _views(subject: AnySubject) -> set[View]:
    """Return where the routes of a subject were seen."""
    found: list[View | None] = []
    if isinstance(subject, Cell):
        found = [subject.view]
    elif isinstance(subject, (PrefixSubject, ServicePrefixSubject)):
        found = [cell.view for cell in subject.cells]
    elif isinstance(subject, (SessionSubject, PeeringSubject)):
        sessions = (subject,) if isinstance(subject, SessionSubject) else subject.sessions
        found = [each.source.view for each in sessions if each.source is not None]
    return {view for view in found if view is not None}
