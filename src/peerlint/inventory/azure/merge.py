"""From an export into an inventory: Azure's word on what is Azure's, nothing else is touched."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from itertools import count
from typing import Any, Final, TypeVar

import attrs

from peerlint.errors import ExportError, Mistake
from peerlint.inventory.azure.export import AzurePeering, Child, Export
from peerlint.inventory.peering import (
    Connection,
    Inventory,
    Peering,
    RegisteredAsn,
    RegisteredPrefix,
    Session,
)
from peerlint.inventory.service import PeerAsn, PeeringService, Provider, ServicePrefix
from peerlint.model import Asn

_Value = TypeVar("_Value", bound=attrs.AttrsInstance)
#: What tells one thing from another.
_Key = Callable[[Any], Hashable]
#: Whether something of the inventory (first) and something of the export are the same thing.
_Same = Callable[[Any, Any], bool]
#: Microsoft's side of a peering, and the profile that is meant for it.
_PROFILE_OF: Final = {"voice": "voice", "ixrs": "route-server"}


@attrs.frozen
class Merged:
    """An inventory with an export in it.

    Attributes:
        inventory: what was there stays in its place, what is new stands behind it.
        remarks: what could not be placed, and what the export does not have any more.
    """

    inventory: Inventory
    remarks: tuple[str, ...]


def merge(inventory: Inventory, export: Export, *, keys: bool = True) -> Merged:
    """Put an export into an inventory.

    Args:
        inventory: what a person declared, or an earlier import.
        export: what Azure says.
        keys: whether the export's prefix keys are taken too.

    Raises:
        ExportError: the AS of a new peering is not to be found.
    """
    if not keys:
        export = _without_keys(export)
    merging = _Merging(inventory, export)
    peer_asns = _joined(inventory.peer_asns, export.peer_asns, _name_of)
    merging.peerings(peer_asns)
    merging.children()
    services = _joined(inventory.peering_services, export.services, _name_of)
    merged = attrs.evolve(
        inventory,
        peerings=tuple(merging.found),
        peer_asns=peer_asns,
        peering_services=merging.with_prefixes(services),
        providers=_joined(inventory.providers, export.providers, _name_of),
    )
    return Merged(merged, tuple(merging.remarks))


def _without_keys(export: Export) -> Export:
    fields = ("registered_prefixes", "registered_asns", "service_prefixes")
    return attrs.evolve(
        export,
        **{
            field: tuple(
                attrs.evolve(child, value=attrs.evolve(child.value, key=None))
                for child in getattr(export, field)
            )
            for field in fields
        },
    )


# -- one thing into another


def _overlaid(old: _Value, new: _Value) -> _Value:
    """Return the old value with everything that the new one says.

    What the new one does not say stays, but for errors: without one, there is none any more.
    """
    changes = {
        field.name: value
        for field in attrs.fields(type(new))
        if (value := getattr(new, field.name)) not in (None, (), "") or field.name == "error"
    }
    return attrs.evolve(old, **changes)  # type: ignore[misc]  # any class of the inventory


def _joined(old: Sequence[_Value], new: Iterable[_Value], *keys: _Key) -> tuple[_Value, ...]:
    """Overlay what is the same thing, and append what is new.

    Args:
        old: of the inventory.
        new: of the export.
        keys: what tells one thing from another, the surest first.
    """
    found, taken = list(old), set[int]()
    places: list[dict[Hashable, list[int]]] = [{} for _ in keys]
    for index, key in zip(places, keys, strict=True):
        for at, value in enumerate(old):
            index.setdefault(key(value), []).append(at)
    for value in new:
        candidates = (
            at
            for index, key in zip(places, keys, strict=True)
            for at in index.get(key(value), ())
            if at not in taken
        )
        _put(found, taken, next(candidates, None), value)
    return tuple(found)


def _put(found: list[_Value], taken: set[int], at: int | None, value: _Value) -> None:
    if at is None:
        taken.add(len(found))
        found.append(value)
    else:
        taken.add(at)
        found[at] = _overlaid(found[at], value)


def _match(old: Sequence[Any], new: object, same: tuple[_Same, ...], taken: set[int]) -> int | None:
    for is_same in same:
        for at, each in enumerate(old):
            if at not in taken and is_same(each, new):
                return at
    return None


def _name_of(value: PeerAsn | PeeringService | Provider) -> Hashable:
    return value.name.casefold()


def _prefix_of(value: RegisteredPrefix | ServicePrefix) -> Hashable:
    return value.parsed or value.prefix


def _prefix_and_name_of(value: RegisteredPrefix | ServicePrefix) -> Hashable:
    return _prefix_of(value), value.name


def _asn_key(value: RegisteredAsn) -> Hashable:
    return value.asn


def _same_identifier(old: Connection, new: Connection) -> bool:
    return old.identifier is not None and old.identifier == new.identifier


def _same_addresses(old: Connection, new: Connection) -> bool:
    return not _differ(old, new) and any(
        session.peer is not None and session.peer in {each.peer for each in old.sessions}
        for session in new.sessions
    )


def _same_place(old: Connection, new: Connection) -> bool:
    """Whether both are connections without any address, declared before Azure allocates them."""
    return not _differ(old, new) and not any(each.peer for each in (*old.sessions, *new.sessions))


def _differ(old: Connection, new: Connection) -> bool:
    return None not in (old.identifier, new.identifier) and old.identifier != new.identifier


def _same_family(old: Session, new: Session) -> bool:
    return _family(old) in (None, _family(new))


def _sessions(old: Sequence[Session], new: Iterable[Session]) -> tuple[Session, ...]:
    found, taken = list(old), set[int]()
    for session in new:
        at = _match(old, session, (_same_session, _same_family), taken)
        _put(found, taken, at, session)
    return tuple(found)


def _family(session: Session) -> int | None:
    """Return 4 or 6, None for a session that has no address yet."""
    if session.prefix is not None:
        return 6 if ":" in session.prefix else 4
    address = session.peer or session.microsoft
    return None if address is None else address.version


def _same_session(old: Session, new: Session) -> bool:
    return old.peer is not None and old.peer == new.peer


#: A prefix may be registered twice, under two names.
_PREFIX: Final[tuple[_Key, ...]] = (_prefix_and_name_of, _prefix_of)


# -- the whole


class _Merging:
    """One merge under way."""

    def __init__(self, inventory: Inventory, export: Export) -> None:
        self.found = list(inventory.peerings)
        self.remarks: list[str] = []
        self._export = export
        self._names = {each.name for peering in inventory.peerings for each in peering.connections}
        #: Where each of the export's peerings went, by its name and resource group.
        self._places: list[tuple[AzurePeering, int]] = []

    def peerings(self, peer_asns: tuple[PeerAsn, ...]) -> None:
        """Put the peerings in, with their connections."""
        mistakes: list[Mistake] = []
        for azure in self._export.peerings:
            at = self._place_of(azure)
            asn = _asn_of(azure, peer_asns)
            if at is None and asn is None:
                expected = "its AS number: give the export of `az peering asn list` too"
                mistakes.append(
                    Mistake(f'peering "{azure.name}"', "peerAsn", expected, azure.peer_asn or "")
                )
                continue
            old = None if at is None else self.found[at]
            new = self._peering(azure, old, asn)
            if at is None:
                at = len(self.found)
                self.found.append(new)
            else:
                self.found[at] = new
            self._places.append((azure, at))
        if mistakes:
            raise ExportError("the exports", tuple(mistakes))

    def _place_of(self, azure: AzurePeering) -> int | None:
        """Return where the inventory has a peering: under its name, else by its connections."""
        free = [
            (at, each)
            for at, each in enumerate(self.found)
            if at not in {place for _, place in self._places}
        ]
        for is_same in (_is_named, _has_connection):
            for at, peering in free:
                if is_same(peering, azure):
                    return at
        return None

    def _peering(self, azure: AzurePeering, old: Peering | None, asn: Asn | None) -> Peering:
        if asn is None and old is not None:
            asn = old.asn
        if asn is None:
            raise AssertionError("a peering without an AS")
        said = Peering(
            old.name if old is not None else self._free_name(azure),
            old.profile if old is not None else _profile(azure),
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
            return attrs.evolve(said, connections=self._connections((), azure, said.name))
        said = attrs.evolve(said, rs_transparent=old.rs_transparent)
        connections = self._connections(old.connections, azure, old.name)
        return attrs.evolve(_overlaid(old, said), connections=connections)

    def _free_name(self, azure: AzurePeering) -> str:
        """Return the resource's name, with its group in front if another peering has it."""
        taken = {each.name for each in self.found}
        if azure.name not in taken:
            return azure.name
        first = f"{azure.resource_group or azure.subscription or 'other'}/{azure.name}"
        return next(
            name
            for number in count(1)
            if (name := first if number == 1 else f"{first}-{number}") not in taken
        )

    def _connections(
        self, old: tuple[Connection, ...], azure: AzurePeering, peering: str
    ) -> tuple[Connection, ...]:
        """Put the connections in; each match overlays the sessions, too."""
        found, taken = list(old), set[int]()
        same: tuple[_Same, ...] = (_same_identifier, _same_addresses, _same_place)
        for each in azure.connections:
            at = _match(found, each, same, taken)
            if at is None:
                taken.add(len(found))
                found.append(attrs.evolve(each, name=self._connection_name(peering)))
                continue
            taken.add(at)
            sessions = _sessions(found[at].sessions, each.sessions)
            said = attrs.evolve(each, name=found[at].name, sessions=sessions)
            found[at] = _overlaid(found[at], said)
        self._remark_left(
            (each.name for at, each in enumerate(old) if at not in taken and azure.connections),
            f"connection {{}} of peering {peering}",
        )
        return tuple(found)

    def _connection_name(self, peering: str) -> str:
        name = next(
            name for number in count(1) if (name := f"{peering}-{number}") not in self._names
        )
        self._names.add(name)
        return name

    def _remark_left(self, names: Iterable[str], what: str) -> None:
        for name in names:
            self.remarks.append(f"{what.format(name)}: not in the export, left as it is")

    def children(self) -> None:
        """Put registered prefixes and ASNs into their peerings."""
        for prefixes, at in self._placed(self._export.registered_prefixes, "registered prefix"):
            peering = self.found[at]
            old = peering.registered_prefixes
            self.found[at] = attrs.evolve(
                peering, registered_prefixes=_joined(old, prefixes, *_PREFIX)
            )
            said = set(map(_prefix_of, prefixes))
            self._remark_left(
                (each.prefix for each in old if _prefix_of(each) not in said),
                f"registered prefix {{}} of peering {peering.name}",
            )
        for asns, at in self._placed(self._export.registered_asns, "registered ASN"):
            peering = self.found[at]
            # What a person calls the customer is better than the resource's name.
            named = {each.asn for each in peering.registered_asns if each.name}
            asked = [attrs.evolve(each, name=None) if each.asn in named else each for each in asns]
            self.found[at] = attrs.evolve(
                peering, registered_asns=_joined(peering.registered_asns, asked, _asn_key)
            )

    def _placed(
        self, children: Iterable[Child[_Value]], what: str
    ) -> Iterator[tuple[list[_Value], int]]:
        """Yield what belongs together, with the place of its peering."""
        by_place: dict[int, list[_Value]] = {}
        for child in children:
            at = self._parent(child)
            if at is None:
                named = getattr(child.value, "prefix", None) or getattr(child.value, "asn", "")
                of = f"peering {child.parent}" if child.parent else "a peering that it does not say"
                self.remarks.append(f"{what} {named} is of {of}, which is in no file: passed over")
            else:
                by_place.setdefault(at, []).append(child.value)
        for at, values in by_place.items():
            yield values, at

    def _parent(self, child: Child[Any]) -> int | None:
        """Return the peering of a resource: by its id, or because there is only one."""
        if child.parent is None:
            return 0 if len(self.found) == 1 else None
        wanted = AzurePeering(child.parent, resource_group=child.resource_group)
        for azure, at in self._places:
            if _is_resource(azure.name, azure.resource_group, wanted):
                return at
        return next(
            (at for at, each in enumerate(self.found) if _is_named(each, wanted)),
            None,
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
                    f"service prefix {child.value.prefix} is of peering service "
                    f"{child.parent or 'that it does not say'}, which is in no file: passed over"
                )
        return tuple(
            attrs.evolve(
                each,
                service_prefixes=_joined(
                    each.service_prefixes, by_name.get(each.name.casefold(), ()), *_PREFIX
                ),
            )
            for each in services
        )


