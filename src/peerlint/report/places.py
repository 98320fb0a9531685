"""Where in the inventory file the thing is declared that a finding is about."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Final, TypeVar

from peerlint.inventory import Inventory, Peering
from peerlint.inventory.lines import LineIndex, Path
from peerlint.results import Finding
from peerlint.rules import CATALOGUE, Scope

_Value = TypeVar("_Value")
#: What tells a prefix from others that are spelled alike, see `Finding.about`.
_NUMBER: Final = re.compile(r"number (\d+)\b")


def line_of(inventory: Inventory, lines: LineIndex) -> Callable[[Finding], int]:
    """Return a function that says on which line a finding's subject is declared.

    Args:
        inventory: what the file says.
        lines: where it says it.

    Returns:
        The line of the prefix, of the registered AS, of the session or connection, or of the
        peering, whichever the finding is about first; 1 for the file as a whole.
    """

    def line(finding: Finding) -> int:
        found = (lines.line(path) for path in _paths(inventory, finding))
        return next((each for each in found if each is not None), 1)

    return line


def _paths(inventory: Inventory, finding: Finding) -> Iterator[Path]:
    """Yield where a finding's subject may be declared, the best place first."""
    peerings = _places(inventory.peerings, lambda each: each.name == finding.subject.peering)
    if not peerings:
        yield from _statements(inventory, finding)
        return
    if _is_about_a_service(finding):
        yield from _service_prefixes(inventory, finding)
    for at, peering in peerings:
        yield from _in_peering(("peering", at), peering, finding)


def _is_about_a_service(finding: Finding) -> bool:
    rule = CATALOGUE.get(finding.rule)
    return rule is not None and rule.scope is Scope.SERVICE_PREFIX


def _service_prefixes(inventory: Inventory, finding: Finding) -> Iterator[Path]:
    for at, service in enumerate(inventory.peering_services):
        if not f"{finding.about or ''} ".startswith(f"{service.name} "):
            continue
        for number, each in enumerate(service.service_prefixes):
            if each.prefix == finding.subject.prefix:
                yield ("peering_service", at, "service_prefix", number, "prefix")


def _in_peering(path: Path, peering: Peering, finding: Finding) -> Iterator[Path]:
    subject, about = finding.subject, finding.about or ""
    same = _places(peering.registered_prefixes, lambda each: each.prefix == subject.prefix)
    number = _NUMBER.match(about)
    which = int(number[1]) - 1 if number else 0
    for at, _ in same[which:]:
        yield (*path, "registered_prefix", at, "prefix")
    for at, _ in _places(peering.registered_asns, lambda each: f"AS{each.asn}" == about):
        yield (*path, "registered_asn", at, "asn")
    for at, connection in _places(
        peering.connections, lambda each: each.name == subject.connection
    ):
        inner = (*path, "connection", at)
        if subject.session is not None:
            word = subject.session.removeprefix(connection.name).removeprefix("/")
            yield (*inner, "session", int(word) - 1 if word.isdigit() else 0)
        yield inner
    yield path


def _statements(inventory: Inventory, finding: Finding) -> Iterator[Path]:
    """Yield the attestations or waivers that a finding is about, by rule and scope."""
    about = (finding.rule, finding.subject.peering)
    if finding.about in (None, "attestation"):
        for at, attestation in enumerate(inventory.attestations):
            if (attestation.rule, attestation.scope) == about:
                yield ("attestation", at)
    if finding.about in (None, "waiver"):
        for at, waiver in enumerate(inventory.waivers):
            if (waiver.rule, waiver.scope) == about:
                yield ("waiver", at)


def _places(
    values: Iterable[_Value], is_meant: Callable[[_Value], bool]
) -> list[tuple[int, _Value]]:
    """Return the values that are meant, each with its place among all."""
    return [(at, each) for at, each in enumerate(values) if is_meant(each)]
