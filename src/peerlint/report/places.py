"""The line of the inventory file on which the subject of a finding is declared."""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterator
from typing import Final, TypeVar

from peerlint.inventory import Inventory
from peerlint.inventory.lines import LineIndex, Path
from peerlint.results import Finding
from peerlint.rules import CATALOGUE, Scope

_Key = TypeVar("_Key", bound=Hashable)
#: The number that distinguishes a prefix from equal ones, see `Finding.about`.
_NUMBER: Final = re.compile(r"number (\d+)\b")


def line_of(inventory: Inventory, lines: LineIndex) -> Callable[[Finding], int]:
    """Return a function that returns the line on which a finding's subject is declared.

    Args:
        inventory: the inventory.
        lines: the lines of its parts in the file.

    Returns:
        A function from a finding to a line number: that of the prefix, or else of the registered
        AS, the session or connection, or the peering; 1 for the whole inventory.
    """
    places = _Places(inventory)

    def line(finding: Finding) -> int:
        found = (lines.line(path) for path in places.paths(finding))
        return next((each for each in found if each is not None), 1)

    return line


class _Places:
    """The indexes of an inventory's parts in their lists, by the names in findings."""

    def __init__(self, inventory: Inventory) -> None:
        """Index the parts once, for very many findings."""
        self._peerings: dict[str | None, list[int]] = {}
        #: By the peering's index, and a prefix, an AS or the name of a connection.
        self._prefixes: dict[tuple[int, str | None], list[int]] = {}
        self._asns: dict[tuple[int, str], list[int]] = {}
        self._connections: dict[tuple[int, str | None], list[int]] = {}
        for at, peering in enumerate(inventory.peerings):
            _add(self._peerings, peering.name, at)
            for number, prefix in enumerate(peering.registered_prefixes):
                _add(self._prefixes, (at, prefix.prefix), number)
            for number, asn in enumerate(peering.registered_asns):
                _add(self._asns, (at, f"AS{asn.asn}"), number)
            for number, connection in enumerate(peering.connections):
                _add(self._connections, (at, connection.name), number)
        self._services: dict[str, list[int]] = {}
        self._service_prefixes: dict[tuple[int, str | None], list[int]] = {}
        for at, service in enumerate(inventory.peering_services):
            _add(self._services, service.name, at)
            for number, declared in enumerate(service.service_prefixes):
                _add(self._service_prefixes, (at, declared.prefix), number)
        #: By rule and scope.
        self._attestations: dict[tuple[str, str | None], list[int]] = {}
        for at, attestation in enumerate(inventory.attestations):
            _add(self._attestations, (attestation.rule, attestation.scope), at)
        self._waivers: dict[tuple[str, str | None], list[int]] = {}
        for at, waiver in enumerate(inventory.waivers):
            _add(self._waivers, (waiver.rule, waiver.scope), at)

    def paths(self, finding: Finding) -> Iterator[Path]:
        """Yield the paths at which a finding's subject may be declared, the best path first."""
        peerings = self._peerings.get(finding.subject.peering, ())
        if not peerings:
            yield from self._statements(finding)
            return
        if _is_about_a_service(finding):
            yield from self._in_services(finding)
        for at in peerings:
            yield from self._in_peering(at, finding)

    def _in_services(self, finding: Finding) -> Iterator[Path]:
        words = (finding.about or "").split(" ")
        names = (" ".join(words[:end]) for end in range(1, len(words) + 1))
        services = (at for name in names for at in self._services.get(name, ()))
        for at in sorted(services):
            for number in self._service_prefixes.get((at, finding.subject.prefix), ()):
                yield ("peering_service", at, "service_prefix", number, "prefix")

    def _in_peering(self, peering: int, finding: Finding) -> Iterator[Path]:
        subject, about = finding.subject, finding.about or ""
        path: Path = ("peering", peering)
        same = self._prefixes.get((peering, subject.prefix), [])
        number = _NUMBER.match(about)
        for at in same[int(number[1]) - 1 if number else 0 :]:
            yield (*path, "registered_prefix", at, "prefix")
        for at in self._asns.get((peering, about), ()):
            yield (*path, "registered_asn", at, "asn")
        for at in self._connections.get((peering, subject.connection), ()):
            inner = (*path, "connection", at)
            if subject.session is not None:
                word = subject.session.removeprefix(subject.connection or "").removeprefix("/")
                yield (*inner, "session", int(word) - 1 if word.isdigit() else 0)
            yield inner
        yield path

    def _statements(self, finding: Finding) -> Iterator[Path]:
        """Yield the attestations or waivers that a finding is about, by rule and scope."""
        about = (finding.rule, finding.subject.peering)
        if finding.about in (None, "attestation"):
            yield from (("attestation", at) for at in self._attestations.get(about, ()))
        if finding.about in (None, "waiver"):
            yield from (("waiver", at) for at in self._waivers.get(about, ()))


def _add(places: dict[_Key, list[int]], key: _Key, place: int) -> None:
    places.setdefault(key, []).append(place)


def _is_about_a_service(finding: Finding) -> bool:
    rule = CATALOGUE.get(finding.rule)
    return rule is not None and rule.scope is Scope.SERVICE_PREFIX