def _asn_of(azure: AzurePeering, peer_asns: tuple[PeerAsn, ...]) -> Asn | None:
    """Return the AS of a peering: its own word, or that of the PeerAsn it refers to."""
    if azure.asn is not None or azure.peer_asn is None:
        return azure.asn
    wanted = azure.peer_asn.casefold()
    return next((each.asn for each in peer_asns if each.name.casefold() == wanted), None)


def _is_named(peering: Peering, azure: AzurePeering) -> bool:
    return _is_resource(peering.name, peering.resource_group, azure)


def _is_resource(name: str, group: str | None, azure: AzurePeering) -> bool:
    """Whether names and, where both are known, resource groups are the same."""
    known = None not in (group, azure.resource_group)
    same_group = not known or str(group).casefold() == str(azure.resource_group).casefold()
    return same_group and name.casefold() in (
        azure.name.casefold(),
        f"{azure.resource_group}/{azure.name}".casefold(),
    )


def _has_connection(peering: Peering, azure: AzurePeering) -> bool:
    return any(
        is_same(old, new)
        for old in peering.connections
        for new in azure.connections
        for is_same in (_same_identifier, _same_addresses)
    )


def _profile(azure: AzurePeering) -> str:
    """Guess what a new peering is for; the file asks to check it."""
    special = _PROFILE_OF.get((azure.network or "").casefold())
    if special is not None:
        return special
    serves = azure.peering_service or any(each.peering_service for each in azure.connections)
    return "maps" if serves else "direct"
