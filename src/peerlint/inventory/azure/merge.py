"""Merge an export into an inventory: update the values that Azure has, and keep all others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final, TypeVar

import attrs

from peerlint.errors import ExportError
from peerlint.inventory.azure.announcing import (
    announcing_asn,
    missing_export,
    mistake,
    reference,
)
from peerlint.inventory.azure.export import AzurePeering, Child, Export
from peerlint.inventory.azure.identity import PeeringsByName, is_named, is_resource, parent_of
from peerlint.inventory.azure.match import (
    BY_PREFIX,
    SAME_CONNECTION,
    Connections,
    asn_of,
    joined,
    joined_peer_asns,
    joined_sessions,
    match,
    name_of,
    overlaid,
    prefix_of,
    shares_connection,
)
from peerlint.inventory.names import misplaced
from peerlint.inventory.peering import (
    PROFILES,
    Connection,
    Inventory,
    Peering,
    RegisteredAsn,
)
from peerlint.inventory.service import PeerAsn, PeeringService, ServicePrefix
from peerlint.model import Asn
from peerlint.redaction import without_keys
from peerlint.wording import counted

_Value = TypeVar("_Value", bound=attrs.AttrsInstance)
#: The profiles of peerings, by the type of Microsoft's side (directPeeringType).
_ROUTE_SERVER: Final = "route-server"
_PROFILE_OF: Final = {"voice": "voice", "ixrs": _ROUTE_SERVER}


@attrs.frozen
class Merged:
    """The result of a merge.

    Attributes:
        inventory: the inventory; existing values keep their positions, new ones follow.
        remarks: what could not be merged, and what the export does not contain any more.
    """

    inventory: Inventory
    remarks: tuple[str, ...]


def merge(inventory: Inventory, export: Export, *, keys: bool = True) -> Merged:
    """Merge an export into an inventory.

    Args:
        inventory: the inventory, which may be the result of an earlier import.
        export: the export.
        keys: whether to import the keys of registrations too.

    Raises:
        ExportError: the inventory has no peering, and the AS of no peering in the export is known.
    """
    if not keys:
        export = _without_keys(export)
    merging = _Merging(inventory, export)
    if export.received:
        routes = counted(len(export.received), "received route")
        merging.remarks.append(
            f"{routes}: no part of an inventory, ignored; `peerlint check --received FILE` "
            "takes them"
        )
    peer_asns = joined_peer_asns(inventory.peer_asns, export.peer_asns)
    merging.peerings(peer_asns)
    merging.children()
    services = joined(inventory.peering_services, export.services, name_of)
    merged = attrs.evolve(
        inventory,
        peerings=tuple(merging.found),
        peer_asns=peer_asns,
        peering_services=merging.with_prefixes(services),
        providers=joined(inventory.providers, export.providers, name_of),
    )
    return Merged(merged, tuple(map(without_keys, merging.remarks)))


def _without_keys(export: Export) -> Export:
    fields = ("registered_prefixes", "registered_asns", "service_prefixes")
    return attrs.evolve(
        export,
        **{  # type: ignore[arg-type]  # these fields hold children only
            field: tuple(
                attrs.evolve(child, value=attrs.evolve(child.value, key=None))
                for child in getattr(export, field)
            )
            for field in fields
        },
    )


class _Merging:
    """The state of one merge."""

    def __init__(self, inventory: Inventory, export: Export) -> None:
        self.found = list(inventory.peerings)
        self.remarks: list[str] = []
        self._export = export
        self._names = {each.name for peering in inventory.peerings for each in peering.connections}
        #: The positions of the export's peerings in `found`.
        self._positions = PeeringsByName()
        #: The peerings of the inventory, by name and by connection.
        self._named = PeeringsByName()
        self._connected = Connections()
        for at, each in enumerate(inventory.peerings):
            self._named.add(each, at)
            for connection in each.connections:
                self._connected.add(at, connection)
        self._taken: set[int] = set()
        self._peering_names = {each.name for each in inventory.peerings}
        #: The number of new names of each kind.
        self._given: Counter[str] = Counter()
        #: Registered AS numbers by the name of their peering, which belongs to a route server.
        self._members: dict[str, list[Child[RegisteredAsn]]] = {}
        for member in export.registered_asns:
            self._members.setdefault((member.parent or "").casefold(), []).append(member)
        #: The peerings whose AS is not known.
        self._without_asn: list[AzurePeering] = []
        self._unnumbered = PeeringsByName()

    def peerings(self, peer_asns: tuple[PeerAsn, ...]) -> None:
        """Merge the peerings with their connections."""
        by_name: dict[str, list[PeerAsn]] = {}
        for each in peer_asns:
            by_name.setdefault(each.name.casefold(), []).append(each)
        for azure in self._export.peerings:
            at = self._place_of(azure)
            asn = announcing_asn(azure, by_name.get((azure.peer_asn or "").casefold(), ()))
            if at is None and asn is None:
                self._without_asn.append(azure)
                self._unnumbered.add(azure, len(self._without_asn))
                continue
            old = None if at is None else self.found[at]
            new = self._peering(azure, old, asn)
            if at is None:
                at = len(self.found)
                self.found.append(new)
                self._peering_names.add(new.name)
            else:
                self.found[at] = new
            self._taken.add(at)
            self._positions.add(azure, at)
        if self._without_asn and not self.found:
            raise ExportError("the exports", tuple(map(mistake, self._without_asn)))
        for azure in self._without_asn:
            self.remarks.append(
                f"peering {azure.name}: expected its AS number, found {reference(azure)}: "
                f"ignored; {missing_export(azure)}"
            )

    def _place_of(self, azure: AzurePeering) -> int | None:
        """Return the position of a peering in the inventory, by its name or its connections."""
        for at, peering in self._named.like(azure):
            if at not in self._taken and is_named(peering, azure):
                return at
        positions = {
            at for each in azure.connections for at in self._connected.like(each, surely=True)
        }
        for at in sorted(positions - self._taken):
            if _has_connection(self.found[at], azure):
                return at
        return None

    def _peering(self, azure: AzurePeering, old: Peering | None, asn: Asn | None) -> Peering:
        if asn is None and old is not None:
            asn = old.asn
        if asn is None:
            raise AssertionError("a peering without an AS")
        imported = Peering(
            old.name if old is not None else self._free_name(azure),
            old.profile if old is not None else self._profile(azure),
            asn,
            azure.location,
            azure.sku,
            kind=azure.kind,
            network=azure.network,
            provisioning_state=azure.provisioning_state,
            subscription=azure.subscription,
            resource_group=azure.resource_group,
            peer_asn=azure.peer_asn,
        )
        if old is None:
            return attrs.evolve(imported, connections=self._connections((), azure, imported.name))
        imported = attrs.evolve(imported, rs_transparent=old.rs_transparent)
        connections = self._connections(old.connections, azure, old.name)
        return attrs.evolve(overlaid(old, imported), connections=connections)

    def _profile(self, azure: AzurePeering) -> str:
        """Guess the profile of a new peering; a comment in the file asks to check it."""
        members = self._members.get(azure.name.casefold(), ())
        if azure.network is None and any(
            child.parent is not None and is_resource(azure, parent_of(child)) for child in members
        ):
            return _ROUTE_SERVER
        return _profile(azure)

    def _free_name(self, azure: AzurePeering) -> str:
        """Return the resource's name, or `group/name` if another peering has that name."""
        if azure.name not in self._peering_names:
            return azure.name
        first = f"{azure.resource_group or azure.subscription or 'other'}/{azure.name}"
        return self._first_free(
            self._peering_names, first, lambda number: first if number == 1 else f"{first}-{number}"
        )

    def _first_free(self, taken: set[str], kind: str, named: Callable[[int], str]) -> str:
        """Return the first unused name; the search continues after the last name of its kind."""
        while (name := named(self._given[kind] + 1)) in taken:
            self._given[kind] += 1
        return name

    def _connections(
        self, old: tuple[Connection, ...], azure: AzurePeering, peering: str
    ) -> tuple[Connection, ...]:
        """Merge the connections of a peering, with their sessions."""
        found, taken = list(old), set[int]()
        known = Connections.of(old)
        for each in azure.connections:
            at = match(found, each, SAME_CONNECTION, taken, known.like(each))
            if at is None:
                taken.add(len(found))
                found.append(attrs.evolve(each, name=self._connection_name(peering)))
                continue
            taken.add(at)
            sessions = joined_sessions(found[at].sessions, each.sessions)
            merged = attrs.evolve(each, name=found[at].name, sessions=sessions)
            found[at] = overlaid(found[at], merged)
        self._remark_left(
            (each.name for at, each in enumerate(old) if at not in taken and azure.connections),
            f"connection {{}} of peering {peering}",
        )
        return tuple(found)

    def _connection_name(self, peering: str) -> str:
        name = self._first_free(
            self._names, f"connection {peering}", lambda number: f"{peering}-{number}"
        )
        self._names.add(name)
        return name

    def _remark_left(self, names: Iterable[str], what: str) -> None:
        for name in names:
            self.remarks.append(f"{what.format(name)}: not in the export, left unchanged")

    def children(self) -> None:
        """Merge registered prefixes and ASNs into their peerings."""
        for prefixes, at in self._placed(self._export.registered_prefixes, "registered prefix"):
            peering = self.found[at]
            if self._is_misplaced(peering, "registered prefix", prefixes):
                continue
            old = peering.registered_prefixes
            self.found[at] = attrs.evolve(
                peering, registered_prefixes=joined(old, prefixes, *BY_PREFIX)
            )
            exported = set(map(prefix_of, prefixes))
            self._remark_left(
                (each.prefix for each in old if prefix_of(each) not in exported),
                f"registered prefix {{}} of peering {peering.name}",
            )
        for asns, at in self._placed(self._export.registered_asns, "registered ASN"):
            peering = self.found[at]
            if self._is_misplaced(peering, "registered ASN", asns):
                continue
            # The customer's name in the inventory takes precedence over the resource's name.
            named = {each.asn for each in peering.registered_asns if each.name}
            asked = [attrs.evolve(each, name=None) if each.asn in named else each for each in asns]
            self.found[at] = attrs.evolve(
                peering, registered_asns=joined(peering.registered_asns, asked, asn_of)
            )

    def _is_misplaced(self, peering: Peering, what: str, values: Iterable[object]) -> bool:
        """Return whether a peering's profile does not allow such registrations; add remarks if so.

        In the inventory file they would be a mistake, and the file could not be read.
        """
        is_route_server = peering.profile == _ROUTE_SERVER
        key, instead = misplaced(is_route_server=is_route_server)
        if peering.profile not in PROFILES or key.replace("_", " ") != what.casefold():
            return False
        for each in values:
            self.remarks.append(
                f"{what} {_named(each)} of peering {peering.name}: its profile is "
                f"{peering.profile}, expected {instead}: ignored"
            )
        return True

    def _placed(
        self, children: Iterable[Child[_Value]], what: str
    ) -> Iterator[tuple[list[_Value], int]]:
        """Yield the resources of each peering, with the position of the peering."""
        by_place: dict[int, list[_Value]] = {}
        for child in children:
            at = self._parent(child)
            if at is None:
                named = _named(child.value)
                of = f"peering {child.parent}" if child.parent else "a peering that is not named"
                why = "is ignored" if self._lacks_asn(child) else "is in no file"
                self.remarks.append(f"{what} {named} belongs to {of}, which {why}: ignored")
            else:
                by_place.setdefault(at, []).append(child.value)
        for at, values in by_place.items():
            yield values, at

    def _parent(self, child: Child[Any]) -> int | None:
        """Return the position of a resource's peering, by its id or because there is only one."""
        if child.parent is None:
            return 0 if len(self.found) == 1 and not self._without_asn else None
        wanted = parent_of(child)
        for at, azure in self._positions.like(wanted):
            if is_resource(azure, wanted):
                return at
        if self._lacks_asn(child):
            return None
        return next(
            (at for at, _ in self._every().like(wanted) if is_named(self.found[at], wanted)),
            None,
        )

    def _every(self) -> PeeringsByName:
        """Return the index of all peerings, after adding those that are new."""
        for at in range(len(self._named), len(self.found)):
            self._named.add(self.found[at], at)
        return self._named

    def _lacks_asn(self, child: Child[Any]) -> bool:
        """Return whether the AS of a resource's peering is not known."""
        return child.parent is not None and any(
            is_resource(azure, wanted)
            for wanted in (parent_of(child),)
            for _, azure in self._unnumbered.like(wanted)
        )

    def with_prefixes(self, services: tuple[PeeringService, ...]) -> tuple[PeeringService, ...]:
        """Return the peering services with their prefixes."""
        by_name: dict[str, list[ServicePrefix]] = {}
        names = {each.name.casefold() for each in services}
        for child in self._export.service_prefixes:
            parent = (child.parent or "").casefold()
            if not parent and len(names) == 1:
                (parent,) = names
            if parent in names:
                by_name.setdefault(parent, []).append(child.value)
            else:
                self.remarks.append(
                    f"service prefix {child.value.prefix} belongs to peering service "
                    f"{child.parent or '(not named)'}, which is in no file: ignored"
                )
        return tuple(
            attrs.evolve(
                each,
                service_prefixes=joined(
                    each.service_prefixes, by_name.get(each.name.casefold(), ()), *BY_PREFIX
                ),
            )
            for each in services
        )


def _named(value: object) -> str:
    """Return the prefix or the AS number of a registration."""
    return str(getattr(value, "prefix", None) or getattr(value, "asn", ""))


def _has_connection(peering: Peering, azure: AzurePeering) -> bool:
    return shares_connection(peering.connections, azure.connections)


def _profile(azure: AzurePeering) -> str:
    special = _PROFILE_OF.get((azure.network or "").casefold())
    if special is not None:
        return special
    serves = azure.peering_service or any(each.peering_service for each in azure.connections)
    return "maps" if serves else "direct"
