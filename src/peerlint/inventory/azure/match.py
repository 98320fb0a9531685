"""Match resources of an export with values of an inventory, and merge their attributes."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from typing import Any, Final, TypeVar

import attrs

from peerlint.inventory.peering import Connection, RegisteredAsn, RegisteredPrefix, Session
from peerlint.inventory.service import Contact, PeerAsn, PeeringService, Provider, ServicePrefix

_Value = TypeVar("_Value", bound=attrs.AttrsInstance)
#: Returns the identity of a value.
Identity = Callable[[Any], Hashable]
#: Returns whether a value of the inventory (first) and one of the export are the same resource.
IsSame = Callable[[Any, Any], bool]


def overlaid(old: _Value, new: _Value) -> _Value:
    """Return the old value with the attributes of the new one.

    Attributes that are empty in the new value are kept from the old one, except `error`: no error
    in the export means that there is none any more.
    """
    changes = {
        field.name: value
        for field in attrs.fields(type(new))
        if (value := getattr(new, field.name)) not in (None, (), "") or field.name == "error"
    }
    return attrs.evolve(old, **changes)  # type: ignore[misc]  # any class of the inventory


def joined(old: Sequence[_Value], new: Iterable[_Value], *keys: Identity) -> tuple[_Value, ...]:
    """Return the old values, with matching new values merged and the other new values appended.

    Args:
        old: the values of the inventory.
        new: the values of the export.
        keys: functions that return the identity of a value, the most reliable first.
    """
    found, taken = list(old), set[int]()
    positions: list[dict[Hashable, list[int]]] = [{} for _ in keys]
    for index, key in zip(positions, keys, strict=True):
        for at, value in enumerate(old):
            index.setdefault(key(value), []).append(at)
    for value in new:
        candidates = (
            at
            for index, key in zip(positions, keys, strict=True)
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
        found[at] = overlaid(found[at], value)


def match(
    old: Sequence[Any],
    new: object,
    same: tuple[IsSame, ...],
    taken: set[int],
    among: Iterable[int] | None = None,
) -> int | None:
    """Return the index of the old value that is the same resource as the new one.

    Args:
        old: the values of the inventory.
        new: the value of the export.
        same: comparisons, the most reliable first.
        taken: indices that another value of the export has matched.
        among: the indices to compare, in order; None for all.

    Returns:
        None if there is no such value.
    """
    positions = range(len(old)) if among is None else among
    free = [at for at in positions if at not in taken]
    for is_same in same:
        for at in free:
            if is_same(old[at], new):
                return at
    return None


def name_of(value: PeeringService | Provider) -> Hashable:
    """Return the name of a resource as its identity, without regard to case, as in Azure."""
    return value.name.casefold()


def is_same_name(one: str, other: str) -> bool:
    """Return whether two names are equal without regard to case, as in Azure."""
    return one.casefold() == other.casefold()


def may_be_same(one: str | None, other: str | None) -> bool:
    """Return whether two names are equal, or one of them is not known."""
    return one is None or other is None or is_same_name(one, other)


def joined_peer_asns(old: Sequence[PeerAsn], new: Iterable[PeerAsn]) -> tuple[PeerAsn, ...]:
    """Return the PeerAsn resources, merged or appended, which match by name and subscription.

    Two subscriptions may have a PeerAsn of the same name.
    """
    found, taken = list(old), set[int]()
    positions: dict[str, list[int]] = {}
    for number, known in enumerate(old):
        positions.setdefault(known.name.casefold(), []).append(number)
    for each in new:
        alike = positions.get(each.name.casefold(), ())
        at = match(old, each, (_is_same_resource, _may_be_same_resource), taken, alike)
        merged = each if at is None else attrs.evolve(each, contacts=_with_roles(old[at], each))
        _put(found, taken, at, merged)
    return tuple(found)


def _is_same_resource(old: PeerAsn, new: PeerAsn) -> bool:
    is_known = None not in (old.subscription, new.subscription)
    return is_known and _may_be_same_resource(old, new)


def _may_be_same_resource(old: PeerAsn, new: PeerAsn) -> bool:
    return is_same_name(old.name, new.name) and may_be_same(old.subscription, new.subscription)


def _with_roles(old: PeerAsn, new: PeerAsn) -> tuple[Contact, ...]:
    """Return the new contacts; a role that is missing is taken from the old contact."""
    known = {(each.email, each.phone): each.role for each in old.contacts}
    return tuple(
        each
        if each.role is not None
        else attrs.evolve(each, role=known.get((each.email, each.phone)))
        for each in new.contacts
    )


def prefix_of(value: RegisteredPrefix | ServicePrefix) -> Hashable:
    """Return the prefix as its identity, or the text if it is not a valid prefix."""
    return value.parsed or value.prefix


def _prefix_and_name_of(value: RegisteredPrefix | ServicePrefix) -> Hashable:
    return prefix_of(value), value.name


def asn_of(value: RegisteredAsn) -> Hashable:
    """Return the AS number of a registration as its identity."""
    return value.asn


def _same_identifier(old: Connection, new: Connection) -> bool:
    return old.identifier is not None and old.identifier == new.identifier


def _same_addresses(old: Connection, new: Connection) -> bool:
    return not _differ(old, new) and any(
        session.peer is not None and session.peer in {each.peer for each in old.sessions}
        for session in new.sessions
    )


def _both_without_addresses(old: Connection, new: Connection) -> bool:
    """Return whether neither connection has addresses, because Azure has not allocated them yet."""
    return not _differ(old, new) and not any(each.peer for each in (*old.sessions, *new.sessions))


def _differ(old: Connection, new: Connection) -> bool:
    return None not in (old.identifier, new.identifier) and old.identifier != new.identifier


def _same_family(old: Session, new: Session) -> bool:
    return _family(old) in (None, _family(new))


def joined_sessions(old: Sequence[Session], new: Iterable[Session]) -> tuple[Session, ...]:
    """Return the sessions, merged or appended, which match by the partner's address or family."""
    found, taken = list(old), set[int]()
    for session in new:
        at = match(old, session, (_same_session, _same_family), taken)
        _put(found, taken, at, session)
    return tuple(found)


