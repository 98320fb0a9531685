"""What of an export is the same thing as what of an inventory, and one laid over the other."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from typing import Any, Final, TypeVar

import attrs

from peerlint.inventory.peering import Connection, RegisteredAsn, RegisteredPrefix, Session
from peerlint.inventory.service import Contact, PeerAsn, PeeringService, Provider, ServicePrefix

_Value = TypeVar("_Value", bound=attrs.AttrsInstance)
#: What tells one thing from another.
Tells = Callable[[Any], Hashable]
#: Whether something of the inventory (first) and something of the export are the same thing.
Same = Callable[[Any, Any], bool]


def overlaid(old: _Value, new: _Value) -> _Value:
    """Return the old value with everything that the new one says.

    What the new one does not say stays, but for errors: without one, there is none any more.
    """
    changes = {
        field.name: value
        for field in attrs.fields(type(new))
        if (value := getattr(new, field.name)) not in (None, (), "") or field.name == "error"
    }
    return attrs.evolve(old, **changes)  # type: ignore[misc]  # any class of the inventory


def joined(old: Sequence[_Value], new: Iterable[_Value], *keys: Tells) -> tuple[_Value, ...]:
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
        found[at] = overlaid(found[at], value)


def match(
    old: Sequence[Any],
    new: object,
    same: tuple[Same, ...],
    taken: set[int],
    among: Iterable[int] | None = None,
) -> int | None:
    """Return the place of what is the same thing as `new`, by the surest sign; None if it is new.

    Args:
        old: of the inventory.
        new: of the export.
        same: signs, the surest first.
        taken: places that something else of the export is already.
        among: the places that are looked at, in order; None for all.
    """
    places = range(len(old)) if among is None else among
    free = [at for at in places if at not in taken]
    for is_same in same:
        for at in free:
            if is_same(old[at], new):
                return at
    return None


def name_of(value: PeeringService | Provider) -> Hashable:
    """Tell resources apart by their names; Azure ignores the case."""
    return value.name.casefold()


def is_same_name(one: str, other: str) -> bool:
    """Whether two names are one; Azure ignores the case."""
    return one.casefold() == other.casefold()


def may_be_same(one: str | None, other: str | None) -> bool:
    """Whether two ids are one, as far as both are known."""
    return one is None or other is None or is_same_name(one, other)


def joined_peer_asns(old: Sequence[PeerAsn], new: Iterable[PeerAsn]) -> tuple[PeerAsn, ...]:
    """Overlay and append PeerAsn resources, known by name and subscription.

    Two subscriptions may have one of the same name.
    """
    found, taken = list(old), set[int]()
    places: dict[str, list[int]] = {}
    for number, known in enumerate(old):
        places.setdefault(known.name.casefold(), []).append(number)
    for each in new:
        alike = places.get(each.name.casefold(), ())
        at = match(old, each, (_is_same_resource, _may_be_same_resource), taken, alike)
        said = each if at is None else attrs.evolve(each, contacts=_with_roles(old[at], each))
        _put(found, taken, at, said)
    return tuple(found)


def _is_same_resource(old: PeerAsn, new: PeerAsn) -> bool:
    is_known = None not in (old.subscription, new.subscription)
    return is_known and _may_be_same_resource(old, new)


def _may_be_same_resource(old: PeerAsn, new: PeerAsn) -> bool:
    return is_same_name(old.name, new.name) and may_be_same(old.subscription, new.subscription)


def _with_roles(old: PeerAsn, new: PeerAsn) -> tuple[Contact, ...]:
    """Return the new contacts; a role that the export does not tell is the one it was."""
    known = {(each.email, each.phone): each.role for each in old.contacts}
    return tuple(
        each
        if each.role is not None
        else attrs.evolve(each, role=known.get((each.email, each.phone)))
        for each in new.contacts
    )


def prefix_of(value: RegisteredPrefix | ServicePrefix) -> Hashable:
    """Tell prefixes apart, however they are written; by their text if they are none."""
    return value.parsed or value.prefix


def _prefix_and_name_of(value: RegisteredPrefix | ServicePrefix) -> Hashable:
    return prefix_of(value), value.name


def asn_of(value: RegisteredAsn) -> Hashable:
    """Tell registered AS numbers apart."""
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


def joined_sessions(old: Sequence[Session], new: Iterable[Session]) -> tuple[Session, ...]:
    """Overlay and append sessions, known by the partner's address, else by their family."""
    found, taken = list(old), set[int]()
    for session in new:
        at = match(old, session, (_same_session, _same_family), taken)
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
BY_PREFIX: Final[tuple[Tells, ...]] = (_prefix_and_name_of, prefix_of)
#: Which connection it is: the surest sign first.
SAME_CONNECTION: Final[tuple[Same, ...]] = (_same_identifier, _same_addresses, _same_place)


_NO_ADDRESS: Final = ("no address",)


class Connections:
    """The connections of an inventory, found by what surely tells them from others."""

    def __init__(self) -> None:
        """Start with none."""
        self._places: dict[Hashable, list[int]] = {}

    @classmethod
    def of(cls, connections: Iterable[Connection]) -> Connections:
        """Take the connections of one peering, by their number."""
        found = cls()
        for at, each in enumerate(connections):
            found.add(at, each)
        return found

    def add(self, at: int, connection: Connection) -> None:
        """Note where a connection is."""
        for sign in _signs(connection):
            self._places.setdefault(sign, []).append(at)

    def like(self, connection: Connection, *, surely: bool = False) -> list[int]:
        """Return the places of those that may be the same, in order.

        Args:
            connection: of an export.
            surely: whether it is no sign that neither has an address.
        """
        signs = [each for each in _signs(connection) if not surely or each != _NO_ADDRESS]
        return sorted({at for sign in signs for at in self._places.get(sign, ())})


def _signs(connection: Connection) -> Iterator[Hashable]:
    """Yield what the same connection shares: its identifier, an address, or that it has none."""
    if connection.identifier is not None:
        yield "identifier", connection.identifier
    peers = [each.peer for each in connection.sessions if each.peer is not None]
    yield from (("address", peer) for peer in peers)
    if not peers:
        yield _NO_ADDRESS


def shares_connection(old: Iterable[Connection], new: Iterable[Connection]) -> bool:
    """Whether one of the connections is surely the same."""
    return any(
        is_same(each, other)
        for each in old
        for other in new
        for is_same in (_same_identifier, _same_addresses)
    )
