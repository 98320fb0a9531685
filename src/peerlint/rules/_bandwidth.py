"""The connections of an AS that take over from each other, for very many peerings at once."""

from __future__ import annotations

import heapq
from collections.abc import Container, Iterable, Iterator
from enum import Enum
from typing import Final

import attrs

from peerlint.inventory import Connection, Inventory, Metro, Peering, metro
from peerlint.inventory.peering import Role
from peerlint.wording import NAMED

#: A connection with its place in the inventory, by which those of several groups are ordered.
_Placed = tuple[int, Connection]
_ROLES: Final = (None, Role.PRIMARY, Role.BACKUP)


class Bandwidth(Enum):
    """Which bandwidth of a connection is compared."""

    ORDERED = "ordered"
    PROVISIONED = "provisioned"

    def of(self, connection: Connection) -> int | None:
        """Return it, in Mbit/s; None if it is not declared, or the connection not in service."""
        if self is Bandwidth.ORDERED:
            return connection.bandwidth
        return connection.provisioned_bandwidth if connection.is_active else None


class _Group:
    """Connections of one AS in the order of the inventory, with what is asked of all of them."""

    def __init__(self) -> None:
        """Start with none."""
        self.size = 0
        self.undeclared: list[_Placed] = []
        self.declared: dict[Bandwidth, list[_Placed]] = {each: [] for each in Bandwidth}
        self.values: dict[Bandwidth, set[int]] = {each: set() for each in Bandwidth}

    def add(self, placed: _Placed) -> None:
        """Add a connection that is behind the others in the inventory."""
        self.size += 1
        if placed[1].bandwidth is None:
            self.undeclared.append(placed)
        for which in Bandwidth:
            value = which.of(placed[1])
            if value is not None:
                self.declared[which].append(placed)
                self.values[which].add(value)


class _Merged:
    """The connections of several groups in the order of the inventory, merged as far as asked."""

    def __init__(self, groups: Iterable[list[_Placed]]) -> None:
        """Merge groups that share no connection."""
        lists = [*groups]
        self.size = sum(map(len, lists))
        self._rest = heapq.merge(*lists)
        self._first: list[Connection] = []

    def first(self, own: Container[str]) -> Iterator[Connection]:
        """Yield as many as a message names, without those with some names."""
        at = found = 0
        while found < NAMED:
            if at == len(self._first):
                placed = next(self._rest, None)
                if placed is None:
                    return
                self._first.append(placed[1])
            if self._first[at].name not in own:
                found += 1
                yield self._first[at]
            at += 1


class _Standby:
    """The connections that take over from those of some peerings, or they from them."""

    def __init__(self, groups: list[_Group]) -> None:
        """Merge groups that share no connection."""
        self.size = sum(each.size for each in groups)
        self.undeclared = _Merged(each.undeclared for each in groups)
        self.declared = {
            which: _Merged(each.declared[which] for each in groups) for which in Bandwidth
        }
        self.values = {
            which: set[int]().union(*(each.values[which] for each in groups)) for which in Bandwidth
        }


@attrs.frozen
class Compared:
    """The connections of a peering, with those that take over from them or they from.

    Attributes:
        first: the names of the first of them, with the bandwidth; the peering's own come first.
        total: how many there are.
        values: the different bandwidths, in Mbit/s; empty where they are not declared.
    """

    first: list[tuple[str, int | None]]
    total: int
    values: frozenset[int] = frozenset()


@attrs.frozen
class Standing:
    """A peering's connections beside those that take over from them or they from.

    Attributes:
        size: how many connections there are.
        undeclared: those without a declared bandwidth.
        declared: the others, by the bandwidth that is compared.
    """

    size: int
    undeclared: Compared
    declared: dict[Bandwidth, Compared]


class StandbyIndex:
    """Finds the connections that have to have the bandwidth of a peering's own."""

    def __init__(self, inventory: Inventory) -> None:
        """Sort connections by AS, metro and role, and metros by the services that pair them."""
        self._pairs: dict[Metro, dict[Metro, None]] = {}
        for service in inventory.peering_services:
            if service.primary is not None and service.backup is not None:
                pair = dict.fromkeys((Metro(service.primary), Metro(service.backup)))
                for place in pair:
                    self._pairs.setdefault(place, {}).update(pair)
        #: By AS, metro and role.
        self._local: dict[tuple[int, Metro | None, Role | None], _Group] = {}
        #: By AS and role.
        self._everywhere: dict[tuple[int, Role | None], _Group] = {}
        self._known: dict[tuple[int, bool, frozenset[Metro]], tuple[_Standby, set[Metro]]] = {}
        at = 0
        for peering in inventory.peerings:
            for connection in peering.connections:
                local = (peering.asn, metro(peering, connection), connection.role)
                self._local.setdefault(local, _Group()).add((at, connection))
                everywhere = (peering.asn, connection.role)
                self._everywhere.setdefault(everywhere, _Group()).add((at, connection))
                at += 1

    def of(self, peering: Peering) -> Standing:
        """Return the connections that are compared with each other for a peering.

        Its own, those in metros that a peering service pairs with one of its own, those that are
        a backup elsewhere, and where it has a backup the primary ones elsewhere.
        """
        has_backup = any(each.role is Role.BACKUP for each in peering.connections)
        places = {each.name: metro(peering, each) for each in peering.connections}
        standby, paired = self._standby(
            peering.asn, frozenset(each for each in places.values() if each), has_backup=has_backup
        )
        # Counted twice, for they are the peering's own.
        twice = [
            each
            for each in peering.connections
            if places[each.name] in paired
            or each.role is Role.BACKUP
            or (has_backup and each.role is Role.PRIMARY)
        ]
        return Standing(
            len(peering.connections) + standby.size - len(twice),
            _compared(
                [each for each in peering.connections if each.bandwidth is None],
                standby.undeclared,
                places,
                Bandwidth.ORDERED,
                twice=sum(each.bandwidth is None for each in twice),
            ),
            {
                which: _compared(
                    [each for each in peering.connections if which.of(each) is not None],
                    standby.declared[which],
                    places,
                    which,
                    twice=sum(which.of(each) is not None for each in twice),
                    others=standby.values[which],
                )
                for which in Bandwidth
            },
        )

    def _standby(
        self, asn: int, metros: frozenset[Metro], *, has_backup: bool
    ) -> tuple[_Standby, set[Metro]]:
        key = (asn, has_backup, metros)
        if key not in self._known:
            paired = {place for each in metros for place in self._pairs.get(each, ())}
            whole = [Role.BACKUP, *([Role.PRIMARY] if has_backup else [])]
            groups = [self._everywhere.get((asn, role)) for role in whole]
            groups += [
                self._local.get((asn, place, role))
                for place in paired
                for role in _ROLES
                if role not in whole
            ]
            self._known[key] = _Standby([each for each in groups if each is not None]), paired
        return self._known[key]


def _compared(
    own: list[Connection],
    standby: _Merged,
    names: Container[str],
    which: Bandwidth,
    *,
    twice: int,
    others: Iterable[int] = (),
) -> Compared:
    first = [(each.name, which.of(each)) for each in (*own, *standby.first(names))]
    values = {value for _, value in first if value is not None}
    return Compared(first, len(own) + standby.size - twice, frozenset(values.union(others)))
