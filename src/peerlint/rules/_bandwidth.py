"""The connections of an AS that need equal bandwidth, indexed for inventories of many peerings."""

from __future__ import annotations

import heapq
from collections.abc import Container, Iterable, Iterator
from enum import Enum
from typing import Final

import attrs

from peerlint.inventory import Connection, Inventory, Metro, Peering, metro
from peerlint.inventory.peering import Role
from peerlint.wording import NAMED

#: A connection with its position in the inventory, by which groups are merged.
_Positioned = tuple[int, Connection]
_ROLES: Final = (None, Role.PRIMARY, Role.BACKUP)


class Bandwidth(Enum):
    """The bandwidth of a connection that is compared: as ordered, or as provisioned."""

    ORDERED = "ordered"
    PROVISIONED = "provisioned"

    def of(self, connection: Connection) -> int | None:
        """Return the bandwidth in Mbit/s.

        It is None if it is not declared. The provisioned bandwidth is also None if the connection
        is not in service.
        """
        if self is Bandwidth.ORDERED:
            return connection.bandwidth
        return connection.provisioned_bandwidth if connection.is_active else None


class _Group:
    """Connections of one AS in the order of the inventory, with their bandwidths."""

    def __init__(self) -> None:
        """Start without connections."""
        self.size = 0
        self.undeclared: list[_Positioned] = []
        self.declared: dict[Bandwidth, list[_Positioned]] = {each: [] for each in Bandwidth}
        self.values: dict[Bandwidth, set[int]] = {each: set() for each in Bandwidth}

    def add(self, positioned: _Positioned) -> None:
        """Add a connection that comes after the others in the inventory."""
        self.size += 1
        if positioned[1].bandwidth is None:
            self.undeclared.append(positioned)
        for which in Bandwidth:
            value = which.of(positioned[1])
            if value is not None:
                self.declared[which].append(positioned)
                self.values[which].add(value)


class _Merged:
    """The connections of several groups in the order of the inventory, merged lazily."""

    def __init__(self, groups: Iterable[list[_Positioned]]) -> None:
        """Merge groups that share no connection."""
        lists = [*groups]
        self.size = sum(map(len, lists))
        self._rest = heapq.merge(*lists)
        self._first: list[Connection] = []

    def first(self, own: Container[str]) -> Iterator[Connection]:
        """Yield the first connections, at most `NAMED`.

        Args:
            own: the names of connections to leave out.
        """
        at = found = 0
        while found < NAMED:
            if at == len(self._first):
                positioned = next(self._rest, None)
                if positioned is None:
                    return
                self._first.append(positioned[1])
            if self._first[at].name not in own:
                found += 1
                yield self._first[at]
            at += 1


class _Standby:
    """The merged groups of connections that a peering's own are compared with."""

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
class ConnectionSample:
    """The connections that are compared: the first of them, and their total.

    Attributes:
        first: the names of the first connections with their bandwidth in Mbit/s; the peering's own
            connections come first.
        total: the number of all connections.
        values: the different bandwidths in Mbit/s; empty where they are not declared.
    """

    first: list[tuple[str, int | None]]
    total: int
    values: frozenset[int] = frozenset()


@attrs.frozen
class BandwidthComparison:
    """A peering's connections, together with those that need the same bandwidth.

    Attributes:
        size: the number of connections.
        undeclared: the connections without a declared bandwidth.
        declared: the other connections, by the bandwidth that is compared.
    """

    size: int
    undeclared: ConnectionSample
    declared: dict[Bandwidth, ConnectionSample]


class StandbyIndex:
    """Find the connections that need the same bandwidth as a peering's own."""

    def __init__(self, inventory: Inventory) -> None:
        """Index connections by AS, metro and role, and metros by the services that pair them."""
        self._pairs: dict[Metro, dict[Metro, None]] = {}
        for service in inventory.peering_services:
            if service.primary is not None and service.backup is not None:
                pair = dict.fromkeys((Metro(service.primary), Metro(service.backup)))
                for location in pair:
                    self._pairs.setdefault(location, {}).update(pair)
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

    def of(self, peering: Peering) -> BandwidthComparison:
        """Return the connections that are compared with each other for a peering.

        These are, all of one AS:

        - the peering's own connections;
        - connections in a metro that a peering service pairs with a metro of the peering;
        - backup connections elsewhere;
        - primary connections elsewhere, if the peering has a backup connection.
        """
        has_backup = any(each.role is Role.BACKUP for each in peering.connections)
        metros = {each.name: metro(peering, each) for each in peering.connections}
        standby, paired = self._standby(
            peering.asn,
            frozenset(each for each in metros.values() if each),
            has_backup=has_backup,
        )
        # The peering's own connections that are also in `standby`: they are counted twice.
        twice = [
            each
            for each in peering.connections
            if metros[each.name] in paired
            or each.role is Role.BACKUP
            or (has_backup and each.role is Role.PRIMARY)
        ]
        return BandwidthComparison(
            len(peering.connections) + standby.size - len(twice),
            _sample(
                [each for each in peering.connections if each.bandwidth is None],
                standby.undeclared,
                metros,
                Bandwidth.ORDERED,
                twice=sum(each.bandwidth is None for each in twice),
            ),
            {
                which: _sample(
                    [each for each in peering.connections if which.of(each) is not None],
                    standby.declared[which],
                    metros,
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
            paired = {other for each in metros for other in self._pairs.get(each, ())}
            everywhere = [Role.BACKUP, *([Role.PRIMARY] if has_backup else [])]
            groups = [self._everywhere.get((asn, role)) for role in everywhere]
            groups += [
                self._local.get((asn, location, role))
                for location in paired
                for role in _ROLES
                if role not in everywhere
            ]
            self._known[key] = _Standby([each for each in groups if each is not None]), paired
        return self._known[key]


def _sample(
    own: list[Connection],
    standby: _Merged,
    names: Container[str],
    which: Bandwidth,
    *,
    twice: int,
    others: Iterable[int] = (),
) -> ConnectionSample:
    """Return the first connections and their total.

    Args:
        own: the peering's own connections.
        standby: the connections that they are compared with.
        names: the names of all of the peering's own connections.
        which: the bandwidth to compare.
        twice: how many connections are in both `own` and `standby`.
        others: the bandwidths of `standby` in Mbit/s.
    """
    first = [(each.name, which.of(each)) for each in (*own, *standby.first(names))]
    values = {value for _, value in first if value is not None}
    return ConnectionSample(first, len(own) + standby.size - twice, frozenset(values.union(others)))