def _family(session: Session) -> int | None:
    """Return the address family, 4 or 6; None for a session that has no address yet."""
    if session.prefix is not None:
        return 6 if ":" in session.prefix else 4
    address = session.peer or session.microsoft
    return None if address is None else address.version


def _same_session(old: Session, new: Session) -> bool:
    return old.peer is not None and old.peer == new.peer


#: Identities of prefixes: a prefix may be registered twice, under two names.
BY_PREFIX: Final[tuple[Identity, ...]] = (_prefix_and_name_of, prefix_of)
#: Comparisons of connections, the most reliable first.
SAME_CONNECTION: Final[tuple[IsSame, ...]] = (
    _same_identifier,
    _same_addresses,
    _both_without_addresses,
)


_NO_ADDRESS: Final = ("no address",)


class Connections:
    """An index of connections by identifier and addresses."""

    def __init__(self) -> None:
        """Start without connections."""
        self._positions: dict[Hashable, list[int]] = {}

    @classmethod
    def of(cls, connections: Iterable[Connection]) -> Connections:
        """Index the connections of one peering by their position."""
        found = cls()
        for at, each in enumerate(connections):
            found.add(at, each)
        return found

    def add(self, at: int, connection: Connection) -> None:
        """Add a connection at a position."""
        for key in _keys(connection):
            self._positions.setdefault(key, []).append(at)

    def like(self, connection: Connection, *, surely: bool = False) -> list[int]:
        """Return the positions of the connections that may be the same, in order.

        Args:
            connection: a connection of an export.
            surely: whether to require an equal identifier or address, and not to return connections
                only because neither has an address.
        """
        keys = [each for each in _keys(connection) if not surely or each != _NO_ADDRESS]
        return sorted({at for key in keys for at in self._positions.get(key, ())})


def _keys(connection: Connection) -> Iterator[Hashable]:
    """Yield the keys of a connection: its identifier and addresses, or that it has none."""
    if connection.identifier is not None:
        yield "identifier", connection.identifier
    peers = [each.peer for each in connection.sessions if each.peer is not None]
    yield from (("address", peer) for peer in peers)
    if not peers:
        yield _NO_ADDRESS


def shares_connection(old: Iterable[Connection], new: Iterable[Connection]) -> bool:
    """Return whether two connections have the same identifier or address."""
    return any(
        is_same(each, other)
        for each in old
        for other in new
        for is_same in (_same_identifier, _same_addresses)
    )
