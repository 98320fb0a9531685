"""What people declared of rules: attestations, waivers, and when they end."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from peerlint.inventory import Attestation, Inventory, Waiver
from peerlint.observe import Confidence
from peerlint.rules import (
    CATALOGUE,
    Cell,
    ConnectionSubject,
    InventorySubject,
    PrefixSubject,
    ServicePrefixSubject,
    SessionSubject,
    Subject,
)
from peerlint.verdicts import Finding, Outcome, Severity
from peerlint.verdicts import Subject as About

Statement = Attestation | Waiver


class Statements:
    """The statements of an inventory, as of one day."""

    def __init__(self, inventory: Inventory, today: date) -> None:
        """Sort the statements by rule."""
        self._today = today
        self._attestations = _by_rule(inventory.attestations)
        self._waivers = _by_rule(inventory.waivers)

    def attestation(self, rule: str, names: frozenset[str]) -> Attestation | None:
        """Return the attestation that holds for something, None without one."""
        found = self._valid(self._attestations.get(rule, ()), names)
        return found if isinstance(found, Attestation) else None

    def waiver(self, rule: str, names: frozenset[str]) -> Waiver | None:
        """Return the waiver that holds for something, None without one."""
        found = self._valid(self._waivers.get(rule, ()), names)
        return found if isinstance(found, Waiver) else None

    def has(self, rule: str) -> bool:
        """Whether there is any statement about a rule."""
        return rule in self._attestations or rule in self._waivers

    def _valid(self, found: tuple[Statement, ...], names: frozenset[str]) -> Statement | None:
        for each in found:
            if each.scope in names and not each.is_expired(self._today):
                return each
        return None

    def expired(self) -> Iterator[Finding]:
        """Yield a warning for each statement whose last day has passed."""
        for kind, by_rule in (("attestation", self._attestations), ("waiver", self._waivers)):
            for each in (one for found in by_rule.values() for one in found):
                if each.is_expired(self._today):
                    yield _warning(kind, each)


def names_of(subject: Subject) -> frozenset[str]:
    """Return the names that a statement about a subject may give as its scope."""
    names: set[str | None] = {subject.peering.name}
    if isinstance(subject, InventorySubject):
        names |= {peering.name for peering in subject.inventory.peerings}
    if isinstance(subject, (Cell, SessionSubject)):
        place = subject.place
        names |= {place.peering.name, place.id, place.connection.name, place.connection.router}
    if isinstance(subject, ConnectionSubject):
        names |= {subject.connection.name, subject.connection.router}
    if isinstance(subject, (Cell, PrefixSubject, ServicePrefixSubject)):
        names |= {subject.registered.prefix}
    if isinstance(subject, ServicePrefixSubject):
        names |= {subject.service.name}
    return frozenset(name for name in names if name is not None)


def said(statement: Statement) -> str:
    """Return who said it and until when."""
    if isinstance(statement, Waiver):
        return f"waived by {statement.by} until {statement.until}: {statement.reason}"
    until = "" if statement.until is None else f", until {statement.until}"
    return f"attested by {statement.by} on {statement.on}{until}"


def _by_rule(statements: tuple[Statement, ...]) -> dict[str, tuple[Statement, ...]]:
    found: dict[str, tuple[Statement, ...]] = {}
    for each in statements:
        found[each.rule] = (*found.get(each.rule, ()), each)
    return found


def _warning(kind: str, statement: Statement) -> Finding:
    rule = CATALOGUE.get(statement.rule)
    again = "its finding counts again" if kind == "waiver" else "it is unknown again"
    return Finding(
        rule=statement.rule,
        outcome=Outcome.FAIL,
        severity=Severity.WARNING,
        confidence=Confidence.OBSERVED,
        subject=About(statement.scope),
        message=f"the {kind} of {statement.by} for {statement.scope} ended on "
        f"{statement.until}: {again}",
        stage="" if rule is None else "+".join(rule.stages),
        about=kind,
    )
